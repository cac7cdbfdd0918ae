import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredRecord } from '@tocsin/engine';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { MasterKeys } from '../src/secrets/master-keys.ts';
import { SecretStore, type SecretStoreOptions } from '../src/secrets/secret-store.ts';

// What secrets lie under, where that is from, and how it is changed.

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

interface Given {
  secrets?: object;
  env?: Record<string, string>;
}

/** The keys of a host with such a config and environment, and what it printed. */
function keysOf({ secrets, env = {} }: Given = {}) {
  const text = JSON.stringify({
    version: 1,
    unrouted: 'drop',
    store: `sqlite:${folder}/data/tocsin.db`,
    ...(secrets ? { secrets } : {}),
  });
  const readFile = (path: string) => (path.endsWith('tocsin.yaml') ? text : readFileSync(path, 'utf8'));
  const config = loadConfig(join(folder, 'tocsin.yaml'), { env, readFile });
  const printed: string[] = [];
  return { keys: new MasterKeys({ config, env, print: (line) => printed.push(line) }), printed };
}

/** As much of a store as secrets use. */
function recordsOf(records = new Map<string, StoredRecord>()) {
  const store = {
    putRecord: async (record: Omit<StoredRecord, 'writtenAt'>) => {
      records.set(record.id, { ...record, writtenAt: 1 });
      return 1;
    },
    removeRecord: async (_kind: string, id: string) => records.delete(id),
    query: { records: async () => [...records.values()] },
  } as unknown as SecretStoreOptions['store']; // it reads nothing else
  return { store, records };
}

const own = () => join(folder, 'data', 'secrets-key');
const users = new Map([['a/b', ['ops']]]);

describe('The key of the secrets', () => {
  test('seed-K9 is made with the first secret, beside the database, for this user alone, and its path is printed', async () => {
    const { keys, printed } = keysOf();
    const { store } = recordsOf();
    const secrets = await SecretStore.open({ store, keys, users });
    expect([existsSync(own()), printed]).toEqual([false, []]);
    await secrets.set('a/b', { value: 'value-of-a-b' }, 'ann', 1);
    expect(statSync(own()).mode & 0o777).toBe(0o600);
    expect(printed).toEqual([expect.stringContaining(own())]);
    expect(printed.join()).not.toContain(readFileSync(own(), 'utf8').trim());
    const again = await SecretStore.open({ store, keys: keysOf().keys, users });
    expect(again.read('a/b', 'ops')).toBe('value-of-a-b');
  });

  test.each<[string, () => Given]>([
    ['the config', () => ({ secrets: { key: '${env:K}' }, env: { K: keyOf(1), TOCSIN_SECRETS_KEY: keyOf(2) } })],
    ['a variable', () => ({ env: { TOCSIN_SECRETS_KEY: Buffer.alloc(32, 1).toString('hex') } })],
    [
      'a file that a variable names',
      () => {
        writeFileSync(join(folder, 'key'), `${keyOf(1)}\n`);
        return { env: { TOCSIN_SECRETS_KEY_FILE: join(folder, 'key') } };
      },
    ],
  ])('is taken from %s, and then none is made', (_, given) => {
    const { keys, printed } = keysOf(given());
    expect(keys.current.bytes).toEqual(Buffer.alloc(32, 1));
    expect(keys.renew()).toBe(false);
    expect(printed).toEqual([]);
    expect(existsSync(own())).toBe(false);
  });

  test.each<[string, Given, string]>([
    ['in the config', { secrets: { key: '${env:K}' }, env: { K: 'short' } }, 'secrets.key: this is no key for secrets'],
    ['among those of before', { secrets: { key: keyOf(1), previous: ['x'] } }, 'secrets.previous[0]: this is no key'],
    ['in the variable', { env: { TOCSIN_SECRETS_KEY: 'short' } }, 'TOCSIN_SECRETS_KEY: the key of the secrets is none'],
    [
      'in no file',
      { env: { TOCSIN_SECRETS_KEY_FILE: '/no/such' } },
      "/no/such: the key of the secrets can't be read (ENOENT)",
    ],
  ])('that is none is refused %s, and not repeated', (_, given, message) => {
    const problem = () => {
      try {
        keysOf(given);
      } catch (error) {
        return (error as { toText(): string }).toText();
      }
      return '';
    };
    expect(problem()).toContain(message);
    expect(problem()).not.toContain('short');
  });
});

describe('seed-K9 Secrets that lie under another key', () => {
  const given = (...keys: string[]) => keysOf({ env: { TOCSIN_SECRETS_KEY: keys.join(' ') } }).keys;

  test('keep the host from its start where they are in use, by name, with what to do', async () => {
    const { store } = recordsOf();
    const secrets = await SecretStore.open({ store, keys: given(keyOf(1)), users });
    await secrets.set('a/b', { value: 'value-of-a-b' }, 'ann', 1);
    await secrets.set('un/used', { value: 'value-of-unused' }, 'ann', 1);
    const text = await SecretStore.open({ store, keys: given(keyOf(2)), users }).catch((error) => error.toText());
    expect(text).toContain('secrets that are in use can’t be read with the key of TOCSIN_SECRETS_KEY');
    expect(text).toMatch(/a\/b: lies under another key \([0-9a-f]{12}\); it is used by ops/);
    expect(text).toContain('`secrets.previous`');
    expect(text).not.toContain('un/used');
    expect(text).not.toContain('value-of');
  });

  test('are listed as such where nobody uses them, and may be set anew', async () => {
    const { store } = recordsOf();
    const first = await SecretStore.open({ store, keys: given(keyOf(1)), users });
    await first.set('un/used', { value: 'value-of-unused' }, 'ann', 1);
    const second = await SecretStore.open({ store, keys: given(keyOf(2)), users });
    expect(second.list()).toMatchObject([{ id: 'un/used', isReadable: false }]);
    expect(() => second.read('un/used', 'ops')).toThrow('the secret ${secret:un/used} can’t be read');
    await expect(second.set('un/used', { hosts: ['*'] }, 'ann', 1)).rejects.toThrow(
      'the value of the secret un/used can’t be read',
    );
    await expect(second.rotate()).resolves.toEqual({ resealed: 0, total: 1, unreadable: ['un/used'] });
    await second.set('un/used', { value: 'value-set-anew' }, 'ann', 2);
    expect(second.read('un/used', 'ops')).toBe('value-set-anew');
  });
});

describe('seed-K9 Rotation', () => {
  test('puts all under the new key while the old one is among those of before', async () => {
    const { store } = recordsOf();
    const before = await SecretStore.open({ store, keys: keysOf({ secrets: { key: keyOf(1) } }).keys, users });
    await before.set('a/b', { value: 'value-of-a-b' }, 'ann', 1);
    await before.set('c/d', { value: 'value-of-c-d' }, 'bob', 2);
    const both = keysOf({ secrets: { key: keyOf(2), previous: [keyOf(1)] } }).keys;
    const during = await SecretStore.open({ store, keys: both, users });
    expect(during.read('a/b', 'ops')).toBe('value-of-a-b');
    expect(await during.rotate()).toEqual({ resealed: 2, total: 2, unreadable: [] });
    expect(await during.rotate()).toEqual({ resealed: 0, total: 2, unreadable: [] });
    const after = await SecretStore.open({ store, keys: keysOf({ secrets: { key: keyOf(2) } }).keys, users });
    expect(after.read('a/b', 'ops')).toBe('value-of-a-b');
    expect(after.list()).toMatchObject([
      { id: 'a/b', author: 'ann', updatedAt: 1 },
      { id: 'c/d', author: 'bob', updatedAt: 2 },
    ]);
  });

  test('makes a new key where it is our own, and forgets the old one', async () => {
    const { store, records } = recordsOf();
    const secrets = await SecretStore.open({ store, keys: keysOf().keys, users });
    await secrets.set('a/b', { value: 'value-of-a-b' }, 'ann', 1);
    const [oldKey, oldRecord] = [readFileSync(own(), 'utf8'), records.get('a/b')?.value];
    expect(await secrets.rotate()).toEqual({ resealed: 1, total: 1, unreadable: [] });
    expect(readFileSync(own(), 'utf8')).not.toContain(oldKey.trim());
    expect(readFileSync(own(), 'utf8').trim().split('\n')).toHaveLength(1);
    expect(statSync(own()).mode & 0o777).toBe(0o600);
    expect(records.get('a/b')?.value).not.toBe(oldRecord);
    const again = await SecretStore.open({ store, keys: keysOf().keys, users });
    expect(again.read('a/b', 'ops')).toBe('value-of-a-b');
  });

  test('that is cut off leaves everything readable, and goes on later', async () => {
    const { store, records } = recordsOf();
    const secrets = await SecretStore.open({ store, keys: keysOf().keys, users });
    for (const id of ['a/b', 'c/d', 'e/f']) await secrets.set(id, { value: `value-of-${id}` }, 'ann', 1);
    let writes = 0;
    const full = {
      ...store,
      putRecord: async (record: Omit<StoredRecord, 'writtenAt'>) => {
        if (writes++ > 0) throw new Error('the disk is full');
        return await store.putRecord(record);
      },
    };
    const cut = await SecretStore.open({ store: full, keys: keysOf().keys, users });
    await expect(cut.rotate()).rejects.toThrow('the disk is full');
    const next = await SecretStore.open({ store, keys: keysOf().keys, users });
    expect(['a/b', 'c/d', 'e/f'].map((id) => next.read(id, 'ops'))).toEqual([
      'value-of-a/b',
      'value-of-c/d',
      'value-of-e/f',
    ]);
    expect(await next.rotate()).toMatchObject({ total: 3, unreadable: [] });
    expect(readFileSync(own(), 'utf8').trim().split('\n')).toHaveLength(1);
    expect(new Set([...records.values()].map(({ value }) => JSON.parse(value).sealed.key)).size).toBe(1);
  });
});
