import { expect } from 'vitest';
import { parseMatchers } from '../../matcher-parser.ts';
import type { Silence } from '../../silence.ts';
import { mostSilences } from '../../store.ts';
import type { Rules } from '../../types.ts';
import { act, alert } from '../signals.ts';
import {
  all,
  beginning,
  type Checks,
  claim,
  deliver,
  everything,
  expectRejection,
  groupOf,
  type StoreUnderTest,
} from './subject.ts';

const minute = 60_000;
const hour = 60 * minute;

function silence(matchers: string, more: Partial<Silence> = {}): Silence {
  return {
    id: 'one',
    matchers: parseMatchers(matchers),
    startsAt: beginning,
    endsAt: beginning + hour,
    comment: 'planned work',
    author: 'ann',
    ...more,
  };
}

const inhibiting: Rules = {
  ...everything,
  inhibit: [{ source: parseMatchers('severity=critical'), target: parseMatchers('severity=warning'), equal: ['host'] }],
};

const on = (host: string) => ({ alertname: 'DiskFull', host });

/** `beginning` is a Thursday, midnight in UTC. */
const office: Rules = {
  ...everything,
  timeIntervals: { office: [{ zone: 'UTC', times: [{ from: 9 * 60, to: 17 * 60 }] }] },
  routes: [{ match: [], active: ['office'], to: [{ target: 'chat' }] }],
};

async function heldBy({ store }: StoreUnderTest): Promise<(string | null)[]> {
  return (await store.query.deliveries({ target: 'chat' }, { limit: 10 })).items.map(({ held }) => held);
}

export const holds: Checks = {
  'a silence of the vendor that another word of its ends frees what it held': async (subject) => {
    const { store, clock } = subject;
    await store.setRules({
      ...everything,
      routes: [{ match: [], events: ['firing', 'updated', 'resolved'], to: [{ target: 'chat' }] }],
    });
    await store.commit([alert('a', { exclusive: true })]);
    await deliver(subject);
    await store.commit([alert('a', { exclusive: true, status: 'silenced' })]);
    await store.commit([alert('b', { exclusive: true })]);
    clock.now += hour;
    expect(await claim(subject)).toEqual([]);
    await store.commit([alert('a', { exclusive: true, status: 'acknowledged' })]);
    expect(await claim(subject)).toMatchObject([{ since: [{ kind: 'updated' }], telling: 'acknowledged' }]);
  },

  'a silence holds what matches it until it ends, and nothing else': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.putSilence(silence('instance=a'));
    await store.commit([alert('a'), alert('b', { group: 'cpu' })]);
    expect((await deliver(subject)).map(({ group }) => group.key)).toEqual(['cpu']);
    expect((await heldBy(subject)).filter(Boolean)).toEqual(['silence one']);
    clock.now += hour - 1;
    expect(await claim(subject)).toEqual([]);
    clock.now += 1;
    expect(await claim(subject)).toMatchObject([
      { group: { key: 'disk', status: 'firing' }, event: { kind: 'firing' } },
    ]);
    expect((await heldBy(subject)).filter(Boolean)).toEqual([]);
  },

  'a silence that is ended early sets free at once what it held': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.putSilence(silence('instance=a'));
    await store.commit([alert('a')]);
    expect(await claim(subject)).toEqual([]);
    clock.now += minute;
    const patient = claim(subject, 'chat', { patience: 10_000 });
    await store.putSilence(silence('instance=a', { endsAt: clock.now }));
    expect(await patient).toHaveLength(1);
  },

  'a silence begins when it says': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.putSilence(silence('instance=~".*b"', { startsAt: beginning + minute }));
    await store.commit([alert('ab')]);
    expect(await deliver(subject)).toHaveLength(1);
    clock.now += 2 * minute;
    await store.commit([alert('bb', { group: 'cpu' })]);
    expect(await claim(subject)).toEqual([]);
  },

  'a group that ended while it was held, and was never told, isn’t told': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.putSilence(silence('instance=a'));
    await store.commit([alert('a')]);
    await deliver(subject);
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await deliver(subject)).toEqual([]);
    clock.now += 2 * hour;
    expect(await deliver(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ 'suppressed.resolved-while-held': 2 });
  },

  'whoever was told of the firing is told of the end through a silence': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    await store.commit([alert('a')]);
    await deliver(subject);
    await store.putSilence(silence('instance=a'));
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'resolved' } }]);
  },

  'a silence holds reminders': async (subject) => {
    const { store, clock } = subject;
    await store.setRules({ ...everything, routes: [{ match: [], repeat: minute, to: [{ target: 'chat' }] }] });
    await store.commit([alert('a')]);
    await deliver(subject);
    await store.putSilence(silence('instance=a'));
    clock.now += minute;
    expect(await claim(subject)).toEqual([]);
    clock.now += hour;
    expect(await deliver(subject)).toMatchObject([{ since: [], event: { kind: 'firing' }, telling: 'firing' }]);
    expect(await store.query.tally()).toMatchObject({ owed: 2, delivered: 2, pending: 0 });
  },

  'silences outlast the store’s end, and are listed as long as they are asked for': async (subject) => {
    const { store, clock } = subject;
    await store.putSilence(silence('instance=a'));
    await store.putSilence(silence('instance=b', { id: 'two', endsAt: beginning + 2 * hour }));
    await store.putSilence(silence('instance=c', { comment: 'longer' }));
    await subject.reopen();
    await subject.store.setRules(everything);
    clock.now += hour;
    const listed = await all((page) => subject.store.query.silences({}, page), 1);
    expect(listed.map(({ id, comment }) => `${id} ${comment}`)).toEqual(['two planned work', 'one longer']);
    const open = await subject.store.query.silences({ endingAfter: clock.now }, { limit: 10 });
    expect(open.items).toEqual([silence('instance=b', { id: 'two', endsAt: beginning + 2 * hour })]);
    await subject.store.commit([alert('b'), alert('c', { group: 'cpu' })]);
    expect((await deliver(subject)).map(({ group }) => group.key)).toEqual(['cpu']);
  },

  'there are only so many silences': async ({ store }) => {
    for (let count = 0; count < mostSilences; count++) await store.putSilence(silence('a=b', { id: `${count}` }));
    await expectRejection(store.putSilence(silence('a=b', { id: 'more' })), 'store-data');
    await store.putSilence(silence('a=b', { id: '7', endsAt: beginning }));
    await store.putSilence(silence('a=b', { id: 'more' }));
  },

  'an alert is held while one fires that inhibits it, in the same request too': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(inhibiting);
    await store.commit([
      alert('service', { labels: on('web-1') }),
      alert('elsewhere', { group: 'other', labels: on('web-2') }),
      alert('host', { group: 'host', severity: 'critical', labels: on('web-1') }),
    ]);
    expect((await deliver(subject)).map(({ group }) => group.key)).toEqual(['other', 'host']);
    const [host] = (await store.query.groups({ severity: 'critical' }, { limit: 1 })).items;
    expect((await heldBy(subject)).filter(Boolean)).toEqual([`inhibited by group ${host?.id}`]);
    await store.commit([alert('host', { group: 'host', status: 'resolved', labels: on('web-1') })]);
    clock.now += minute;
    const told = await deliver(subject);
    expect(told.map(({ group, event }) => `${group.key} ${event.kind}`).toSorted()).toEqual([
      'disk firing',
      'host resolved',
    ]);
  },

  'an inhibition outlasts the store’s end, and ends with a group that a person resolves': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(inhibiting);
    const [outcome] = await store.commit([alert('host', { group: 'host', severity: 'critical', labels: on('web-1') })]);
    await deliver(subject);
    await subject.reopen();
    await subject.store.setRules(inhibiting);
    await subject.store.commit([alert('service', { labels: on('web-1') })]);
    expect(await deliver(subject)).toEqual([]);
    await subject.store.commit([act(groupOf(outcome), 'resolve')]);
    clock.now += minute;
    expect((await deliver(subject)).map(({ group }) => group.key).toSorted()).toEqual(['disk', 'host']);
  },

  'other rules inhibit from then on': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    await store.commit([alert('host', { group: 'host', severity: 'critical', labels: on('web-1') })]);
    await deliver(subject);
    await store.setRules({ ...inhibiting, version: '2' });
    await store.commit([alert('service', { labels: on('web-1') })]);
    expect(await claim(subject)).toEqual([]);
  },

  'time intervals hold everything until they open, a resolution too': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(office);
    await store.commit([alert('a')]);
    expect(await claim(subject)).toEqual([]);
    expect(await heldBy(subject)).toEqual(['outside of office']);
    clock.now = beginning + 9 * hour - 1;
    expect(await claim(subject)).toEqual([]);
    clock.now += 1;
    expect(await deliver(subject)).toHaveLength(1);
    clock.now = beginning + 17 * hour;
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toEqual([]);
    clock.now = beginning + 33 * hour;
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'resolved' } }]);
  },

  'a time interval that the rules no longer have holds nothing': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(office);
    await store.commit([alert('a')]);
    expect(await claim(subject)).toEqual([]);
    const { timeIntervals: _, ...without } = office;
    await store.setRules({ ...without, version: '2', routes: [] });
    // What was held until then is looked at again.
    clock.now = beginning + 9 * hour;
    expect(await claim(subject)).toHaveLength(1);
  },
};
