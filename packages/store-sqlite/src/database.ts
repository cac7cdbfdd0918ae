import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TocsinError } from '@tocsin/core/base';
import Database from 'better-sqlite3';
import { journalOf } from './journal.ts';
import { migrations as releasedMigrations } from './migrations.ts';

export type Connection = Database.Database;

export interface OpenOptions {
  /** FULL survives a power cut; OFF is only for measuring what that costs, and for seeing the check of it fail. */
  synchronous?: 'FULL' | 'OFF';
  /** Where progress is told, one line at a time. */
  print?: (line: string) => void;
  /** The steps to apply, so that a test can add one. */
  migrations?: readonly { name: string; sql: string }[];
  /** The file of a newer version is taken for one of this. */
  isAnyVersionGood?: boolean;
}

/**
 * Opens the file, makes it when there is none, and brings its schema up to date.
 * Throws a TocsinError `store`: another host has it, it is newer than this program, it is damaged, it lies on a
 * network file system.
 */
export function openDatabase(file: string, options: OpenOptions = {}): Connection {
  const folder = makeFolder(file);
  if (process.platform === 'linux') refuseNetwork(statfsSync(folder).type, file);
  const isNew = !existsSync(file);
  const database = migrated(file, options);
  // A new file survives a power cut only once its folder's entry does.
  if (isNew) sync(folder);
  return database;
}

/** Holds the file for this process until it ends, however it ends. */
export function lockDatabase(file: string): Connection {
  makeFolder(file);
  let lock: Connection | undefined;
  try {
    lock = new Database(`${file}.lock`, { timeout: 0 });
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if (!(cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY'))) throw unreadable(file, cause);
    throw new TocsinError('store', `${file} is in use by another host`, {
      origin: 'store-sqlite',
      remedy: 'End that host, or give this one a file of its own: `store: sqlite:./other/tocsin.db`.',
      cause,
    });
  }
}

/** The folder of the file. Where it is new, so are entries in the folders above, and those have to last as well. */
function makeFolder(file: string): string {
  const folder = dirname(resolve(file));
  try {
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let path = folder; first !== undefined && path !== dirname(first); path = dirname(path)) sync(dirname(path));
    return folder;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function connected(file: string, synchronous: 'FULL' | 'OFF'): Connection {
  let database: Connection | undefined;
  try {
    database = new Database(file, { timeout: 5000 });
    // Of a new file: a row is a kilobyte, and a transaction has thousands; it is written in a third of the pieces.
    database.pragma('page_size = 16384');
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${synchronous}`);
    // On macOS a plain fsync stops at the drive's cache.
    database.pragma('fullfsync = ON');
    database.pragma('temp_store = MEMORY');
    database.pragma('cache_size = -32768');
    database.pragma('wal_autocheckpoint = 4000');
    return database;
  } catch (error) {
    database?.close();
    throw unreadable(file, error);
  }
}

function migrated(file: string, options: OpenOptions) {
  const { synchronous = 'FULL', migrations = releasedMigrations, print, isAnyVersionGood = false } = options;
  let database = connected(file, synchronous);
  try {
    const present = database.pragma('user_version', { simple: true }) as number;
    if (present > migrations.length && !isAnyVersionGood) throw newer(file, present, migrations.length);
    if (present >= migrations.length) return database;
    if (present > 0) {
      // Nobody may have the file open while it is copied: closing it again would end SQLite's own locks on it.
      database.close();
      const wayBack = copyAside(file, present);
      database = connected(file, synchronous);
      print?.(
        `Migrating ${file} from schema ${present} to ${migrations.length}. The way back: stop this host, run \`${wayBack}\`, and start the earlier version.`,
      );
    }
    apply(database, migrations, present);
    return database;
  } catch (error) {
    database.close();
    throw error instanceof TocsinError ? error : unreadable(file, error);
  }
}

/** Whether the host before left without closing it: then what it acknowledged last is in its journal alone. */
export function wasRunning(database: Connection): boolean {
  const row = database.prepare<[], { value: unknown }>("SELECT value FROM meta WHERE name = 'running'").get();
  return Number(row?.value ?? 0) === 1;
}

function apply(database: Connection, migrations: readonly { sql: string }[], present: number): void {
  const run = database.transaction(() => {
    for (const { sql } of migrations.slice(present)) database.exec(sql);
    database.pragma(`user_version = ${migrations.length}`);
  });
  run.immediate();
}

/**
 * Copies a closed database, whose file has what lay in SQLite's log beside it, and its journal, which may have more.
 * Returns the command that puts both back.
 */
function copyAside(file: string, version: number): string {
  const commands = [file, journalOf(file)].map((path) => {
    if (!existsSync(path)) return `rm -f ${quoted(path)}`;
    const copy = `${path}-before-${version + 1}`;
    copyFileSync(path, copy);
    sync(copy);
    return `cp ${quoted(copy)} ${quoted(path)}`;
  });
  sync(dirname(file));
  return [...commands, `rm -f ${quoted(`${file}-wal`)} ${quoted(`${file}-shm`)}`].join(' && ');
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function newer(file: string, present: number, known: number): TocsinError {
  return new TocsinError(
    'store',
    `${file} has schema ${present}; this version of Tocsin knows schemas up to ${known}`,
    {
      origin: 'store-sqlite',
      remedy: 'Run the newer version again, or put back the copy that it made before migrating (…-before-…).',
    },
  );
}

/** `f_type` of statfs(2) on Linux: NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P. SQLite's locks don't hold on those. */
const networkTypes = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
]);

/** Throws a TocsinError `store` when this `f_type` is a network file system's. */
export function refuseNetwork(type: number, file: string): void {
  const name = networkTypes.get(type);
  if (name === undefined) return;
  throw new TocsinError('store', `${file} lies on a network file system (${name}), where SQLite's locks don't hold`, {
    origin: 'store-sqlite',
    remedy: 'Put it on a local disk.',
  });
}

function unreadable(file: string, cause: unknown): TocsinError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TocsinError('store', `${file} can't be opened: ${reason}`, {
    origin: 'store-sqlite',
    remedy: 'Check that it is a Tocsin database and that this user may write it; put back a copy if it is damaged.',
    cause,
  });
}

/** Of a file or a folder. */
function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
