import { join } from 'node:path';

/** The definition of a target that is a Slack app, as far as installing it is concerned: it posts a line of text. */
export const appTarget = `
import { outcomeOf } from '@tocsin/core';
import { slackInstallation } from ${JSON.stringify(join(import.meta.dirname, '../../integrations/targets/slack/src/installation.ts'))};
const settings = z.strictObject({ clientId: z.string(), clientSecret: secret(), signingSecret: secret(), apiUrl: z.string() });
export default defineTarget({
  title: 'Slack app',
  summary: 'Lines of text in Slack channels',
  docs: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  settings,
  medium: 'slack',
  mode: 'latest',
  limits: {},
  address: z.string().regex(/^T\\w+\\/[CG]\\w+$/, 'is no workspace and channel; write T024BE7LD/C024BE91L'),
  installation: slackInstallation((given) => given),
  request: ({ title, address }, { apiUrl }, answers) =>
    answers.length > 0 ? undefined : {
      method: 'POST',
      url: apiUrl + 'chat.postMessage',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: address.split('/')[1], text: title }),
    },
  outcome: (response) => {
    if (response.status !== 200) return outcomeOf(response);
    const answer = JSON.parse(response.body);
    return answer.ok ? { outcome: 'delivered' } : { outcome: 'disabled', reason: answer.error };
  },
  actions: {
    offered: () => true,
    verify: {
      kind: 'hmac', secret: 'signingSecret', header: 'x-slack-signature', prefix: 'v0=',
      signed: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
      timestamp: { header: 'x-slack-request-timestamp' },
    },
    read: ({ rawBody }) => {
      const { type, challenge, team_id, event, event_time } = JSON.parse(rawBody);
      if (type === 'url_verification') return { kind: 'answer', contentType: 'text/plain', body: challenge };
      return { kind: 'ended', installation: team_id, reason: event.type, at: event_time * 1000 + 999 };
    },
  },
});
`;
