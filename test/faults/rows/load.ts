import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../evidence/support/until.ts';
import type { Row } from '../row.ts';
import { timeToTell } from '../support/beside.ts';
import { alertFor, percentile, webhooks } from '../support/configs.ts';
import { after, answer, type FaultTarget } from '../support/fault-target.ts';
import { adminToken, type Hub, sourceKey } from '../support/hub.ts';

export const load: Row[] = [
  {
    id: 'D25',
    title: 'a storm',
    method:
      '100,000 alerts of Alertmanager’s kind in 100 groups (quick: 10,000 in 12, too few for digests), 100 a request, eight requests at a time, for two chats and a webhook; then half of the groups end',
    bar: 'all are accepted and counted; at most 10 messages a group and target; memory below 400 MB; p99 of a request below 250 ms a hundred alerts; every target’s last word of each group is right',
    seconds: { full: 240, quick: 90 },
    protection: { what: 'when each update may be told at once', reddens: ['most messages a group'] },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({ config: stormConfig(target.url, bench.isWeakened ? '0s' : '10s') });
      const [requests, count] = bench.isWeakened ? [480, 12] : bench.isQuick ? [96, 12] : [1_000, 100];
      const began = performance.now();
      const bodyOf = (number: number, status: 'firing' | 'resolved') =>
        stormOf(number, 100, `${number % count}`, status);
      const { times } = await postAll(requests, (number) => bodyOf(number, 'firing'), hub);
      bench.note('seconds', ((performance.now() - began) / 1000).toFixed(1));
      // Of the calmest third: a storm is as slow in each.
      const third = Math.ceil(times.length / 3);
      const thirds = [0, 1, 2].map((part) => percentile(times.slice(part * third, (part + 1) * third), 0.99));
      const p99 = Math.round(Math.min(...thirds));
      bench.judge('p99 in ms', p99, p99 < 250);
      const groups = await hub.list<{ id: string; firing: number }>('groups');
      const firing = groups.reduce((sum, group) => sum + group.firing, 0);
      bench.judge('firing', firing, firing === requests * 100);
      const ending = Array.from({ length: requests }, (_, number) => number).filter((one) => one % count < count / 2);
      await postAll(ending.length, (index) => bodyOf(ending[index] as number, 'resolved'), hub);
      const { wrong, pending } = await lastWords(hub, 3 * count);
      bench.none('not told', pending);
      bench.none('wrong last words', wrong);
      const memory = Math.round(hub.memory().most / 2 ** 20);
      bench.judge('memory in MB', memory, memory < 400);
      const most = Math.max(...['/one', '/two', '/every'].flatMap((path) => perGroup(target, path, groups)));
      bench.judge('most messages a group', most, most <= 10);
      bench.note('messages', target.received('/').length);
      const hook = new Map(target.received('/every').map(({ body }) => groupStatusIn(body)));
      const over = [...hook.values()].filter((status) => status === 'resolved').length;
      bench.judge(
        'last word firing, resolved',
        `${hook.size - over}, ${over}`,
        hook.size === count && over === count / 2,
      );
    },
  },
  {
    id: 'storm-of-groups',
    title: 'a storm of groups',
    method:
      '100,000 alerts, each of a group of its own (quick: 3,000, and at most 600 open groups), for two chats and a webhook',
    bar: 'all are accepted and counted: what is beyond the bound of open groups stands in one group; a chat gets at most 40 messages and one more for every 400 groups; memory below 800 MB, the store below 2 KB an alert and 30 MB',
    seconds: { full: 400, quick: 90 },
    protection: {
      what: 'when there is no bound of open groups',
      reddens: ['open groups'],
    },
    async run(bench) {
      const target = await bench.target();
      target.forgets();
      const most = bench.isQuick ? 600 : 20_000;
      const groups = bench.isWeakened ? 1_000_000 : most;
      const hub = await bench.hub({ config: { ...stormConfig(target.url), limits: { groups } } });
      const alerts = bench.isQuick ? 3_000 : 100_000;
      const began = performance.now();
      // Each group is one request’s: Alertmanager’s key names it.
      const { statuses } = await postAll(alerts, (number) => stormOf(number, 1, `${number}`, 'firing'), hub);
      bench.note('seconds', ((performance.now() - began) / 1000).toFixed(1));
      bench.none('refused', statuses.filter((status) => status !== 202).length);
      const memory = Math.round(hub.memory().most / 2 ** 20);
      bench.judge('memory in MB', memory, memory < 800);
      const counted = await hub.accounting();
      bench.judge('grouped', counted.grouped ?? 0, counted.grouped === alerts);
      const open = await openGroups(hub);
      bench.judge('open groups', open, open === most + 1);
      const size = ['', '-wal', '-redo'].map((suffix) => sizeOf(join(hub.folder, `tocsin.db${suffix}`)));
      const megabytes = Math.round(size.reduce((sum, bytes) => sum + bytes, 0) / 1e6);
      bench.judge('store in MB', megabytes, megabytes < 30 + alerts * 0.002);
      const chats = ['/one', '/two'].map((path) => target.counted(path));
      bench.judge(
        'messages to the chats',
        chats.join(' '),
        chats.every((count) => count > 0 && count <= 40 + most / 400),
      );
    },
  },
  {
    id: 'D26',
    title: 'a target with a long queue',
    method: '2,000 alerts (full: 20,000) for a target that takes 50 ms for each; meanwhile single ones for another',
    bar: 'the other is told with a p99 below 2 s',
    seconds: { full: 240, quick: 60 },
    protection: { what: 'when both are one target', reddens: ['p99 in ms'] },
    async run(bench) {
      const target = await bench.target();
      target.at('/hot', after(50, answer(200)));
      const urls = { hot: `${target.url}/hot`, idle: `${target.url}/idle` };
      // Each alert is a group of its own.
      const limits = { groups: 1_000_000 };
      const config = webhooks(urls, { limits, ...(bench.isWeakened ? { routes: [{ to: ['hot'] }] } : {}) });
      const hub = await bench.hub({ config });
      const backlog = bench.isQuick ? 2_000 : 20_000;
      for (let index = 0; index < backlog; index += 50) {
        await Promise.all(
          Array.from({ length: 50 }, (_, lane) => hub.post('any', alertFor('hot', `hot-${index + lane}`))),
        );
      }
      const waiting = backlog - target.received('/hot').length;
      bench.judge('waiting', waiting, waiting > backlog / 4);
      if (bench.isWeakened) {
        // The one route leads to the hot target: the single alert waits for all before it.
        const began = performance.now();
        await hub.post('any', alertFor('idle', 'single-x'));
        const isTold = () => target.received('/hot').some(({ body }) => body.includes('single-x'));
        await until('it is told', isTold, 30_000).catch(() => {});
        const time = Math.round(performance.now() - began);
        bench.judge('p99 in ms', time, time < 2_000);
        return;
      }
      const p99 = await timeToTell(hub, target, 'idle', 100);
      bench.judge('p99 in ms', p99, p99 < 2_000);
    },
  },
];

/** Two chats that are told the newest state, and a webhook that is told each. */
function stormConfig(url: string, interval = '10s'): object {
  const chat = (id: string) => ({ id, use: 'slack', settings: { webhookUrl: `${url}/${id}` } });
  return {
    ...webhooks({}),
    integrations: ['@tocsin/source-alertmanager', '@tocsin/target-webhook', '@tocsin/target-slack'],
    sources: [{ id: 'storm', use: 'alertmanager', key: sourceKey }],
    targets: [
      chat('one'),
      chat('two'),
      { id: 'every', use: 'webhook', settings: { url: `${url}/every`, body: 'notification' } },
    ],
    routes: [{ interval, to: ['one', 'two', 'every'] }],
  };
}

/** A request of Alertmanager’s with so many alerts of a group, none of which is in another request. */
function stormOf(number: number, count: number, group: string, status: 'firing' | 'resolved'): object {
  const alerts = Array.from({ length: count }, (_, index) => ({
    status,
    labels: { alertname: 'Storm', instance: `i-${number}-${index}` },
    annotations: {},
    startsAt: new Date().toISOString(),
    fingerprint: `${number}-${index}`,
  }));
  return { version: '4', status, groupKey: group, groupLabels: { group }, alerts };
}

/** Eight at a time; milliseconds and status of each. */
async function postAll(count: number, bodyOf: (number: number) => object, hub: Hub) {
  const times: number[] = [];
  const statuses: number[] = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const body = bodyOf(next++);
      const sent = performance.now();
      statuses.push((await hub.post('storm', body)).status);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return { times, statuses };
}

/** Of all deliveries, once `count` of them are told: those whose last word is not the state of their group. */
async function lastWords(hub: Hub, count: number): Promise<{ wrong: number; pending: number }> {
  const read = async () => {
    const groups = await hub.list<{ id: string; status: string }>('groups');
    const states = new Map(groups.map(({ id, status }) => [id, status]));
    const all = await hub.list<{ group: string; state: string; told: { status: string } | null }>('deliveries');
    const told = all.filter(({ state }) => state === 'told');
    const wrong = told.filter((one) => one.told?.status !== states.get(one.group)).length;
    return { wrong, pending: count - told.length };
  };
  // Digests wait for up to 15 s, and updates of a group for the interval.
  await until('all are told', async () => (await read()).pending === 0, 90_000).catch(() => {});
  return read();
}

/** How many messages each group had at a path, by the link to its page. */
function perGroup(target: FaultTarget, path: string, groups: readonly { id: string }[]): number[] {
  const counts = new Map(groups.map(({ id }) => [id, 0]));
  for (const { body } of target.received(path)) {
    for (const id of new Set([...body.matchAll(/\/g\/([0-9a-z]+)/g)].map(([, found]) => found ?? ''))) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return [...counts.values()];
}

function groupStatusIn(body: string): [id: string, status: string] {
  const { group } = JSON.parse(body) as { group: { id: string; status: string } };
  return [group.id, group.status];
}

async function openGroups(hub: Hub): Promise<number> {
  const metrics = await fetch(`${hub.address}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } });
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('tocsin_open_groups{'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
