import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '@tocsin/engine';
import type { StoreUnderTest } from '@tocsin/engine/testing';
import { openSqliteStore, type SqliteStoreOptions } from '../src/index.ts';

export interface OpenStore extends StoreUnderTest {
  readonly file: string;
}

/** A folder for one test's files. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tocsin-store-'));
}

/** A store in a folder of its own, with a clock that stands still. */
export async function openStore(options: Partial<SqliteStoreOptions> & { now: number }): Promise<OpenStore> {
  const { now, ...rest } = options;
  const folder = await makeFolder();
  const file = join(folder, 'data', 'tocsin.db');
  const time = new BigInt64Array(new SharedArrayBuffer(8));
  const open = () => openSqliteStore({ file, clock: time, ...rest });
  Atomics.store(time, 0, BigInt(now));
  let store: Store = await open();
  return {
    file,
    get store() {
      return store;
    },
    clock: {
      get now() {
        return Number(Atomics.load(time, 0));
      },
      set now(next: number) {
        Atomics.store(time, 0, BigInt(next));
      },
    },
    async reopen() {
      await store.close();
      store = await open();
    },
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
