import { secret, secretUrl, z } from '@tocsin/core';

const shape = z.strictObject({
  webhookUrl: secretUrl().optional().describe('The URL that Slack gave for one channel: messages alone'),
  token: secret().optional().describe('The bot token of an app, `xoxb-…`: messages that are edited as alerts change'),
  channel: z
    .string()
    .regex(
      /^[CGD][A-Z0-9]{2,}$/,
      'is no id of a channel; it is at the end of the channel’s details in Slack, `C024BE91L`',
    )
    .optional()
    .describe('The id of the channel, where a route gives no address'),
  signingSecret: secret().optional().describe('The signing secret of the app: messages get buttons'),
  apiUrl: z.url().default('https://slack.com/api').describe('Where the Web API is; another one only to try things'),
});

export type Settings = z.output<typeof shape>;

/** Either a webhook or an app; what belongs to the other is refused. */
export const settings = shape.superRefine(({ webhookUrl, token, channel, signingSecret }, context) => {
  const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (webhookUrl === undefined && token === undefined)
    return fault([], 'give `webhookUrl` for messages alone, or the `token` of an app for buttons, too');
  if (webhookUrl !== undefined && token !== undefined)
    return fault(
      ['webhookUrl'],
      'stands beside `token`; a webhook is one way to post and an app another: keep one of them',
    );
  if (webhookUrl === undefined) return undefined;
  if (channel !== undefined)
    fault(['channel'], 'is the webhook’s own already; remove it, or use the `token` of an app');
  if (signingSecret !== undefined) fault(['signingSecret'], 'is for buttons, which need the `token` of an app');
  return undefined;
});
