import { readFileSync } from 'node:fs';
import { viewAssets } from '@tocsin/message-view';
import type { FastifyInstance } from 'fastify';

/** The page's files lie beside the sources and beside the build, so that both find them at the same place. */
const ASSETS = {
  '/': [asset('page.html'), 'text/html; charset=utf-8'],
  '/page.css': [asset('page.css'), 'text/css; charset=utf-8'],
  '/dom.js': [asset('dom.js'), 'text/javascript; charset=utf-8'],
  '/slack.js': [asset('slack.js'), 'text/javascript; charset=utf-8'],
  '/slack-model.js': [asset('slack-model.js'), 'text/javascript; charset=utf-8'],
  '/slack.css': [asset('slack.css'), 'text/css; charset=utf-8'],
  '/page.js': [asset('page.js'), 'text/javascript; charset=utf-8'],
  '/icon.svg': [asset('icon.svg'), 'image/svg+xml'],
  '/view.js': [viewAssets.script, 'text/javascript; charset=utf-8'],
  '/view.css': [viewAssets.styles, 'text/css; charset=utf-8'],
} as const;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The page for people, as files of their own: no inline script, no inline style. */
export function addPageRoutes(app: FastifyInstance): void {
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });
  for (const [path, [file, type]] of Object.entries(ASSETS)) {
    const content = readFileSync(file);
    app.get(path, (_, reply) => reply.type(type).send(content));
  }
}

function asset(name: string): URL {
  return new URL(`../assets/${name}`, import.meta.url);
}
