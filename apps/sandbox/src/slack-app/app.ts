import { firstTeam } from './directory.ts';

/** The app that the sandbox knows, as the settings page of a real one would show it. */
export const appId = 'A0SANDBOX01';
/** The verification token of old; it is in every payload still. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const verificationToken = 'sandbox-verification-token';

/** What the preset token may do: what an app for alerts asks for. https://docs.slack.dev/reference/scopes */
export const presetScopes = [
  'channels:read',
  'chat:write',
  'chat:write.public',
  'groups:read',
  'team:read',
  'users:read',
] as const;

/**
 * The credentials of the sandbox's app. They are written here for everybody to read, and worth nothing outside of it.
 * `botToken` is installed in the first workspace already, `team` is that workspace's id and `channel` the id of its `#ops`.
 */
export const sandboxSlackApp = {
  clientId: '1000000000.2000000000',
  clientSecret: 'sandbox-client-secret',
  signingSecret: 'sandbox-signing-secret',
  botToken: 'xoxb-sandbox-preset',
  team: firstTeam.id,
  channel: firstTeam.channels[0].id,
} as const;
