import { type HttpResponse, outcomeOf, type TargetInstallation, type VendorRefusal, z } from '@tocsin/core';
import { appScopes, manifestOf } from './manifest.ts';

/** What an app that workspaces install needs of the settings; `apiUrl` ends with a slash, or else names no file. */
export interface AppSettings {
  clientId: string;
  clientSecret: string;
  apiUrl: string;
}

/** How a Slack app gets into workspaces. https://docs.slack.dev/authentication/installing-with-oauth */
export function slackInstallation<Settings>(
  appOf: (settings: Settings) => AppSettings | undefined,
): TargetInstallation<Settings> {
  const known = (settings: Settings): AppSettings => {
    const app = appOf(settings);
    if (app) return app;
    throw new Error('clientId and clientSecret are missing');
  };
  return {
    offered: (settings) => appOf(settings) !== undefined,
    api: (settings) => known(settings).apiUrl,
    scopes: appScopes,
    authorize: ({ redirectUri, state }, settings) => {
      const { clientId, apiUrl } = known(settings);
      const asked = { client_id: clientId, scope: appScopes.join(','), redirect_uri: redirectUri, state };
      return `${new URL('../oauth/v2/authorize', folder(apiUrl))}?${new URLSearchParams(asked)}`;
    },
    // https://docs.slack.dev/reference/methods/oauth.v2.access
    exchange: {
      request: ({ code, redirectUri }, settings) => {
        const { clientId, clientSecret, apiUrl } = known(settings);
        const given = { client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirectUri };
        return {
          method: 'POST',
          url: `${folder(apiUrl)}oauth.v2.access`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(given).toString(),
        };
      },
      read: (response) => {
        const refused = refusalOf(response);
        if (refused) return refused;
        const {
          access_token: token,
          team,
          scope,
          is_enterprise_install: isOfOrganisation,
        } = granted.parse(JSON.parse(response.body));
        if (isOfOrganisation || !team) {
          return {
            refused: 'it was installed for a whole organisation; install it into one workspace after the other',
          };
        }
        return { id: team.id, name: team.name ?? team.id, token, scopes: scope.split(',').filter(Boolean) };
      },
    },
    // The last token of a workspace takes the app with it. https://docs.slack.dev/reference/methods/auth.revoke
    revoke: {
      request: (settings) => ({ method: 'POST', url: `${folder(known(settings).apiUrl)}auth.revoke`, ...form }),
      read: refusalOf,
    },
    // https://docs.slack.dev/reference/methods/conversations.list
    places: {
      request: ({ cursor }, settings) => {
        const asked = { types: 'public_channel,private_channel', limit: '200', ...(cursor ? { cursor } : {}) };
        return {
          method: 'GET',
          url: `${folder(known(settings).apiUrl)}conversations.list?${new URLSearchParams(asked)}`,
        };
      },
      read: (response) => {
        const refused = refusalOf(response);
        if (refused) return refused;
        const { channels, response_metadata: page } = listed.parse(JSON.parse(response.body));
        const next = page?.next_cursor;
        return {
          places: channels.map(({ id, name, ...is }) => ({
            id,
            name: name ?? id,
            isPrivate: is.is_private === true,
            isMember: is.is_member === true,
            isArchived: is.is_archived === true,
          })),
          ...(next ? { next } : {}),
        };
      },
    },
    isEnded: (response) => ended.has(wordOf(response) ?? ''),
    manifest: manifestOf,
  };
}

const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' };

const granted = z.looseObject({
  access_token: z.string().min(1),
  scope: z.string().default(''),
  team: z.looseObject({ id: z.string().min(1), name: z.string().optional() }).nullish(),
  is_enterprise_install: z.boolean().default(false),
});

// https://docs.slack.dev/reference/objects/conversation-object
const listed = z.looseObject({
  channels: z.array(
    z.looseObject({
      id: z.string().min(1),
      name: z.string().optional(),
      is_private: z.boolean().optional(),
      is_member: z.boolean().optional(),
      is_archived: z.boolean().optional(),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

function folder(apiUrl: string): string {
  return apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
}

/** The error of an answer of the Web API, which has the status 200 with it. https://docs.slack.dev/apis/web-api#responses */
function wordOf({ body }: HttpResponse): string | undefined {
  try {
    const read = z.looseObject({ ok: z.literal(false), error: z.string() }).safeParse(JSON.parse(body));
    return read.data?.error;
  } catch {
    return undefined;
  }
}

function refusalOf(response: HttpResponse): VendorRefusal | undefined {
  const word = wordOf(response);
  if (response.status === 429 || word === 'ratelimited') {
    const outcome = outcomeOf({ ...response, status: 429 });
    const after = outcome.outcome === 'retry' ? outcome.after : undefined;
    return { refused: 'Slack was asked too often; ask again in a minute', after: after ?? 30_000 };
  }
  if (word !== undefined) {
    const why = Object.hasOwn(meanings, word) ? meanings[word] : undefined;
    const isEnded = ended.has(word);
    return {
      refused: why ?? `Slack says ${plain(word)}; look it up at docs.slack.dev`,
      ...(isEnded ? { isEnded } : {}),
    };
  }
  if (response.status >= 200 && response.status < 300) return undefined;
  return { refused: `Slack answered HTTP ${response.status}; try again in a minute` };
}

/** https://docs.slack.dev/reference/methods/auth.test#errors; `invalid_auth` also comes of an address that isn't allowed. */
const ended: ReadonlySet<string> = new Set(['account_inactive', 'token_revoked', 'token_expired']);

const unknownApp =
  'Slack does not know the app by clientId and clientSecret; copy both from “Basic Information” of its settings there';
const oldCode = 'this installation took too long or was finished already; start it again';
const letGo = 'the workspace has let the app go; install it there again';

const meanings: Readonly<Record<string, string>> = {
  invalid_client_id: unknownApp,
  bad_client_secret: unknownApp,
  invalid_code: oldCode,
  code_already_used: oldCode,
  bad_redirect_uri:
    'the app’s settings at Slack lack the redirect URL of this hub; give it the manifest again: tocsin slack manifest',
  missing_scope:
    'the app may not do that there; give it the manifest again (tocsin slack manifest) and install it again',
  account_inactive: letGo,
  token_revoked: letGo,
  token_expired: letGo,
  invalid_auth:
    'Slack refuses the token from this address; install the app again, and check which addresses may use it',
  org_login_required: 'the workspace moves to an organisation; try again when that is done',
  ekm_access_denied: 'the workspace’s admins have suspended it; ask them',
};

/** A word of Slack's, of which nothing can be anything else. */
function plain(word: string): string {
  return word.replace(/[^\w.:-]/g, '').slice(0, 60);
}
