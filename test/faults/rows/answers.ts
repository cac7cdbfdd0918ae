import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import type { Bench } from '../bench.ts';
import { type Row, without } from '../row.ts';
import { attemptsAt } from '../support/attempts.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { answer, bomb, endless, type Mode } from '../support/fault-target.ts';
import { startForbidden } from '../support/forbidden.ts';

const megabyte = 1024 * 1024;
const mostKept = 64 * 1024;

export const answers: Row[] = [
  {
    id: 'D12',
    title: 'redirects to where the hub may not go',
    method:
      '301, 302, 303, 307 and 308 to this machine, to a metadata service, and to another host with our credentials',
    bar: '0 requests and 0 connections at the internal witness; 0 requests, and no credentials, at the second host',
    seconds: { full: 30, quick: 20 },
    protection: {
      what: 'when redirects are followed and the guard is off',
      reddens: ['connections at the witness'],
      env: without('follow-redirects', 'no-egress-guard'),
    },
    async run(bench) {
      const target = await bench.target();
      const second = await bench.target();
      const witness = await startForbidden();
      bench.onEnd(() => witness.close());
      const places = {
        internal: `http://127.0.0.3:${witness.port}/internal`,
        metadata: 'http://169.254.169.254/latest/meta-data/',
        second: `${second.url}/second`,
      };
      const names: string[] = [];
      for (const status of [301, 302, 303, 307, 308]) {
        for (const [place, location] of Object.entries(places)) {
          if (place === 'metadata' && bench.isWeakened) continue; // nothing leaves this machine
          names.push(`r${status}-${place}`);
          target.at(`/r${status}-${place}`, answer(status, { location }));
        }
      }
      const authorization = 'Bearer credentials-of-the-first-host';
      const config = webhooks(
        {},
        {
          targets: names.map((id) => ({
            id,
            use: 'webhook',
            settings: { url: `${target.url}/${id}`, headers: { authorization }, body: 'notification' },
          })),
          routes: names.map((id) => ({ match: `to="${id}"`, to: [id] })),
        },
      );
      const hub = await bench.hub({ config });
      for (const name of names) await hub.post('any', alertFor(name, name));
      await until('each is tried', async () => {
        const lists = await Promise.all(names.map((name) => attemptsAt(hub, name)));
        return lists.every((attempts) => attempts.length > 0);
      });
      bench.judge('redirects', target.received('/r').length, target.received('/r').length === names.length);
      bench.none('connections at the witness', witness.connections());
      bench.none('requests at the second host', second.received('/').length);
      const leaked = second.received('/').filter(({ headers }) => headers.authorization !== undefined).length;
      bench.none('with credentials', leaked);
    },
  },
  {
    id: 'D13',
    title: 'an answer without an end',
    method: 'a target that sends 25 MB a second for as long as it is read',
    bar: 'at most 64 KB of it are kept, memory grows by less than 20 MB, and the connection is closed',
    seconds: { full: 30, quick: 20 },
    protection: {
      what: 'when answers are read to their end',
      reddens: ['memory in MB', 'kept'],
      env: without('no-answer-bound'),
    },
    run: (bench) => readTooMuch(bench, endless),
  },
  {
    id: 'D14',
    title: 'an answer that unpacks to a thousand times as much',
    method: 'a target that answers 50 KB of gzip, of which become 50 MB',
    bar: 'at most 64 KB of it are kept, memory grows by less than 20 MB, and the connection is closed',
    seconds: { full: 30, quick: 20 },
    protection: {
      what: 'when answers are read to their end',
      reddens: ['memory in MB', 'kept'],
      env: without('no-answer-bound'),
    },
    run: (bench) => readTooMuch(bench, bomb),
  },
];

async function readTooMuch(bench: Bench, mode: Mode): Promise<void> {
  const target = await bench.target();
  target.at('/large', mode);
  const urls = { usual: `${target.url}/usual`, large: `${target.url}/large` };
  const hub = await bench.hub({ config: webhooks(urls, { egress: { timeouts: { body: '3s' } } }) });
  for (let index = 0; index < 50; index++) await hub.post('any', alertFor('usual', `usual-${index}`));
  await target.untilReceived('/usual', 50);
  await delay(500);
  const before = hub.forgetPeak();
  await hub.post('any', alertFor('large', 'large'));
  const attempts = await until('it is tried', async () => {
    const list = await attemptsAt(hub, 'large');
    return list.length > 0 ? list : undefined;
  });
  const growth = (hub.memory().most - before) / megabyte;
  const kept = Buffer.byteLength(attempts[0]?.response?.body ?? '') + Buffer.byteLength(attempts[0]?.reason ?? '');
  bench.judge('kept', kept, kept <= mostKept + 1024);
  bench.judge('memory in MB', growth.toFixed(1), growth < 20);
  const isClosed = await until('it is closed', () => target.sockets().open <= 1, 3_000).then(
    () => true,
    () => false,
  );
  bench.judge('closed', String(isClosed), isClosed);
}
