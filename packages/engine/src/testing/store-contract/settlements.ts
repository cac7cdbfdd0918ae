import { expect } from 'vitest';
import type { SendResult } from '../../delivery.ts';
import type { Due } from '../../store.ts';
import { alert } from '../signals.ts';
import {
  attempt,
  type Checks,
  claim,
  deliver,
  everything,
  expectRejection,
  type StoreUnderTest,
  settlement,
} from './subject.ts';

const retry: SendResult = { outcome: 'retry', reason: 'HTTP 503' };

/** One group that `chat` has to hear of, claimed. */
async function claimed(subject: StoreUnderTest): Promise<Due> {
  await subject.store.setRules(everything);
  await subject.store.commit([alert('a')]);
  const [due] = await claim(subject);
  if (!due) throw new Error('nothing is due');
  return due;
}

/** The first that there was. */
async function deliveryOf({ store }: StoreUnderTest) {
  return (await store.query.deliveries({ target: 'chat' }, { limit: 200 })).items.at(-1);
}

export const settlements: Checks = {
  'write down a success with its attempt, and owe nothing more': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([settlement(due, { outcome: 'delivered', ref: 'ts-1' }, { attempt })]);
    const told = {
      cursor: 1,
      toldStatus: 'firing',
      toldAt: subject.clock.now,
      ref: 'ts-1',
      due: null,
      leaseUntil: null,
    };
    expect(await deliveryOf(subject)).toMatchObject(told);
    expect((await subject.store.query.attempts({ target: 'chat' }, { limit: 5 })).items).toMatchObject([
      { ...attempt, outcome: 'delivered', reason: null, group: due.group.id, subscription: 'chat', event: 1 },
    ]);
    subject.clock.now += 3_600_000;
    expect(await claim(subject)).toEqual([]);
  },

  'of an older claim change nothing': async (subject) => {
    const due = await claimed(subject);
    subject.clock.now += 60_000;
    const [again] = await claim(subject);
    const before = await deliveryOf(subject);
    for (const result of [{ outcome: 'delivered' }, { outcome: 'refused', reason: 'no' }, retry] as const) {
      await subject.store.settle([settlement(due, result, { attempt })]);
    }
    expect(await deliveryOf(subject)).toEqual(before);
    expect((await subject.store.query.attempts({}, { limit: 5 })).items).toEqual([]);
    if (again) await subject.store.settle([settlement(again, { outcome: 'delivered' })]);
    expect(await deliveryOf(subject)).toMatchObject({ toldStatus: 'firing' });
    if (again) await subject.store.settle([settlement(again, retry)]);
    expect(await deliveryOf(subject)).toMatchObject({ attempt: 0, due: null });
  },

  'of what the store doesn’t know change nothing': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([
      settlement(due, { outcome: 'delivered' }, { group: 'zzzz' }),
      settlement(due, { outcome: 'delivered' }, { subscription: 'nobody' }),
    ]);
    expect(await deliveryOf(subject)).toMatchObject({ toldStatus: null, claims: 1 });
  },

  'release a claim as if it had never been': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([settlement(due, { outcome: 'released' })]);
    expect(await deliveryOf(subject)).toMatchObject({ claims: 0, attempt: 0, leaseUntil: null });
    expect(await claim(subject)).toMatchObject([{ delivery: { claims: 1, fence: 2 } }]);
  },

  'put a retry off, by the backoff or as long as the target asks': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([settlement(due, retry, { attempt })]);
    const failed = { attempt: 1, claims: 0, failingSince: subject.clock.now, due: subject.clock.now + 1000 };
    expect(await deliveryOf(subject)).toMatchObject(failed);
    await subject.store.commit([alert('b', { group: 'cpu' })]);
    expect(await claim(subject)).toMatchObject([{ group: { key: 'cpu' } }]);
    subject.clock.now += 1000;
    const [again] = await claim(subject);
    if (again) await subject.store.settle([settlement(again, { ...retry, after: 90_000 }, { attempt })]);
    expect(await deliveryOf(subject)).toMatchObject({ attempt: 2, due: subject.clock.now + 90_000 });
    const attempts = (await subject.store.query.attempts({}, { limit: 5 })).items;
    expect(attempts.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(['retry HTTP 503', 'retry HTTP 503']);
  },

  'a refusal moves on to what comes next': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([settlement(due, { outcome: 'refused', reason: 'no_service' })]);
    expect(await deliveryOf(subject)).toMatchObject({ dead: 'no_service', due: null, cursor: 1, toldStatus: null });
    expect(await subject.store.query.tally()).toMatchObject({ 'dead.refused': 1 });
    await subject.store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'resolved' } }]);
  },

  'given up after three days': async (subject) => {
    const due = await claimed(subject);
    await subject.store.settle([settlement(due, retry)]);
    subject.clock.now += 72 * 3_600_000;
    const [again] = await claim(subject);
    if (again) await subject.store.settle([settlement(again, retry, { attempt })]);
    expect(await deliveryOf(subject)).toMatchObject({ dead: 'HTTP 503', due: null, cursor: 1 });
    expect(await subject.store.query.tally()).toMatchObject({ 'dead.expired': 1 });
    expect((await subject.store.query.attempts({}, { limit: 1 })).items).toMatchObject([{ outcome: 'refused' }]);
  },

  'of what came meanwhile: it is due next': async (subject) => {
    const due = await claimed(subject);
    await subject.store.commit([alert('a', { status: 'acknowledged' })]);
    expect(await claim(subject)).toEqual([]);
    await subject.store.settle([settlement(due, { outcome: 'delivered' })]);
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'acknowledged' }, cursor: 2 }]);
  },

  'wake a patient claim for what they make due': async (subject) => {
    const due = await claimed(subject);
    await subject.store.commit([alert('a', { status: 'acknowledged' })]);
    const patient = claim(subject, 'chat', { patience: 10_000 });
    await subject.store.settle([settlement(due, { outcome: 'delivered' })]);
    expect(await patient).toMatchObject([{ event: { kind: 'acknowledged' } }]);
  },

  'that can’t be stored harm nobody else': async (subject) => {
    const due = await claimed(subject);
    await subject.store.commit([alert('b', { group: 'cpu' })]);
    const [other] = await claim(subject);
    if (!other) throw new Error('nothing is due');
    const unstorable = settlement(due, { outcome: 'delivered' }, { attempt: { ...attempt, startedAt: Number.NaN } });
    const [bad, good, commit] = await Promise.allSettled([
      subject.store.settle([unstorable]),
      subject.store.settle([settlement(other, { outcome: 'delivered' })]),
      subject.store.commit([alert('c')]),
    ]);
    expect([bad.status, good.status, commit.status]).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await subject.store.query.tally()).toMatchObject({ received: 3, grouped: 3, delivered: 1 });
    await expectRejection(subject.store.settle([unstorable]), 'store-data');
    const { items } = await subject.store.query.deliveries({ target: 'chat' }, { limit: 5 });
    expect(items.map(({ toldStatus }) => toldStatus).sort()).toEqual(['firing', null]);
    subject.clock.now += 60_000;
    expect(await deliver(subject)).toMatchObject([{ delivery: { claims: 2 } }]);
  },
};
