import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadedId } from '../../evidence/support/kill-under-load.ts';
import { startProgram } from '../../evidence/support/program.ts';
import { until } from '../../evidence/support/until.ts';
import type { Row } from '../row.ts';
import { after, answer } from '../support/fault-target.ts';
import { sourceKey } from '../support/hub.ts';

export const shutdown: Row[] = [
  {
    id: 'D5',
    title: 'SIGTERM under load',
    method:
      '500 alerts a second from another process, a target that answers after 15 ms; SIGTERM, start on the same file',
    bar: 'it ends by itself with code 0 in at most 10 s; 0 lost, 0 untold, 0 told twice',
    seconds: { full: 90, quick: 60 },
    protection: { what: 'when it is killed in place of SIGTERM', reddens: ['told twice', 'exit code'] },
    async run(bench) {
      const target = await bench.target();
      target.at('/told', after(15, answer(200)));
      const hub = await bench.hub({
        config: {
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
          sources: [{ id: 'load', use: 'webhook', key: sourceKey, settings: { key: 'id', fingerprint: 'id' } }],
          targets: [{ id: 'told', use: 'webhook', settings: { url: `${target.url}/told` } }],
          routes: [{ to: ['told'] }],
        },
      });
      const file = join(bench.folder, 'acknowledged');
      writeFileSync(file, '');
      const client = startProgram(process.execPath, [
        join(import.meta.dirname, '..', '..', 'evidence', 'support', 'load-client.ts'),
        ...['--url', `${hub.address}/in/load/${sourceKey}`, '--file', file, '--rate', '500'],
      ]);
      bench.onEnd(() => client.end());
      await target.untilReceived('/told', bench.isQuick ? 300 : 2_000, 30_000);
      const began = performance.now();
      hub.signal(bench.isWeakened ? 'SIGKILL' : 'SIGTERM');
      const code = await hub.ended();
      const seconds = (performance.now() - began) / 1000;
      await client.end();
      const acknowledged = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      await hub.start();
      const told = () => new Set(target.received('/told').map(({ body }) => loadedId(body)));
      const isTold = () => {
        const ids = told();
        return acknowledged.every((id) => ids.has(id));
      };
      await until('all are told', isTold, 30_000).catch(() => {});
      await delay(300);
      bench.judge('exit code', code, code === 0);
      bench.judge('seconds', seconds.toFixed(1), seconds <= 10);
      bench.judge('acknowledged', acknowledged.length, acknowledged.length > 200);
      const ids = told();
      bench.none('lost or untold', acknowledged.filter((id) => !ids.has(id)).length);
      bench.none(
        'told twice',
        target.received('/told').length - new Set(target.received('/told').map(({ id }) => id)).size,
      );
    },
  },
];
