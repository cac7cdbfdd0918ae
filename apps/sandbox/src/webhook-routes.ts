import type { FastifyInstance } from 'fastify';
import { decodeText, parseJson } from './json.ts';
import { receive, type Stage } from './receive.ts';

/** A sink that takes anything in any way: `/webhook/<whatever>`. */
export function addWebhookRoutes(app: FastifyInstance, stage: Stage): void {
  app.all('/webhook/*', (request, reply) => {
    const { text, valid } = decodeText(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    return receive(request, reply, stage, {
      kind: 'webhook',
      channel: request.url.split('?')[0]!,
      payload: valid ? parseJson(text) : undefined,
      answer: () => ({ status: 204, answer: '', contentType: 'text/plain; charset=utf-8' }),
      demanded: ({ status, retryAfter, body }) => ({
        status,
        answer: body ?? '',
        contentType: 'text/plain; charset=utf-8',
        ...(retryAfter !== undefined && { retryAfter }),
      }),
    });
  });
}
