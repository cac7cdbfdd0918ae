import type { FastifyInstance } from 'fastify';
import { securityHeaders } from './layout.ts';
import { icon, iconPath, stylesheet, stylesheetPath } from './stylesheet.ts';

/** The stylesheet and the icon. Their names change with their content, so that browsers may keep them. */
export function registerAssets(scope: FastifyInstance): void {
  const assets = [
    { path: stylesheetPath, type: 'text/css; charset=utf-8', text: stylesheet },
    { path: iconPath, type: 'image/svg+xml', text: icon },
  ];
  for (const { path, type, text } of assets) {
    scope.get(path, async (_request, reply) =>
      reply
        .headers({ ...securityHeaders, 'cache-control': 'public, max-age=31536000, immutable' })
        .type(type)
        .send(text),
    );
  }
}
