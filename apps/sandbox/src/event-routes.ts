import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Reader } from '@tocsin/message-view';
import type { FastifyInstance } from 'fastify';
import type { ChangeSignal } from './change-signal.ts';
import { type PageEvent, type Position, readEvents } from './page-events.ts';
import type { Stage } from './receive.ts';

/** Most pages that may be open at once. */
const MOST_READERS = 50;

/**
 * `GET /events`: every message as the page shows it, the stored ones first, then each as it arrives.
 * Events: `message` (a `MessageView`), `tickets` (all of DutyCalls, as they stand), `slack` (a `WorkspacesView`),
 * `slack-message` (a `ChannelMessageView`, anew at each change) and `cleared`. `?zone=` is the reader's time zone.
 */
export function addEventRoutes(app: FastifyInstance, stage: Stage): void {
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
    stream(raw, stage, run, position, () => ({ now: stage.now(), zone: knownZone(zone) })).catch(() => raw.destroy());
    return reply;
  });
}

/** Follows what happens at the reader's pace. */
async function stream(
  raw: ServerResponse,
  stage: Stage,
  run: string,
  seen: { run: string } & Position,
  reader: () => Reader,
): Promise<void> {
  const { log, slack } = stage;
  const isKnown = seen.run === run && seen.deletions === log.deletions && Number.isSafeInteger(seen.id);
  // To a page that knows nothing of this run, everything has been deleted since.
  const position = isKnown ? { deletions: seen.deletions, id: seen.id } : { deletions: Number.NaN, id: 0 };
  const next = readEvents(stage, position, reader);
  while (!raw.destroyed && !raw.writableEnded) {
    const event = next();
    if (event) await write(raw, `${run}:${position.deletions}:${position.id}`, event);
    else await changed(raw, log.changes, slack.messages.changes);
  }
}

async function write(raw: ServerResponse, id: string, { event, data }: PageEvent): Promise<void> {
  const text = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  if (!raw.write(text)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
}

/** Resolves at the next change of either, or when the reader has gone. */
function changed(raw: ServerResponse, ...signals: ChangeSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const forgets = signals.map((signal) => signal.once(done));
    raw.once('close', done);
    function done(): void {
      for (const forget of forgets) forget();
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
