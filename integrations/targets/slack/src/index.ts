import { defineTarget, longestHeadline, z } from '@tocsin/core';
import { outcomeOfCall } from './answers.ts';
import { nextCall, personRequest } from './app.ts';
import { personName, readCallback, replyRequest } from './callback.ts';
import { messageOf } from './message.ts';
import { settings } from './settings.ts';
import { outcomeOfWebhook } from './webhook.ts';

export default defineTarget({
  title: 'Slack',
  summary: 'Messages in Slack: by an incoming webhook, or by an app with buttons, edited as alerts change',
  docs: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  settings,
  address: z
    .string()
    .regex(/^(T[A-Z0-9]{2,}\/)?[CGD][A-Z0-9]{2,}$/, 'is no id of a channel such as C024BE91L')
    .describe('The id of the channel that an app posts to'),
  medium: 'slack',
  mode: 'latest',
  limits: {
    // A header holds 150 characters, and the headline stands before the title.
    // https://docs.slack.dev/reference/block-kit/blocks/header-block
    title: 150 - longestHeadline - ': '.length,
    // https://docs.slack.dev/reference/block-kit/blocks/section-block
    message: 3000,
    // "1 per second", with short bursts. https://docs.slack.dev/apis/web-api/rate-limits
    concurrency: 1,
    rate: 1,
  },
  request: (notification, given, answers) => {
    const { webhookUrl } = given;
    if (webhookUrl === undefined) return nextCall(notification, given, answers);
    if (answers.length > 0) return undefined;
    return {
      method: 'POST',
      url: webhookUrl,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(messageOf(notification)),
    };
  },
  outcome: (response, { webhookUrl }) =>
    webhookUrl === undefined ? outcomeOfCall(response) : outcomeOfWebhook(response),
  edits: ({ token }) => token !== undefined,
  actions: {
    offered: ({ signingSecret }) => signingSecret !== undefined,
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    verify: {
      kind: 'hmac',
      header: 'x-slack-signature',
      prefix: 'v0=',
      signed: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
      timestamp: { header: 'x-slack-request-timestamp' },
      secret: 'signingSecret',
    },
    read: readCallback,
    reply: (to, text) => replyRequest(to, text),
    person: { request: (id, given) => personRequest(id, given), name: personName },
  },
});
