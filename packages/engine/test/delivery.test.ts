import { eventKinds } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, givesUpAfter, mostClaims, type SendResult, settled, subscriptionId } from '../src/delivery.ts';
import type { Delivery, EventKind } from '../src/types.ts';
import { Postman, told } from './support/postman.ts';
import { start } from './support/scenario.ts';

const both = ['latest', 'every'] as const;
const states: EventKind[] = ['firing', 'resolved'];

describe('What goes at once', () => {
  test.each(both)('a first firing, an acknowledgement and a resolution: %s', (mode) => {
    const timeline = `
      1s firing a
      2s ann acknowledge
      3s bob unacknowledge
      4s resolved a
    `;
    expect(told(timeline, { mode })).toEqual(['1s firing', '2s acknowledged', '3s unacknowledged', '4s resolved']);
  });

  test.each(both)('a first firing in a group that only had notices: %s', (mode) => {
    expect(told('1s notice a\n 2s firing a', { mode })).toEqual(['1s notice', '2s firing']);
  });

  test.each(both)('a notice, also while a re-opening is held back: %s', (mode) => {
    const timeline = '0s firing a\n 10s resolved a\n 20s firing a\n 30s notice a\n 40s resolved a';
    const latest = ['0s firing', '10s resolved', '30s notice of firing, notice', '40s resolved'];
    const every = ['0s firing', '10s resolved', '70s firing', '70s notice', '70s resolved'];
    expect(told(timeline, { mode })).toEqual(mode === 'latest' ? latest : every);
  });
});

describe('`latest` and `every`', () => {
  const outage = `
    0s  firing a
    10s down
    20s ann acknowledge
    30s firing b
    40s resolved b
    50s resolved a
    60s up
  `;

  test('`latest` jumps to the newest event', () => {
    expect(told(outage)).toEqual(['0s firing', '83s resolved of acknowledged, updated, updated, resolved']);
  });

  test('`every` walks status changes one by one, in order; updates fold into what comes after them', () => {
    expect(told(outage, { mode: 'every' })).toEqual(['0s firing', '83s acknowledged', '83s resolved']);
  });

  test('`every` folds updates into one', () => {
    const timeline = '0s firing a\n 10s firing b\n 20s firing c\n 30s resolved c';
    expect(told(timeline, { mode: 'every' })).toEqual(['0s firing', '60s updated of updated, updated, updated']);
  });

  test.each(both)('nobody is told what they didn’t subscribe to: %s', (mode) => {
    const timeline = '0s firing a\n 10s ann acknowledge\n 20s firing b\n 90s notice a\n 99s ann resolve';
    expect(told(timeline, { mode, events: states })).toEqual(['0s firing', '99s resolved']);
    expect(told(timeline, { mode, events: ['acknowledged'] })).toEqual(['10s acknowledged']);
  });
});

describe('`wait`', () => {
  test.each(both)('holds back the first notice: %s', (mode) => {
    expect(told('0s firing a\n 1h resolved a', { mode, wait: '30s' })).toEqual(['30s firing', '3600s resolved']);
  });

  test('collects what comes meanwhile', () => {
    const timeline = '0s firing a\n 10s ann acknowledge\n 20s firing b';
    expect(told(timeline, { wait: '30s' })).toEqual(['30s acknowledged of firing, acknowledged, updated']);
  });

  test.each(both)('a group that fired and resolved within it is not told: %s', (mode) => {
    expect(told('0s firing a\n 29s resolved a', { mode, wait: '30s' })).toEqual([]);
    expect(told('0s firing a\n 30s resolved a', { mode, wait: '30s' }).length).toBeGreaterThan(0);
  });

  test('an update meanwhile makes nobody look sooner', () => {
    const postman = new Postman({ wait: '30s' });
    postman.scenario.do('firing a');
    postman.scenario.do('firing b');
    expect(postman.next).toBe(start + 30_000);
  });

  test.each(both)('but the next incarnation is: %s', (mode) => {
    const timeline = '0s firing a\n 10s resolved a\n 20s firing a';
    expect(told(timeline, { mode, wait: '30s' }).at(-1)).toMatch(/s firing/);
  });

  test.each(both)('a notice in it is told all the same: %s', (mode) => {
    const messages = told('0s firing a\n 5s notice a\n 10s resolved a', { mode, wait: '30s' });
    expect(messages.join()).toContain('notice');
  });
});

describe('`interval`', () => {
  test.each(both)('keeps posts of `updated` apart: %s', (mode) => {
    const timeline = Array.from({ length: 18 }, (_, index) => `${index * 10}s firing m${index}`).join('\n');
    expect(told(timeline, { mode }).map((message) => message.split(' ')[0])).toEqual(['0s', '60s', '120s', '180s']);
  });

  test.each(both)('flapping costs a post per interval and the last word is right: %s', (mode) => {
    const flapping = (times: number) =>
      Array.from({ length: times }, (_, index) => `${index * 7}s ${index % 2 === 0 ? 'firing' : 'resolved'} a`).join(
        '\n',
      );
    for (const events of [undefined, states]) {
      const messages = told(flapping(100), { mode, events });
      expect(messages.length).toBeLessThanOrEqual(2 + 2 * (700 / 60));
      expect(messages.at(-1)).toMatch(/ resolved/);
      expect(told(flapping(99), { mode, events }).at(-1)).toMatch(/ firing/);
    }
  });

  test.each(both)('holds re-openings also from those who don’t hear of resolutions: %s', (mode) => {
    const timeline = '0s firing a\n 10s resolved a\n 20s firing a\n 30s resolved a\n 40s firing a';
    const messages = told(timeline, { mode, events: ['firing'] });
    expect(messages).toEqual(['0s firing', mode === 'latest' ? '60s firing of firing, firing' : '60s firing']);
  });

  test.each(both)('a re-opening that it holds back takes its own resolution with it: %s', (mode) => {
    const timeline = '0s firing a\n 10s resolved a\n 20s firing a\n 30s resolved a';
    expect(told(timeline, { mode })).toEqual(['0s firing', '10s resolved']);
  });

  test('is not measured from a last post in the future: the clock was put back', () => {
    const postman = new Postman({ interval: '5m' });
    postman.scenario.do('firing a');
    for (const claim of postman.claim()) postman.settle(claim, { outcome: 'delivered' });
    postman.scenario.now -= 3_600_000;
    postman.scenario.do('firing b');
    expect(postman.claim()).toHaveLength(1);
  });

  test('doesn’t hold back what a person does', () => {
    const timeline = '0s firing a\n 10s resolved a\n 20s firing a\n 25s ann acknowledge\n 30s firing b';
    expect(told(timeline)).toEqual([
      '0s firing',
      '10s resolved',
      '25s acknowledged of firing, acknowledged',
      '85s updated',
    ]);
  });
});

describe('A target that is down', () => {
  test('a group that fired and resolved meanwhile is told once, with both', () => {
    expect(told('0s down\n 1s firing a\n 60s resolved a\n 90s up')).toEqual(['128s resolved of firing, resolved']);
  });

  test('in `every` it is told both, in order', () => {
    const timeline = '0s down\n 1s firing a\n 60s resolved a\n 90s up';
    expect(told(timeline, { mode: 'every' })).toEqual(['128s firing', '128s resolved']);
  });

  test.each(both)('whoever was told firing is told resolved, though the group flapped meanwhile: %s', (mode) => {
    const timeline = `
      0s  firing a
      5s  down
      10s resolved a
      15s firing a
      39s up
      40s resolved a
    `;
    const [, resolved, ...more] = told(timeline, { mode });
    expect(resolved).toMatch(mode === 'latest' ? /^40s resolved/ : /^41s resolved/);
    expect(more).toEqual([]);
  });
});

describe('A silence', () => {
  test.each(both)('holds updates until it ends: %s', (mode) => {
    const timeline = '0s firing a\n 1s ann silence until=10m\n 70s firing b\n 80s firing c';
    expect(told(timeline, { mode, events: ['firing', 'updated', 'resolved'] })).toEqual([
      '0s firing',
      '600s updated of updated, updated',
    ]);
  });

  test.each(both)('or until somebody ends it: %s', (mode) => {
    const timeline = '0s firing a\n 1s ann silence until=10m\n 70s firing b\n 80s ann unsilence';
    expect(told(timeline, { mode, events: ['firing', 'updated'] })).toEqual(['0s firing', '80s updated']);
  });

  test.each(both)('that is made longer holds longer: %s', (mode) => {
    const timeline = '0s firing a\n 1s ann silence until=5m\n 70s firing b\n 80s ann silence until=10m';
    expect(told(timeline, { mode, events: ['firing', 'updated'] })).toEqual(['0s firing', '600s updated']);
  });

  test.each(both)('also holds those that a failing target kept waiting: %s', (mode) => {
    const timeline = `
      0s  firing a
      10s down
      20s firing b
      62s ann silence until=10m
      70s up
      80s ann unsilence
    `;
    expect(told(timeline, { mode, events: ['firing', 'updated'] })).toEqual(['0s firing', '80s updated']);
  });

  test.each(both)('doesn’t hold the resolution: %s', (mode) => {
    const timeline = '0s firing a\n 1s ann silence until=10m\n 70s firing b\n 80s ann resolve';
    expect(told(timeline, { mode, events: ['firing', 'updated', 'resolved'] }).at(-1)).toMatch(/^80s resolved/);
  });
});

describe('How an attempt ends', () => {
  /** One firing that is owed, tried and settled with these results, each as soon as it is due. */
  function tried(...results: SendResult[]) {
    const postman = new Postman();
    postman.scenario.do('firing a');
    const times = results.map((result) => {
      postman.scenario.now = Math.max(postman.scenario.now, postman.next);
      for (const claim of postman.claim()) postman.settle(claim, result);
      return (postman.next - postman.scenario.now) / 1000;
    });
    return { postman, delivery: postman.deliveries[0] as Delivery, times };
  }
  const retry: SendResult = { outcome: 'retry', reason: '503' };

  test('delivered: it owes nothing more, and keeps the target’s handle', () => {
    const { delivery } = tried({ outcome: 'delivered', ref: 'ts-1' });
    expect(delivery).toMatchObject({
      cursor: 1,
      toldStatus: 'firing',
      toldAt: start,
      ref: 'ts-1',
      due: null,
      claims: 0,
    });
    const again = settled(delivery, { cursor: 2, telling: 'resolved' }, { outcome: 'delivered' }, start, 0);
    expect(again.ref).toBe('ts-1');
  });

  test('retry: after 1 s, then twice as long each time', () => {
    expect(tried(retry, retry, retry, retry).times).toEqual([1, 2, 4, 8]);
  });

  test('retry: no sooner than the target asks', () => {
    expect(tried({ ...retry, after: 30_000 }, { ...retry, after: 500 }).times).toEqual([30, 2]);
  });

  test('retry: given up after three days', () => {
    const { postman } = tried(retry);
    let tries = 1;
    for (; postman.deliveries[0]?.dead === null && tries < 1000; tries++) {
      postman.scenario.now = postman.next;
      for (const claim of postman.claim()) postman.settle(claim, retry);
    }
    const lasted = postman.scenario.now - start;
    expect(postman.deliveries[0]).toMatchObject({ dead: '503', due: null, cursor: 1, attempt: 0, failingSince: null });
    expect(lasted).toBeGreaterThan(givesUpAfter - 3_600_000);
    expect(lasted).toBeLessThanOrEqual(givesUpAfter);
    expect(tries).toBeGreaterThan(70);
    expect(postman.ends.dead).toBe(1);
  });

  test('refused: it moves on, and what comes next is tried', () => {
    const { postman } = tried({ outcome: 'refused', reason: 'no_service' });
    expect(postman.deliveries[0]).toMatchObject({ cursor: 1, dead: 'no_service', toldStatus: null, due: null });
    postman.scenario.do('ann acknowledge');
    expect(postman.deliveries[0]).toMatchObject({ dead: null, due: start });
    expect(postman.claim()[0]?.step.event.kind).toBe('acknowledged');
  });

  test('refused while more is owed: it lives on', () => {
    const postman = new Postman({ mode: 'every' });
    postman.scenario.do('firing a');
    postman.scenario.do('ann acknowledge');
    for (const claim of postman.claim()) postman.settle(claim, { outcome: 'refused', reason: 'no_service' });
    expect(postman.deliveries[0]).toMatchObject({ cursor: 1, dead: null, due: start });
  });

  test('released: the claim is undone', () => {
    const { delivery } = tried({ outcome: 'released' });
    expect(delivery).toMatchObject({ cursor: 0, claims: 0, attempt: 0, due: start, leaseUntil: null, fence: 1 });
  });

  test('not at all: claimed again when the lease ends, and dead(crashed) after five claims', () => {
    const postman = new Postman();
    postman.scenario.do('firing a');
    const fences: (number | undefined)[] = [];
    for (let claims = 0; claims < mostClaims; claims++) {
      const [claim] = postman.claim(30_000);
      fences.push(claim?.delivery.fence);
      expect(postman.claim()).toEqual([]);
      postman.scenario.now += 30_000;
    }
    expect(fences).toEqual([1, 2, 3, 4, 5]);
    expect(postman.claim()).toEqual([]);
    expect(postman.deliveries[0]).toMatchObject({ dead: 'crashed', cursor: 1, claims: 0, due: null, leaseUntil: null });
    postman.scenario.do('resolved a');
    expect(postman.claim()[0]?.step.event.kind).toBe('resolved');
  });

  test('too late: an outcome of an older claim is void', () => {
    const postman = new Postman();
    postman.scenario.do('firing a');
    const [first] = postman.claim(1000);
    postman.scenario.now += 1000;
    const [second] = postman.claim(1000);
    const held = postman.deliveries[0];
    if (first) postman.settle(first, { outcome: 'delivered' });
    expect(postman.deliveries[0]).toEqual(held);
    if (second) postman.settle(second, { outcome: 'delivered' });
    expect(postman.deliveries[0]).toMatchObject({ cursor: 1, toldStatus: 'firing' });
  });

  test('a success ends the count of failures', () => {
    const { delivery, times } = tried(retry, retry, { outcome: 'delivered' });
    expect(times).toEqual([1, 2, Infinity]);
    expect(delivery).toMatchObject({ attempt: 0, failingSince: null, dead: null });
  });
});

test('The pause before a retry is 1 s, doubling up to an hour, give or take a fifth', () => {
  expect([1, 2, 3, 12, 13, 1000].map((attempt) => backoff(attempt, 0.5))).toEqual([
    1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000,
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const pause = backoff(attempt, random);
      const middle = backoff(attempt, 0.5);
      expect(pause).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
      expect(pause).toBeLessThanOrEqual(Math.ceil(middle * 1.2));
      expect(Number.isSafeInteger(pause)).toBe(true);
    }),
  );
});

describe('A reminder', () => {
  const repeat = '10m';

  test.each(both)('comes while the group fires, as long after the last post as `repeat` says: %s', (mode) => {
    const timeline = '0s firing a\n 25m resolved a';
    expect(told(timeline, { mode, repeat })).toEqual([
      '0s firing',
      '600s firing of none',
      '1200s firing of none',
      '1500s resolved',
    ]);
  });

  test.each(both)('counts from the last post, whatever it said: %s', (mode) => {
    const timeline = '0s firing a\n 9m firing b\n 20m ann resolve';
    expect(told(timeline, { mode, repeat })).toEqual([
      '0s firing',
      '540s updated',
      '1140s firing of none',
      '1200s resolved',
    ]);
  });

  test.each(both)('stops at an acknowledgement, and goes on when that is taken back: %s', (mode) => {
    const timeline = '0s firing a\n 5m ann acknowledge\n 40m ann unacknowledge\n 55m resolved a';
    const expected = [
      '0s firing',
      '300s acknowledged',
      '2400s unacknowledged',
      '3000s firing of none',
      '3300s resolved',
    ];
    expect(told(timeline, { mode, repeat })).toEqual(expected);
  });

  test.each(both)('goes on for those who don’t hear of acknowledgements: %s', (mode) => {
    const timeline = '0s firing a\n 5m ann acknowledge\n 40m ann unacknowledge\n 45m resolved a';
    expect(told(timeline, { mode, repeat, events: states })).toEqual([
      '0s firing',
      '2400s firing of none',
      '2700s resolved',
    ]);
  });

  test('never comes to those who don’t want to hear of a firing', () => {
    expect(told('0s firing a\n 60m resolved a', { repeat, events: ['resolved', 'updated'] })).toEqual([
      '3600s resolved',
    ]);
  });

  test('is tried again like any message, and gives way to what is new', () => {
    const timeline = '0s firing a\n 9m down\n 11m ann acknowledge\n 12m up\n 20m resolved a';
    expect(told(timeline, { repeat })).toEqual(['0s firing', '727s acknowledged', '1200s resolved']);
  });

  test('that is refused is not followed by another before something new', () => {
    const postman = new Postman({ repeat });
    const { scenario } = postman;
    scenario.do('firing a');
    for (const claim of postman.claim()) postman.settle(claim, { outcome: 'delivered' });
    scenario.now += 600_000;
    for (const claim of postman.claim()) postman.settle(claim, { outcome: 'refused', reason: 'no_service' });
    expect(postman.deliveries[0]).toMatchObject({ due: null, dead: 'no_service' });
    scenario.do('firing b');
    expect(postman.deliveries[0]).toMatchObject({ dead: null });
  });
});

describe('An escalation', () => {
  const escalation = { after: '15m', while: 'firing' } as const;

  test.each(both)('begins when the group still has the status: %s', (mode) => {
    const timeline = '0s firing a\n 20m resolved a';
    expect(told(timeline, { mode, escalation })).toEqual(['900s firing', '1200s resolved']);
  });

  test.each(both)('isn’t needed once somebody has it: %s', (mode) => {
    const timeline = '0s firing a\n 14m ann acknowledge\n 60m resolved a';
    expect(told(timeline, { mode, escalation })).toEqual([]);
  });

  test.each(both)('isn’t needed for what is over: %s', (mode) => {
    expect(told('0s firing a\n 14m resolved a', { mode, escalation })).toEqual([]);
  });

  test.each(both)('waits anew when nobody has it any more: %s', (mode) => {
    const timeline = '0s firing a\n 10m ann acknowledge\n 30m ann unacknowledge\n 60m resolved a';
    expect(told(timeline, { mode, escalation })).toEqual(['2700s unacknowledged', '3600s resolved']);
  });

  test.each(both)('begins after all where it was acknowledged for a moment only: %s', (mode) => {
    const timeline = '0s firing a\n 5m ann acknowledge\n 6m ann unacknowledge\n 20m resolved a';
    const latest = ['900s unacknowledged of firing, acknowledged, unacknowledged', '1200s resolved'];
    const every = ['900s firing', '900s acknowledged', '900s unacknowledged', '1200s resolved'];
    expect(told(timeline, { mode, escalation })).toEqual(mode === 'latest' ? latest : every);
  });

  test.each(both)('begins anew with each incarnation: %s', (mode) => {
    const timeline = '0s firing a\n 16m resolved a\n 18m firing a\n 20m ann acknowledge\n 60m resolved a';
    expect(told(timeline, { mode, escalation })).toEqual(['900s firing', '960s resolved']);
  });

  test.each(both)('begins anew for those, too, who never hear of an end: %s', (mode) => {
    const timeline = '0s firing a\n 16m resolved a\n 18m firing a\n 20m ann acknowledge\n 60m resolved a';
    expect(told(timeline, { mode, escalation, events: ['firing'] })).toEqual(['900s firing']);
  });

  test.each(both)('that may have been heard is told the end: %s', (mode) => {
    const timeline = '0s firing a\n 14m down\n 16m ann acknowledge\n 17m resolved a\n 18m up';
    const latest = ['1155s resolved of firing, acknowledged, resolved'];
    const every = ['1155s firing', '1155s acknowledged', '1155s resolved'];
    expect(told(timeline, { mode, escalation })).toEqual(mode === 'latest' ? latest : every);
  });

  test('may be about a group that somebody has for too long', () => {
    const timeline = '0s firing a\n 5m ann acknowledge\n 70m resolved a';
    const long = { after: '1h', while: 'acknowledged' } as const;
    expect(told(timeline, { escalation: long })).toEqual(['3900s acknowledged', '4200s resolved']);
  });

  test('that isn’t needed is counted as suppressed', () => {
    const postman = new Postman({ escalation });
    postman.scenario.do('firing a');
    postman.scenario.do('ann acknowledge');
    postman.scenario.now += 900_000;
    expect(postman.claim()).toEqual([]);
    expect(postman.ends).toMatchObject({ suppressed: 2, delivered: 0 });
  });
});

test('A subscription is a target, or a target and an address', () => {
  expect(subscriptionId({ target: 'ops', address: null })).toBe('ops');
  expect(subscriptionId({ target: 'ops', address: '#noc' })).toBe('ops|#noc');
});

test('Nobody is told a quiet event', () => {
  const postman = new Postman();
  const { rules, ...compiled } = postman.scenario.rules;
  postman.scenario.rules = { ...compiled, rules: { ...rules, sources: { prod: { onNewMember: 'keep' } } } };
  for (const line of ['firing a', 'ann acknowledge']) postman.scenario.do(line);
  for (const claim of postman.claim()) postman.settle(claim, { outcome: 'delivered' });
  postman.scenario.do('firing b');
  expect(postman.deliveries[0]).toMatchObject({ cursor: 2, due: null });
});

test('A subscription without any kind is never owed anything', () => {
  expect(told('0s firing a\n 1s resolved a', { events: [] })).toEqual([]);
  expect(told('0s firing a', { events: [...eventKinds] })).toHaveLength(1);
});
