import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rules, SendResult, Settled } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Claimed } from '../src/protocol.ts';
import { DirectStore } from './direct-store.ts';

// What a clock that is set does to what waits. Everything here happens within a second of time that passes.

const minute = 60_000;
const hour = 60 * minute;
const rules: Rules = {
  version: '1',
  targets: { log: { mode: 'every' }, chat: { mode: 'latest' }, night: { mode: 'latest' } },
  routes: [
    { match: [], wait: 30_000, repeat: 4 * hour, to: [{ target: 'log' }], continue: true },
    { match: [], to: [{ target: 'chat' }, { target: 'night', escalation: { after: 15 * minute, while: 'firing' } }] },
  ],
  sources: {},
};
const beginning = Date.UTC(2026, 0, 1, 12);

let folder: string;
let file: string;
let time: { now: number; elapsed: number };
let store: DirectStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-clock-'));
  file = join(folder, 'tocsin.db');
  time = { now: beginning, elapsed: 0 };
  open();
  store.writer.setRules(rules);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function open(): void {
  store = new DirectStore(file, { now: () => time.now, elapsed: () => time.elapsed });
}

function pass(milliseconds: number): void {
  time.now += milliseconds;
  time.elapsed += milliseconds;
}

function claim(target: string): Claimed[] {
  const lease = { owner: 'host', duration: 90_000, patience: 0 };
  const { due } = store.write([], [], { lanes: [{ target, most: 10 }], lease });
  if (!Array.isArray(due)) throw new Error(due.message);
  return due;
}

function settle(due: Claimed[], result: SendResult): void {
  const settles = due.map(({ delivery, cursor, telling }): Settled => {
    const { group, subscription, fence } = delivery;
    return { group, subscription, fence, cursor, telling, result, random: 0.5 };
  });
  store.write([], settles);
}

/** Milliseconds that pass until the target is told, looked for each second. */
function toldAfter(target: string, most = 10 * hour): number {
  for (let passed = 0; passed <= most; passed += 1_000) {
    if (claim(target).length > 0) return passed;
    pass(1_000);
  }
  return Number.POSITIVE_INFINITY;
}

describe.each([
  ['an hour forward', hour],
  ['an hour back', -hour],
])('A clock that is set %s', (_, jump) => {
  test('makes nobody send again what is being sent', () => {
    store.commit(alert('a'));
    expect(claim('chat')).toHaveLength(1);
    time.now += jump;
    expect(claim('chat')).toEqual([]);
    pass(89_000);
    expect(claim('chat')).toEqual([]);
    pass(1_000);
    expect(claim('chat')).toHaveLength(1);
  });

  test('changes no pause between two tries', () => {
    store.commit(alert('a'));
    for (let tries = 0; tries < 6; tries++) {
      settle(claim('chat'), { outcome: 'retry', reason: '503' });
      pass(hour);
    }
    settle(claim('chat'), { outcome: 'retry', reason: '503' });
    time.now += jump;
    expect(toldAfter('chat')).toBe(64_000);
  });

  test('tells each once, and nobody later than without it', () => {
    store.commit(alert('a'));
    pass(10_000);
    time.now += jump;
    expect(toldAfter('log')).toBeLessThanOrEqual(20_000);
    expect(claim('log')).toEqual([]);
    const night = toldAfter('night');
    expect(night).toBeLessThanOrEqual(15 * minute);
    // Forward it may be sooner: as if the host had stood still.
    if (jump < 0) expect(night).toBeGreaterThan(14 * minute);
  });

  test('keeps no reminder back', () => {
    store.commit(alert('a'));
    pass(30_000);
    settle(claim('log'), { outcome: 'delivered' });
    time.now += jump;
    expect(toldAfter('log')).toBeLessThanOrEqual(4 * hour);
  });

  test('lets an alert without news end in its time', () => {
    store.commit(alert('a', { status: 'resolved', next: hour }));
    time.now += jump;
    store.commit();
    expect(store.writer.nextDue([])).toBe(time.now + hour);
  });

  test('lets a silence end at its time of day', () => {
    const [outcome] = store.commit(alert('a'), alert('a', { status: 'silenced', expires: beginning + 2 * hour }));
    expect(outcome).toMatchObject({ result: 'grouped' });
    time.now += jump;
    store.commit();
    expect(store.writer.nextDue([])).toBe(beginning + 2 * hour);
  });
});

test('A clock that was put back while no host ran delays nothing by more', () => {
  store.commit(alert('a'));
  settle(claim('chat'), { outcome: 'retry', reason: '503' });
  store.close();
  time = { now: beginning - hour, elapsed: 7 };
  open();
  expect(toldAfter('chat')).toBeLessThanOrEqual(1_000);
  expect(toldAfter('log')).toBeLessThanOrEqual(30_000);
});

test('A clock that gains or loses a little, all the time, is not set', () => {
  store.commit(alert('a'));
  const due = store.writer.nextDue([{ target: 'log', most: 1 }]);
  for (let step = 0; step < 100; step++) {
    time.elapsed += 1;
    time.now += 50;
    store.writer.followClock();
  }
  expect(store.writer.nextDue([{ target: 'log', most: 1 }])).toBe(due);
});
