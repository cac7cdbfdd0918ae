import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyReply } from 'fastify';
import { securityHeaders } from './layout.ts';

const types: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.svg': 'image/svg+xml',
};

/** Sends a picture of an integration's `howto/` folder; nothing if there is none of this name. */
export async function sendPicture(
  reply: FastifyReply,
  folder: string,
  name: string,
): Promise<FastifyReply | undefined> {
  const content = await readFile(join(folder, 'howto', name)).catch(() => undefined);
  if (!content) return undefined;
  return reply
    .headers({
      ...securityHeaders,
      // An SVG that is opened by itself is a document: it gets no rights at all.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cache-control': 'private, max-age=3600',
      'referrer-policy': 'no-referrer',
    })
    .type(types[extname(name)] as string)
    .send(content);
}
