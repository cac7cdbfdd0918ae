import { expect } from 'vitest';
import { parseMatchers } from '../../matcher-parser.ts';
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

  'name the oldest that each target is owed, and the one whose turn comes first': async (subject) => {
    const { store, clock } = subject;
    expect(await store.query.oldestOwed()).toEqual([]);
    const escalation = { after: 600_000, while: 'firing' } as const;
    await store.setRules({
      ...everything,
      routes: [
        {
          match: parseMatchers('tocsin_key="late"'),
          to: [
            { target: 'chat', escalation },
            { target: 'log', repeat: 1000 },
          ],
        },
        { match: [], to: [{ target: 'chat' }] },
      ],
    });
    const late = groupOf((await store.commit([alert('a', { group: 'late' })]))[0]);
    const began = clock.now;
    // Only a look at it says that its turn is yet to come.
    expect(await claim(subject)).toEqual([]);
    clock.now += 60_000;
    const soon = groupOf((await store.commit([alert('b', { group: 'soon' })]))[0]);
    const log = { group: late, subscription: 'log', since: began };
    expect(await store.query.oldestOwed()).toEqual([
      {
        target: 'chat',
        deliveries: 2,
        oldest: { group: late, subscription: 'chat', since: began },
        first: { group: soon, subscription: 'chat', since: clock.now },
      },
      { target: 'log', deliveries: 1, oldest: log, first: log },
    ]);
    await deliver(subject, 'log');
    const [due] = await claim(subject);
    clock.now += 1000;
    const failedAt = clock.now;
    if (due) await store.settle([settlement(due, { outcome: 'retry', reason: '503', after: 3_600_000 })]);
    clock.now += 1000;
    // A reminder is to come to `log`, and nothing is owed to it; what failed is late since it failed.
    expect(await store.query.oldestOwed()).toEqual([
      {
        target: 'chat',
        deliveries: 2,
        oldest: { group: late, subscription: 'chat', since: began },
        first: { group: soon, subscription: 'chat', since: failedAt },
      },
    ]);
  },

  'name as owed what is to be told again': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const id = groupOf((await store.commit([alert('a')]))[0]);
    const [due] = await claim(subject, 'log');
    if (due) await store.settle([settlement(due, { outcome: 'refused', reason: 'HTTP 404' })]);
    await deliver(subject);
    expect(await store.query.oldestOwed()).toEqual([]);
    clock.now += 60_000;
    expect(await store.retry({ target: 'log' })).toBe(1);
    const again = { group: id, subscription: 'log', since: clock.now };
    expect(await store.query.oldestOwed()).toEqual([{ target: 'log', deliveries: 1, oldest: again, first: again }]);
  },

  'count open groups, and those of them that nobody is told of': async (subject) => {
    const { store } = subject;
    expect(await store.query.openGroups()).toEqual([]);
    await store.setRules({
      ...everything,
      routes: [{ match: parseMatchers('source="prod"'), to: [{ target: 'chat' }] }],
    });
    const [first] = await store.commit([
      alert('a', { group: '1' }),
      alert('b', { group: '2' }),
      alert('c', { group: '3' }),
      alert('c', { group: '3', status: 'resolved' }),
      alert('d', { source: 'stage' }),
    ]);
    await store.commit([act(groupOf(first), 'acknowledge')]);
    const open = (await store.query.openGroups()).sort((left, right) => (left.status < right.status ? -1 : 1));
    expect(open).toEqual([
      { source: 'prod', status: 'acknowledged', groups: 1, unrouted: 0 },
      { source: 'prod', status: 'firing', groups: 1, unrouted: 0 },
      { source: 'stage', status: 'firing', groups: 1, unrouted: 1 },
    ]);
  },

  'find an alert by its source and fingerprint, where it was last': async (subject) => {
    const { store, clock } = subject;
    await store.commit([alert('a'), alert('a', { source: 'stage', group: 'other' })]);
    await store.commit([alert('a', { status: 'resolved' })]);
    clock.now += 3_600_000;
    const again = groupOf((await store.commit([alert('a', { severity: 'critical' })]))[0]);
    expect(await store.query.member('prod', 'a')).toMatchObject({
      group: again,
      status: 'firing',
      severity: 'critical',
    });
    expect(await store.query.member('stage', 'a')).toMatchObject({ source: 'stage' });
    await subject.reopen();
    expect(await subject.store.query.member('prod', 'a')).toMatchObject({ group: again });
    expect(await subject.store.query.member('prod', 'b')).toBeUndefined();
    expect(await subject.store.query.member("' OR 1=1 --", 'a')).toBeUndefined();
  },
};

function attemptAt(startedAt: number) {
  return { startedAt, duration: 1, request: null, response: null, error: 'timeout' };
}
