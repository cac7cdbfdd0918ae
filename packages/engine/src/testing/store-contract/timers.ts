import { expect } from 'vitest';
import type { AlertSignal } from '../../types.ts';
import { alert } from '../signals.ts';
import { all, type Checks, claim, everything, type StoreUnderTest } from './subject.ts';

const hour = 3_600_000;

/** A word of a source that is well, and will be heard of again within an hour. */
function word(fingerprint: string, more: Partial<AlertSignal> = {}): AlertSignal {
  return alert(fingerprint, { status: 'resolved', group: fingerprint, next: hour, ...more });
}

/** The events so far, the oldest group's first. */
async function told(subject: StoreUnderTest): Promise<string[]> {
  await claim(subject, 'nobody');
  const groups = await all((page) => subject.store.query.groups({}, page));
  const logs = groups.reverse().map(({ id }) => all((page) => subject.store.query.events(id, page)));
  return (await Promise.all(logs)).flat().map(({ kind, actor }) => (actor ? `${kind} by ${actor}` : kind));
}

export const timers: Checks = {
  'raises what a source is silent about for too long, and resolves it at its next word': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    expect(await store.commit([word('a', { data: '{"job":"backup"}' })])).toMatchObject([{ reason: 'orphan' }]);
    clock.now += hour - 1;
    expect(await told(subject)).toEqual([]);
    const patient = claim(subject, 'chat', { patience: 10_000 });
    clock.now += 1;
    expect(await patient).toMatchObject([
      {
        event: { kind: 'firing', actor: 'timeout', at: clock.now },
        lead: { fingerprint: 'a', data: '{"job":"backup"}', startedAt: clock.now - hour },
      },
    ]);
    clock.now += 10 * hour;
    expect(await told(subject)).toEqual(['firing by timeout']);
    expect(await store.commit([word('a')])).toMatchObject([{ result: 'grouped', status: 'resolved' }]);
    clock.now += hour;
    expect(await told(subject)).toEqual(['firing by timeout', 'resolved', 'firing by timeout']);
    expect(await store.query.tally()).toMatchObject({ received: 2, grouped: 1, 'ignored.orphan': 1 });
  },

  'takes a word in the very moment for one in time': async (subject) => {
    const { store, clock } = subject;
    await store.commit([word('a')]);
    clock.now += hour;
    await store.commit([word('a')]);
    expect(await told(subject)).toEqual([]);
    clock.now += hour - 1;
    expect(await told(subject)).toEqual([]);
    clock.now += 1;
    expect(await told(subject)).toEqual(['firing by timeout']);
  },

  'waits for nothing when the source says so': async (subject) => {
    await subject.store.commit([word('a')]);
    await subject.store.commit([word('a', { next: 0 })]);
    subject.clock.now += 2 * hour;
    expect(await told(subject)).toEqual([]);
  },

  'waits on across a restart': async (subject) => {
    await subject.store.commit([word('a')]);
    subject.clock.now += hour - 1;
    await subject.reopen();
    expect(await told(subject)).toEqual([]);
    subject.clock.now += 1;
    expect(await told(subject)).toEqual(['firing by timeout']);
    await subject.reopen();
    expect(await told(subject)).toEqual(['firing by timeout']);
  },

  'gives a silence that ended while nobody could hear one fresh period': async (subject) => {
    const { store, clock } = subject;
    await store.commit([word('a'), word('b', { next: 5 * hour })]);
    await store.close();
    clock.now += 4 * hour;
    await subject.reopen();
    expect(await told(subject)).toEqual([]);
    clock.now += hour - 1;
    expect(await told(subject)).toEqual([]);
    clock.now += 1;
    // `b` was not due while the store was away, and keeps its time.
    expect(await told(subject)).toEqual(['firing by timeout', 'firing by timeout']);
    const [last] = (await subject.store.query.groups({}, { limit: 1 })).items;
    const [member] = (await subject.store.query.members(last?.id ?? '', { limit: 1 })).items;
    expect(member?.startedAt).toBe(clock.now - 5 * hour);
  },

  'drops a silence that can’t be stored, and keeps nobody waiting for it': async (subject) => {
    const { store, clock } = subject;
    await store.commit([word('a', { group: 'x'.repeat(600) }), word('b')]);
    clock.now += hour;
    expect(await store.commit([alert('c')])).toMatchObject([{ result: 'grouped' }]);
    expect((await told(subject)).sort()).toEqual(['firing', 'firing by timeout']);
  },

  'raises 3,000 silences that end together, and is not slower by 10,000 that wait': async (subject) => {
    const { store, clock } = subject;
    // The quickest of several, so that it says little of whatever else the machine does.
    const time = async () => {
      const rounds: number[] = [];
      for (let round = 0; round < 20; round++) {
        const started = performance.now();
        await store.commit([alert('a', { at: ++clock.now })]);
        rounds.push(performance.now() - started);
      }
      return Math.min(...rounds);
    };
    const without = await time();
    const waiting = Array.from({ length: 10_000 }, (_, index) =>
      word(`m${index}`, { next: index < 3000 ? hour : 9 * hour }),
    );
    await store.commit(waiting);
    expect(await time()).toBeLessThan(5 * without + 5);
    clock.now += hour;
    // Each look takes some, so that none takes long.
    for (let look = 0; look < 5; look++) await claim(subject, 'nobody');
    const groups = await all((page) => store.query.groups({ status: 'firing' }, page));
    expect(groups).toHaveLength(3001);
  },
};
