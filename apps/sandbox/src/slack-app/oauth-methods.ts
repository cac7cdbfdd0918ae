import type { Fields } from '@tocsin/message-view';
import { appId } from './app.ts';
import { type Call, flagOf } from './call.ts';
import type { GoodCall } from './chat-methods.ts';
import type { Team } from './directory.ts';
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
export function revokeToken(call: GoodCall): Fields {
  if (flagOf(call, 'test')) return { revoked: false };
  call.token.state = 'revoked';
  return { revoked: true };
}

/** https://docs.slack.dev/reference/methods/apps.uninstall */
export function uninstallApp({ team }: GoodCall, { tokens }: Workspaces): Fields {
  tokens.uninstall(team.id);
  return {};
}
