import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const hasApprise = spawnSync('apprise', ['--version']).status === 0;

const text = 'HTTP CRITICAL: HTTP/1.1 503 Service Unavailable - 93 bytes in 0.006 second response time';

/** What a monitor starts for a notification, from its start to its end; both post the same message to the sink. */
const programs = {
  tocsin: (sink: string) => [
    process.execPath,
    join(import.meta.dirname, '../dist/notify.js'),
    ...['--url', `${sink}/in/bench`, '--key', 'benchmark-key-0123456789'],
    ...['--type', 'Service', '--notificationtype', 'PROBLEM', '--hostname', 'web-1', '--hoststate', '0'],
    ...['--servicedesc', 'HTTP', '--servicestate', '2', '--output', text],
  ],
  apprise: (sink: string) => [
    'apprise',
    ...['--title', 'PROBLEM: HTTP on web-1 is CRITICAL', '--body', text],
    `${sink.replace('http:', 'json:')}/apprise`,
  ],
};

/** Milliseconds of a notification, the median of each round; the programs take turns. */
export async function notifications(
  sink: string,
  { rounds, each }: { rounds: number; each: number },
  say: (text: string) => void,
): Promise<Record<keyof typeof programs, number[]>> {
  const medians = { tocsin: [] as number[], apprise: [] as number[] };
  // The first of each reads its files from the disk.
  for (const name of ['tocsin', 'apprise'] as const) await timeOf(programs[name](sink));
  for (let round = 1; round <= rounds; round++) {
    const times = { tocsin: [] as number[], apprise: [] as number[] };
    for (let number = 0; number < each; number++) {
      for (const name of ['tocsin', 'apprise'] as const) times[name].push(await timeOf(programs[name](sink)));
    }
    for (const name of ['tocsin', 'apprise'] as const) {
      const sorted = times[name].sort((left, right) => left - right);
      medians[name].push(sorted[sorted.length >> 1] ?? Number.NaN);
      say(`round ${round} ${name.padEnd(12)} a notification: p50 ${medians[name].at(-1)?.toFixed(0)} ms`);
    }
  }
  return medians;
}

async function timeOf([program = '', ...words]: string[]): Promise<number> {
  const start = performance.now();
  const [code] = await once(spawn(program, words, { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return performance.now() - start;
}
