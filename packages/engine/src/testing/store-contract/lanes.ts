import { expect } from 'vitest';
import { longestPause, type SendResult } from '../../delivery.ts';
import type { Rules } from '../../types.ts';
import { alert } from '../signals.ts';
import {
  attempt,
  beginning,
  type Checks,
  claim,
  deliver,
  everything,
  type StoreUnderTest,
  settlement,
} from './subject.ts';

const second = 1_000;

/** Two groups, of which the first is claimed and ends so. */
async function ended(subject: StoreUnderTest, result: SendResult, rules: Rules = everything): Promise<void> {
  const { store } = subject;
  await store.setRules(rules);
  await store.commit([alert('a'), alert('b', { group: 'cpu' })]);
  const due = await claim(subject, 'chat', { most: 1 });
  await store.settle(due.map((one) => settlement(one, result, { attempt })));
}

const gone: SendResult = { outcome: 'disabled', reason: 'HTTP 410' };
const busy = (after: number): SendResult => ({ outcome: 'retry', reason: 'HTTP 429', after, pausesLane: true });

/** What the rules say of the target’s settings. */
function configured(config: string): Rules {
  return { ...everything, version: config, targets: { ...everything.targets, chat: { mode: 'latest', config } } };
}

export const lanes: Checks = {
  'a target that asks for a pause gets nothing before, and then everything': async (subject) => {
    const { store, clock } = subject;
    await ended(subject, busy(30 * second));
    expect(await store.query.lanes()).toEqual([
      { target: 'chat', pausedUntil: beginning + 30 * second, disabled: null },
    ]);
    clock.now += 30 * second - 1;
    expect(await claim(subject)).toEqual([]);
    expect(await claim(subject, 'log')).toHaveLength(2);
    clock.now += 1;
    expect(await claim(subject)).toHaveLength(2);
  },

  'a claim waits for the end of a pause': async (subject) => {
    await ended(subject, busy(5 * second));
    const patient = claim(subject, 'chat', { patience: 10_000 });
    subject.clock.now += 5 * second;
    expect(await patient).toHaveLength(2);
  },

  'a pause outlasts the store’s end, and the longer of two counts': async (subject) => {
    await ended(subject, busy(60 * second));
    await subject.reopen();
    await subject.store.setRules(everything);
    subject.clock.now += 59 * second;
    expect(await claim(subject)).toEqual([]);
    subject.clock.now += second;
    const [one, other] = await claim(subject);
    if (!one || !other) throw new Error('two are due');
    await subject.store.settle([settlement(one, busy(60 * second)), settlement(other, busy(second))]);
    subject.clock.now += 59 * second;
    expect(await claim(subject)).toEqual([]);
  },

  'nobody pauses for longer than the longest pause': async (subject) => {
    await ended(subject, busy(1000 * longestPause));
    subject.clock.now += longestPause;
    expect(await claim(subject)).toHaveLength(2);
  },

  'another try asked for without a pause holds only itself': async (subject) => {
    await ended(subject, { outcome: 'retry', reason: 'HTTP 503', after: 60 * second });
    expect(await claim(subject)).toHaveLength(1);
  },

  'a target that is no more gets nothing, and loses nothing': async (subject) => {
    const { store, clock } = subject;
    await ended(subject, gone);
    clock.now += 4 * longestPause;
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('c', { group: 'load' })]);
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.lanes()).toEqual([
      { target: 'chat', pausedUntil: null, disabled: { reason: 'HTTP 410', at: beginning } },
    ]);
    expect(await store.query.tally()).toMatchObject({ owed: 6, pending: 6 });
    expect((await store.query.attempts({ target: 'chat' }, { limit: 5 })).items).toMatchObject([
      { outcome: 'disabled' },
    ]);
    expect(await store.enable('chat')).toBe(true);
    expect(await store.enable('chat')).toBe(false);
    expect(await deliver(subject)).toHaveLength(3);
  },

  'a target that is no more stays so over a restart, until its settings are others': async (subject) => {
    await ended(subject, gone, configured('old'));
    await subject.reopen();
    await subject.store.setRules(configured('old'));
    expect(await claim(subject)).toEqual([]);
    await subject.store.setRules(configured('new'));
    expect(await subject.store.query.lanes()).toEqual([]);
    expect(await deliver(subject)).toHaveLength(2);
  },

  'what was tried in vain is due at once where its target is well again': async (subject) => {
    const { store, clock } = subject;
    await ended(subject, { outcome: 'retry', reason: 'HTTP 503' });
    const others = await claim(subject, 'log');
    await store.settle(others.map((one) => settlement(one, { outcome: 'retry', reason: 'HTTP 503' })));
    await deliver(subject);
    expect(await claim(subject)).toEqual([]);
    const patient = claim(subject, 'chat', { patience: 10_000 });
    await store.hurry('chat');
    expect(await patient).toMatchObject([{ delivery: { attempt: 1 } }]);
    expect(await claim(subject, 'log')).toEqual([]);
    clock.now += 2_000;
    expect(await claim(subject, 'log')).toHaveLength(2);
  },

  'a claim that waits hears that a target is enabled': async (subject) => {
    await ended(subject, gone);
    const patient = claim(subject, 'chat', { patience: 10_000 });
    await subject.store.enable('chat');
    expect(await patient).toHaveLength(2);
  },
};
