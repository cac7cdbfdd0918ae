import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TocsinError } from '@tocsin/core';
import type { Rules, Settled, Signal } from '@tocsin/engine';
import { act, alert } from '@tocsin/engine/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, openDatabase } from '../src/database.ts';
import { Journal, journalOf } from '../src/journal.ts';
import type { Claimed } from '../src/protocol.ts';
import { failureOf } from '../src/writer.ts';
import { DirectStore, readTables } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

const rules: Rules = {
  version: '1',
  targets: { chat: { mode: 'latest' }, log: { mode: 'every' } },
  routes: [{ match: [], to: [{ target: 'chat' }, { target: 'log' }] }],
  sources: {},
};
const day = 24 * 60 * 60_000;
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await makeFolder();
  file = join(folder, 'alive', 'tocsin.db');
});
afterEach(() => rm(folder, { recursive: true }));

/** The files as a crash at this moment leaves them. */
function crashed(): string {
  const copy = join(folder, `crashed-${performance.now()}`);
  cpSync(dirname(file), copy, { recursive: true });
  return join(copy, 'tocsin.db');
}

/** The fingerprints that a host finds when it starts on these files. */
function fingerprintsIn(path: string): string[] {
  new DirectStore(path).close();
  return readTables(path, (table) => {
    const members = table.groups({}, { limit: 200 }).items.flatMap(({ id }) => table.members(id, { limit: 200 }).items);
    return members.map(({ fingerprint }) => fingerprint);
  });
}

function failure(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return failureOf(error);
  }
  throw new Error('it did not fail');
}

/** Where each entry of a journal ends. */
function ends(path: string): number[] {
  const bytes = readFileSync(path);
  const found: number[] = [];
  for (let at = 0; bytes.readUInt32LE(at + 8) > 0; ) {
    at += 16 + bytes.readUInt32LE(at + 8);
    found.push(at);
  }
  return found;
}

function overwrite(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0x2a, at, at + 20);
  writeFileSync(path, bytes);
}

describe('The journal', () => {
  test('has what was acknowledged, before the tables do', () => {
    const store = new DirectStore(file);
    for (const fingerprint of ['a', 'b', 'c']) store.commit(alert(fingerprint));
    const copy = crashed();
    expect(readTables(copy, (table) => table.groups({}, { limit: 5 }).items)).toEqual([]);
    expect(fingerprintsIn(copy)).toEqual(['a', 'b', 'c']);
    store.close();
  });

  test('is applied once, however often a host crashes while it starts', () => {
    const store = new DirectStore(file);
    store.commit(alert('a'), alert('a'));
    const copy = crashed();
    store.close();
    for (let start = 0; start < 3; start++) new DirectStore(copy).close();
    expect(readTables(copy, (table) => table.tally())).toMatchObject({ received: 2, grouped: 1 });
  });

  test('ends at the first entry that a power cut tore', () => {
    const store = new DirectStore(file);
    for (const fingerprint of ['a', 'b', 'c']) store.commit(alert(fingerprint));
    const bytes = readFileSync(journalOf(file));
    const ends: number[] = [];
    for (let at = 0; bytes.readUInt32LE(at + 8) > 0; at = ends.at(-1) ?? 0) {
      ends.push(at + 16 + bytes.readUInt32LE(at + 8));
    }
    expect(ends).toHaveLength(3);
    for (const [torn, expected] of [
      [ends[2]! - 1, ['a', 'b']],
      [ends[1]! + 1, ['a', 'b']],
      [ends[1]! - 20, ['a']],
      [ends[0]! - 5, []],
      [3, []],
    ] as const) {
      const copy = crashed();
      // As a power cut may: the beginning of what was written is there, the end isn't.
      writeFileSync(journalOf(copy), readFileSync(journalOf(copy)).fill(0, torn));
      expect(fingerprintsIn(copy), `torn at ${torn}`).toEqual(expected);
      const again = new DirectStore(copy);
      again.commit(alert('d'));
      again.close();
      expect(fingerprintsIn(copy)).toEqual([...expected, 'd']);
    }
    store.close();
  });

  test.each([
    ['cut within an entry', (path: string) => truncateSync(path, (ends(path)[3] ?? 0) - 10)],
    ['cut between two entries', (path: string) => truncateSync(path, ends(path)[3])],
    ['changed in the first entry', (path: string) => overwrite(path, 100)],
    ['changed in a header', (path: string) => overwrite(path, (ends(path)[1] ?? 0) + 2)],
    ['gone', (path: string) => rmSync(path)],
  ])('that is damaged is refused, and never taken for a short one: %s', (_, damage) => {
    const store = new DirectStore(file);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) store.commit(alert(name));
    const copy = crashed();
    damage(journalOf(copy));
    expect(failure(() => new DirectStore(copy))).toMatchObject({
      code: 'store',
      message: expect.stringMatching(/journal.*(damaged|gone)/),
    });
    // The operator decides to go on without.
    writeFileSync(journalOf(copy), '');
    expect(fingerprintsIn(copy)).toEqual([]);
    store.close();
  });

  test('has what was counted before, so that it finds the same flood', () => {
    const store = new DirectStore(file);
    store.writer.setRules(rules);
    const claim = (most: number) => {
      const lease = { owner: 'host-1', duration: 60_000, patience: 0 };
      const { due } = store.write([], [], { lanes: [{ target: 'chat', most }], lease });
      return Array.isArray(due) ? due.length : 0;
    };
    store.commit(...Array.from({ length: 30 }, (_, number) => alert(`${number}`, { group: `${number}` })));
    expect(claim(15)).toBe(15);
    store.writer.flush();
    // Of fifteen more, five are told singly, and the others wait.
    expect(claim(15)).toBe(5);
    const held = (path: string) => {
      const database = openDatabase(path);
      const found = database.prepare("SELECT count(*) AS count FROM deliveries WHERE held = 'many at once'").get();
      database.close();
      return found;
    };
    const copy = crashed();
    new DirectStore(copy).close();
    store.close();
    expect(held(copy)).toEqual({ count: 10 });
    expect(held(file)).toEqual({ count: 10 });
  });

  test('is not needed after a host that ended in order', () => {
    const store = new DirectStore(file);
    store.commit(alert('a'));
    store.close();
    rmSync(journalOf(file));
    expect(fingerprintsIn(file)).toEqual(['a']);
  });

  test('doesn’t take for its own what an earlier round left behind', () => {
    const store = new DirectStore(file);
    for (let round = 0; round < 3; round++) {
      // Entries of one length, so that old ones stand right behind new ones.
      for (let index = 0; index < 3 - round; index++) store.commit(alert(`m${round}${index}`));
      const copy = crashed();
      expect(fingerprintsIn(copy).filter((name) => name.startsWith(`m${round}`))).toHaveLength(3 - round);
      store.writer.flush();
    }
    store.close();
    expect(readTables(file, (table) => table.tally()).received).toBe(6);
  });

  test('and the tables are left alone by a write without a change', () => {
    const store = new DirectStore(file);
    expect(store.commit()).toEqual([]);
    expect(store.database.inTransaction).toBe(false);
    expect(store.writer.flushIn).toBeUndefined();
    store.close();
  });

  test('frees, at the next start, what the host before had claimed', () => {
    const store = new DirectStore(file);
    store.writer.setRules(rules);
    store.commit(alert('a'));
    const claim = { lanes: [{ target: 'chat', most: 1 }], lease: { owner: 'host-1', duration: day, patience: 0 } };
    expect(store.write([], [], claim).due).toHaveLength(1);
    expect(store.write([], [], claim).due).toEqual([]);
    const next = new DirectStore(crashed());
    expect(next.write([], [], claim).due).toMatchObject([{ delivery: { claims: 2, fence: 2 } }]);
    next.close();
    store.close();
  });

  test('holds nothing of what was refused', () => {
    const store = new DirectStore(file);
    expect(() => store.commit(alert('x'.repeat(600)))).toThrow(/CHECK constraint/);
    expect(readFileSync(journalOf(file)).readUInt32LE(8)).toBe(0);
    store.close();
  });

  test('of another database is refused, and that database left alone', () => {
    const store = new DirectStore(file);
    store.commit(alert('a'));
    store.writer.flush();
    const old = crashed();
    store.commit(alert('b'));
    store.writer.flush();
    store.commit(alert('c'));
    cpSync(journalOf(file), journalOf(old));
    store.close();
    const error = expectError(() => new DirectStore(old));
    expect(error.message).toBe('store-sqlite: the journal begins with entry 3, the database ends with 1');
    expect(error.remedy).toContain('-redo');
    expect(readTables(old, (table) => table.groups({}, { limit: 5 }).items)).toHaveLength(1);
  });

  test('leaves to the tables what is larger than itself', () => {
    const store = new DirectStore(file);
    store.commit(alert('small'));
    store.commit(alert('large', { data: JSON.stringify('x'.repeat(5_000_000)) }));
    const copy = crashed();
    store.close();
    expect(fingerprintsIn(copy)).toEqual(['small', 'large']);
  });

  test('goes on from the beginning when it is full', () => {
    const store = new DirectStore(file);
    const data = JSON.stringify('x'.repeat(1_000_000));
    for (let index = 0; index < 9; index++) store.commit(alert(`m${index}`, { data }));
    const copy = crashed();
    store.close();
    expect(fingerprintsIn(copy)).toHaveLength(9);
  });

  test('that can’t be written refuses the commit, undoes it, and ends the host', () => {
    const store = new DirectStore(file);
    store.commit(alert('a'));
    store.journal.close();
    expect(failure(() => store.commit(alert('b')))).toMatchObject({ code: 'store', isFatal: true });
    expect(fingerprintsIn(crashed())).toEqual(['a']);
    store.database.close();
  });

  test('whose file a crash left half made is as good as a new one', () => {
    openDatabase(file).close();
    writeFileSync(journalOf(file), Buffer.alloc(1000));
    const store = new DirectStore(file);
    store.commit(alert('a'));
    const copy = crashed();
    store.close();
    expect(fingerprintsIn(copy)).toEqual(['a']);
    expect(existsSync(journalOf(file))).toBe(true);
  });

  test('reads nothing but what was written', () => {
    const journal = new Journal(join(folder, 'redo'), false);
    expect(journal.read(0)).toEqual([]);
    journal.append(1, Buffer.from('one'));
    journal.append(2, Buffer.from('zwölf \u{1F525}'));
    expect([journal.read(0), journal.read(1), journal.read(2)]).toEqual([
      ['one', 'zwölf \u{1F525}'],
      ['zwölf \u{1F525}'],
      [],
    ]);
    journal.close();
  });
});

function expectError(work: () => unknown): TocsinError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TocsinError);
    return error as TocsinError;
  }
  throw new Error('it did not fail');
}

describe('A crash', () => {
  /** What happens, and whether the host crashes after it. */
  const step = fc.record({
    signals: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('firing', 'resolved', 'acknowledged', 'silenced', 'notice') },
        { weight: 1, arbitrary: fc.constantFrom('resolve', 'poison', 'request') },
      ),
      { maxLength: 3 },
    ),
    fingerprint: fc.constantFrom('a', 'b'),
    key: fc.constantFrom('disk', 'cpu'),
    next: fc.constantFrom(undefined, undefined, 0, 500, 400_000),
    pause: fc.constantFrom(0, 1000, 400_000, day, -100_000),
    claims: fc.constantFrom(undefined, 'chat', 'log'),
    result: fc.constantFrom('delivered', 'retry', 'refused', 'released', 'nothing'),
    end: fc.constantFrom('', '', '', 'flush', 'crash'),
  });

  test('changes nothing: what the journal gives back is what was there', () => {
    let run = 0;
    const property = fc.property(fc.array(step, { minLength: 3, maxLength: 20, size: 'max' }), (steps) => {
      file = join(folder, `run-${run++}`, 'tocsin.db');
      const store = new DirectStore(file);
      store.writer.setRules(rules);
      // The hosts that start on the copies stand at the day before: to them no timer is overdue.
      store.now += day;
      let held: Claimed[] = [];
      for (const { signals, fingerprint, key, next, pause, claims, result, end } of steps) {
        store.now += pause;
        const settles = result === 'nothing' ? [] : held.map((due) => settlement(due, result));
        const lease = { owner: 'host-1', duration: 60_000, patience: 0 };
        const claim = claims && { lanes: [{ target: claims, most: 2 }], lease };
        const { due } = store.write(
          signals.map((what) => signalOf(what, fingerprint, key, next)),
          settles,
          claim,
        );
        held = Array.isArray(due) ? due : [];
        if (end === 'flush') store.writer.flush();
        if (end !== 'crash') continue;
        const copy = crashed();
        new DirectStore(copy).close();
        store.writer.flush();
        expect(contentsOf(copy)).toEqual(contentsOf(file));
      }
      store.close();
    });
    fc.assert(property, { numRuns: 20 });
  });

  function signalOf(what: string, fingerprint: string, key: string, next?: number): Signal {
    if (what === 'resolve') return act('1001', 'resolve');
    if (what === 'poison') return alert('x'.repeat(600), { group: key });
    if (what === 'request')
      return { kind: 'request', source: 'prod', reason: 'no', path: '', body: '{', contentType: '' };
    const status = what as 'firing' | 'silenced';
    return alert(fingerprint, { group: key, status, expires: Date.UTC(2026, 0, 1) + 5_000_000, next });
  }

  function settlement({ delivery, cursor, telling }: Claimed, outcome: string): Settled {
    const { group, subscription, fence } = delivery;
    const result = { outcome, reason: 'because' } as Settled['result'];
    const attempt = { startedAt: 1, duration: 1, request: null, response: null, error: null };
    return { group, subscription, fence, cursor, telling, result, random: 0.25, attempt };
  }

  /** Every row of every table. A host that starts frees the leases of the one before it. */
  function contentsOf(path: string): Record<string, unknown[]> {
    const database: Connection = openDatabase(path);
    const names = database.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const tables = names.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()] as const);
    database.close();
    const text = JSON.stringify(Object.fromEntries(tables));
    // One of the two hosts runs on, and the other stands at the day before.
    return JSON.parse(
      text
        .replaceAll(/"lease_until":\d+/g, '"lease_until":null')
        .replace(/"running","value":\d/, '"running","value":0')
        .replace(/"latest","value":\d+/, '"latest","value":0'),
    );
  }
});

describe('A full disk', () => {
  test('refuses what has no place, keeps what was acknowledged, and goes on when there is room', () => {
    for (let room = 0; room < 16; room++) {
      file = join(folder, `room-${room}`, 'tocsin.db');
      const store = new DirectStore(file);
      const pages = store.database.pragma('page_count', { simple: true }) as number;
      store.database.pragma(`max_page_count = ${pages + room}`);
      const acknowledged: string[] = [];
      const failures: ReturnType<typeof failureOf>[] = [];
      for (let index = 0; failures.length < 3; index++) {
        const name = `m${index}`;
        try {
          store.commit(alert(name, { group: `key ${index % 9}`, data: JSON.stringify('x'.repeat(1500)) }));
          acknowledged.push(name);
          if (index % 4 === room % 4) store.writer.flush();
        } catch (error) {
          failures.push(failureOf(error));
        }
      }
      for (const { code, isFatal, message } of failures) {
        expect({ code, isFatal }).toEqual({ code: 'store', isFatal: false });
        expect(message).toContain('SQLITE_FULL');
      }
      const copy = crashed();
      store.database.pragma('max_page_count = 1000000');
      store.commit(alert('after'));
      acknowledged.push('after');
      store.close();
      expect(fingerprintsIn(file).sort()).toEqual(acknowledged.toSorted());
      expect(fingerprintsIn(copy).sort()).toEqual(acknowledged.slice(0, -1).sort());
      expect(readTables(file, (table) => table.tally().received)).toBe(acknowledged.length);
    }
  });

  test('that keeps the tables from taking the journal refuses nothing that is durable already', async () => {
    const store = new DirectStore(file);
    store.database.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON tally BEGIN SELECT RAISE(FAIL, 'no room'); END");
    store.commit(alert('a'));
    // Until the tables should take it.
    await setTimeout((store.writer.flushIn ?? 0) + 10);
    expect(store.commit(alert('b'))).toMatchObject([{ result: 'grouped' }]);
    expect(() => store.commit(alert('c'))).toThrow('no room');
    store.database.exec('DROP TRIGGER full');
    store.commit(alert('d'));
    store.close();
    expect(fingerprintsIn(file)).toEqual(['a', 'b', 'd']);
  });

  test('refuses new rules as a whole', () => {
    const store = new DirectStore(file);
    store.writer.setRules(rules);
    store.commit(alert('a'));
    store.writer.flush();
    store.database.pragma(`max_page_count = ${store.database.pragma('page_count', { simple: true })}`);
    const large: Rules = { ...rules, version: 'x'.repeat(100_000), targets: {}, routes: [] };
    expect(failure(() => store.writer.setRules(large))).toMatchObject({ code: 'store', isFatal: false });
    store.database.pragma('max_page_count = 1000000');
    const { due } = store.write([], [], {
      lanes: [{ target: 'chat', most: 1 }],
      lease: { owner: 'host-1', duration: 1000, patience: 0 },
    });
    expect(due).toMatchObject([{ event: { kind: 'firing' } }]);
    store.close();
    expect(readTables(file, (table) => table.tally().cancelled)).toBeUndefined();
  });
});
