import { expect } from 'vitest';
import { mostPosts } from '../../delivery.ts';
import { alert } from '../signals.ts';
import { attempt, type Checks, claim, everything, type StoreUnderTest, settlement } from './subject.ts';

const names = (count: number, start = 0) => Array.from({ length: count }, (_, index) => `group ${start + index}`);

async function fire({ store }: StoreUnderTest, groups: readonly string[], status: 'firing' | 'resolved' = 'firing') {
  await store.commit(groups.map((group) => alert(group, { group, status })));
}

/** Takes all that is due, says that it got there, and how many groups each message told of. */
async function tell(subject: StoreUnderTest, target = 'chat', ref?: string): Promise<number[]> {
  const messages: number[] = [];
  for (;;) {
    const due = await claim(subject, target, { most: 3 });
    if (due.length === 0) return messages;
    for (const one of due) {
      messages.push(1 + one.others.length);
      const all = [one, ...one.others.map((other) => ({ ...one, ...other }))];
      const digest = one.others.length > 0 ? { digest: one.group.id } : { ref };
      await subject.store.settle(all.map((each) => settlement(each, { outcome: 'delivered', ...digest }, { attempt })));
    }
  }
}

const single = Array<number>(mostPosts).fill(1);

export const digests: Checks = {
  'what is beyond those that an address is told singly goes out together, soon after': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await fire(subject, names(100));
    expect(await tell(subject)).toEqual(single);
    const held = (await store.query.deliveries({ target: 'chat' }, { limit: 1 })).items[0];
    expect(held).toMatchObject({ held: 'many at once', due: clock.now + 15_000 });
    clock.now += 15_000;
    expect(await tell(subject)).toEqual([80]);
    const tally = await store.query.tally();
    expect(tally).toMatchObject({ delivered: mostPosts, 'delivered.digest': 80, owed: 200, pending: 100 });
    const last = (await store.query.attempts({ target: 'chat' }, { limit: 1 })).items[0];
    expect(last).toMatchObject({ outcome: 'delivered', reason: expect.stringContaining('in one message with group') });
    expect(await tell(subject)).toEqual([]);
  },

  'so do those that end, and each is told of its end': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await fire(subject, names(30));
    await tell(subject);
    clock.now += 60_000;
    await tell(subject);
    clock.now += 60_000;
    await fire(subject, names(30), 'resolved');
    expect(await tell(subject)).toEqual(single);
    clock.now += 15_000;
    expect(await tell(subject)).toEqual([10]);
    expect(await store.query.tally()).toMatchObject({ owed: 120, 'delivered.digest': 20, delivered: 40, pending: 60 });
  },

  'what the target has a handle of ends by itself': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    for (const start of [0, mostPosts]) {
      await fire(subject, names(mostPosts, start));
      expect(await tell(subject, 'chat', 'ticket')).toEqual(single);
      clock.now += 60_000;
    }
    await fire(subject, names(2 * mostPosts), 'resolved');
    expect(await tell(subject)).toEqual([...single, ...single]);
  },

  'a target that is told every event is told each': async (subject) => {
    await subject.store.setRules(everything);
    await fire(subject, names(50));
    expect(await tell(subject, 'log')).toEqual(Array(50).fill(1));
  },

  'what comes minutes later is told singly': async (subject) => {
    await subject.store.setRules(everything);
    for (let minute = 0; minute < 3; minute++) {
      await fire(subject, names(15, 15 * minute));
      expect(await tell(subject)).toEqual(Array(15).fill(1));
      subject.clock.now += 60_000;
    }
  },

  'one address takes nothing from another': async (subject) => {
    const to = ['#a', '#b'].map((address) => ({ target: 'chat', address }));
    await subject.store.setRules({ ...everything, routes: [{ match: [], to }] });
    await fire(subject, names(20));
    expect(await tell(subject)).toEqual([...single, ...single]);
  },

  'a crash between them loses none, and tells none twice that was settled': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await fire(subject, names(40));
    expect(await tell(subject)).toEqual(single);
    await subject.reopen();
    await subject.store.setRules(everything);
    clock.now += 15_000;
    expect(await tell(subject)).toEqual([20]);
  },

  'what is no such post is told by itself': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await fire(subject, names(25));
    expect(await tell(subject)).toEqual(single);
    clock.now += 1_000;
    await store.commit([alert('more', { group: 'group 0' })]);
    clock.now += 60_000;
    expect(await tell(subject)).toEqual([5, 1]);
  },

  'a message about many that fails is tried again': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await fire(subject, names(40));
    await tell(subject);
    clock.now += 15_000;
    const [due] = await claim(subject, 'chat', { most: 1 });
    if (!due) throw new Error('nothing is due');
    const all = [due, ...due.others.map((other) => ({ ...due, ...other }))];
    await store.settle(all.map((each) => settlement(each, { outcome: 'retry', reason: 'HTTP 503' })));
    clock.now += 60_000;
    const told = (await tell(subject)).reduce((sum, count) => sum + count, 0);
    clock.now += 60_000;
    const later = (await tell(subject)).reduce((sum, count) => sum + count, 0);
    expect(told + later).toBe(20);
  },
};
