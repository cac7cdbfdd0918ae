import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Snapshot } from './preview.ts';

/** Most pages that may be open at once. */
const mostReaders = 20;

/** `GET /events`: the whole state at once, and again at each change. Returns what tells all pages. */
export function addEventRoutes(app: FastifyInstance, current: () => Snapshot): (snapshot: Snapshot) => void {
  const readers = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const reader of readers) reader.end();
  });
  app.get('/events', (_request, reply) => {
    if (readers.size >= mostReaders) return reply.code(503).send({ error: `${mostReaders} pages are open already` });
    reply.hijack();
    const { raw } = reply;
    readers.add(raw);
    raw.once('close', () => readers.delete(raw));
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    raw.write('retry: 500\n\n');
    if (current().run > 0) tell(raw, current());
    return reply;
  });
  return (snapshot) => {
    for (const reader of readers) {
      // A reader that is slow gets the newest state when it is ready for it, and none between.
      if (!reader.writableNeedDrain) tell(reader, snapshot);
      else if (reader.listenerCount('drain') === 0) reader.once('drain', () => tell(reader, current()));
    }
  };
}

function tell(reader: ServerResponse, snapshot: Snapshot): void {
  if (!reader.writableEnded) reader.write(`id: ${snapshot.run}\ndata: ${JSON.stringify(snapshot)}\n\n`);
}
