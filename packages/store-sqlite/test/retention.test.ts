import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Retention, Rules, SendResult, Settled } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectStore } from './direct-store.ts';

const day = 86_400_000;

const rules: Rules = {
  version: '1',
  targets: { log: { mode: 'every' } },
  routes: [{ match: [], to: [{ target: 'log' }] }],
  sources: {},
};

let folder: string;
let store: DirectStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-retention-'));
  store = new DirectStore(join(folder, 'tocsin.db'));
  store.writer.setRules(rules);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const count = (table: string, where = 'true') =>
  Number(
    store.database.prepare<[], { count: number }>(`SELECT count(*) AS count FROM ${table} WHERE ${where}`).get()?.count,
  );

/** Tells what is due, or has it fail. */
function tell(result: SendResult = { outcome: 'delivered' }): number {
  const lease = { owner: 'host', duration: 60_000, patience: 0 };
  const { due } = store.write([], [], { lanes: [{ target: 'log', most: 100 }], lease });
  if (!Array.isArray(due)) throw new Error(due.message);
  const attempt = { startedAt: store.now, duration: 1, request: null, response: null, error: null };
  const settles = due.map(({ delivery, cursor, telling }): Settled => {
    const { group, subscription, fence } = delivery;
    return { group, subscription, fence, cursor, telling, result, random: 0.5, attempt };
  });
  store.write([], settles);
  return due.length;
}

/** A group that fired and ended, and of which everything was told. */
function episode(name: string): void {
  store.commit(alert(name, { group: name }));
  tell();
  store.commit(alert(name, { group: name, status: 'resolved' }));
  tell();
}

function sweepAll(): number {
  for (let steps = 1; ; steps++) if (!store.writer.sweep()) return steps;
}

test('attempts go after 30 days, closed groups with all that is theirs after 90', () => {
  episode('a');
  store.now += 20 * day;
  episode('b');
  store.now += 11 * day;
  sweepAll();
  expect([count('groups'), count('attempts')]).toEqual([2, 2]);
  store.now += 60 * day;
  sweepAll();
  expect([count('groups'), count('members'), count('events'), count('deliveries'), count('attempts')]).toEqual([
    1, 1, 2, 1, 0,
  ]);
  // What came after still finds what is left, and begins anew where nothing is.
  expect(store.commit(alert('a', { group: 'a' }), alert('b', { group: 'b' }))).toMatchObject([
    { result: 'grouped', status: 'firing' },
    { result: 'grouped', status: 'firing' },
  ]);
  store.writer.flush();
  // A group that is gone is nobody's last episode.
  expect(count('groups', 'previous IS NOT NULL')).toBe(1);
});

test('a group of which something is owed stays, however old', () => {
  store.commit(alert('a'), alert('a', { status: 'resolved' }), alert('b', { group: 'b' }));
  store.now += 1000 * day;
  sweepAll();
  expect([count('groups'), count('events')]).toEqual([2, 3]);
  tell();
  sweepAll();
  expect(count('groups')).toBe(2);
});

test('an open group stays, however old', () => {
  store.commit(alert('a'));
  tell();
  store.now += 1000 * day;
  sweepAll();
  expect([count('groups'), count('members')]).toEqual([1, 1]);
});

test('rejected requests go after a week, the samples of the others stay', () => {
  const request = { kind: 'request', source: 'prod', path: '', body: '', contentType: '' } as const;
  store.commit({ ...request, reason: 'no JSON' }, { ...request, reason: null });
  store.now += 7 * day + 1;
  sweepAll();
  expect([count('requests', 'is_rejected = 1'), count('requests', 'is_rejected = 0')]).toEqual([0, 1]);
});

test('dead letters stay as long as their group, and those that were tried again as long as attempts', () => {
  store.commit(alert('a'));
  tell({ outcome: 'refused', reason: 'HTTP 404' });
  store.now += 31 * day;
  sweepAll();
  expect(count('dead_letters')).toBe(1);
  store.writer.retry({});
  tell();
  store.now += 31 * day;
  sweepAll();
  expect(count('dead_letters')).toBe(0);
});

test('a large group goes in steps', () => {
  store.commit(...Array.from({ length: 5_000 }, (_, number) => alert(`${number}`)));
  store.commit(...Array.from({ length: 5_000 }, (_, number) => alert(`${number}`, { status: 'resolved' })));
  store.now += 60_000;
  while (tell() > 0) store.now += 60_000;
  store.now += 91 * day;
  expect(sweepAll()).toBeGreaterThan(2);
  expect([count('groups'), count('members'), count('events')]).toEqual([0, 0, 0]);
});

test('what takes more room than it may goes early, the oldest first, and never what is owed', () => {
  for (let number = 0; number < 5; number++) episode(`${number}`);
  store.commit(alert('owed', { group: 'owed' }), alert('owed', { group: 'owed', status: 'resolved' }));
  const bytes: Partial<Retention> = { bytes: 1 };
  store.writer.setRules({ ...rules, version: '2', retention: bytes });
  sweepAll();
  expect([count('groups'), count('attempts')]).toEqual([1, 0]);
  expect(tell()).toBe(1);
});

test('what is counted stays counted', () => {
  episode('a');
  const tally = () =>
    Object.fromEntries(
      store.database
        .prepare<[], { name: string; value: number }>('SELECT * FROM tally')
        .all()
        .map(({ name, value }) => [name, value]),
    );
  store.writer.flush();
  const before = tally();
  store.now += 91 * day;
  sweepAll();
  expect(count('groups')).toBe(0);
  expect(tally()).toEqual(before);
});
