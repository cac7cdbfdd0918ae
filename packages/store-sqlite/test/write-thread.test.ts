import { EventEmitter } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { packSignals, type Rules } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockDatabase, openDatabase } from '../src/database.ts';
import { Journal, journalOf } from '../src/journal.ts';
import type { Answer, Claimed, Request, WorkerData } from '../src/protocol.ts';
import { WriteThread } from '../src/write-thread.ts';
import { makeFolder } from './open-store.ts';

// When answers leave, and when the journal is synced.

const rules: Rules = {
  version: '1',
  targets: { hook: { mode: 'every' } },
  routes: [{ match: [], to: [{ target: 'hook' }] }],
  sources: {},
};
const lease = { owner: 'host-1', duration: 60_000, patience: 10_000 };
const lanes = [{ target: 'hook', most: 1 }];

let folder = '';
/** Answers as they leave, and syncs, in their order. */
let done: (Answer | 'sync')[] = [];
let ask: (request: Request) => void;

beforeEach(async () => {
  folder = await makeFolder();
  const file = join(folder, 'tocsin.db');
  done = [];
  const lock = lockDatabase(file);
  const database = openDatabase(file);
  const journal = new Journal(journalOf(file), true);
  const sync = journal.sync.bind(journal);
  vi.spyOn(journal, 'sync').mockImplementation(() => {
    sync();
    done.push('sync');
  });
  const port = new EventEmitter();
  const postMessage = (answers: Answer[]) => void done.push(...answers);
  Object.assign(port, { postMessage, close() {} });
  const setup: WorkerData = { role: 'writer', file, synchronous: 'FULL', clock: null, without: [] };
  new WriteThread(port as unknown as MessagePort, setup, { database, journal, lock }); // as much of a port as it uses
  ask = (request) => port.emit('message', request);
  ask({ kind: 'rules', id: 1, rules });
  await answered('done', 1);
  done = [];
});

afterEach(async () => {
  ask({ kind: 'close', id: 99 });
  await answered('done', 99);
  await rm(folder, { recursive: true });
});

async function answered(kind: Answer['kind'], id: number): Promise<Answer> {
  const isIt = (one: Answer | 'sync') => one !== 'sync' && one.kind === kind && 'id' in one && one.id === id;
  return await vi.waitFor(() => {
    const found = done.find(isIt);
    if (found && found !== 'sync') return found;
    throw new Error(`no ${kind}`);
  });
}

const kinds = () => done.map((one) => (one === 'sync' ? one : one.kind));

test('an alert is answered after the sync, and its claim is handed out before and called durable after it', async () => {
  ask({ kind: 'claim', id: 2, lanes, lease });
  ask({ kind: 'write', id: 3, commits: [packSignals([alert('a')])] });
  await answered('written', 3);
  expect(kinds()).toEqual(['claimed', 'sync', 'written', 'done']);
});

test('a settlement is answered before its sync, which follows soon', async () => {
  ask({ kind: 'claim', id: 2, lanes, lease });
  ask({ kind: 'write', id: 3, commits: [packSignals([alert('a')])] });
  await answered('written', 3);
  const claimed = done.flatMap((one) => (one !== 'sync' && one.kind === 'claimed' ? one.due : []))[0] as Claimed;
  done = [];
  const { delivery, cursor, telling } = claimed;
  const { group, subscription, fence } = delivery;
  const settled = { group, subscription, fence, cursor, telling, result: { outcome: 'delivered' }, random: 0 };
  ask({ kind: 'settle', id: 4, settles: [JSON.stringify(settled)] });
  await answered('settled', 4);
  await vi.waitFor(() => expect(kinds()).toEqual(['settled', 'sync']));
});
