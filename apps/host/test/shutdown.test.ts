import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { until } from './support/until.ts';
import { startWitness, type Told, type Witness } from './support/witness.ts';

// SIGTERM under load, with a sender that never comes to its end, a target that takes its time and one that never
// answers; then a start on the same file.

let host: HostProcess;
let witness: Witness;
/** What each request was answered, by the id of its alert. */
const answers = new Map<string, number | 'no answer'>();
let stoppedAt: number;
let endedAt: number;
let sentUntilTheEnd: Told[];
let exit: number | NodeJS.Signals;

const config = (url: string) => ({
  integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
  sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
  targets: ['slow', 'hanging'].map((id) => ({ id, use: 'webhook', settings: { url: `${url}/${id}` } })),
  routes: ['slow', 'hanging'].map((id) => ({ match: `to="${id}"`, to: [id] })),
  unrouted: 'drop',
  egress: { allow: ['127.0.0.0/8'] },
});

beforeAll(async () => {
  witness = await startWitness();
  const isCut = Promise.withResolvers<void>();
  // The slow one keeps its eight waiting until the last request is answered, and a little longer.
  witness.answer('/slow', { after: isCut.promise.then(() => delay(500)) });
  witness.answer('/hanging', 'hang');
  host = await startHostProcess({ config: config(witness.url) });

  const load = Array.from({ length: 8 }, async (_, lane) => {
    for (let index = 0; ; index++) {
      const answer = await post(`load-${lane}-${index}`, 'nobody');
      if (answer === 'no answer') return;
      if (answer !== 202) await delay(20);
    }
  });
  await until(() => answers.size > 200, 'the host is under load');
  await Promise.all(Array.from({ length: 20 }, (_, index) => post(`slow-${index}`, 'slow')));
  await post('hanging-0', 'hanging');
  await witness.untilTold('/slow', 8);
  await witness.untilTold('/hanging', 1);

  const sender = connect(Number(new URL(host.address).port), '127.0.0.1')
    .on('error', () => {})
    .on('close', isCut.resolve);
  sender.write(
    `POST /in/any/${key} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
  );
  await delay(50);
  stoppedAt = Date.now();
  host.signal('SIGTERM');
  exit = await host.ended;
  endedAt = Date.now();
  sentUntilTheEnd = witness.told('/slow');
  await Promise.all(load);
}, 40_000);

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

async function post(id: string, to: string): Promise<number | 'no answer'> {
  const answer = await host.post('any', { id, title: `Disk of ${id}`, labels: { to } }).then(
    async (response) => {
      await response.text();
      return response.status;
    },
    () => 'no answer' as const,
  );
  answers.set(id, answer);
  return answer;
}

function rows(sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(host.folder, 'tocsin.db'), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

describe('After SIGTERM', () => {
  test('the host ends by itself, with exit code 0, however long others take', () => {
    expect(exit).toBe(0);
    expect(endedAt - stoppedAt).toBeGreaterThan(4_500);
    // Nine, and what the tests beside it take; D5 of the faults has the machine to itself.
    expect(endedAt - stoppedAt).toBeLessThan(14_000);
    expect(host.output()).not.toContain('cut off');
  });

  test('every alert that was acknowledged is stored', () => {
    const acknowledged = [...answers].filter(([, answer]) => answer === 202).map(([id]) => id);
    const stored = new Set(rows('SELECT fingerprint FROM members').map(({ fingerprint }) => fingerprint));
    expect(acknowledged.length).toBeGreaterThan(200);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  test('nobody is told anything but that it stops', () => {
    expect([...new Set(answers.values())].filter((answer) => ![202, 503, 'no answer'].includes(answer))).toEqual([]);
    expect([...answers.values()]).toContain('no answer');
  });

  test('nothing is sent once the last request is answered, and how the sends in flight ended is written down', () => {
    expect(sentUntilTheEnd).toHaveLength(8);
    const told = rows("SELECT count(*) AS told FROM deliveries WHERE target = 'slow' AND told_at IS NOT NULL")[0]?.told;
    expect(told).toBe(sentUntilTheEnd.length);
    const [hanging] = rows("SELECT due, lease_until, dead FROM deliveries WHERE target = 'hanging'");
    expect(hanging).toEqual({ due: expect.any(Number), lease_until: null, dead: null });
  });

  test('the log beside the database is empty', () => {
    const log = join(host.folder, 'tocsin.db-wal');
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  });

  test('the next host tells what is left, and nothing twice but what got no answer', async () => {
    witness.answer('/slow', {});
    witness.answer('/hanging', {});
    const { folder } = host;
    host = await startHostProcess({ folder, config: config(witness.url) });
    await witness.untilTold('/slow', 20);
    await witness.untilTold('/hanging', 2);
    const told = witness.told('/slow').map(({ body }) => /slow-\d+/.exec(body)?.[0]);
    expect(new Set(told).size).toBe(20);
    expect(told).toHaveLength(20);
  });
});
