import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Row } from '../row.ts';
import { alertFor, webhooks } from '../support/configs.ts';

const perSecond = 200;
/** How many alerts there are, each of which fires and ends again and again. */
const alerts = 500;
const mebibyte = 2 ** 20;

/** What the hub has at one moment. */
interface Sample {
  memory: number;
  log: number;
  descriptors: number;
}

/** A long run, `--soak 20`: half of the alerts of a round fire, the other half ends. */
export function soak(minutes: number): Row {
  return {
    id: 'D44',
    title: 'a long run',
    method: `${perSecond} alerts a second for ${minutes} minutes, each told to two targets; memory, descriptors and the write-ahead log are read every two seconds`,
    bar: 'in the last quarter memory is at most a tenth and 16 MiB, the log 16 MiB, and descriptors 16 above the second quarter; every accepted alert is counted',
    seconds: { full: minutes * 60 + 120 },
    protection: { none: 'nothing that could be taken away keeps it flat' },
    async run(bench) {
      const target = await bench.target();
      target.forgets();
      const hub = await bench.hub({ config: webhooks({ one: `${target.url}/one`, two: `${target.url}/two` }) });
      const samples: Sample[] = [];
      const start = performance.now();
      const until = start + minutes * 60_000;
      let said = 0;
      let sent = 0;
      let refused = 0;
      let nextSample = 0;
      while (performance.now() < until) {
        const began = performance.now();
        const posts = Array.from({ length: perSecond / 10 }, async (_, index) => {
          const number = sent + index;
          const status = Math.floor(number / alerts) % 2 === 0 ? 'firing' : 'ok';
          const to = number % 2 === 0 ? 'one' : 'two';
          const answer = await hub.post('any', alertFor(to, `soak-${number % alerts}`, status));
          if (answer.status !== 202) refused++;
        });
        await Promise.all(posts);
        sent += posts.length;
        if (performance.now() >= nextSample) {
          nextSample = performance.now() + 2_000;
          const log = join(hub.folder, 'tocsin.db-wal');
          samples.push({
            memory: hub.memory().now / mebibyte,
            log: existsSync(log) ? statSync(log).size / mebibyte : 0,
            descriptors: readdirSync(`/proc/${hub.pid}/fd`).length,
          });
          const minute = Math.floor((performance.now() - start) / 60_000);
          if (minute > said) say(minute, minutes, samples.at(-1) as Sample);
          said = minute;
        }
        await delay(Math.max(0, 100 - (performance.now() - began)));
      }
      const [early, late] = [quarter(samples, 1), quarter(samples, 3)];
      bench.note('alerts', sent);
      bench.none('refused', refused);
      const change = (name: keyof Sample) => `${early[name].toFixed(0)} then ${late[name].toFixed(0)}`;
      bench.judge('memory in MB', change('memory'), late.memory <= early.memory * 1.1 + 16);
      bench.judge('log in MB', change('log'), late.log <= early.log + 16);
      bench.judge('descriptors', change('descriptors'), late.descriptors <= early.descriptors + 16);
      const counted = await hub.accounting();
      bench.judge('received', counted.received ?? 0, counted.received === sent);
    },
  };
}

/** Beside the results, which may be read by a program. */
function say(minute: number, minutes: number, { memory, log, descriptors }: Sample): void {
  const figures = `memory ${memory.toFixed(0)} MB, log ${log.toFixed(0)} MB, ${descriptors} descriptors`;
  process.stderr.write(`minute ${minute} of ${minutes}: ${figures}\n`);
}

/** The middle value of each in the second (1) or the last (3) quarter of the time. */
function quarter(samples: readonly Sample[], number: 1 | 3): Sample {
  const length = Math.floor(samples.length / 4);
  const part = samples.slice(number * length, (number + 1) * length);
  const middle = (name: keyof Sample) => {
    const sorted = part.map((sample) => sample[name]).sort((left, right) => left - right);
    return sorted[sorted.length >> 1] ?? 0;
  };
  return { memory: middle('memory'), log: middle('log'), descriptors: middle('descriptors') };
}
