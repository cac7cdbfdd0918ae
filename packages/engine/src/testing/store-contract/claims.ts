import { expect } from 'vitest';
import type { Rules } from '../../types.ts';
import { alert } from '../signals.ts';
import { type Checks, claim, deliver, everything, groupOf, settlement } from './subject.ts';

const waiting: Rules = { ...everything, routes: [{ match: [], wait: 30_000, to: [{ target: 'chat' }] }] };

export const claims: Checks = {
  'hands out what is due with all that its rendering needs': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const [outcome] = await store.commit([
      alert('a', { data: '{"disk":"/"}', startedAt: clock.now - 60_000 }),
      alert('b', { severity: 'critical' }),
      alert('c', { severity: 'critical' }),
    ]);
    const [due, ...more] = await claim(subject);
    expect(more).toEqual([]);
    expect(due).toMatchObject({
      delivery: { group: groupOf(outcome), subscription: 'chat', claims: 1, fence: 1, leaseUntil: clock.now + 60_000 },
      group: { status: 'firing', severity: 'critical', firing: 3, members: 3, events: 3, incarnation: 1 },
      event: { kind: 'firing', number: 1 },
      telling: 'firing',
      cursor: 3,
      lead: { fingerprint: 'b', severity: 'critical' },
    });
    expect(due?.since.map(({ kind, worse }) => `${kind} ${worse}`)).toEqual([
      'firing false',
      'updated true',
      'updated false',
    ]);
    expect(due?.members.map(({ fingerprint }) => fingerprint)).toEqual(['b', 'c', 'a']);
    expect(due?.members[2]).toMatchObject({ data: '{"disk":"/"}', startedAt: clock.now - 60_000, status: 'firing' });
  },

  'shows who resolved last, once nobody fires': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    for (const fingerprint of ['a', 'b']) await store.commit([alert(fingerprint)]);
    await deliver(subject);
    for (const fingerprint of ['a', 'b']) {
      clock.now += 1000;
      await store.commit([alert(fingerprint, { status: 'resolved' })]);
    }
    expect((await claim(subject))[0]).toMatchObject({
      telling: 'resolved',
      lead: { fingerprint: 'b', status: 'resolved', resolvedAt: clock.now },
    });
  },

  'counts a claim before it hands it out, and keeps it from others until its lease ends': async (subject) => {
    await subject.store.setRules(everything);
    await subject.store.commit([alert('a')]);
    const [due, ...more] = await claim(subject);
    await expect(due?.durable).resolves.toBeUndefined();
    expect(more).toEqual([]);
    expect(await claim(subject)).toEqual([]);
    subject.clock.now += 59_999;
    expect(await claim(subject)).toEqual([]);
    await subject.reopen();
    await subject.store.setRules(everything);
    subject.clock.now += 1;
    expect(await claim(subject)).toMatchObject([{ delivery: { claims: 2, fence: 2 } }]);
    expect(await claim(subject)).toEqual([]);
  },

  'tries alone what has no outcome, so that a host that dies again and again gives up no other': async (subject) => {
    const { clock } = subject;
    await subject.store.setRules(everything);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await subject.store.commit([alert(name, { group: name })]);
      clock.now += 1;
    }
    expect(await claim(subject)).toHaveLength(5);
    for (let deaths = 1; deaths < 5; deaths++) {
      await subject.reopen();
      await subject.store.setRules(everything);
      const [due, ...others] = await claim(subject);
      expect(others).toEqual([]);
      expect(due).toMatchObject({ group: { key: 'a' }, delivery: { claims: deaths + 1 } });
      await subject.store.commit([alert(`later-${deaths}`, { group: `later-${deaths}` })]);
      expect(await claim(subject)).toEqual([]);
      clock.now += 1;
    }
    await subject.reopen();
    await subject.store.setRules(everything);
    const told: string[] = [];
    for (let due = await deliver(subject); due.length > 0; due = await deliver(subject)) {
      told.push(due.map(({ group }) => group.key).join(' '));
    }
    expect(told).toEqual(['b', 'c', 'd', 'e', 'later-1 later-2 later-3 later-4']);
    const { items } = await subject.store.query.deliveries({ target: 'chat' }, { limit: 50 });
    expect(items.filter(({ dead }) => dead !== null)).toMatchObject([{ dead: 'crashed' }]);
  },

  'keeps to the budget of each lane, and takes the longest due first': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    for (const fingerprint of ['a', 'b', 'c', 'd']) {
      await store.commit([alert(fingerprint, { group: fingerprint })]);
      clock.now += 1;
    }
    const lanes = [
      { target: 'chat', most: 2 },
      { target: 'log', most: 1 },
      { target: 'nobody', most: 5 },
    ];
    const due = await store.claim(lanes, { owner: 'host-1', duration: 60_000, patience: 0 });
    expect(due.map(({ delivery, group }) => `${delivery.target} ${group.key}`)).toEqual(['chat a', 'chat b', 'log a']);
    expect(await claim(subject, 'chat', { most: 0 })).toEqual([]);
    expect(await claim(subject, 'chat', { most: 5 })).toMatchObject([{ group: { key: 'c' } }, { group: { key: 'd' } }]);
  },

  'waits for as long as it may, and wakes in the commit that makes something due': async (subject) => {
    const { store } = subject;
    await store.setRules(everything);
    const started = performance.now();
    expect(await claim(subject, 'chat', { patience: 150 })).toEqual([]);
    const waited = performance.now();
    expect(waited - started).toBeGreaterThan(140);
    const patient = claim(subject, 'chat', { patience: 10_000 });
    await store.commit([alert('a')]);
    expect(await patient).toMatchObject([{ event: { kind: 'firing' } }]);
    expect(performance.now() - waited).toBeLessThan(8000);
  },

  'wakes when `wait` is over, when a retry is due and when a lease ends': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(waiting);
    await store.commit([alert('a')]);
    const first = claim(subject, 'chat', { patience: 10_000 });
    clock.now += 30_000;
    const [due] = await first;
    expect(due).toMatchObject({ event: { kind: 'firing' } });
    if (due) await store.settle([settlement(due, { outcome: 'retry', reason: '503' })]);
    const second = claim(subject, 'chat', { patience: 10_000, lease: 5000 });
    clock.now += 1000;
    expect(await second).toMatchObject([{ delivery: { attempt: 1, claims: 1, fence: 2 } }]);
    const third = claim(subject, 'chat', { patience: 10_000 });
    clock.now += 5000;
    expect(await third).toMatchObject([{ delivery: { claims: 2, fence: 3 } }]);
  },

  'doesn’t tell what was over within `wait`': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(waiting);
    await store.commit([alert('a')]);
    clock.now += 29_999;
    await store.commit([alert('a', { status: 'resolved' })]);
    clock.now += 60_000;
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ owed: 2, 'suppressed.resolved-within-wait': 2, pending: 0 });
  },

  'takes a resolution into account that nobody subscribed to': async (subject) => {
    const { store } = subject;
    await store.setRules({ ...everything, routes: [{ match: [], events: ['firing'], to: [{ target: 'chat' }] }] });
    await store.commit([alert('a')]);
    await deliver(subject);
    // Within the interval, so that the re-opening is held back; then it is over.
    const resolved = alert('a', { status: 'resolved' });
    await store.commit([resolved, alert('a'), resolved]);
    subject.clock.now += 3_600_000;
    expect(await claim(subject)).toEqual([]);
    expect(await store.query.tally()).toMatchObject({ owed: 2, delivered: 1, superseded: 1, pending: 0 });
  },

  'renders an update from the data of those that changed': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    await store.commit([alert('a', { data: '{"disk":"/"}' })]);
    for (const target of ['chat', 'log']) await deliver(subject, target);
    await store.commit([alert('b', { data: '{"disk":"/var"}' }), alert('c', { data: '{"disk":"/srv"}' })]);
    clock.now += 60_000;
    const [latest] = await claim(subject, 'chat');
    const [every] = await claim(subject, 'log');
    expect(latest?.members.map(({ data }) => data)).toEqual(['{"disk":"/"}', '{"disk":"/var"}', '{"disk":"/srv"}']);
    expect(every?.members.map(({ data }) => data)).toEqual(['{"disk":"/srv"}', '{"disk":"/var"}']);
  },

  'gives up after five claims that nobody answers': async (subject) => {
    const { store, clock } = subject;
    await store.setRules(everything);
    const [outcome] = await store.commit([alert('a')]);
    for (let number = 1; number <= 5; number++) {
      expect(await claim(subject)).toMatchObject([{ delivery: { claims: number } }]);
      clock.now += 60_000;
    }
    expect(await claim(subject)).toEqual([]);
    const { items } = await store.query.deliveries({ group: groupOf(outcome), target: 'chat' }, { limit: 1 });
    expect(items).toMatchObject([{ dead: 'crashed', due: null, cursor: 1, leaseUntil: null }]);
    expect(await store.query.tally()).toMatchObject({ owed: 2, 'dead.crashed': 1, pending: 1 });
    await store.commit([alert('a', { status: 'resolved' })]);
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'resolved' }, delivery: { claims: 1 } }]);
  },

  'walks a long log without a gap, and jumps to its end': async (subject) => {
    const { store, clock } = subject;
    await store.setRules({ ...everything, sources: {} });
    const acts = (round: number) => (round === 450 ? 'acknowledged' : round % 2 === 0 ? 'critical' : 'warning');
    await store.commit([alert('a')]);
    for (let round = 1; round <= 900; round++) {
      const what = acts(round);
      const signal = alert(
        'a',
        what === 'acknowledged' ? { status: what } : { severity: what as 'critical' | 'warning' },
      );
      // Alone in its commit each, so that updates don't fold before they are written.
      void store.commit([{ ...signal, at: clock.now + round }]);
      if (round % 50 === 0) await store.query.tally();
    }
    await store.commit([alert('a', { status: 'resolved', at: clock.now + 1000 })]);
    clock.now += 3_600_000;
    expect(await claim(subject)).toMatchObject([{ event: { kind: 'resolved' }, telling: 'resolved' }]);
    const walked: string[] = [];
    for (let due = await deliver(subject, 'log'); due.length > 0; due = await deliver(subject, 'log')) {
      walked.push(...due.map(({ event }) => event.kind));
      clock.now += 3_600_000;
    }
    expect(walked.filter((kind) => kind !== 'updated')).toContain('acknowledged');
    expect(walked[0]).toBe('firing');
    expect(walked.at(-1)).toBe('resolved');
  },
};
