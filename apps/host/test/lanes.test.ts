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
      lanes.end('ops', 'retry', false);
    }
  };
  return { clock, lanes, room, fail };
}

describe('A lane', () => {
  test('is given twice what is sent at a time, so that the next are rendered meanwhile', () => {
    const { lanes, room } = open();
    expect(room()).toBe(16);
    lanes.begin('ops');
    expect(room()).toBe(15);
    lanes.end('ops', 'delivered', false);
    expect(room()).toBe(16);
    expect(open({ concurrency: 1 }).room()).toBe(2);
  });

  test('is given more once its target was quick for a while, and less again when it pauses or fails', () => {
    const { clock, lanes, room, fail } = open();
    const deliver = (times: number, pause: number) => {
      for (let count = 0; count < times; count++) {
        clock.now += pause;
        lanes.begin('ops');
        lanes.end('ops', 'delivered', false);
      }
    };
    deliver(24, 100);
    expect(room()).toBe(16);
    deliver(1, 100);
    expect(room()).toBe(32);
    for (let count = 0; count < 17; count++) lanes.begin('ops');
    expect(lanes.isHungry('ops')).toBe(false);
    lanes.end('ops', 'delivered', false);
    expect(lanes.isHungry('ops')).toBe(true);
    for (let count = 0; count < 16; count++) lanes.end('ops', 'delivered', false);
    clock.now += 101;
    expect(room()).toBe(16);
    deliver(25, 100);
    expect(room()).toBe(32);
    fail(1);
    expect(room()).toBe(16);
    deliver(25, 101);
    expect(room()).toBe(16);
  });

  test('sends eight at a time, or as many as its target says, in the order in which they came', async () => {
    const { lanes } = open({ concurrency: 2 });
    const sent: number[] = [];
    for (const number of [1, 2, 3, 4]) {
      lanes.begin('ops');
      void lanes.place('ops').then(() => sent.push(number));
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect(sent).toEqual([1, 2]);
    // One that never had a place gives none back.
    lanes.begin('ops');
    lanes.end('ops', 'released', false);
    await turn();
    expect(sent).toEqual([1, 2]);
    lanes.end('ops', 'delivered', true);
    await turn();
    expect(sent).toEqual([1, 2, 3]);
    lanes.end('ops', 'delivered', true);
    lanes.end('ops', 'delivered', true);
    lanes.end('ops', 'delivered', true);
    await turn();
    expect(sent).toEqual([1, 2, 3, 4]);
    await Promise.all([lanes.place('ops'), lanes.place('ops')]);
  });

  test('has one a second at a rate of one after a burst of five, and says when', () => {
    const { clock, lanes, room } = open({ rate: 1, concurrency: 20 });
    expect(room()).toBe(5);
    for (let count = 0; count < 5; count++) {
      lanes.begin('ops');
      lanes.end('ops', 'delivered', false);
    }
    expect(room()).toBe(0);
    expect(lanes.opensIn()).toBe(1000);
    clock.now += 999;
    expect(room()).toBe(0);
    clock.now += 1;
    expect(room()).toBe(1);
    expect(lanes.opensIn()).toBeUndefined();
  });

  test('saves no more of its rate than five seconds’', () => {
    const { clock, room } = open({ rate: 3, concurrency: 100 });
    clock.now += 3_600_000;
    expect(room()).toBe(15);
    expect(open({ rate: 0.1 }).room()).toBe(1);
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
        expect(sent).toBeLessThanOrEqual(Math.max(1, 5 * rate) + ((clock.now - start) / 1000) * rate + 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});

describe('A breaker', () => {
  test('tries a target one by one once five sends have failed one after the other', () => {
    const { clock, lanes, room, fail } = open();
    fail(4);
    expect(room()).toBe(16);
    fail(1);
    expect(room()).toBe(0);
    expect(lanes.opensIn()).toBe(2_000);
    clock.now += 2_000;
    expect(room()).toBe(1);
    lanes.begin('ops');
    expect(room()).toBe(0);
    lanes.end('ops', 'retry', false);
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
    expect(lanes.end('ops', outcome, false)).toEqual({ hasRecovered: true });
    expect(room()).toBe(16);
    expect(lanes.opensIn()).toBeUndefined();
  });

  test.each(['released', 'unknown'] as const)('learns nothing from what never got there: %s', (outcome) => {
    const { lanes, room, fail } = open();
    fail(4);
    lanes.begin('ops');
    expect(lanes.end('ops', outcome, false)).toEqual({ hasRecovered: false });
    fail(1);
    expect(room()).toBe(0);
  });

  test('begins anew after a success', () => {
    const { lanes, room, fail } = open();
    fail(4);
    lanes.begin('ops');
    expect(lanes.end('ops', 'delivered', false)).toEqual({ hasRecovered: false });
    fail(4);
    expect(room()).toBe(16);
  });

  test('hurries what is owed once a minute at most', () => {
    const { clock, lanes, fail } = open();
    const recover = () => {
      fail(5);
      lanes.begin('ops');
      return lanes.end('ops', 'delivered', false).hasRecovered;
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
      lanes.end('ops', 'retry', false);
      clock.now += pause;
    }
  });
});

test('One lane takes nothing from another', () => {
  const clock = { now: 0 };
  const lanes = new Lanes([['down', {}] as const, ['well', {}] as const], () => clock.now);
  for (let count = 0; count < 20; count++) {
    lanes.begin('down');
    lanes.end('down', 'retry', false);
  }
  expect(lanes.budgets()).toEqual([
    { target: 'down', most: 0 },
    { target: 'well', most: 16 },
  ]);
});
