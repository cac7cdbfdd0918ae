import type { Call } from './call.ts';
import { isMethod, type MethodRule, methodPage } from './method-rule.ts';

/** Every method's page lists these errors; auth.test has no others. */
const common = methodPage('auth.test');
const bodies = 'https://docs.slack.dev/apis/web-api#post_bodies';

/** What a method may be called with; a bot token has what was asked for at installation, no more. */
const scopeOf: Record<string, string> = {
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'team.info': 'team:read',
  'users.info': 'users:read',
};

/** The app proves itself there by its own secret. */
const needsToken = (method: string): boolean => isMethod(method) && method !== 'oauth.v2.access';

/** Who may call: tried before anything else of a call is looked at. */
export const authRules: MethodRule[] = [
  {
    name: 'unknown-method',
    methods: () => true,
    error: 'unknown_method',
    source: 'https://docs.slack.dev/apis/web-api',
    says: 'Each method has its name; the sandbox plays those that an app for alerts needs.',
    broken: ({ method }) => (isMethod(method) ? undefined : 'url'),
    more: ({ method }) => ({ req_method: method }),
  },
  {
    name: 'post-type',
    methods: isMethod,
    error: 'invalid_post_type',
    source: common,
    says: 'A POST is a form or JSON.',
    broken: ({ body }) => (body === 'other' ? 'content-type' : undefined),
  },
  {
    name: 'json',
    methods: isMethod,
    error: ({ jsonFault = 'invalid_json' }) => jsonFault,
    source: bodies,
    says: 'A body of JSON must be understandable, and an object.',
    broken: ({ jsonFault }) => (jsonFault ? 'body' : undefined),
  },
  {
    name: 'not-authed',
    methods: needsToken,
    error: 'not_authed',
    source: common,
    says: 'A token is given as a bearer or, in a form, as the argument token; never inside of JSON.',
    broken: ({ tokenText }) => (tokenText === undefined ? 'authorization' : undefined),
  },
  {
    name: 'invalid-auth',
    methods: needsToken,
    error: 'invalid_auth',
    source: common,
    says: 'The token must be one that Slack gave out.',
    broken: ({ token }) => (token ? undefined : 'authorization'),
  },
  {
    // The page says so of bot tokens; of a person's token it says token_revoked.
    name: 'account-inactive',
    methods: needsToken,
    error: 'account_inactive',
    source: common,
    says: 'A bot token ends with its workspace or bot user: the app was uninstalled.',
    broken: ({ token }) => (token?.state === 'uninstalled' && token.kind === 'bot' ? 'authorization' : undefined),
  },
  {
    name: 'token-revoked',
    methods: needsToken,
    error: 'token_revoked',
    source: common,
    says: 'The token was revoked.',
    broken: ({ token }) => (token && token.state !== 'active' ? 'authorization' : undefined),
  },
  {
    name: 'missing-scope',
    methods: needsToken,
    error: 'missing_scope',
    source: common,
    says: 'The token must have the method’s scope.',
    broken: (call) => (missingScope(call) === undefined ? undefined : 'authorization'),
    more: (call) => ({ needed: missingScope(call), provided: call.token?.scopes.join(',') }),
  },
];

/** The scope that the call would need beside those that its token has. */
function missingScope({ method, token }: Call): string | undefined {
  const scope = scopeOf[method];
  return scope === undefined || token?.scopes.includes(scope) ? undefined : scope;
}
