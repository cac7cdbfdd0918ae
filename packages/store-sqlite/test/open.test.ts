import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { alert } from '@tocsin/engine/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDatabase, openDatabase, refuseNetwork } from '../src/database.ts';
import { openSqliteStore } from '../src/index.ts';
import { migrations } from '../src/migrations.ts';
import { DirectStore, readTables } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

const next = { name: '002-notes', sql: 'ALTER TABLE groups ADD COLUMN note TEXT' };
let folder = '';

beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => rm(folder, { recursive: true }));

/** A closed store with one group in it. */
function fill(file: string): void {
  const store = new DirectStore(file);
  store.commit(alert('a'));
  store.close();
}

/** The groups that a host finds when it starts on this file. */
function keysIn(file: string): string[] {
  new DirectStore(file).close();
  return readTables(file, (table) => table.groups({}, { limit: 200 }).items.map(({ key }) => key));
}

function refusal(promise: Promise<unknown>): Promise<TocsinError> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => (error instanceof TocsinError ? error : Promise.reject(error)),
  );
}

test('A migration copies the files aside, and the way back that it prints works', async () => {
  const file = join(folder, "it's a folder", 'tocsin.db');
  fill(file);
  const lines: string[] = [];
  const known = migrations.length;
  const migrated = openDatabase(file, { migrations: [...migrations, next], print: (line) => lines.push(line) });
  migrated.prepare("UPDATE groups SET note = 'seen', key = 'changed'").run();
  migrated.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`Migrating ${file} from schema ${known} to ${known + 1}.`);
  expect(existsSync(`${file}-before-${known + 1}`)).toBe(true);

  const refused = await refusal(openSqliteStore({ file }));
  expect(refused.code).toBe('store');
  expect(refused.message).toContain(`has schema ${known + 1}; this version of Tocsin knows schemas up to ${known}`);
  expect(refused.remedy).toMatch(/newer version/);

  const [, command = ''] = /`(.*)`/.exec(lines[0] ?? '') ?? [];
  execFileSync('sh', ['-ec', command]);
  expect(keysIn(file)).toEqual(['disk']);
});

test('The way back also has what was only in the journal when the host crashed', async () => {
  const [alive, file] = [join(folder, 'alive', 'tocsin.db'), join(folder, 'crashed', 'tocsin.db')];
  const store = new DirectStore(alive);
  store.commit(alert('a'));
  await cp(join(folder, 'alive'), join(folder, 'crashed'), { recursive: true });
  store.close();
  const lines: string[] = [];
  openDatabase(file, { migrations: [...migrations, next], print: (line) => lines.push(line) }).close();
  // The newer version goes on, and its journal with it.
  await writeFile(`${file}-redo`, 'overwritten');
  const [, command = ''] = /`(.*)`/.exec(lines[0] ?? '') ?? [];
  execFileSync('sh', ['-ec', command]);
  expect(keysIn(file)).toEqual(['disk']);
});

test('A migration that fails leaves the schema as it was', async () => {
  const file = join(folder, 'tocsin.db');
  fill(file);
  const broken = {
    name: 'broken',
    sql: 'CREATE TABLE notes (id INTEGER); ALTER TABLE absent ADD COLUMN note TEXT',
  };
  expect(() => openDatabase(file, { migrations: [...migrations, broken] })).toThrow(/no such table: absent/);
  const database = openDatabase(file);
  expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'notes'").all()).toEqual([]);
  database.close();
  expect(keysIn(file)).toEqual(['disk']);
});

test('An up-to-date file is opened without a word and without a copy', async () => {
  const file = join(folder, 'tocsin.db');
  fill(file);
  const lines: string[] = [];
  openDatabase(file, { print: (line) => lines.push(line) }).close();
  expect(lines).toEqual([]);
  expect(existsSync(`${file}-before-2`)).toBe(false);
});

test('The database survives a power cut by its settings', () => {
  const database = openDatabase(join(folder, 'tocsin.db'));
  const settings = ['journal_mode', 'synchronous', 'fullfsync'].map((name) => database.pragma(name, { simple: true }));
  database.close();
  expect(settings).toEqual(['wal', 2, 1]);
});

test('A second host on the same file is refused, until the first ends', async () => {
  const file = join(folder, 'tocsin.db');
  const first = await openSqliteStore({ file });
  const refused = await refusal(openSqliteStore({ file }));
  expect(refused.code).toBe('store');
  expect(refused.message).toBe(`store-sqlite: ${file} is in use by another host`);
  expect(refused.remedy).toContain('a file of its own');
  await first.commit([alert('a')]);
  await first.close();
  expect(keysIn(file)).toEqual(['disk']);
});

test('A file that is no database is refused and left alone', async () => {
  const file = join(folder, 'tocsin.db');
  const text = 'not a database, and dear to somebody\n'.repeat(500);
  await writeFile(file, text);
  const refused = await refusal(openSqliteStore({ file }));
  expect(refused.code).toBe('store');
  expect(refused.message).toContain(`${file} can't be opened: file is not a database`);
  expect(refused.remedy).toContain('put back a copy');
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('Somebody else’s database is refused and left alone', async () => {
  const file = join(folder, 'tocsin.db');
  const other = new Database(file);
  other.exec('CREATE TABLE groups (name TEXT); PRAGMA user_version = 0');
  other.close();
  expect(() => openDatabase(file)).toThrow(`${file} can't be opened: table groups already exists`);
  const again = new Database(file);
  expect(again.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()).toEqual({ tables: 1 });
  again.close();
});

test('A damaged file ends the host, and never becomes an empty one', async () => {
  const file = join(folder, 'tocsin.db');
  const store = new DirectStore(file);
  store.commit(...Array.from({ length: 500 }, (_, index) => alert(`m${index}`, { group: `key ${index}` })));
  store.close();
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  await handle.write(Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 8192);
  await handle.close();
  const fatal: TocsinError[] = [];
  const damaged = openSqliteStore({ file, onFatal: (error) => fatal.push(error) });
  const error = await damaged.then(
    async (opened) => {
      const failed = await refusal(opened.commit([alert('b', { group: 'key 7' })]));
      expect(fatal.map(({ code }) => code)).toContain('store');
      await opened.close();
      return failed;
    },
    (reason: TocsinError) => reason,
  );
  expect(error.code).toBe('store');
  expect(error.message).toMatch(/SQLITE_CORRUPT|malformed/);
  expect((await readFile(file)).length).toBeGreaterThanOrEqual(size);
});

test('A folder that can’t be made or written is an error that names the file', async () => {
  await writeFile(join(folder, 'file'), '');
  const refused = await refusal(openSqliteStore({ file: join(folder, 'file', 'tocsin.db') }));
  expect(refused.code).toBe('store');
  expect(refused.message).toContain(`${join(folder, 'file', 'tocsin.db')} can't be opened: EEXIST`);
  expect(refused.remedy).toContain('this user may write it');
  await mkdir(join(folder, 'tocsin.db'));
  expect(() => openDatabase(join(folder, 'tocsin.db'))).toThrow(`${join(folder, 'tocsin.db')} can't be opened`);
  await mkdir(join(folder, 'other.db.lock'));
  expect(() => lockDatabase(join(folder, 'other.db'))).toThrow(`${join(folder, 'other.db')} can't be opened`);
});

test.each([
  ['NFS', 0x6969],
  ['SMB', 0x517b],
  ['CIFS', 0xff534d42],
  ['SMB2', 0xfe534d42],
  ['AFS', 0x5346414f],
  ['Ceph', 0x00c36400],
  ['9P', 0x01021997],
])('A network file system is refused: %s', (name, type) => {
  expect(() => refuseNetwork(type, '/mnt/tocsin.db')).toThrow(
    `store-sqlite: /mnt/tocsin.db lies on a network file system (${name}), where SQLite's locks don't hold`,
  );
});

test.each([
  ['ext4', 0xef53],
  ['XFS', 0x58465342],
  ['Btrfs', 0x9123683e],
  ['ZFS', 0x2fc12fc1],
  ['tmpfs', 0x01021994],
  ['overlayfs', 0x794c7630],
])('A local one isn’t: %s', (_, type) => {
  expect(() => refuseNetwork(type, '/var/lib/tocsin.db')).not.toThrow();
});
