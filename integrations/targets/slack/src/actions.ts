import { mediumOf, type TargetActions } from '@tocsin/core';
import { ask } from './api.ts';
import { readCallback } from './callbacks.ts';
import { nameIn } from './people.ts';
import { replyUrl } from './reply-url.ts';
import type { Settings } from './settings.ts';

export const actions: TargetActions<Settings> = {
  offered: ({ webhookUrl, signingSecret }) => webhookUrl === undefined && signingSecret !== undefined,
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  verify: {
    kind: 'hmac',
    secret: 'signingSecret',
    header: 'x-slack-signature',
    prefix: 'v0=',
    signed: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    timestamp: { header: 'x-slack-request-timestamp', tolerance: 300 },
  },
  read: readCallback,
  // https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
  reply: (to, text, settings) => {
    const url = replyUrl(to, settings);
    if (url === undefined) return undefined;
    return {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        text: mediumOf('slack').line(text, 3000),
      }),
    };
  },
  // https://docs.slack.dev/reference/methods/users.info
  person: {
    request: (id, settings) =>
      /^[UW][A-Z0-9]{2,30}$/.test(id) ? ask(settings, 'users.info', { user: id }) : undefined,
    name: nameIn,
  },
};
