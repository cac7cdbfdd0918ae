import { expect } from 'vitest';
import { act, alert } from '../signals.ts';
import { all, type Checks, claim, deliver, everything, groupOf, settlement } from './subject.ts';

const numbers = Array.from({ length: 25 }, (_, index) => index);

export const queries: Checks = {
  'page through groups without gap or double, while new ones come': async ({ store }) => {
    for (const index of numbers) await store.commit([alert(`m${index}`, { group: `key ${index}` })]);
    const groups = await all(
      (page) => store.query.groups({}, page),
      10,
      () => store.commit([alert(`new ${Math.random()}`, { group: `new ${Math.random()}` })]),
    );
    expect(groups.map(({ key }) => key)).toEqual(numbers.map((index) => `key ${24 - index}`));
    const exact = await store.query.groups({}, { limit: 27 });
    expect([exact.items.length, exact.next]).toEqual([27, null]);
  },

  'page through events and members, oldest first, and through deliveries, attempts and refusals, newest first': async (
    subject,
  ) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const [outcome] = await store.commit([alert('m0')]);
    const id = groupOf(outcome);
    for (const index of numbers.slice(1)) {
      // Closer ones would be one event.
      clock.now += 2_000;
      await store.commit([
        alert(`m${index}`),
        alert(`o${index}`, { group: `key ${index}` }),
        { kind: 'request', source: 'prod', reason: `${index}`, path: '', body: '', contentType: '' },
      ]);
    }
    for (const index of numbers) {
      clock.now += 3_600_000;
      const [due] = await claim(subject, 'chat', { most: 1 });
      const result = { outcome: 'retry', reason: `${index}` } as const;
      if (due) await store.settle([settlement(due, result, { attempt: attemptAt(clock.now) })]);
    }
    const events = await all((page) => store.query.events(id, page), 7);
    expect(events.map(({ number }) => number)).toEqual(numbers.map((index) => index + 1));
    const members = await all((page) => store.query.members(id, page), 7);
    expect(members.map(({ fingerprint }) => fingerprint)).toEqual(numbers.map((index) => `m${index}`));
    const deliveries = await all((page) => store.query.deliveries({ target: 'log' }, page), 7);
    expect(new Set(deliveries.map(({ group }) => group)).size).toBe(25);
    expect(await all((page) => store.query.deliveries({ group: id }, page), 1)).toHaveLength(2);
    const attempts = await all((page) => store.query.attempts({ target: 'chat' }, page), 7);
    expect(attempts.map(({ reason }) => reason)).toEqual(numbers.map((index) => `${24 - index}`));
    const rejected = await all((page) => store.query.requests({ source: 'prod' }, page), 7);
    expect(rejected.map(({ reason }) => reason)).toEqual(numbers.slice(1).map((index) => `${25 - index}`));
  },

  'narrow groups down by status, source and severity': async ({ store }) => {
    await store.commit([
      alert('a'),
      alert('b', { group: 'cpu', severity: 'critical' }),
      alert('c', { source: 'stage' }),
      alert('b', { group: 'cpu', status: 'resolved' }),
    ]);
    const keys = async (filter: Parameters<typeof store.query.groups>[0]) =>
      (await store.query.groups(filter, { limit: 10 })).items.map(({ source, key }) => `${source} ${key}`);
    expect(await keys({ status: 'firing' })).toEqual(['stage disk', 'prod disk']);
    expect(await keys({ status: 'resolved' })).toEqual(['prod cpu']);
    expect(await keys({ source: 'prod' })).toEqual(['prod cpu', 'prod disk']);
    expect(await keys({ severity: 'critical' })).toEqual(['prod cpu']);
    expect(await keys({ source: 'prod', status: 'firing', severity: 'warning' })).toEqual(['prod disk']);
    expect(await keys({ status: 'silenced' })).toEqual([]);
  },

  'show a group with the labels of its worst member': async ({ store }) => {
    const [outcome] = await store.commit([
      alert('a', { labels: { name: 'a' } }),
      alert('b', { labels: { name: 'b' }, severity: 'critical' }),
    ]);
    const id = groupOf(outcome);
    expect(await store.query.group(id)).toMatchObject({ id, labels: { name: 'b' }, firingBySeverity: [1, 0, 1, 0, 0] });
  },

  'show facts as they were committed': async (subject) => {
    const { store, clock } = subject;
    const [outcome] = await store.commit([alert('a')]);
    const id = groupOf(outcome);
    await store.commit([act(id, 'acknowledge'), act(id, 'silence', { until: clock.now + 5000, actor: 'bob' })]);
    expect(await store.query.group(id)).toMatchObject({
      acknowledgedBy: 'ann',
      acknowledgedAt: clock.now,
      silencedBy: 'bob',
      silencedUntil: clock.now + 5000,
      status: 'silenced',
    });
    await store.commit([act(id, 'unsilence'), act(id, 'silence')]);
    expect((await store.query.group(id))?.silencedUntil).toBe(Number.MAX_SAFE_INTEGER);
  },

  'show an event that later commits added to as one, before and after it was read': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const [outcome] = await store.commit([alert('a')]);
    const id = groupOf(outcome);
    const events = async () => {
      const { items } = await store.query.events(id, { limit: 10 });
      return items.map(({ number, changed }) => [number, ...changed.map(({ fingerprint }) => fingerprint)]);
    };
    for (const fingerprint of ['b', 'c']) await store.commit([alert(fingerprint)]);
    expect(await events()).toEqual([
      [1, 'a'],
      [2, 'b', 'c'],
    ]);
    await store.commit([alert('d')]);
    expect(await events()).toEqual([
      [1, 'a'],
      [2, 'b', 'c', 'd'],
    ]);
    await subject.reopen();
    await subject.store.commit([alert('e')]);
    clock.now += 2_000;
    await subject.store.commit([alert('f')]);
    const { items } = await subject.store.query.events(id, { limit: 10 });
    expect(items.map(({ changed }) => changed.map(({ fingerprint }) => fingerprint).join(' '))).toEqual([
      'a',
      'b c d e',
      'f',
    ]);
    expect((await subject.store.query.group(id))?.events).toBe(3);
  },

  'bound every page': async ({ store }) => {
    await store.commit(Array.from({ length: 205 }, (_, index) => alert(`m${index}`, { group: `key ${index}` })));
    const page = await store.query.groups({}, { limit: 100_000 });
    expect(page.items).toHaveLength(200);
    expect((await store.query.groups({}, { limit: 200, after: page.next ?? '' })).items).toHaveLength(5);
    expect((await store.query.groups({}, { limit: 0 })).items).toHaveLength(1);
  },

  'know nothing of what there isn’t': async ({ store }) => {
    for (const id of ['', 'zzzz', '-1', '1000', 'x'.repeat(100), "' OR 1=1 --"]) {
      expect(await store.query.group(id)).toBeUndefined();
      expect(await store.query.events(id, { limit: 5 })).toEqual({ items: [], next: null });
      expect((await store.query.deliveries({ group: id }, { limit: 5 })).items).toEqual([]);
    }
  },

  'see what was committed before them': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    for (const index of numbers) {
      await store.commit([alert(`m${index}`, { group: `key ${index}` })]);
      expect((await store.query.groups({}, { limit: 1 })).items).toMatchObject([{ key: `key ${index}` }]);
    }
    await deliver(subject, 'log');
    expect((await store.query.attempts({ target: 'log' }, { limit: 50 })).items).toHaveLength(10);
  },
};

function attemptAt(startedAt: number) {
  return { startedAt, duration: 1, request: null, response: null, error: 'timeout' };
}
