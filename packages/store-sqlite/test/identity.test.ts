import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alert } from '@tocsin/engine/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityOf } from '../src/identity.ts';
import { DirectStore, readTables } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

test('An identity is a whole number that the driver takes, the same for the same texts', () => {
  const property = fc.property(
    fc.string({ unit: anyCharacter }),
    fc.string(),
    fc.nat(),
    (source, fingerprint, seed) => {
      const identity = identityOf(source, fingerprint, seed);
      expect(Number.isSafeInteger(identity) && identity >= 0).toBe(true);
      expect(identityOf(source, fingerprint, seed)).toBe(identity);
    },
  );
  fc.assert(property);
});

test('Different members have different ones, as good as always', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `web-${index}.example.com:9100`);
  expect(new Set(names.map((name) => identityOf('prod', name, 7))).size).toBe(names.length);
  expect(identityOf('a', 'bc', 7)).not.toBe(identityOf('ab', 'c', 7));
  expect(identityOf('a', 'b', 7)).not.toBe(identityOf('a', 'b', 8));
});

test('Members that share an identity are still two', async () => {
  const folder = await makeFolder();
  const store = new DirectStore(join(folder, 'tocsin.db'));
  const seed = Number(store.database.prepare("SELECT value FROM meta WHERE name = 'seed'").pluck().get());
  store.commit(alert('a'));
  store.database.prepare('UPDATE members SET identity = ?').run(identityOf('prod', 'b', seed));
  expect(store.commit(alert('b'))).toMatchObject([{ result: 'grouped' }]);
  expect(store.commit(alert('b'))).toMatchObject([{ result: 'ignored' }]);
  expect(store.commit(alert('b', { status: 'resolved' }))).toMatchObject([{ result: 'grouped', status: 'firing' }]);
  store.close();
  const members = readTables(join(folder, 'tocsin.db'), (table) => {
    const [group] = table.groups({}, { limit: 1 }).items;
    return table
      .members(group?.id ?? '', { limit: 5 })
      .items.map(({ fingerprint, status }) => `${fingerprint} ${status}`);
  });
  expect(members).toEqual(['a firing', 'b resolved']);
  await rm(folder, { recursive: true });
});
