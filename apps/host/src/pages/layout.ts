import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken, HostContext } from '../context.ts';
import { basePath } from './address.ts';
import { type Html, html } from './html.ts';
import { iconPath, stylesheetPath } from './stylesheet.ts';

export interface Page {
  /** Default 200. */
  status?: number;
  /** What the browser's tab says; `· Tocsin` follows. */
  title: string;
  main: Html;
  /** Who is signed in. */
  token?: AccessToken;
  /** `no-referrer` for a page whose address is a secret; forms need `same-origin`, or their `Origin` is `null`. */
  referrer?: 'same-origin' | 'no-referrer';
  /** Goes to this address at once. */
  reload?: string;
  headers?: Record<string, string>;
}

/** Nothing but our own stylesheet and pictures; no script, no frame around it, forms only to us. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of everything that a browser gets. */
export const securityHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function sendPage(reply: FastifyReply, context: Pick<HostContext, 'url'>, page: Page): FastifyReply {
  return reply
    .code(page.status ?? 200)
    .headers({
      ...securityHeaders,
      'referrer-policy': page.referrer ?? 'same-origin',
      'cache-control': 'no-store',
      ...page.headers,
    })
    .type('text/html; charset=utf-8')
    .send(document(page, basePath(context.url)).toString());
}

/** Whether a person's browser asks, rather than a program. */
export function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

function document({ title, main, token, reload }: Page, base: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">${reload !== undefined && html`\n<meta http-equiv="refresh" content="0;url=${reload}">`}
<title>${title} · Tocsin</title>
<link rel="icon" href="${base}${iconPath}" type="image/svg+xml">
<link rel="stylesheet" href="${base}${stylesheetPath}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="${base}/"><img src="${base}${iconPath}" alt="" width="28" height="28">Tocsin</a>
${token && signedIn(token, base)}
</header>
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`;
}

function signedIn({ name, role }: AccessToken, base: string): Html {
  return html`<form class="account" method="post" action="${base}/sign-out">
<span><span class="unseen">Signed in as </span><bdi>${name}</bdi> <span class="quiet">(${role})</span></span>
<button type="submit">Sign out</button>
</form>`;
}
