import { type AlertStatus, alertStatuses, type Severity } from '@tocsin/core/base';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { SendResult } from '../../delivery.ts';
import type { To } from '../../routing.ts';
import type { Action } from '../../store.ts';
import type { Rules, Signal } from '../../types.ts';
import { act, alert } from '../signals.ts';
import { all, type Checks, claim, everything, type StoreUnderTest, settlement } from './subject.ts';

const tos: (Omit<To, 'address'> & { match: string })[] = [
  { target: 'chat', match: 'info', repeat: 60_000, escalation: { after: 30_000, while: 'firing' } },
  { target: 'chat', match: 'critical', events: ['resolved'] },
  { target: 'chat', match: 'warning', events: ['firing', 'updated'], wait: 30_000 },
  { target: 'log', match: 'critical', repeat: 400_000 },
  { target: 'log', match: 'warning', events: ['firing', 'resolved'], wait: 30_000 },
];

const rules: Rules = {
  ...everything,
  routes: tos.map(({ match, ...to }) => ({
    match: [{ name: 'tocsin_severity', op: '=' as const, value: match }],
    continue: true,
    to: [to],
  })),
};
const { log: _, ...withoutLog } = rules.targets;

function rulesOf(source: string): Rules {
  return { ...rules, sources: { [source]: { onNewMember: 'keep' } } };
}

const pick = <Choice>(...choices: Choice[]) => fc.constantFrom(...choices);

const signal = fc.record({
  fingerprint: pick('a', 'b', 'c'),
  key: pick('disk', 'cpu'),
  status: pick<AlertStatus>('firing', 'firing', 'firing', 'resolved', 'resolved', ...alertStatuses),
  severity: pick<Severity>('critical', 'warning', 'info'),
  deliveryId: pick(undefined, undefined, '1', '2'),
});

const results: SendResult[] = [
  { outcome: 'delivered' },
  { outcome: 'delivered' },
  { outcome: 'retry', reason: '503' },
  { outcome: 'retry', reason: 'later', after: 400_000_000 },
  { outcome: 'retry', reason: '429', after: 30_000, pausesLane: true },
  { outcome: 'disabled', reason: '410' },
  { outcome: 'refused', reason: 'no' },
  { outcome: 'released' },
];

const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(signal, { minLength: 1, maxLength: 4 }).map((signals) => ({ signals })) },
  {
    weight: 1,
    arbitrary: pick<Action>('resolve', 'acknowledge', 'silence', 'unsilence').map((action) => ({ action })),
  },
  { weight: 1, arbitrary: fc.constant({ rejection: true }) },
  { weight: 1, arbitrary: pick('chat', 'log').map((enabled) => ({ enabled })) },
  { weight: 1, arbitrary: pick('chat', 'log').map((retried) => ({ retried })) },
  { weight: 3, arbitrary: pick(1000, 31_000, 400_000, 90_000_000).map((pause) => ({ pause })) },
  {
    weight: 5,
    arbitrary: fc.record({ target: pick('chat', 'log'), result: pick<SendResult | 'crash'>(...results, 'crash') }),
  },
  { weight: 1, arbitrary: pick(rules, { ...rules, targets: withoutLog }).map((next) => ({ rules: next })) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

export const accounting: Checks = {
  'owes nobody a quiet event': async ({ store }) => {
    await store.setRules({ ...everything, sources: { prod: { onNewMember: 'keep' } } });
    await store.commit([alert('a'), alert('a', { status: 'acknowledged' }), alert('b')]);
    expect(await store.query.tally()).toMatchObject({ owed: 4, pending: 4 });
  },

  'adds up, whatever happened': async (subject) => {
    let run = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), async (steps) => {
      // Each run has a source of its own in the same store: the sums are over all of them.
      const source = `source ${run++}`;
      await subject.store.setRules(rulesOf(source));
      for (const one of steps) await take(subject, source, one);
      await expectSums(subject);
    });
    await fc.assert(property, { numRuns: 24, endOnFailure: true });
    expect((await subject.store.query.tally()).pending).toBe(await countPending(subject));
  },
};

async function take(subject: StoreUnderTest, source: string, one: Step): Promise<void> {
  const { store, clock } = subject;
  if ('signals' in one) {
    await store.commit(
      one.signals.map(({ fingerprint, key, ...more }): Signal => alert(fingerprint, { source, group: key, ...more })),
    );
  } else if ('rejection' in one) {
    await store.commit([{ kind: 'request', source, reason: 'no', path: '', body: '', contentType: '' }]);
  } else if ('enabled' in one) await store.enable(one.enabled);
  else if ('retried' in one) await store.retry({ target: one.retried });
  else if ('pause' in one) clock.now += one.pause;
  else if ('rules' in one) await store.setRules({ ...rulesOf(source), targets: one.rules.targets });
  else if ('action' in one) {
    const [newest] = (await store.query.groups({ source }, { limit: 1 })).items;
    const until = clock.now + 60_000;
    if (newest) await store.commit([act(newest.id, one.action, { until })]);
  } else {
    const due = await claim(subject, one.target, { most: 3 });
    const { result } = one;
    if (result !== 'crash') await store.settle(due.map((each) => settlement(each, result)));
  }
}

async function expectSums({ store }: StoreUnderTest): Promise<void> {
  const tally = await store.query.tally();
  const sum = (...names: string[]) =>
    Object.entries(tally)
      .filter(([name]) => names.some((start) => name === start || name.startsWith(`${start}.`)))
      .reduce((total, [, count]) => total + count, 0);
  expect(sum('received')).toBe(sum('grouped', 'ignored', 'rejected'));
  expect(sum('owed')).toBe(sum('delivered', 'pending', 'superseded', 'suppressed', 'dead', 'cancelled'));
}

/** What is owed and not settled, counted event by event. */
async function countPending({ store }: StoreUnderTest): Promise<number> {
  let pending = 0;
  for (const { group, cursor, events, due, replays } of await all((page) => store.query.deliveries({}, page))) {
    const after = await all((page) => store.query.events(group, { ...page, after: page.after ?? String(cursor) }));
    const owed = after.filter(({ kind, quiet }) => !quiet && events.includes(kind)).length;
    expect(due !== null || owed + replays.length === 0).toBe(true);
    pending += owed + replays.length;
  }
  return pending;
}
