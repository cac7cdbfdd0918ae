import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, Rules, Settled } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import type { Claimed } from '../src/protocol.ts';
import { DirectStore } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

// What the store sees happen and nobody else does.

const rules: Rules = {
  version: '1',
  targets: { chat: { mode: 'latest' } },
  routes: [{ match: [], to: [{ target: 'chat' }] }],
  sources: {},
};
const lease = { owner: 'host-1', duration: 60_000, patience: 0 };
const claim = { lanes: [{ target: 'chat', most: 1 }], lease };
const poison = alert('x'.repeat(600));
let folder = '';
let store: DirectStore;

beforeEach(async () => {
  folder = await makeFolder();
  store = new DirectStore(join(folder, 'direct', 'tocsin.db'));
});
afterEach(async () => {
  store.close();
  await rm(folder, { recursive: true });
});

function settlement({ delivery, cursor, telling }: Claimed, result: Settled['result']): Settled {
  const { group, subscription, fence } = delivery;
  return { group, subscription, fence, cursor, telling, result, random: 0 };
}

test('A group that no subscription matches is found once, whatever happens to it later', () => {
  expect(store.write([alert('a')]).findings).toMatchObject([{ kind: 'unrouted', group: { key: 'disk' } }]);
  expect(store.write([alert('b'), alert('a', { status: 'resolved' })]).findings).toEqual([]);
  store.writer.setRules(rules);
  expect(store.write([alert('c', { group: 'cpu' })]).findings).toEqual([]);
});

test('A refusal is found, and one that was undone with its neighbour is found once', () => {
  store.writer.setRules(rules);
  const [due] = store.write([alert('a')], [], claim).due as Claimed[];
  const refused = settlement(due as Claimed, { outcome: 'refused', reason: '404: no such channel' });
  expect(store.write([poison], [refused]).findings).toMatchObject([
    { kind: 'dead', target: 'chat', reason: '404: no such channel', group: { key: 'disk' } },
  ]);
  expect(store.write([], [refused]).findings).toEqual([]);
});

test('What crashes its host again and again is found', () => {
  store.writer.setRules(rules);
  store.commit(alert('a'));
  const found: Finding[] = [];
  for (let round = 0; round < 6; round++) {
    found.push(...store.write([], [], claim).findings);
    store.now += lease.duration;
  }
  expect(found).toMatchObject([{ kind: 'dead', reason: '5 attempts ended without an outcome' }]);
});

test('Findings reach whoever opened the store', async () => {
  const found: Finding[] = [];
  const open = await openSqliteStore({ file: join(folder, 'tocsin.db'), onFinding: (finding) => found.push(finding) });
  await open.commit([alert('a')]);
  await open.query.tally();
  expect(found).toMatchObject([{ kind: 'unrouted' }]);
  await open.close();
});
