import type { AppAddresses } from '@tocsin/core';

/** What the app's requests need, no more. https://docs.slack.dev/reference/scopes */
export const appScopes = [
  // The channels that can be chosen from: public ones, and private ones that the bot is in.
  'channels:read',
  'groups:read',
  'chat:write',
  // Into public channels without an invitation.
  'chat:write.public',
  // The real name of whoever presses.
  'users:read',
] as const;

/** How the app is made at api.slack.com. https://docs.slack.dev/reference/app-manifest */
export function manifestOf({ redirect, callbacks }: AppAddresses): object {
  return {
    display_information: {
      name: 'Tocsin',
      description: 'Tells of alerts, and takes back who is on them',
      background_color: '#3d4f8f',
    },
    features: { bot_user: { display_name: 'tocsin', always_online: true } },
    oauth_config: { redirect_urls: [redirect], scopes: { bot: [...appScopes] } },
    settings: {
      event_subscriptions: { request_url: callbacks, bot_events: ['app_uninstalled', 'tokens_revoked'] },
      interactivity: { is_enabled: true, request_url: callbacks },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      // The hub keeps a token until the workspace ends it.
      token_rotation_enabled: false,
    },
  };
}
