import { openUrl, secret, z } from '@tocsin/core';

export const settings = z.strictObject({
  login: z.string().min(1).describe('The login that DutyCalls shows in the setup dialog of the source'),
  password: secret().describe('The password beside it'),
  channels: z.array(z.string().min(1)).min(1).describe('The channels; each gets a ticket of its own'),
  tags: z.array(z.string().min(1)).default([]).describe('Tags of every ticket; new ones are added to the workspace'),
  baseUrl: openUrl()
    .default('https://dutycalls.me/api')
    .describe('The API; `https://playground.dutycalls.me/api` to try it'),
});

export type Settings = ReturnType<typeof settings.parse>;
