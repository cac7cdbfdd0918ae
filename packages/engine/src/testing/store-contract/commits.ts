import { wellFormed, wellFormedJson } from '@tocsin/core/base';
import { expect } from 'vitest';
import { personHolds, replayWithin } from '../../decide.ts';
import { packSignals } from '../../packed.ts';
import { act, alert } from '../signals.ts';
import { all, type Checks, claim, deliver, everything, expectRejection, groupOf, poison } from './subject.ts';

const back = { status: 'resolved' } as const;

export const commits: Checks = {
  'knows how many groups of a source are open, across a restart': async (subject) => {
    const limited = { ...everything, limits: { groups: 2 } };
    await subject.store.setRules(limited);
    const fire = (name: string) => subject.store.commit([alert(name, { group: name })]);
    for (const name of ['a', 'b']) await fire(name);
    await subject.reopen();
    await subject.store.setRules(limited);
    await fire('c');
    await subject.store.commit([alert('a', { group: 'a', status: 'resolved' }), alert('d', { group: 'd' })]);
    const groups = await all((page) => subject.store.query.groups({}, page));
    expect(groups.map(({ key }) => key).toReversed()).toEqual(['a', 'b', 'tocsin:overflow', 'd']);
    await subject.store.commit([alert('b', { group: 'b', status: 'resolved' })]);
    await fire('e');
    const [newest] = (await subject.store.query.groups({}, { limit: 1 })).items;
    expect(newest?.key).toBe('e');
  },

  'answers with an outcome for each signal, in order': async ({ store }) => {
    const outcomes = await store.commit([alert('a'), alert('a'), alert('a', back), alert('z', back)]);
    expect(outcomes.map(({ result }) => result)).toEqual(['grouped', 'ignored', 'grouped', 'ignored']);
    expect(outcomes).toMatchObject([
      { status: 'firing' },
      { reason: 'duplicate' },
      { status: 'resolved' },
      { reason: 'orphan' },
    ]);
  },

  'takes what is committed at once in its order': async ({ store }) => {
    const commits = Array.from({ length: 50 }, () => store.commit([alert('a')]));
    const outcomes = (await Promise.all(commits)).flat();
    expect(outcomes.map(({ result }) => result)).toEqual(['grouped', ...Array(49).fill('ignored')]);
  },

  'takes an empty commit': async ({ store }) => {
    expect(await store.commit([])).toEqual([]);
  },

  'takes signals as JSON text too, and refuses what is none alone': async ({ store }) => {
    const [good, bad, other] = await Promise.allSettled([
      store.commit({ packed: packSignals([alert('a')]) }),
      store.commit({ packed: '[{"kind":' }),
      store.commit([alert('b')]),
    ]);
    expect([good.status, bad.status, other.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.query.groups({}, { limit: 5 })).items).toMatchObject([{ firing: 2 }]);
    await expectRejection(store.commit({ packed: '' }), 'store-data');
  },

  'takes all of a call or nothing': async ({ store }) => {
    await expectRejection(store.commit([alert('a'), poison(alert('b')), act('1000', 'resolve')]), 'store-data');
    expect((await store.query.groups({}, { limit: 10 })).items).toEqual([]);
    expect((await store.query.tally()).received ?? 0).toBe(0);
    expect(await store.commit([alert('a')])).toMatchObject([{ result: 'grouped' }]);
  },

  'refuses one poison call among a hundred alone': async ({ store }) => {
    const commits = Array.from({ length: 100 }, (_, index) => {
      const signal = alert(`m${index}`, { group: `key ${index % 7}` });
      return store.commit([index === 41 ? poison(signal) : signal]);
    });
    const settled = await Promise.allSettled(commits);
    const fulfilled = settled.filter(({ status }) => status === 'fulfilled');
    expect(fulfilled).toHaveLength(99);
    await expectRejection(commits[41] as Promise<unknown>, 'store-data');
    const groups = await all((page) => store.query.groups({}, page));
    expect(groups.reduce((sum, { firing }) => sum + firing, 0)).toBe(99);
    expect((await store.query.tally()).received).toBe(99);
  },

  'keeps across a restart whatever it acknowledged': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const [first] = await store.commit([alert('a', { severity: 'critical', startedAt: clock.now - 5 })]);
    const id = groupOf(first);
    await store.commit([act(id, 'acknowledge', { comment: 'on it' }), alert('b')]);
    await deliver(subject);
    const read = async () => ({
      group: await subject.store.query.group(id),
      events: await all((page) => subject.store.query.events(id, page)),
      members: await all((page) => subject.store.query.members(id, page)),
      deliveries: await all((page) => subject.store.query.deliveries({ group: id }, page)),
      attempts: await all((page) => subject.store.query.attempts({ group: id }, page)),
      tally: await subject.store.query.tally(),
    });
    const before = await read();
    expect(before.events.map(({ kind }) => kind)).toEqual(['firing', 'acknowledged', 'updated']);
    await subject.reopen();
    expect(await read()).toEqual(before);
    await subject.store.setRules(everything);
    expect(await subject.store.commit([alert('a', { severity: 'critical' })])).toMatchObject([{ reason: 'duplicate' }]);
    const [other] = await subject.store.commit([alert('c', { group: 'cpu' })]);
    expect(groupOf(other)).not.toBe(id);
  },

  'finds a firing member by its fingerprint, also when its key changed and changed back': async (subject) => {
    for (const group of ['disk', 'cpu']) {
      await subject.store.commit([alert('a', { group })]);
      await subject.store.commit([alert('a', { ...back, group })]);
    }
    await subject.store.commit([alert('a')]);
    await subject.reopen();
    expect(await subject.store.commit([alert('a', back)])).toMatchObject([{ result: 'grouped', status: 'resolved' }]);
    const groups = await all((page) => subject.store.query.groups({}, page));
    expect(groups.map(({ key, status, members }) => `${key} ${status} ${members}`).sort()).toEqual([
      'cpu resolved 1',
      'disk resolved 1',
    ]);
  },

  'knows a vendor’s delivery for 24 hours, across a restart, and no longer': async (subject) => {
    const { clock } = subject;
    const signal = alert('a', { deliveryId: 'one' });
    await subject.store.commit([signal]);
    await subject.store.commit([alert('a', { ...back, deliveryId: 'two' })]);
    clock.now += replayWithin;
    await subject.reopen();
    expect(await subject.store.commit([signal])).toMatchObject([{ result: 'ignored', reason: 'duplicate' }]);
    clock.now += 1;
    expect(await subject.store.commit([signal])).toMatchObject([{ result: 'grouped', status: 'firing' }]);
  },

  'gives back whatever `wellFormed` text it was given': async ({ store }) => {
    const odd = 'a\0b\uD800c\uDC00 \u{1F525}"\\\u0001\n';
    const clean = 'a\uFFFDb\uFFFDc\uFFFD \u{1F525}"\\\u0001\n';
    const label = wellFormed(odd);
    const [outcome] = await store.commit([
      alert(wellFormed(odd), { labels: { [label]: label }, comment: label, data: wellFormedJson({ odd }) }),
    ]);
    const id = groupOf(outcome);
    const [member] = (await store.query.members(id, { limit: 1 })).items;
    expect(member).toMatchObject({ fingerprint: clean, labels: { [clean]: clean } });
    expect(JSON.parse(member?.data ?? '')).toEqual({ odd: clean });
    expect((await store.query.events(id, { limit: 1 })).items[0]?.comment).toBe(clean);
    expect(await store.commit([alert(wellFormed(odd), back)])).toMatchObject([{ status: 'resolved' }]);
  },

  'resolves a group of 10,000 members, when a person says so, in one quick commit': async ({ store, clock }) => {
    await store.setRules(everything);
    const members = Array.from({ length: 10_000 }, (_, index) => alert(`m${index}`));
    const started = performance.now();
    const [outcome] = await store.commit(members);
    const fired = performance.now();
    const id = groupOf(outcome);
    await store.commit([act(id, 'resolve')]);
    expect(performance.now() - fired).toBeLessThan(fired - started);
    expect(await store.query.group(id)).toMatchObject({ status: 'resolved', firing: 0, members: 10_000 });
    const [last] = (await store.query.events(id, { limit: 1, after: '2' })).items;
    expect(last).toMatchObject({ kind: 'resolved', actor: 'ann', changed: [] });
    expect(await store.commit([alert('m5000')])).toMatchObject([{ reason: 'closed-by-person' }]);
    clock.now += personHolds + 1;
    expect(await store.commit([alert('m5000')])).toMatchObject([{ result: 'grouped', status: 'firing' }]);
  },

  'closes, when a person says so, what fires and nothing else': async ({ store }) => {
    const [outcome] = await store.commit([alert('a'), alert('b'), alert('b', back), alert('c', { status: 'notice' })]);
    await store.commit([act(groupOf(outcome), 'resolve')]);
    const outcomes = await store.commit([alert('a'), alert('b')]);
    expect(outcomes).toMatchObject([{ reason: 'closed-by-person' }, { result: 'grouped', status: 'firing' }]);
    const members = await all((page) => store.query.members(groupOf(outcome), page));
    expect(members.map(({ fingerprint, status }) => `${fingerprint} ${status}`)).toEqual([
      'a resolved',
      'b firing',
      'c notice',
    ]);
  },

  'keeps the newest hundred rejected requests of each source, and a sample of ten that were read': async ({
    store,
  }) => {
    const request = { kind: 'request', path: '/a', body: '{', contentType: 'text/plain' } as const;
    const rejection = (source: string, index: number) =>
      store.commit([{ ...request, source, reason: `fault ${index}` }]);
    for (let index = 0; index < 12; index++) {
      await store.commit([alert(`m${index}`), { ...request, source: 'prod', reason: null, body: `${index}` }]);
    }
    await rejection('stage', 0);
    await Promise.all(Array.from({ length: 130 }, (_, index) => rejection('prod', index)));
    const kept = await all((page) => store.query.requests({ source: 'prod', rejected: true }, page));
    expect(kept.map(({ reason }) => reason)).toEqual(Array.from({ length: 100 }, (_, index) => `fault ${129 - index}`));
    expect(await all((page) => store.query.requests({ source: 'stage' }, page))).toMatchObject([
      { source: 'stage', reason: 'fault 0', body: '{', contentType: 'text/plain' },
    ]);
    expect(await store.query.tally()).toMatchObject({ received: 143, grouped: 12, rejected: 131 });
    const read = await all((page) => store.query.requests({ source: 'prod', rejected: false }, page));
    expect(read.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, (_, index) => `${11 - index}`));
    expect(read[0]).toMatchObject({ source: 'prod', reason: null, path: '/a', contentType: 'text/plain' });
    expect(await all((page) => store.query.requests({ source: 'prod' }, page))).toHaveLength(110);
  },

  'writes what is queued before it closes, and then takes nothing more': async (subject) => {
    const { store } = subject;
    const commits = Array.from({ length: 20 }, (_, index) => store.commit([alert(`m${index}`)]));
    await store.close();
    expect((await Promise.all(commits)).flat()).toHaveLength(20);
    await expectRejection(store.commit([alert('late')]), 'store');
    await expectRejection(claim(subject), 'store');
    await expectRejection(
      store.settle([]).then(() => store.query.tally()),
      'store',
    );
    await subject.reopen();
    expect((await subject.store.query.groups({}, { limit: 1 })).items).toMatchObject([{ firing: 20 }]);
  },
};
