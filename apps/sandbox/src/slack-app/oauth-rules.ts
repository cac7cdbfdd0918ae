import { sandboxSlackApp } from './app.ts';
import { type Call, textOf } from './call.ts';
import { type MethodRule, methodPage, these } from './method-rule.ts';
import type { Grant } from './tokens.ts';
import type { Workspaces } from './workspaces.ts';

const access = methodPage('oauth.v2.access');

/** Codes hold for so long, in milliseconds. https://docs.slack.dev/authentication/installing-with-oauth#exchanging */
const codeLifetime = 10 * 60_000;

/** How the app proves itself, and what it exchanges for a token. */
export const oauthRules: MethodRule[] = [
  {
    name: 'client-id',
    methods: these('oauth.v2.access', 'apps.uninstall'),
    error: 'invalid_client_id',
    source: access,
    says: 'client_id must be the app’s, as an argument or the user of the basic authentication.',
    broken: (call) => (clientOf(call).id === sandboxSlackApp.clientId ? undefined : 'client_id'),
  },
  {
    name: 'client-secret',
    methods: these('oauth.v2.access', 'apps.uninstall'),
    error: 'bad_client_secret',
    source: access,
    says: 'client_secret must be the app’s.',
    broken: (call) => (clientOf(call).secret === sandboxSlackApp.clientSecret ? undefined : 'client_secret'),
  },
  {
    name: 'grant-type',
    methods: these('oauth.v2.access'),
    error: 'invalid_grant_type',
    source: access,
    says: 'grant_type, where it is given, is authorization_code; the sandbox’s tokens are never refreshed.',
    broken: (call) =>
      [undefined, 'authorization_code'].includes(textOf(call, 'grant_type')) ? undefined : 'grant_type',
  },
  {
    name: 'code',
    methods: these('oauth.v2.access'),
    error: 'invalid_code',
    source: access,
    says: 'code must be the one that came to the redirect, no older than ten minutes.',
    broken: (call, workspaces) => {
      const grant = grantOf(call, workspaces);
      return grant && workspaces.now().getTime() - grant.at.getTime() <= codeLifetime ? undefined : 'code';
    },
  },
  {
    // No page names this error; it is what Slack answers: https://github.com/kmrshntr/omniauth-slack/issues/54
    name: 'code-used',
    methods: these('oauth.v2.access'),
    error: 'code_already_used',
    source: access,
    says: 'A code is exchanged once.',
    broken: (call, workspaces) => (grantOf(call, workspaces)?.used ? 'code' : undefined),
  },
  {
    name: 'redirect-uri',
    methods: these('oauth.v2.access'),
    error: 'bad_redirect_uri',
    source: access,
    says: 'redirect_uri must match the one that was sent to authorize, if one was.',
    broken: (call, workspaces) =>
      textOf(call, 'redirect_uri') === grantOf(call, workspaces)?.redirectUri ? undefined : 'redirect_uri',
  },
];

export function grantOf(call: Call, { tokens }: Workspaces): Grant | undefined {
  return tokens.findGrant(textOf(call, 'code') ?? '');
}

/** By basic authentication, which the page recommends, or as arguments. */
function clientOf(call: Call): { id?: string; secret?: string } {
  if (call.basic) return { id: call.basic.user, secret: call.basic.password };
  const id = textOf(call, 'client_id');
  const secret = textOf(call, 'client_secret');
  return { ...(id && { id }), ...(secret && { secret }) };
}
