import { readFileSync } from 'node:fs';
import { viewAssets } from '@tocsin/message-view';
import type { FastifyInstance } from 'fastify';
import { icon } from '../../pages/stylesheet.ts';

const isSource = import.meta.url.endsWith('.ts');
/** Beside the sources and beside the build. */
const folder = new URL(isSource ? '../../../assets/dev/' : '../assets/dev/', import.meta.url);

const script = 'text/javascript; charset=utf-8';
const styles = 'text/css; charset=utf-8';

const files = {
  '/': [new URL('page.html', folder), 'text/html; charset=utf-8'],
  '/page.css': [new URL('page.css', folder), styles],
  '/page.js': [new URL('page.js', folder), script],
  '/blocks.js': [new URL('blocks.js', folder), script],
  '/parts.js': [new URL('parts.js', folder), script],
  '/place.js': [new URL('place.js', folder), script],
  '/view.js': [viewAssets.script, script],
  '/view.css': [viewAssets.styles, styles],
} as const;

const policy = [
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

/** The page's files: no inline script, no inline style, nothing from elsewhere. */
export function addPageRoutes(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
  for (const [path, [file, type]] of Object.entries(files)) {
    const content = readFileSync(file);
    app.get(path, (_request, reply) => reply.type(type).send(content));
  }
  app.get('/icon.svg', (_request, reply) => reply.type('image/svg+xml').send(icon));
}
