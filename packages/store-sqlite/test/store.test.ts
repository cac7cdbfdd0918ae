import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Due, Rules, Store } from '@tocsin/engine';
import { act, alert } from '@tocsin/engine/testing';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { readTables } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

const rules: Rules = {
  version: '1',
  targets: { chat: { mode: 'latest' } },
  routes: [{ match: [], wait: 60, interval: 0, to: [{ target: 'chat' }] }],
  sources: {},
};

// The contract moves the store's clock and so says nothing of timers.
test('By the system’s clock it wakes when `wait` is over, when a lease ends and when a silence does', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'tocsin.db');
  const store = await openSqliteStore({ file });
  await store.setRules(rules);
  const [outcome] = await store.commit([alert('a')]);
  const [first] = await timed(store, 60);
  expect(first?.event.kind).toBe('firing');
  const [again] = await timed(store, 80);
  expect(again?.delivery.claims).toBe(2);
  const group = first?.group.id ?? '';
  expect(outcome).toMatchObject({ group });
  await store.commit([act(group, 'silence', { until: Date.now() + 300 })]);
  await deliver(store, again);
  const kinds: (string | undefined)[] = [];
  while (!kinds.includes('unsilenced')) {
    const [due] = await timed(store, 300);
    await deliver(store, due);
    kinds.push(...(due?.since.map(({ kind }) => kind) ?? []));
  }
  expect(kinds).toEqual(['silenced', 'unsilenced']);
  await store.close();
  await rm(folder, { recursive: true });
});

async function deliver(store: Store, due: Due | undefined): Promise<void> {
  if (!due) throw new Error('nothing was due');
  const { cursor, telling, delivery } = due;
  const { group, subscription, fence } = delivery;
  await store.settle([{ group, subscription, fence, cursor, telling, result: { outcome: 'delivered' }, random: 0 }]);
}

/** A claim with a lease of 80 ms that may not take much longer. */
async function timed(store: Store, milliseconds: number) {
  const started = performance.now();
  const due = await store.claim([{ target: 'chat', most: 1 }], { owner: 'host-1', duration: 80, patience: 10_000 });
  const took = performance.now() - started;
  expect(took).toBeLessThan(milliseconds + 5000);
  return due;
}

test('A host that ends leaves everything in the tables, and nothing to the next one', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'tocsin.db');
  const lines: string[] = [];
  const store = await openSqliteStore({ file, print: (line) => lines.push(line) });
  await store.commit([alert('a')]);
  await store.close();
  expect(readTables(file, (table) => table.groups({}, { limit: 5 }).items)).toMatchObject([{ key: 'disk', firing: 1 }]);
  expect(lines).toEqual([]);
  await rm(folder, { recursive: true });
});
