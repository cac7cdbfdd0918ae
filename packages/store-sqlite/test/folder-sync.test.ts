import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { lockDatabase, openDatabase } from '../src/database.ts';
import { Journal, journalOf } from '../src/journal.ts';
import { makeFolder } from './open-store.ts';

// Files that ran before this one have loaded the store with the real disk, and those after it want that again.
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

/** The paths whose descriptors were synced, in order. */
const synced = vi.hoisted((): (string | undefined)[] => []);

vi.mock('node:fs', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:fs')>();
  const paths = new Map<number, string>();
  return {
    ...actual,
    openSync: (...[path, ...rest]: Parameters<typeof actual.openSync>) => {
      const descriptor = actual.openSync(path, ...rest);
      paths.set(descriptor, String(path));
      return descriptor;
    },
    fsyncSync: (descriptor: number) => {
      synced.push(paths.get(descriptor));
      actual.fsyncSync(descriptor);
    },
  };
});

test('A new file’s folder is synced, and the folders above that had to be made', async () => {
  const root = await makeFolder();
  const file = join(root, 'var', 'data', 'tocsin.db');
  const folder = dirname(file);
  const open = () => {
    synced.length = 0;
    const lock = lockDatabase(file);
    openDatabase(file).close();
    new Journal(journalOf(file), true).close();
    lock.close();
    return [...synced];
  };
  expect(open()).toEqual([dirname(folder), root, folder, journalOf(file), folder]);
  expect(open()).toEqual([]);
  await rm(root, { recursive: true });
});
