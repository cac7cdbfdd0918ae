import { setTimeout as delay } from 'node:timers/promises';
import { killUnderLoad, loadedId, storedIds } from '../../evidence/support/kill-under-load.ts';
import { isStraceInstalled, postUnderTrace } from '../../evidence/support/traced-host.ts';
import { freePort } from '../../evidence/support/witness.ts';
import type { Bench } from '../bench.ts';
import { type Row, without } from '../row.ts';
import { after, answer } from '../support/fault-target.ts';
import { adminToken, sourceKey } from '../support/hub.ts';

/** Sends to one target at a time, unless its integration says less. */
const concurrency = 8;

export const kills: Row[] = [
  {
    id: 'D1',
    title: 'kill -9 during ingest',
    method: 'load from another process; SIGKILL at a random moment, start on the same file, again and again',
    bar: 'every acknowledged id is in the store: 0 lost of 100,000 in 200 cycles (quick: of 1,000 in 4); the file is sound',
    seconds: { full: 1_500, quick: 60 },
    protection: { what: 'when it answers before the commit', reddens: ['lost'], env: without('ack-before-commit') },
    async run(bench) {
      const port = await freePort();
      const cycles = bench.isWeakened ? 8 : bench.isQuick ? 4 : 200;
      const least = bench.isQuick || bench.isWeakened ? 250 : 500;
      const { host, acknowledged } = await killUnderLoad({
        host: { folder: bench.folder, config: loaded(port), env: bench.env },
        url: `http://127.0.0.1:${port}/in/load/${sourceKey}`,
        cycles,
        least,
        rate: 4_000,
        connections: 32,
        random: () => bench.random(),
      });
      await judgeSumsAt(bench, host.address);
      await host.end();
      const stored = storedIds(bench.folder);
      bench.note('cycles', cycles);
      bench.judge('acknowledged', acknowledged.length, acknowledged.length >= cycles * least);
      bench.none('lost', acknowledged.filter((id) => !stored.has(id)).length);
    },
  },
  {
    id: 'D2',
    title: 'kill -9 during delivery',
    method: 'as D1, with a target that answers after 20 ms, so that sends are under way when the host is killed',
    bar: '0 lost, 0 untold; told twice at most what was being sent (8 a kill), each time with the same webhook-id',
    seconds: { full: 1_500, quick: 90 },
    protection: {
      what: 'when it answers before the commit',
      reddens: ['lost', 'untold'],
      env: without('ack-before-commit'),
    },
    async run(bench) {
      const target = await bench.target();
      target.at('/told', after(20, answer(200)));
      const port = await freePort();
      const cycles = bench.isWeakened ? 8 : bench.isQuick ? 4 : 200;
      const { host, acknowledged } = await killUnderLoad({
        host: { folder: bench.folder, config: loaded(port, `${target.url}/told`), env: bench.env },
        url: `http://127.0.0.1:${port}/in/load/${sourceKey}`,
        cycles,
        // Faster than it can tell, where something must be lost.
        rate: bench.isWeakened ? 4_000 : 300,
        least: bench.isWeakened ? 250 : 20,
        random: () => bench.random(),
      });
      const told = () => new Set(target.received('/told').map(({ body }) => loadedId(body)));
      const isTold = () => {
        const ids = told();
        return acknowledged.every((id) => ids.has(id));
      };
      await untilNothingComes(isTold, () => target.received('/told').length, bench.isWeakened ? 5_000 : 60_000);
      await delay(200);
      await judgeSumsAt(bench, host.address);
      await host.end();
      const stored = storedIds(bench.folder);
      const ids = told();
      const sends = target.received('/told');
      const notifications = new Set(sends.map(({ id }) => id));
      const again = sends.length - notifications.size;
      bench.note('cycles', cycles);
      bench.judge('acknowledged', acknowledged.length, acknowledged.length >= cycles * 20);
      bench.none('lost', acknowledged.filter((id) => !stored.has(id)).length);
      bench.none('untold', acknowledged.filter((id) => !ids.has(id)).length);
      bench.judge('told again', again, again <= cycles * concurrency);
      // One alert each, told once: another id for the same alert would be a notification that nobody can recognise.
      bench.none('under another webhook-id', notifications.size - ids.size);
    },
  },
  {
    id: 'D3',
    title: 'an answer before its sync',
    method: 'the host under strace, posts one by one and many at a time; every 202 against the syncs before it',
    bar: '0 of 1,000 answers leave before a sync that covers their row; no row leaves the journal before the tables have it',
    seconds: { full: 180, quick: 60 },
    protection: { what: 'without syncs', reddens: ['early', 'forgotten'] },
    async run(bench) {
      if (!isStraceInstalled()) bench.skip('strace is not installed');
      const posts = bench.isQuick ? 300 : 1_000;
      const env = bench.isWeakened ? { NODE_ENV: 'test', TOCSIN_UNSAFE_SYNCHRONOUS: 'OFF' } : {};
      const seen = await postUnderTrace({ posts, env });
      bench.judge('answers', seen.answers, seen.answers === posts);
      bench.none('early', seen.early);
      bench.none('forgotten', seen.forgotten);
      bench.judge('written over', seen.overwritten, seen.overwritten > 0);
      bench.note('syncs', seen.journalSyncs + seen.tableSyncs);
    },
  },
];

function loaded(port: number, target?: string): object {
  return {
    version: 1,
    listen: `127.0.0.1:${port}`,
    store: 'sqlite:./tocsin.db',
    tokens: [{ name: 'runner', role: 'admin', value: adminToken }],
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [{ id: 'load', use: 'webhook', key: sourceKey, settings: { key: 'id', fingerprint: 'id' } }],
    unrouted: 'drop',
    // Each id is a group of its own.
    limits: { groups: 1_000_000 },
    egress: { allow: ['127.0.0.2'] },
    ...(target
      ? {
          targets: [{ id: 'told', use: 'webhook', settings: { url: target, body: 'notification' } }],
          routes: [{ to: ['told'] }],
        }
      : {}),
  };
}

/** Until it is so, or nothing more has come for so many milliseconds: how long a queue takes is the machine's affair. */
async function untilNothingComes(isSo: () => boolean, count: () => number, patience: number): Promise<void> {
  let [last, since] = [count(), performance.now()];
  while (!isSo() && performance.now() - since < patience) {
    await delay(100);
    const now = count();
    if (now > last) [last, since] = [now, performance.now()];
  }
}

/** Both sums, and what is still owed or was given up. */
async function judgeSumsAt(bench: Bench, address: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${address}/api/v1/accounting`, { headers });
  const { counters } = (await response.json()) as { counters: Record<string, number> };
  bench.judgeCounters(counters);
  const dead = Object.entries(counters).filter(([name]) => name.startsWith('dead.'));
  bench.note('pending', counters.pending ?? 0);
  bench.note('given up', dead.map(([name, count]) => `${count} ${name.slice('dead.'.length)}`).join(', ') || 0);
}
