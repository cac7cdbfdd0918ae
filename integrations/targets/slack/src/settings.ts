import { openUrl, secret, secretUrl, z } from '@tocsin/core';

/** https://docs.slack.dev/reference/objects/conversation-object: public, private and direct ones */
const channelId = /^[CGD][A-Z0-9]{2,30}$/;
const placeId = /^(?:[TE][A-Z0-9]{2,30}\/)?[CGD][A-Z0-9]{2,30}$/;
const whereFrom = 'copy it from the end of the channel’s details in Slack';

export const settings = z
  .strictObject({
    webhookUrl: secretUrl().optional().describe('The URL that Slack gave for the channel; nothing else is needed then'),
    token: secret().optional().describe('The bot token of a Slack app, xoxb-…: messages change with their alerts'),
    clientId: z
      .string()
      .min(1)
      .optional()
      .describe('The client id of an app that several workspaces install; in place of `token`'),
    clientSecret: secret().optional().describe('The client secret of that app'),
    channel: z
      .string()
      .regex(channelId, `is no id of a channel, such as C024BE91L; ${whereFrom}`)
      .optional()
      .describe('Id of the channel, C…; not needed where routes give an `address`'),
    signingSecret: secret().optional().describe('The signing secret of the app: messages have buttons'),
    apiUrl: openUrl().default('https://slack.com/api').describe('The Web API; another one only for a stand-in of it'),
  })
  .superRefine((given, { addIssue }) => {
    const fault = (name: keyof typeof given, message: string) => addIssue({ code: 'custom', path: [name], message });
    if (given.clientId !== undefined || given.clientSecret !== undefined) {
      if (given.clientId === undefined) fault('clientId', 'is missing beside `clientSecret`; both are of the app');
      if (given.clientSecret === undefined) fault('clientSecret', 'is missing beside `clientId`; both are of the app');
      if (given.signingSecret === undefined)
        fault(
          'signingSecret',
          'is missing: by it Slack’s word that a workspace removed the app is known to be its own',
        );
      for (const name of ['webhookUrl', 'token', 'channel'] as const) {
        if (given[name] !== undefined)
          fault(name, 'stands beside `clientId`, where each workspace has its own; leave out either');
      }
      return;
    }
    if (given.webhookUrl === undefined) {
      if (given.token === undefined)
        fault(
          'token',
          'is missing: give the `token` of an app, `clientId` and `clientSecret` of one that several workspaces install, or a `webhookUrl`',
        );
      return;
    }
    if (given.token !== undefined) fault('token', 'stands beside `webhookUrl`; leave out either');
    if (given.channel !== undefined) fault('channel', 'is for an app: a webhook has its own channel; leave it out');
    if (given.signingSecret !== undefined)
      fault('signingSecret', 'is for an app: give its `token` in place of `webhookUrl`');
  });

export type Settings = ReturnType<typeof settings.parse>;

export const address = z
  .string()
  .regex(placeId, `is no id of a channel, such as C024BE91L or T024BE7LD/C024BE91L; ${whereFrom}`)
  .describe('Id of the channel, in place of `channel`; with several workspaces `<workspace>/<channel>`');
