import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LaneLimits, Lanes } from '../src/deliver/lanes.ts';

/** Lanes with a clock in the test's hands; `ops` is the one that is looked at. */
function open(limits: LaneLimits = {}) {
  const clock = { now: 1_000_000 };
  const lanes = new Lanes([['ops', limits]], () => clock.now);
  const room = () => lanes.budgets()[0]?.most ?? 0;
  const fail = (times: number) => {
    for (let count = 0; count < times; count++) {
      lanes.begin('ops');
      lanes.end('ops', 'retry');
    }
  };
  return { clock, lanes, room, fail };
}

describe('A lane', () => {
  test('takes eight at a time, or as many as its target says', () => {
    const { lanes, room } = open();
    expect(room()).toBe(8);
    lanes.begin('ops');
    expect(room()).toBe(7);
    lanes.end('ops', 'delivered');
    expect(room()).toBe(8);
    expect(open({ concurrency: 1 }).room()).toBe(1);
  });

  test('has one a second at a rate of one, and says when', () => {
    const { clock, lanes, room } = open({ rate: 1 });
    expect(room()).toBe(1);
    lanes.begin('ops');
    lanes.end('ops', 'delivered');
    expect(room()).toBe(0);
    expect(lanes.opensIn()).toBe(1000);
    clock.now += 999;
    expect(room()).toBe(0);
    clock.now += 1;
    expect(room()).toBe(1);
    expect(lanes.opensIn()).toBeUndefined();
  });

  test('saves no more of its rate than a second’s', () => {
    const { clock, lanes, room } = open({ rate: 3 });
    clock.now += 3_600_000;
    expect(room()).toBe(3);
    for (let count = 0; count < 3; count++) lanes.begin('ops');
    expect(room()).toBe(0);
  });

  test('never gives more than its rate, however it is asked', () => {
    const rates = fc.double({ min: 0.1, max: 50, noNaN: true });
    const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(rates, pauses, (rate, steps) => {
        const { clock, lanes, room } = open({ rate, concurrency: 1_000 });
        const start = clock.now;
        let sent = 0;
        for (const pause of steps) {
          clock.now += pause;
          for (let left = room(); left > 0; left--) {
            lanes.begin('ops');
            sent++;
          }
        }
        expect(sent).toBeLessThanOrEqual(Math.max(1, rate) + ((clock.now - start) / 1000) * rate + 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});

describe('A breaker', () => {
  test('tries a target one by one once five sends have failed one after the other', () => {
    const { clock, lanes, room, fail } = open();
    fail(4);
    expect(room()).toBe(8);
    fail(1);
    expect(room()).toBe(0);
    expect(lanes.opensIn()).toBe(2_000);
    clock.now += 2_000;
    expect(room()).toBe(1);
    lanes.begin('ops');
    expect(room()).toBe(0);
    lanes.end('ops', 'retry');
    expect(lanes.opensIn()).toBe(4_000);
  });

  test('counts those that failed together once', () => {
    const { lanes, fail } = open();
    fail(8);
    expect(lanes.opensIn()).toBe(2_000);
  });

  test('waits no longer than half a minute', () => {
    const { clock, lanes, fail } = open();
    for (let count = 0; count < 100; count++) {
      fail(1);
      clock.now += lanes.opensIn() ?? 0;
    }
    fail(1);
    expect(lanes.opensIn()).toBe(30_000);
  });

  test.each(['delivered', 'refused', 'disabled'] as const)('closes when the target answers: %s', (outcome) => {
    const { clock, lanes, room, fail } = open();
    fail(6);
    clock.now += 4_000;
    lanes.begin('ops');
    expect(lanes.end('ops', outcome)).toEqual({ hasRecovered: true });
    expect(room()).toBe(8);
    expect(lanes.opensIn()).toBeUndefined();
  });

  test.each(['released', 'unknown'] as const)('learns nothing from what never got there: %s', (outcome) => {
    const { lanes, room, fail } = open();
    fail(4);
    lanes.begin('ops');
    expect(lanes.end('ops', outcome)).toEqual({ hasRecovered: false });
    fail(1);
    expect(room()).toBe(0);
  });

  test('begins anew after a success', () => {
    const { lanes, room, fail } = open();
    fail(4);
    lanes.begin('ops');
    expect(lanes.end('ops', 'delivered')).toEqual({ hasRecovered: false });
    fail(4);
    expect(room()).toBe(8);
  });

  test('hurries what is owed once a minute at most', () => {
    const { clock, lanes, fail } = open();
    const recover = () => {
      fail(5);
      lanes.begin('ops');
      return lanes.end('ops', 'delivered').hasRecovered;
    };
    expect(recover()).toBe(true);
    expect(recover()).toBe(false);
    clock.now += 60_000;
    expect(recover()).toBe(true);
  });

  test('never makes a single delivery wait longer than its own retries do', () => {
    const { clock, lanes, room } = open();
    // The shortest pause of each retry: a second, doubling, less a fifth.
    for (let attempt = 1, pause = 800; attempt < 12; attempt++, pause *= 2) {
      expect(room()).toBeGreaterThan(0);
      lanes.begin('ops');
      lanes.end('ops', 'retry');
      clock.now += pause;
    }
  });
});

test('One lane takes nothing from another', () => {
  const clock = { now: 0 };
  const lanes = new Lanes([['down', {}] as const, ['well', {}] as const], () => clock.now);
  for (let count = 0; count < 20; count++) {
    lanes.begin('down');
    lanes.end('down', 'retry');
  }
  expect(lanes.budgets()).toEqual([
    { target: 'down', most: 0 },
    { target: 'well', most: 8 },
  ]);
});
