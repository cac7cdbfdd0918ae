import { expect } from 'vitest';
import type { SendResult } from '../../delivery.ts';
import { alert } from '../signals.ts';
import { all, type Checks, claim, deliver, everything, type StoreUnderTest, settlement } from './subject.ts';

const refused = (reason: string): SendResult => ({ outcome: 'refused', reason });

/** Everything that is due for a target is given up. */
async function refuse(subject: StoreUnderTest, target: string, reason = 'HTTP 404: not here'): Promise<number> {
  const due = await claim(subject, target);
  await subject.store.settle(due.map((one) => settlement(one, refused(reason))));
  return due.length;
}

/** A group that fired, was told, and whose end was refused by both targets, each in its way. */
async function buried(subject: StoreUnderTest): Promise<void> {
  const { store, clock } = subject;
  await store.setRules(everything);
  await store.commit([alert('a')]);
  await deliver(subject);
  await refuse(subject, 'log');
  clock.now += 1000;
  await store.commit([alert('a', { status: 'resolved' })]);
  await refuse(subject, 'chat', 'no_service: the webhook was removed');
  await refuse(subject, 'log');
}

export const deadLetters: Checks = {
  'are kept with their cause, and counted by it': async (subject) => {
    const { store, clock } = subject;
    await buried(subject);
    const letters = await all((page) => store.query.deadLetters({}, page), 2);
    expect(letters.map(({ target, event, cause }) => `${target} ${event} ${cause}`)).toEqual([
      'log 2 HTTP 404',
      'chat 2 no_service',
      'log 1 HTTP 404',
    ]);
    expect(letters[1]).toMatchObject({ reason: 'no_service: the webhook was removed', at: clock.now, retriedAt: null });
    expect(await store.query.deadCauses({})).toEqual([
      { target: 'log', cause: 'HTTP 404', count: 2, first: clock.now - 1000, last: clock.now },
      { target: 'chat', cause: 'no_service', count: 1, first: clock.now, last: clock.now },
    ]);
    expect(await store.query.deadCauses({ target: 'chat' })).toHaveLength(1);
    for (const filter of [{ target: 'log' }, { cause: 'HTTP 404' }, { from: 1, to: 2 }]) {
      expect((await store.query.deadLetters(filter, { limit: 10 })).items).toHaveLength(2);
    }
  },

  'of a target that is told the newest state are that state, once': async (subject) => {
    const { store } = subject;
    await buried(subject);
    expect(await store.retry({ target: 'chat' })).toBe(1);
    expect(await store.retry({ target: 'chat' })).toBe(0);
    const due = await deliver(subject);
    expect(due).toMatchObject([{ event: { kind: 'resolved', number: 2 }, telling: 'resolved', isReplay: false }]);
    expect(await deliver(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ owed: 5, delivered: 2, 'dead.refused': 3, pending: 0 });
    expect(await store.query.deadLetters({ target: 'chat' }, { limit: 5 })).toMatchObject({ items: [] });
    const known = await store.query.deadLetters({ target: 'chat', all: true }, { limit: 5 });
    expect(known.items).toMatchObject([{ retriedAt: subject.clock.now }]);
  },

  'of a target that is told every event are those events, in their order, and change nothing else': async (subject) => {
    const { store } = subject;
    await buried(subject);
    const before = (await store.query.deliveries({ target: 'log' }, { limit: 1 })).items[0];
    expect(await store.retry({ cause: 'HTTP 404' })).toBe(2);
    expect(await store.query.tally()).toMatchObject({ owed: 6, pending: 2 });
    expect(await deliver(subject, 'log')).toMatchObject([
      { event: { kind: 'firing', number: 1 }, since: [{ number: 1 }], isReplay: true, lead: { status: 'firing' } },
    ]);
    expect(await deliver(subject, 'log')).toMatchObject([{ event: { kind: 'resolved', number: 2 }, isReplay: true }]);
    expect(await deliver(subject, 'log')).toEqual([]);
    const after = (await store.query.deliveries({ target: 'log' }, { limit: 1 })).items[0];
    expect(after).toMatchObject({
      toldStatus: before?.toldStatus,
      toldAt: before?.toldAt,
      cursor: 2,
      due: null,
      dead: null,
    });
    expect(await store.query.tally()).toMatchObject({ owed: 6, delivered: 3, pending: 0 });
  },

  'that are told again outlast the store’s end, are retried, and may be given up again': async (subject) => {
    await buried(subject);
    const [letter] = (await subject.store.query.deadLetters({ target: 'log' }, { limit: 5 })).items;
    expect(await subject.store.retry({ from: letter?.id ?? 0, to: letter?.id ?? 0 })).toBe(1);
    await subject.reopen();
    await subject.store.setRules(everything);
    const due = await claim(subject, 'log');
    await subject.store.settle(due.map((one) => settlement(one, { outcome: 'retry', reason: 'HTTP 503' })));
    subject.clock.now += 2_000;
    expect(await refuse(subject, 'log', 'HTTP 410')).toBe(1);
    expect((await subject.store.query.deadCauses({ target: 'log' })).map(({ cause }) => cause)).toEqual([
      'HTTP 404',
      'HTTP 410',
    ]);
    expect(await subject.store.query.tally()).toMatchObject({ owed: 5, 'dead.refused': 4, pending: 0 });
  },

  'of a target that is gone stay where they are': async (subject) => {
    const { store } = subject;
    await buried(subject);
    const { log: _, ...targets } = everything.targets;
    await store.setRules({ ...everything, version: '2', targets, routes: [] });
    expect(await store.retry({ target: 'log' })).toBe(0);
    expect((await store.query.deadLetters({ target: 'log' }, { limit: 5 })).items).toHaveLength(2);
  },

  'that were to be told again are cancelled with their target': async (subject) => {
    const { store } = subject;
    await buried(subject);
    await store.retry({ target: 'log' });
    const { log: _, ...targets } = everything.targets;
    await store.setRules({ ...everything, version: '2', targets, routes: [] });
    expect(await store.query.tally()).toMatchObject({ owed: 6, cancelled: 2, pending: 0 });
  },
};
