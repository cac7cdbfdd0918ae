import { sandboxSlackApp } from './app.ts';
import type { Team } from './directory.ts';
import { readScopes, unknownScopes } from './scopes.ts';
import type { Workspaces } from './workspaces.ts';

/** What an app asks for when it sends a person to the page of authorization. */
export interface AuthorizeRequest {
  scopes: string[];
  userScopes: string[];
  redirectUri: string;
  state?: string;
  /** Of the workspace that is offered first. */
  team?: string;
}

export const authorizeSource = 'https://docs.slack.dev/authentication/installing-with-oauth#asking';

/** Reads the query that an app made, or says why Slack would show an error in place of the page. */
export function readAuthorize(query: URLSearchParams): { request: AuthorizeRequest } | { fault: string } {
  const text = (name: string): string | undefined => query.get(name)?.slice(0, 2_000) || undefined;
  const [scopes, userScopes] = [readScopes(text('scope')), readScopes(text('user_scope'))];
  const [redirectUri, state, team] = [text('redirect_uri'), text('state'), text('team')];
  const unknown = unknownScopes([...scopes, ...userScopes]);
  if (text('client_id') !== sandboxSlackApp.clientId) return { fault: 'Invalid client_id parameter' };
  if (unknown.length > 0) return { fault: `Invalid permissions requested: ${unknown.join(', ')}` };
  if (scopes.length + userScopes.length === 0) return { fault: 'No scopes requested' };
  // Slack takes the addresses of the app's settings, all with https. This app's settings name none, and take any.
  if (redirectUri === undefined || !isAddress(redirectUri)) {
    return { fault: 'redirect_uri must be an address with http or https, without a fragment' };
  }
  return { request: { scopes, userScopes, redirectUri, ...(state && { state }), ...(team && { team }) } };
}

/** Where the person is sent who allowed it: back to the app, with a code that it exchanges for tokens. */
export function allow({ redirectUri, state, ...asked }: AuthorizeRequest, team: Team, workspaces: Workspaces): string {
  const { code } = workspaces.tokens.grant({
    team: team.id,
    person: team.people[0]?.id ?? '',
    scopes: asked.scopes,
    userScopes: asked.userScopes,
    redirectUri,
    at: workspaces.now(),
  });
  return withQuery(redirectUri, { code, state });
}

/** Where the person is sent who did not. */
export function cancel({ redirectUri, state }: AuthorizeRequest): string {
  return withQuery(redirectUri, { error: 'access_denied', state });
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.hash === '';
}

function withQuery(address: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
