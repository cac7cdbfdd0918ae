import type { HttpResponse } from '@tocsin/core';
import { expect, onTestFinished, test } from 'vitest';
import type { WatchJob } from '../src/integrations/jobs.ts';
import { Watches, type WatchesOptions } from '../src/write-back/watches.ts';
import { noon, openTestHost } from './api-host.ts';
import { until } from './support/until.ts';

// A monitor that says nothing of what it is silenced for is looked at, while somebody has its alerts.

async function watched() {
  const host = await openTestHost();
  const shown = new Set<string>();
  const asked: string[] = [];
  const log = { warnings: [] as string[], info: () => {}, warn: (_: object, text: string) => log.warnings.push(text) };
  let answer: (() => HttpResponse) | undefined;
  const jobs = {
    watch: ({ answers }: { answers: HttpResponse[] }) => ({
      request: answers.length > 0 ? null : { method: 'GET', url: 'https://monitor.example.com/' },
    }),
    'watch-over': ({ alerts, earlier, later }: WatchJob) => {
      const all = [...earlier, ...later].flatMap(({ body }) => body.split(' '));
      return { over: alerts.map(({ fingerprint }) => fingerprint).filter((one) => !all.includes(one)) };
    },
  };
  const writeBack = { kind: 'http', watch: { every: 10 } };
  const options = {
    registry: { sources: new Map([['prod', { integration: { definition: { writeBack } }, writeBack: {} }]]) },
    store: host.store,
    pool: { run: async (job: { kind: keyof typeof jobs }) => jobs[job.kind](job as never) },
    egress: {
      send: async (name: string) => {
        asked.push(name);
        return { response: answer?.() ?? { status: 200, headers: {}, body: [...shown].join(' ') } };
      },
    },
    log,
  } as unknown as WatchesOptions; // as much of it as is looked at
  const watches = new Watches(options);
  watches.start();
  onTestFinished(async () => {
    watches.stop();
    await host.close();
  });
  const acknowledge = (group: string) =>
    host.store.commit([{ kind: 'action', action: 'acknowledge', group, actor: 'ann' }]);
  const fail = (failing: typeof answer) => {
    answer = failing;
  };
  return { host, shown, asked, log, acknowledge, fail };
}

test('nobody asks while nobody has an alert of it', async () => {
  const { host, asked, acknowledge } = await watched();
  const group = await host.alert({ fingerprint: 'a' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked).toEqual([]);
  await acknowledge(group);
  await until(() => asked.length > 0, 'a question');
  expect(asked[0]).toBe('source prod');
});

test('what two looks don’t show is resolved by the monitor, and the rest stays', async () => {
  const { host, shown, asked, acknowledge } = await watched();
  const [gone, stays] = [
    await host.alert({ fingerprint: 'a', group: 'a' }),
    await host.alert({ fingerprint: 'b', group: 'b' }),
  ];
  for (const fingerprint of ['a', 'b']) shown.add(fingerprint);
  for (const group of [gone, stays]) await acknowledge(group);
  await until(() => asked.length > 3, 'some looks');
  expect((await host.store.query.group(gone))?.status).toBe('acknowledged');
  shown.delete('a');
  await until(async () => (await host.store.query.group(gone))?.status === 'resolved', 'the end');
  const { items } = await host.store.query.events(gone, { limit: 10 });
  expect(items.at(-1)).toMatchObject({ kind: 'resolved', actor: 'prod' });
  expect((await host.store.query.group(stays))?.status).toBe('acknowledged');
});

test('a look from before an alert says nothing of it', async () => {
  const { host, asked, acknowledge } = await watched();
  host.at(Date.now() - noon + 3_600_000);
  const group = await host.alert({ fingerprint: 'a' });
  await acknowledge(group);
  await until(() => asked.length > 4, 'some looks');
  expect((await host.store.query.group(group))?.status).toBe('acknowledged');
});

test('a look that fails counts for nothing, and so does the one before it', async () => {
  const { host, log, acknowledge, fail } = await watched();
  const group = await host.alert({ fingerprint: 'a' });
  fail(() => {
    throw new Error('no answer');
  });
  await acknowledge(group);
  await until(() => log.warnings.length > 2, 'warnings');
  expect((await host.store.query.group(group))?.status).toBe('acknowledged');
});
