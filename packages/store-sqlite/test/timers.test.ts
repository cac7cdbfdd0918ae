import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaneBudget } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectStore } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

// What the contract can't see of timers: when the writer would look next.

const hour = 3_600_000;
const word = alert('a', { status: 'resolved', next: hour });
let folder = '';
let store: DirectStore;

beforeEach(async () => {
  folder = await makeFolder();
  store = new DirectStore(join(folder, 'tocsin.db'));
});
afterEach(async () => {
  store.close();
  await rm(folder, { recursive: true });
});

test('A writer wakes for the first silence, and for no other reason', () => {
  expect(store.writer.nextDue([])).toBeUndefined();
  store.commit(word, alert('b', { status: 'resolved', next: 2 * hour }));
  expect(store.writer.nextDue([])).toBe(store.now + hour);
  store.commit({ ...word, next: 0 });
  expect(store.writer.nextDue([])).toBe(store.now + 2 * hour);
});

test('A silence that can’t be stored keeps no writer awake', () => {
  store.commit({ ...word, group: 'x'.repeat(600) });
  store.now += hour;
  store.commit();
  expect(store.writer.nextDue([])).toBeUndefined();
});

test('A transaction that is undone in the middle forgets no timer', () => {
  const lanes = [{ target: {} as string, most: 1 }] satisfies LaneBudget[]; // what no statement takes
  const broken = { lanes, lease: { owner: 'host-1', duration: 1000, patience: 0 } };
  store.commit(word, alert('b', { status: 'resolved', next: 2 * hour }));
  store.now += hour;
  expect(store.write([], [], broken).due).toMatchObject({ code: 'store-data' });
  expect(store.writer.nextDue([])).toBe(store.now + hour);
  expect(store.commit({ ...word, next: 0 })).toMatchObject([{ result: 'grouped', status: 'resolved' }]);
});
