import { expect } from 'vitest';
import { alert } from '../signals.ts';
import { type Checks, claim, everything, expectRejection } from './subject.ts';

const first = {
  source: 'prod',
  package: '@tocsin/source-acme',
  version: '1.0.0',
  templates: { title: '{{payload.title}} "é" 👩‍🚀\r\n', 'message.slack': 'It\'s \\ "{{payload.text}}"\n', image: '' },
};
const later = { ...first, version: '2.0.0', templates: { title: 'New: {{payload.title}}' } };

export const pins: Checks = {
  'keep the templates of a source byte for byte, over a crash too': async (subject) => {
    const { store, clock } = subject;
    expect(await store.query.pinned()).toEqual([]);
    await store.pin([first, { ...first, source: 'lab' }], 'first');
    const kept = [
      { ...first, source: 'lab', pinnedAt: clock.now },
      { ...first, pinnedAt: clock.now },
    ];
    expect(await store.query.pinned()).toEqual(kept);
    await subject.reopen();
    expect(await subject.store.query.pinned()).toEqual(kept);
  },

  'leave alone what was recorded first, until it is upgraded': async ({ store, clock }) => {
    await store.pin([first], 'first');
    const { now } = clock;
    clock.now += 1000;
    await store.pin([later, { ...later, source: 'lab' }], 'first');
    const lab = { ...later, source: 'lab', pinnedAt: clock.now };
    expect(await store.query.pinned()).toEqual([lab, { ...first, pinnedAt: now }]);
    await store.pin([later], 'upgrade');
    expect(await store.query.pinned()).toEqual([lab, { ...later, pinnedAt: clock.now }]);
  },

  'record anew what another package says of the source': async ({ store, clock }) => {
    await store.pin([first], 'first');
    const other = { ...first, package: 'tocsin-source-other' };
    await store.pin([other], 'first');
    expect(await store.query.pinned()).toEqual([{ ...other, pinnedAt: clock.now }]);
  },

  'are all refused where one of them can’t be stored, and nothing else is lost': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    await store.commit([alert('a')]);
    await expectRejection(store.pin([first, { ...first, source: '' }], 'first'), 'store-data');
    expect(await store.query.pinned()).toEqual([]);
    expect(await claim(subject)).toHaveLength(1);
  },

  'of a `to` entry go with its deliveries, and those of a later route with later ones': async (subject) => {
    const { store, clock } = subject;
    const rules = (wording?: string) => ({
      ...everything,
      routes: [
        { match: [], continue: true, to: [{ target: 'log' }] },
        { match: [], to: [{ target: 'chat', ...(wording === undefined ? {} : { wording }) }, { target: 'log' }] },
      ],
    });
    const wordings = async (target: string) =>
      (await claim(subject, target, { lease: 1 })).map(({ delivery }) => delivery.wording);
    await store.setRules(rules('noc'));
    await store.commit([alert('a')]);
    expect([await wordings('chat'), await wordings('log')]).toEqual([['noc'], [null]]);
    await subject.reopen();
    await subject.store.setRules(rules('shop'));
    clock.now += 120_000;
    expect(await wordings('chat')).toEqual(['noc']);
    await subject.store.commit([alert('b')]);
    clock.now += 120_000;
    expect(await wordings('chat')).toEqual(['shop']);
    await subject.store.setRules(rules());
    await subject.store.commit([alert('c')]);
    clock.now += 120_000;
    expect(await wordings('chat')).toEqual(['shop']);
  },
};
