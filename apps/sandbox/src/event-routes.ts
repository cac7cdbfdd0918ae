import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { MessageLog } from './message-log.ts';
import { viewMessage } from './message-view.ts';
import type { Stage } from './receive.ts';

/** Most pages that may be open at once. */
const MOST_READERS = 50;

/**
 * `GET /events`: every message as the page shows it, the stored ones first, then each as it arrives.
 * Events: `message` (a `MessageView`), `tickets` (all of DutyCalls, as they stand) and `cleared`. `?zone=` is the reader's time zone.
 */
export function addEventRoutes(app: FastifyInstance, { log, tickets, now }: Stage): void {
  // Ids begin anew with each sandbox; a page that comes back to another one starts over.
  const run = randomUUID();
  const readers = new Set<ServerResponse>();

  app.addHook('preClose', async () => {
    for (const reader of readers) reader.end();
  });

  app.get('/events', (request, reply) => {
    if (readers.size >= MOST_READERS) return reply.code(503).send({ error: `${MOST_READERS} pages are open already` });
    const { zone } = request.query as { zone?: unknown }; // any text, or several: checked by knownZone
    const seen = String(request.headers['last-event-id'] ?? '').split(':');
    reply.hijack();
    const { raw } = reply;
    readers.add(raw);
    raw.once('close', () => readers.delete(raw));
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    const position = { run: seen[0] ?? '', deletions: Number(seen[1]), id: Number(seen[2]) };
    stream(raw, { log, tickets }, run, position, (message) =>
      viewMessage(message, { now: now(), zone: knownZone(zone) }),
    ).catch(() => raw.destroy());
    return reply;
  });
}

/** Follows the log at the reader's pace: what a slow reader has not taken waits in the log, not in memory of its own. */
async function stream(
  raw: ServerResponse,
  { log, tickets }: Pick<Stage, 'log' | 'tickets'>,
  run: string,
  seen: { run: string; deletions: number; id: number },
  show: (message: Parameters<typeof viewMessage>[0]) => unknown,
): Promise<void> {
  const known = seen.run === run && seen.deletions === log.deletions && Number.isSafeInteger(seen.id);
  let id = known ? seen.id : 0;
  let deletions = log.deletions;
  let version = 0;
  const write = async (event: string, data: unknown): Promise<void> => {
    const text = `id: ${run}:${deletions}:${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    if (!raw.write(text)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
  };
  if (!known) await write('cleared', {});
  while (!raw.destroyed && !raw.writableEnded) {
    if (deletions !== log.deletions) {
      deletions = log.deletions;
      await write('cleared', {});
      continue;
    }
    const message = log.next(id);
    if (message) {
      id = message.id;
      await write('message', show(message));
    } else if (version !== tickets.version) {
      version = tickets.version;
      await write('tickets', tickets.list());
    } else {
      await changed(raw, log);
    }
  }
}

/** Resolves at the log's next change, or when the reader has gone. */
function changed(raw: ServerResponse, log: MessageLog): Promise<void> {
  return new Promise((resolve) => {
    const forget = log.changes.once(done);
    raw.once('close', done);
    function done(): void {
      forget();
      raw.off('close', done);
      resolve();
    }
  });
}

function knownZone(zone: unknown): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: String(zone) }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}
