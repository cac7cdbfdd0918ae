import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import { type Row, without } from '../row.ts';
import { deliveriesTo } from '../support/attempts.ts';
import { atMostTwice, timeToTell } from '../support/beside.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { after, answer } from '../support/fault-target.ts';
import { sourceKey } from '../support/hub.ts';
import { writeMisbehaving } from '../support/integrations.ts';

const mostClaims = 5;

export const crashes: Row[] = [
  {
    id: 'D4',
    title: 'kill -9 between the steps of a delivery',
    method:
      'the host dies after the claim, when the target has the request, and after the answer before it is written down; it starts again',
    bar: 'each is told; what was not sent once, what was sent at most once more with the same webhook-id; nothing is stuck',
    seconds: { full: 60, quick: 40 },
    protection: {
      what: 'when a start does not free what was claimed',
      reddens: ['sends'],
      env: without('no-freed-leases'),
    },
    async run(bench) {
      writeMisbehaving(bench.folder);
      const target = await bench.target();
      target.at('/at-receipt', (response, nth) => {
        if (nth === 1) hub.signal('SIGKILL');
        else response.end('ok');
      });
      const points = ['before', 'after'];
      const flag = (point: string) => join(bench.folder, `die-${point}`);
      const config = {
        ...webhooks({}),
        integrations: [
          '@tocsin/source-webhook',
          '@tocsin/target-webhook',
          './target-dies-before',
          './target-dies-after',
        ],
        targets: [
          ...points.map((point) => ({
            id: point,
            use: `./target-dies-${point}`,
            settings: { url: `${target.url}/${point}-the-send`, flag: flag(point) },
          })),
          { id: 'receipt', use: 'webhook', settings: { url: `${target.url}/at-receipt` } },
        ],
        routes: [...points, 'receipt'].map((id) => ({ match: `to="${id}"`, to: [id] })),
      };
      const hub = await bench.hub({ config });
      let deaths = 0;
      for (const point of [...points, 'receipt']) {
        if (point !== 'receipt') writeFileSync(flag(point), '');
        const { status } = await hub.post('any', alertFor(point, point));
        // It may die before its answer is out; what is claimed is kept all the same.
        if (status !== 202 && status !== 0) throw new Error(`answered ${status}`);
        if ((await hub.ended()) === 'SIGKILL') deaths++;
        await hub.start();
        const isTold = async () => (await deliveriesTo(hub, point)).every(({ state }) => state === 'told');
        await until(`${point} is told`, isTold, bench.isWeakened ? 2_000 : 10_000).catch(() => {});
      }
      bench.judge('deaths', deaths, deaths === 3 && points.every((point) => !existsSync(flag(point))));
      const sends = {
        before: target.received('/before-the-send'),
        receipt: target.received('/at-receipt'),
        after: target.received('/after-the-send'),
      };
      const counts = Object.entries(sends).map(([point, { length }]) => `${point} ${length}`);
      bench.judge(
        'sends',
        counts.join(', '),
        sends.before.length === 1 && sends.receipt.length === 2 && sends.after.length === 2,
      );
      const ids = Object.values(sends).map((list) => new Set(list.map(({ id }) => id)).size);
      bench.judge(
        'webhook-ids',
        ids.join(' '),
        ids.every((count) => count === 1),
      );
    },
  },
  {
    id: 'claim-loop',
    title: 'a notification that kills the host each time',
    method:
      'a target whose rendering kills the process; the host is started again and again, with a healthy target beside it',
    bar: 'after 5 claims it is given up as crashed; the host stays up, and the others are told',
    seconds: { full: 120, quick: 90 },
    protection: { what: 'when the count of its claims is put back', reddens: ['deaths'] },
    async run(bench) {
      writeMisbehaving(bench.folder);
      const target = await bench.target();
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', './target-killer'],
          targets: [
            { id: 'killer', use: './target-killer', settings: { url: `${target.url}/killer` } },
            { id: 'healthy', use: 'webhook', settings: { url: `${target.url}/healthy` } },
          ],
          routes: ['killer', 'healthy'].map((id) => ({ match: `to="${id}"`, to: [id] })),
        },
      });
      await hub.post('any', alertFor('killer', 'deadly'));
      let deaths = 0;
      for (; deaths < mostClaims + 3; deaths++) {
        const end = await Promise.race([hub.ended(), delay(2_500).then(() => undefined)]);
        if (end === undefined) break;
        if (bench.isWeakened) forgetClaims(bench.folder);
        // It may die before it says that it listens.
        await hub.start().catch(() => {});
      }
      bench.judge('deaths', deaths, deaths === mostClaims);
      if (!hub.isRunning()) return;
      const [delivery] = await deliveriesTo(hub, 'killer');
      bench.judge('given up as', delivery?.dead ?? 'nothing', delivery?.dead === 'crashed');
      await hub.post('any', alertFor('healthy', 'other'));
      bench.judge('others', (await target.untilReceived('/healthy', 1)).length, true);
    },
  },
  {
    id: 'sigstop',
    title: 'a host that is stopped in mid-send',
    method: 'SIGSTOP while eight sends are under way, SIGCONT after 4 s (full: 100 s, longer than a lease)',
    bar: '0 lost, told again none (full: at most the eight), with the same webhook-id; a stopped host acknowledges nothing',
    seconds: { full: 180, quick: 40 },
    protection: { what: 'when a claim holds for half a second', reddens: ['told again'], env: without('short-lease') },
    async run(bench) {
      const target = await bench.target();
      target.at('/told', after(2_000, answer(200)));
      const hub = await bench.hub({ config: webhooks({ told: `${target.url}/told` }) });
      const ids = Array.from({ length: 24 }, (_, index) => `stopped-${index}`);
      for (const id of ids) await hub.post('any', alertFor('told', id));
      await target.untilReceived('/told', 8);
      hub.signal('SIGSTOP');
      bench.onEnd(() => hub.signal('SIGCONT'));
      const late = hub.post('any', alertFor('told', 'late'));
      const isShort = bench.isQuick || bench.isWeakened;
      const answered = await Promise.race([late.then(({ status }) => status), delay(isShort ? 4_000 : 100_000)]);
      bench.judge('answers while stopped', answered === undefined ? 0 : 1, answered === undefined);
      hub.signal('SIGCONT');
      await late;
      const told = () => new Set(target.received('/told').map(({ body }) => /stopped-\d+/.exec(body)?.[0]));
      await until('all are told', () => ids.every((id) => told().has(id)), 30_000).catch(() => {});
      await delay(2_500);
      const seen = told();
      const sends = target.received('/told');
      const again = sends.length - new Set(sends.map(({ id }) => id)).size;
      bench.none('lost', ids.filter((id) => !seen.has(id)).length);
      bench.judge('told again', again, again <= (isShort ? 0 : 8));
    },
  },
  {
    id: 'D23',
    title: 'poison',
    method:
      'one alert in 300 (quick; 1,000 in the full run) that a target’s code throws over, and payloads that a source can’t read',
    bar: 'that one is given up after one try and nothing of it is sent; all others are told; the host stays up',
    seconds: { full: 60, quick: 40 },
    protection: {
      what: 'when what an integration throws is not caught',
      reddens: ['told', 'given up'],
      env: without('no-catch'),
    },
    async run(bench) {
      writeMisbehaving(bench.folder);
      const target = await bench.target();
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-webhook', './target-poisoned'],
          targets: [{ id: 'told', use: './target-poisoned', settings: { url: `${target.url}/told` } }],
          routes: [{ to: ['told'] }],
        },
      });
      const count = bench.isQuick ? 300 : 1_000;
      const poisoned = Math.floor(bench.random() * count);
      const posts = Array.from({ length: count }, (_, index) =>
        hub.post('any', alertFor('told', index === poisoned ? 'poison' : `good-${index}`)),
      );
      const bad = Array.from({ length: 20 }, () => hub.postRaw('any', '{"id":'));
      const taken = (await Promise.all(posts)).filter(({ status }) => status === 202).length;
      const refused = (await Promise.all(bad)).filter(({ status }) => status === 422).length;
      await target.untilReceived('/told', count - 1, 30_000).catch(() => {});
      await delay(500);
      const dead = (await deliveriesTo(hub, 'told')).filter(({ state }) => state === 'given-up');
      bench.judge('taken', `${taken} of ${count}`, taken === count);
      bench.judge('refused', `${refused} of ${bad.length}`, refused === bad.length);
      bench.judge('told', target.received('/told').length, target.received('/told').length === count - 1);
      bench.judge('given up', dead.length, dead.length === 1);
      bench.none('of the poison', target.received('/told').filter(({ body }) => body.includes('poison')).length);
    },
  },
  {
    id: 'D27',
    title: 'templates and functions without an end',
    method:
      'nested loops over a large list, 10 MB of text, a pattern that backtracks, a source whose function never returns',
    bar: 'stopped in its budget: requests beside them are answered, p99 at most twice (or 25 ms more); the others are told; the endless source answers 503',
    seconds: { full: 60, quick: 40 },
    protection: { what: 'without a budget for calls', reddens: ['endless'], env: without('no-call-budget') },
    async run(bench) {
      writeMisbehaving(bench.folder);
      const target = await bench.target();
      const each = (depth: number): string => (depth === 0 ? 'x' : `{{#each payload.list}}${each(depth - 1)}{{/each}}`);
      const [source] = (webhooks({}) as { sources: object[] }).sources;
      const hub = await bench.hub({
        config: {
          ...webhooks({ before: `${target.url}/before`, beside: `${target.url}/beside`, bomb: `${target.url}/bomb` }),
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', './source-endless'],
          sources: [
            source,
            { ...source, id: 'loops', templates: { message: each(6) } },
            { id: 'endless', use: './source-endless', key: sourceKey },
          ],
        },
      });
      await timeToTell(hub, target, 'before', 20);
      const alone = await timeToTell(hub, target, 'before');
      const list = Array.from({ length: 1_000 }, (_, index) => index);
      const bombs = [
        hub.post('loops', { ...alertFor('bomb', 'nested'), list }),
        hub.post('loops', { ...alertFor('bomb', 'long'), list: Array(500).fill('y'.repeat(1_000)) }),
      ];
      const endless = hub.post('endless', { id: 'e', loop: true });
      // A thread that never comes back tells nobody.
      const beside = bench.isWeakened ? alone : await timeToTell(hub, target, 'beside');
      const late = delay(5_000).then(() => ({ status: 0 }));
      const { status } = await Promise.race([endless, late]);
      const statuses = (await Promise.all(bombs.map((one) => Promise.race([one, late])))).map((one) => one.status);
      bench.judge('endless', status, status === 503);
      bench.judge(
        'bombs',
        statuses.join(' '),
        statuses.every((one) => one === 202 || one === 503),
      );
      bench.judge('p99 in ms', `${alone} alone, ${beside} beside`, atMostTwice(beside, alone));
      // What the payload had stands in the notification as it is; only what is rendered of it has a bound.
      const told = await target.untilReceived('/bomb', 1, 8_000).catch(() => []);
      const longest = Math.max(0, ...told.map(({ body }) => String(JSON.parse(body).message).length));
      bench.judge('rendered of a bomb, in characters', longest, told.length > 0 && longest < 256 * 1024);
    },
  },
];

/** What a crash must not be able to do. */
function forgetClaims(folder: string): void {
  const database = new DatabaseSync(join(folder, 'tocsin.db'));
  database.exec('UPDATE deliveries SET claims = 0');
  database.close();
}
