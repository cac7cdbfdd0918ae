import type { Due, SendResult, Settled, Store } from '@tocsin/engine';
import { expect, test, vi } from 'vitest';
import { Dispatcher, type DispatcherOptions } from '../src/deliver/dispatcher.ts';
import { until } from './support/until.ts';

// What is claimed is rendered while the claim becomes durable, and sent after it.

/** A host that is given one delivery; what it did is written down in order. */
function dispatch(durable: Promise<void>, fault?: Error, others: Due['others'] = []) {
  const done: string[] = [];
  const results: SendResult[] = [];
  const groups: string[] = [];
  const due = {
    delivery: { group: '1000', subscription: 'chat', target: 'chat', fence: 1, wording: null, mode: 'latest' },
    group: { id: '1000', source: 'prod' },
    event: { number: 1, kind: 'firing' },
    since: [],
    others,
    members: [],
    durable,
  } as unknown as Due; // as much of it as is looked at here
  const queue = [[due]];
  const options = {
    owner: 'host-1',
    troubles: { delivered() {}, notSent() {} },
    url: 'https://alerts.example.com',
    log: { info() {}, warn() {}, error() {} },
    registry: { targets: new Map([['chat', { integration: { definition: { limits: {} } } }]]) },
    pool: {
      run: async ({ kind, answers = [] }: { kind: string; answers?: unknown[] }) => {
        if (kind === 'titles') {
          done.push('titled');
          return { titles: [] };
        }
        if (fault) throw fault;
        if (answers.length > 0) return { request: null, problems: [] };
        done.push('rendered');
        return { request: { method: 'POST', url: 'https://chat.example.com' }, problems: [] };
      },
    },
    egress: {
      send: async () => {
        done.push('sent');
        return { response: { status: 200, headers: {}, body: '' } };
      },
    },
    vault: { show: (request: object) => request, mask: (text: string) => text.replaceAll('stand-in', '${env:HOOK}') },
    store: {
      claim: () => (queue.length > 0 ? Promise.resolve(queue.pop()) : new Promise(() => {})),
      settle: async (settled: Settled[]) => {
        results.push(...settled.map(({ result }) => result));
        groups.push(...settled.map(({ group }) => group));
      },
    } as unknown as Store,
  } as unknown as DispatcherOptions; // as much of it as the dispatcher looks at
  new Dispatcher(options).start();
  return { done, results, groups };
}

test('nothing is sent before its claim is durable', async () => {
  const claim = Promise.withResolvers<void>();
  const { done, results } = dispatch(claim.promise);
  await until(() => done.length > 0, 'rendered');
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual(['rendered']);
  claim.resolve();
  await until(() => results.length > 0, 'settled');
  expect(done).toEqual(['rendered', 'sent']);
  expect(results).toEqual([{ outcome: 'delivered' }]);
});

test('a claim that can’t be made durable sends nothing', async () => {
  const { done, results } = dispatch(Promise.reject(new Error('no disk')));
  await until(() => results.length > 0, 'settled');
  expect(done).toEqual(['rendered']);
  expect(results).toEqual([{ outcome: 'released' }]);
});

test('what a target throws tells no setting', async () => {
  const { results } = dispatch(Promise.resolve(), new Error('no channel in stand-in/hook'));
  await until(() => results.length > 0, 'settled');
  expect(results).toEqual([{ outcome: 'refused', reason: 'no channel in ${env:HOOK}/hook' }]);
});

test('many groups are one message, and each of them is settled by it', async () => {
  const group = { id: '1001', source: 'prod', severity: 'warning', startedAt: 0 };
  const other = {
    delivery: { group: '1001', subscription: 'chat', fence: 1 },
    group,
    event: { number: 1 },
    telling: 'firing',
    since: [],
    members: [],
  };
  const { done, results, groups } = dispatch(Promise.resolve(), undefined, [other as unknown as Due['others'][number]]);
  await until(() => results.length === 2, 'settled');
  expect(done).toEqual(['titled', 'rendered', 'sent']);
  expect(groups).toEqual(['1000', '1001']);
  expect(results).toEqual(Array(2).fill({ outcome: 'delivered', digest: '1000' }));
});

test('a lane that closes while its only send ends is asked again when it opens', async () => {
  vi.useFakeTimers();
  try {
    const asked: number[] = [];
    let sends = 0;
    let waiting: ((due: Due[]) => void) | undefined;
    const one = {
      delivery: { group: '1000', subscription: 'chat', target: 'chat', fence: 1, wording: null, mode: 'latest' },
      group: { id: '1000', source: 'prod' },
      event: { number: 1, kind: 'firing' },
      since: [],
      others: [],
      members: [],
      durable: Promise.resolve(),
    } as unknown as Due; // as much of it as is looked at here
    const options = {
      owner: 'host-1',
      troubles: { delivered() {}, notSent() {} },
      url: 'https://alerts.example.com',
      log: { info() {}, warn() {}, error() {} },
      registry: { targets: new Map([['chat', { integration: { definition: { limits: { concurrency: 1 } } } }]]) },
      pool: {
        run: async ({ answers = [] }: { answers?: unknown[] }) => ({
          request: answers.length > 0 ? null : { method: 'POST', url: 'https://chat.example.com' },
          problems: [],
        }),
      },
      // Five fail, and the one that was claimed ahead; then the one that tries whether it is well again.
      egress: { send: async () => ({ response: { status: ++sends <= 7 ? 503 : 200, headers: {}, body: '' } }) },
      vault: { show: (request: object) => request, mask: (text: string) => text },
      store: {
        claim: (lanes: { most: number }[]) => {
          waiting?.([]);
          if (lanes.length === 0) return Promise.resolve([]);
          const most = lanes[0]?.most ?? 0;
          asked.push(most);
          if (most > 0 && sends < 9) return Promise.resolve([one]);
          return new Promise<Due[]>((resolve) => {
            waiting = resolve;
          });
        },
        settle: async () => {},
        hurry: async () => {},
      } as unknown as Store,
    } as unknown as DispatcherOptions; // as much of it as the dispatcher looks at
    const dispatcher = new Dispatcher(options);
    dispatcher.start();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(sends).toBe(6);
    await vi.advanceTimersByTimeAsync(200);
    expect(sends).toBe(7);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(sends).toBe(7);
    await vi.advanceTimersByTimeAsync(600);
    expect(sends).toBeGreaterThan(7);
    await dispatcher.stop(0);
  } finally {
    vi.useRealTimers();
  }
});
