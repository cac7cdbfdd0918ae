import { TocsinError } from '@tocsin/core/base';
import { expect } from 'vitest';
import type { Rules } from '../../types.ts';
import { act, alert } from '../signals.ts';
import { all, type Checks, claim, deliver, everything, expectRejection, groupOf, settlement } from './subject.ts';

const { chat: _, ...withoutChat } = everything.targets;
const logOnly: Rules = {
  ...everything,
  version: '2',
  targets: withoutChat,
  routes: [{ match: [], to: [{ target: 'log' }] }],
};

export const rules: Checks = {
  'act from the next commit on': async (subject) => {
    const { store } = subject;
    await store.commit([alert('a', { group: 'before' })]);
    await store.setRules(everything);
    await store.commit([alert('b', { group: 'after' })]);
    expect(await claim(subject)).toMatchObject([{ group: { key: 'after' } }]);
  },

  'a target that is removed loses what it is owed, counted': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.commit([alert('a'), alert('b', { group: 'cpu' })]);
    const [due] = await claim(subject, 'chat', { most: 1 });
    await store.setRules(logOnly);
    expect(await store.query.tally()).toMatchObject({ owed: 4, cancelled: 2, pending: 2 });
    if (due) await store.settle([settlement(due, { outcome: 'delivered' })]);
    clock.now += 3_600_000;
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ owed: 5, cancelled: 2, pending: 3 });
    await store.setRules(everything);
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('a')]);
    expect(await claim(subject)).toMatchObject([{ since: [{ kind: 'firing', incarnation: 2 }] }]);
  },

  'that are faulty change nothing': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    const match = [{ name: 'a', op: '=~' as const, value: '(' }];
    await expectRejection(store.setRules({ ...logOnly, routes: [{ match, to: [] }] }), 'config');
    await store.commit([alert('a')]);
    expect(await claim(subject)).toHaveLength(1);
  },

  'a silence that ends says so by itself, and frees what it held': async (subject) => {
    const { store, clock } = subject;
    await store.setRules({
      ...everything,
      routes: [{ match: [], events: ['firing', 'updated'], to: [{ target: 'chat' }] }],
    });
    const [outcome] = await store.commit([alert('a')]);
    const id = groupOf(outcome);
    await deliver(subject);
    await store.commit([act(id, 'silence', { until: clock.now + 600_000 })]);
    await store.commit([alert('b')]);
    clock.now += 599_999;
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.group(id)).toMatchObject({ status: 'silenced' });
    const patient = claim(subject, 'chat', { patience: 10_000 });
    clock.now += 1;
    expect(await patient).toMatchObject([{ event: { kind: 'updated' }, telling: 'firing' }]);
    expect(await store.query.group(id)).toMatchObject({ status: 'firing', silencedUntil: null, silencedBy: null });
    const events = await all((page) => store.query.events(id, page));
    expect(events.map(({ kind, actor }) => `${kind} ${actor}`).at(-1)).toBe('unsilenced tocsin');
  },

  'errors are TocsinErrors that say what to do': async ({ store }) => {
    const error = await store.commit([alert('x'.repeat(600))]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TocsinError);
    expect((error as TocsinError).remedy).toMatch(/\.$/);
    expect((error as TocsinError).origin).toMatch(/^store-/);
  },
};
