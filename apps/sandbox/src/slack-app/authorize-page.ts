import { type AuthorizeRequest, authorizeSource } from './authorize.ts';
import type { Team } from './directory.ts';
import type { Workspaces } from './workspaces.ts';

/** The page on which a person lets the app into a workspace: a form, with no script. */
export function authorizePage(request: AuthorizeRequest, query: string, { teams, tokens }: Workspaces): string {
  const { scopes, userScopes, team: wanted } = request;
  const chosen = teams.find(({ id }) => id === wanted)?.id ?? teams[0]?.id;
  const choice = ({ id, name }: Team): string => `
          <label class="choice">
            <input type="radio" name="team" value="${escapeHtml(id)}"${id === chosen ? ' checked' : ''} />
            ${escapeHtml(name)}${tokens.activeOf(id).length > 0 ? ' <span class="kind">Tocsin is there already</span>' : ''}
          </label>`;
  return page(
    'Let Tocsin into a workspace?',
    `
      <form method="post" action="/slack/oauth/v2/authorize?${escapeHtml(query)}">
        <fieldset>
          <legend>Workspace</legend>${teams.map(choice).join('')}
        </fieldset>
        ${scopeList('Tocsin will be able to', scopes)}${scopeList('On your behalf it will be able to', userScopes)}
        <p class="kind">You go on to ${escapeHtml(new URL(request.redirectUri).host)}.</p>
        <p class="answers">
          <button class="main" name="answer" value="allow">Allow</button>
          <button name="answer" value="cancel">Cancel</button>
        </p>
      </form>`,
  );
}

/** What Slack shows where the app asked wrongly; the person is sent nowhere. */
export function authorizeFault(fault: string): string {
  return page(
    'Something went wrong when authorizing this app',
    `
      <p class="outcome refused">${escapeHtml(fault)}</p>
      <p class="kind">See <a href="${authorizeSource}">${authorizeSource}</a></p>`,
  );
}

/** Where the form may lead to: browsers hold its redirects to it too. */
export function authorizePolicy(redirectUri?: string): string {
  const formAction = redirectUri === undefined ? "'none'" : `'self' ${new URL(redirectUri).origin}`;
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

function scopeList(heading: string, scopes: readonly string[]): string {
  if (scopes.length === 0) return '';
  const items = scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('');
  return `<h2>${heading}</h2><ul class="scopes">${items}</ul>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Slack, played by the Tocsin sandbox</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/page.css" />
    <link rel="stylesheet" href="/slack.css" />
  </head>
  <body>
    <main class="authorize">
      <p class="kind">Slack, played by the Tocsin sandbox</p>
      <h1>${title}</h1>${content}
    </main>
  </body>
</html>
`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
