import type { Fields } from '@tocsin/message-view';
import { appId } from './app.ts';
import { type Call, flagOf } from './call.ts';
import type { GoodCall } from './chat-methods.ts';
import type { Team } from './directory.ts';
import { revoke, uninstall } from './events.ts';
import { grantOf } from './oauth-rules.ts';
import type { Grant } from './tokens.ts';
import type { Workspaces } from './workspaces.ts';

/** https://docs.slack.dev/reference/methods/oauth.v2.access */
export function exchangeCode(call: Call, workspaces: Workspaces): Fields {
  const grant = grantOf(call, workspaces) as Grant; // the rules have found it
  const team = workspaces.teams.find(({ id }) => id === grant.team) as Team; // the page that made the grant had it
  grant.used = true;
  const { tokens } = workspaces;
  const bot = grant.scopes.length > 0 ? tokens.install(team, 'bot', team.bot.user, grant.scopes) : undefined;
  const user = grant.userScopes.length > 0 ? tokens.install(team, 'user', grant.person, grant.userScopes) : undefined;
  return {
    app_id: appId,
    ...(bot && {
      access_token: bot.value,
      token_type: 'bot',
      scope: bot.scopes.join(','),
      bot_user_id: team.bot.user,
    }),
    team: { id: team.id, name: team.name },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: {
      id: grant.person,
      ...(user && { access_token: user.value, token_type: 'user', scope: user.scopes.join(',') }),
    },
  };
}

/** https://docs.slack.dev/reference/methods/auth.revoke */
export function revokeToken(call: GoodCall, workspaces: Workspaces): Fields {
  if (flagOf(call, 'test')) return { revoked: false };
  // The events are on their way when the call is answered; what the app says to them is kept with the callbacks.
  void revoke(call.team, [call.token], workspaces);
  return { revoked: true };
}

/** https://docs.slack.dev/reference/methods/apps.uninstall */
export function uninstallApp({ team }: GoodCall, workspaces: Workspaces): Fields {
  void uninstall(team, workspaces);
  return {};
}
