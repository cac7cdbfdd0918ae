import { openSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/*
 * Posts alerts, each with an id and a group of its own, until SIGTERM, and writes an id into a file once the whole 202
 * was read. A process apart, so that nothing that happens to the host or to its starter changes what is written there.
 */

const { values } = parseArgs({
  options: {
    /** Where to post. */
    url: { type: 'string', default: '' },
    /** Gets one id a line. */
    file: { type: 'string', default: '' },
    connections: { type: 'string', default: '16' },
    /** Requests a second, over all connections. */
    rate: { type: 'string', default: '600' },
  },
});

const file = openSync(values.file, 'a');
const connections = Number(values.connections);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const answers: Record<string, number> = {};
let next = 0;
let isEnding = false;
process.on('SIGTERM', () => {
  isEnding = true;
});

await Promise.all(Array.from({ length: connections }, () => keepPosting((connections / Number(values.rate)) * 1000)));
console.log(JSON.stringify({ sent: next, answers }));

async function keepPosting(pause: number): Promise<void> {
  while (!isEnding) {
    const began = performance.now();
    const id = `id-${next++}-x`;
    const answer = await post(JSON.stringify({ id, title: `Disk of ${id} is full`, severity: 'critical' }));
    if (answer === '202') writeSync(file, `${id}\n`);
    answers[answer] = (answers[answer] ?? 0) + 1;
    await delay(answer === '202' ? Math.max(0, pause - (performance.now() - began)) : 20);
  }
}

/** The status, once the whole answer was read; else why there is none. */
function post(body: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(values.url, { method: 'POST', agent, headers, timeout: 10_000 }, (response) => {
      response.on('end', () => resolve(response.complete ? String(response.statusCode) : 'cut off'));
      response.on('error', () => resolve('cut off'));
      response.resume();
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(body);
  });
}
