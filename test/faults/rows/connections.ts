import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import { freePort } from '../../evidence/support/witness.ts';
import { type Row, without } from '../row.ts';
import { attemptsAt } from '../support/attempts.ts';
import { atMostTwice, timeToTell } from '../support/beside.ts';
import { startBlackHole } from '../support/black-hole.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { drip, hang, reset } from '../support/fault-target.ts';

const timeouts = { connect: '2s', headers: '2s', body: '2s' };
/** Milliseconds that the three allow together. */
const wholeTime = 6_000;

export const connections: Row[] = [
  {
    id: 'D8',
    title: 'targets that can’t be reached',
    method: 'a closed port, a listener whose queue is full, a connection that is reset in the middle of the answer',
    bar: 'each is told apart in its reason and tried again; a healthy target beside them: p99 at most twice (or 25 ms more)',
    seconds: { full: 60, quick: 40 },
    protection: { what: 'when what failed once is given up', reddens: ['tried again'], env: without('no-retry') },
    async run(bench) {
      const target = await bench.target();
      const hole = await startBlackHole();
      bench.onEnd(() => hole.close());
      target.at('/reset', reset);
      const urls = {
        refused: `http://127.0.0.2:${await freePort()}/`,
        silent: `http://127.0.0.2:${hole.port}/`,
        reset: `${target.url}/reset`,
        healthy: `${target.url}/healthy`,
        before: `${target.url}/before`,
      };
      const hub = await bench.hub({ config: webhooks(urls, { egress: { timeouts } }) });
      const count = bench.isQuick ? 200 : 1_000;
      await timeToTell(hub, target, 'before', 20);
      const alone = await timeToTell(hub, target, 'before', count);
      const broken = ['refused', 'silent', 'reset'] as const;
      for (const name of broken) {
        for (let index = 0; index < 10; index++) await hub.post('any', alertFor(name, `${name}-${index}`));
      }
      const beside = await timeToTell(hub, target, 'healthy', count);
      await until('each has failed', async () => {
        const lists = await Promise.all(broken.map((name) => attemptsAt(hub, name)));
        return lists.every((attempts) => attempts.length > 0);
      });
      const words = { refused: /ECONNREFUSED|refus/i, silent: /within 2 s/, reset: /reset|closed/i };
      let classed = 0;
      let retried = 0;
      for (const name of broken) {
        const [attempt] = await attemptsAt(hub, name);
        if (words[name].test(attempt?.reason ?? '')) classed++;
        if (attempt?.outcome === 'retry') retried++;
        bench.note(name, attempt?.reason?.split('\n', 1)[0] ?? 'nothing');
      }
      const states = await hub.list<{ target: string; state: string }>('deliveries?target=refused');
      const isOwed = states.every(({ state }) => state !== 'given-up');
      bench.judge('classed', `${classed} of 3`, classed === 3);
      bench.judge('tried again', `${retried} of 3`, retried === 3 && isOwed);
      bench.judge('p99 in ms', `${alone} alone, ${beside} beside`, atMostTwice(beside, alone));
    },
  },
  {
    id: 'D9',
    title: 'targets that answer slowly, for ever',
    method:
      'nine targets (quick; 500 in the full run) that give a byte a while, of the head or of the body, or nothing',
    bar: 'no send takes longer than configured + 1 s, body included; no connection stays; a healthy target beside them: p99 at most twice (or 25 ms more)',
    seconds: { full: 180, quick: 50 },
    protection: { what: 'without deadlines', reddens: ['sends that ended'], env: without('no-deadline') },
    async run(bench) {
      const target = await bench.target();
      target.at('/slow-head', drip('head'));
      target.at('/slow-body', drip('body'));
      target.at('/slow-none', hang);
      const kinds = ['head', 'body', 'none'];
      const many = bench.isQuick || bench.isWeakened ? 9 : 500;
      const slow = Array.from({ length: many }, (_, index) => `slow-${kinds[index % 3]}-${index}`);
      const urls = Object.fromEntries([...slow, 'healthy', 'before'].map((name) => [name, `${target.url}/${name}`]));
      const hub = await bench.hub({ config: webhooks(urls, { egress: { timeouts } }), patience: 60_000 });
      const count = bench.isQuick ? 200 : 1_000;
      await timeToTell(hub, target, 'before', 20);
      const alone = await timeToTell(hub, target, 'before', count);
      for (const name of slow) await hub.post('any', alertFor(name, name));
      await until('all hang', () => target.received('/slow').length >= many, 30_000);
      const beside = await timeToTell(hub, target, 'healthy', count);
      await delay(wholeTime + 1_000);
      const attempts = (await Promise.all(slow.map((name) => attemptsAt(hub, name)))).flat();
      const ended = new Set(attempts.map((attempt) => attempt.target)).size;
      const longest = Math.max(0, ...attempts.map(({ duration }) => duration));
      bench.judge('sends that ended', `${ended} of ${many}`, ended === many);
      bench.judge('longest in ms', longest, longest <= wholeTime + 1_000);
      bench.judge('p99 in ms', `${alone} alone, ${beside} beside`, atMostTwice(beside, alone));
      // Those of the next tries may be open, not those of the first besides.
      bench.judge('connections', target.sockets().open, target.sockets().open <= many + 2);
    },
  },
];
