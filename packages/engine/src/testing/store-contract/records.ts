import { expect } from 'vitest';
import { type Checks, expectRejection } from './subject.ts';

const first = { kind: 'channel', id: 'storage', value: '{"match":["team=\\"é\\""]}', author: 'ann' };

export const records: Checks = {
  'are kept by kind and id, over a crash too': async (subject) => {
    const { store, clock } = subject;
    expect(await store.query.records('channel')).toEqual([]);
    await store.putRecord(first);
    await store.putRecord({ ...first, id: 'noc' });
    await store.putRecord({ ...first, kind: 'secret' });
    const writtenAt = clock.now;
    const channels = [
      { ...first, id: 'noc', writtenAt },
      { ...first, writtenAt },
    ];
    expect(await store.query.records('channel')).toEqual(channels);
    await subject.reopen();
    expect(await subject.store.query.records('channel')).toEqual(channels);
    expect(await subject.store.query.records('secret')).toEqual([{ ...first, kind: 'secret', writtenAt }]);
  },

  'take the place of those before': async ({ store, clock }) => {
    await store.putRecord(first);
    clock.now += 1000;
    expect(await store.putRecord({ ...first, value: '{}', author: 'bob' })).toBe(clock.now);
    expect(await store.query.records('channel')).toEqual([
      { ...first, value: '{}', author: 'bob', writtenAt: clock.now },
    ]);
  },

  'are gone once they are removed, over a crash too': async (subject) => {
    await subject.store.putRecord(first);
    expect(await subject.store.removeRecord('channel', 'noc')).toBe(false);
    expect(await subject.store.removeRecord('channel', 'storage')).toBe(true);
    await subject.reopen();
    expect(await subject.store.query.records('channel')).toEqual([]);
    expect(await subject.store.removeRecord('channel', 'storage')).toBe(false);
  },

  'without an id are refused, and nothing else is lost': async ({ store }) => {
    await store.putRecord(first);
    await expectRejection(store.putRecord({ ...first, id: '' }), 'store-data');
    expect(await store.query.records('channel')).toHaveLength(1);
  },
};
