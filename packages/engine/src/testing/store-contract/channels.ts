import { expect } from 'vitest';
import { parseMatchers } from '../../matcher-parser.ts';
import type { EventKind, Rules } from '../../types.ts';
import { act, alert } from '../signals.ts';
import {
  attempt,
  type Checks,
  claim,
  deliver,
  everything,
  groupOf,
  type StoreUnderTest,
  settlement,
} from './subject.ts';

interface Given {
  match?: string;
  target?: string;
  events?: EventKind[];
  name?: string;
}

/** The channel `storage` with one subscription, and a route that tells `log`. */
function rules(...channels: Given[]): Rules {
  return {
    ...everything,
    version: JSON.stringify(channels),
    routes: [{ match: [], to: [{ target: 'log' }] }],
    channels: channels.map(({ match = '', target = 'chat', events, name = 'on call' }) => ({
      id: 'storage',
      match: parseMatchers(match),
      subscriptions: [{ name, target, ...(events ? { events } : {}) }],
    })),
  };
}

async function sum(store: StoreUnderTest['store']): Promise<{ owed: number; ended: number }> {
  const { owed = 0, ...others } = await store.query.tally();
  const ended = Object.entries(others)
    .filter(([name]) => /^(delivered|pending|superseded|suppressed|dead|cancelled)/.test(name))
    .reduce((total, [, count]) => total + count, 0);
  return { owed, ended };
}

export const channels: Checks = {
  'tell what their matchers take, beside the routes': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({ match: 'team="storage"' }));
    await store.commit([alert('a', { labels: { team: 'storage' } }), alert('b', { group: 'cpu' })]);
    expect(await claim(subject)).toMatchObject([
      { delivery: { subscription: 'storage/on call: chat', channel: 'storage/on call' }, group: { key: 'disk' } },
    ]);
    expect(await claim(subject, 'log')).toHaveLength(2);
  },

  'tell the same target for each of them, and for a route': async (subject) => {
    const { store } = subject;
    const { channels: [one] = [], ...rest } = rules({ target: 'log' });
    await store.setRules({ ...rest, channels: one ? [one, { ...one, id: 'noc' }] : [] });
    await store.commit([alert('a')]);
    const told = (await claim(subject, 'log')).map(({ delivery }) => delivery.subscription);
    expect(told.toSorted()).toEqual(['log', 'noc/on call: log', 'storage/on call: log']);
  },

  'that are removed stop what was queued, and what was being sent, counted': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    await store.commit(['a', 'b', 'c', 'd', 'e'].map((name) => alert(name, { group: name })));
    const [sent] = await claim(subject, 'chat', { most: 1 });
    await store.setRules(rules());
    if (sent) await store.settle([settlement(sent, { outcome: 'delivered' })]);
    await store.commit([alert('a', { group: 'a', status: 'resolved' })]);
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ cancelled: 5, owed: 11, pending: 6 });
    expect(await sum(store)).toEqual({ owed: 11, ended: 11 });
  },

  'that are made again tell from the next event on': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    await store.commit([alert('a')]);
    await store.setRules(rules());
    await store.setRules(rules({}));
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toMatchObject([{ since: [{ kind: 'resolved' }] }]);
  },

  'whose events change act from the next event on': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({ events: ['firing', 'acknowledged'] }));
    const [outcome] = await store.commit([alert('a')]);
    const id = groupOf(outcome);
    await deliver(subject);
    await store.commit([act(id, 'silence', { until: subject.clock.now + 60_000 }), act(id, 'unsilence')]);
    await store.setRules(rules({ events: ['unsilenced', 'unacknowledged'] }));
    await store.commit([act(id, 'acknowledge')]);
    expect(await claim(subject)).toEqual([]);
    await store.commit([act(id, 'unacknowledge')]);
    expect(await claim(subject)).toMatchObject([{ since: [{ kind: 'unacknowledged' }] }]);
    const { owed, ended } = await sum(store);
    expect(ended).toBe(owed);
  },

  'whose events change owe no more what they don’t want': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    const [outcome] = await store.commit([alert('a')]);
    await store.commit([act(groupOf(outcome), 'acknowledge')]);
    await store.setRules(rules({ events: ['acknowledged'] }));
    expect(await store.query.tally()).toMatchObject({ cancelled: 1 });
    expect(await claim(subject)).toMatchObject([{ since: [{ kind: 'acknowledged' }] }]);
    const { owed, ended } = await sum(store);
    expect(ended).toBe(owed);
  },

  'that tell another target from now on tell the old one nothing more': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    await store.commit([alert('a')]);
    await store.setRules(rules({ target: 'log' }));
    await store.commit([alert('a', { severity: 'critical' }), alert('b')]);
    expect(await claim(subject)).toEqual([]);
    const told = (await claim(subject, 'log')).map(({ delivery }) => delivery.subscription);
    expect(told.toSorted()).toEqual(['log', 'storage/on call: log']);
  },

  'are told resolved whatever else they want': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({ events: ['resolved'] }));
    await store.commit([alert('a')]);
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toMatchObject([{ telling: 'resolved', since: [{ kind: 'resolved' }] }]);
  },

  'that are removed are not told again by a dead letter': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    await store.commit([alert('a')]);
    const [due] = await claim(subject);
    if (due) await store.settle([settlement(due, { outcome: 'refused', reason: 'HTTP 404' }, { attempt })]);
    await store.setRules(rules());
    expect(await store.retry({ target: 'chat' })).toBe(0);
    expect(await claim(subject)).toEqual([]);
  },

  'whose events change have dead letters told by what they want now, and the sums hold': async (subject) => {
    const { store } = subject;
    await store.setRules(rules({}));
    await store.commit([alert('a')]);
    const [due] = await claim(subject);
    if (due) await store.settle([settlement(due, { outcome: 'refused', reason: 'HTTP 404' }, { attempt })]);
    await store.setRules(rules({ events: ['resolved'] }));
    await store.retry({ target: 'chat' });
    await store.commit([alert('a', { status: 'resolved' })]);
    await deliver(subject);
    const { owed, ended } = await sum(store);
    expect(ended).toBe(owed);
  },

  'whose events change owe an update that is folded into one before': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(rules({ events: ['firing'] }));
    await store.commit([alert('a')]);
    await deliver(subject);
    await store.commit([alert('b')]);
    await store.setRules(rules({ events: ['firing', 'updated'] }));
    await store.commit([alert('c')]);
    clock.now += 120_000;
    await deliver(subject);
    const { owed, ended } = await sum(store);
    expect(ended).toBe(owed);
  },
};
