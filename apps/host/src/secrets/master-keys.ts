import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import type { LoadedConfig } from '../config/config.ts';
import { resolveSecrets } from '../config/reference.ts';
import { type MasterKey, masterKeyRemedy, newMasterKey, readMasterKey } from './master-key.ts';

export interface MasterKeysOptions {
  config: Pick<LoadedConfig, 'secretKeys' | 'secrets' | 'store'>;
  env: Readonly<Record<string, string | undefined>>;
  /** What a person at the terminal should read. */
  print: (line: string) => void;
}

/**
 * The keys that secrets lie under, the newest first: those of the config; without any, TOCSIN_SECRETS_KEY or
 * TOCSIN_SECRETS_KEY_FILE; without those, a file beside the database that is made when the first secret is set,
 * readable by this user alone. Its path is printed, a key never.
 */
export class MasterKeys {
  /** Where they are from, for people. */
  readonly origin: string;
  #keys: MasterKey[];
  /** Ours to write: nobody else gave a key. */
  readonly #file: string | undefined;
  readonly #print: MasterKeysOptions['print'];

  constructor({ config, env, print }: MasterKeysOptions) {
    this.#print = print;
    const given = givenKeys(config, env);
    const own = ownFile(config);
    this.#file = given ? undefined : own;
    this.origin = given?.origin ?? own;
    this.#keys = readKeys(given?.texts ?? splitKeys(readOwn(own)), this.origin);
  }

  find(id: string): MasterKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }

  /** The one that secrets are put under. */
  get current(): MasterKey {
    const [key] = this.#keys;
    if (key) return key;
    this.renew();
    return this.current;
  }

  /** A new one takes the place of the current one, which stays. Only where the key is the hub's own; says whether. */
  renew(): boolean {
    if (this.#file === undefined) return false;
    const isFirst = this.#keys.length === 0;
    this.#write([newMasterKey(), ...this.#keys]);
    if (isFirst)
      this.#print(`Key of the secrets: in ${this.#file}. Keep a copy of it, apart from backups of the data.`);
    return true;
  }

  /** Nothing lies under the old ones any more. */
  forgetOld(): void {
    if (this.#file !== undefined && this.#keys.length > 1) this.#write(this.#keys.slice(0, 1));
  }

  #write(keys: MasterKey[]): void {
    if (this.#file !== undefined)
      writeOwn(this.#file, keys.map(({ bytes }) => `${bytes.toString('base64')}\n`).join(''));
    this.#keys = keys;
  }
}

interface GivenKeys {
  origin: string;
  texts: string[];
}

function givenKeys(
  { secretKeys, secrets }: MasterKeysOptions['config'],
  env: MasterKeysOptions['env'],
): GivenKeys | undefined {
  if (secretKeys) {
    const texts = [secretKeys.key, ...secretKeys.previous].map((text) => resolveSecrets(text, secrets));
    return { origin: '`secrets` in the config', texts };
  }
  const { TOCSIN_SECRETS_KEY: text, TOCSIN_SECRETS_KEY_FILE: file } = env;
  if (text) return { origin: 'TOCSIN_SECRETS_KEY', texts: splitKeys(text) };
  if (file) return { origin: file, texts: splitKeys(readGiven(file)) };
  return undefined;
}

/** The first is the current one; those after it are of before. */
function splitKeys(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}

function readKeys(texts: readonly string[], origin: string): MasterKey[] {
  return texts.map((text) => {
    const key = readMasterKey(text);
    if (key) return key;
    throw new TocsinError('config', 'the key of the secrets is none', { origin, remedy: masterKeyRemedy });
  });
}

function readGiven(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TocsinError('config', `the key of the secrets can't be read${codeOf(cause)}`, {
      origin: file,
      remedy: 'Create the file, or correct TOCSIN_SECRETS_KEY_FILE.',
      cause,
    });
  }
}

function ownFile({ store }: MasterKeysOptions['config']): string {
  return join(dirname(store.path), 'secrets-key');
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === ' (ENOENT)') return '';
    const remedy = 'Make it readable by the user that the hub runs as.';
    throw new TocsinError('config', `the key of the secrets can't be read${codeOf(cause)}`, {
      origin: file,
      remedy,
      cause,
    });
  }
}

/** What is put under a key that a power cut takes away is lost: it is on the disk before it is used. */
function writeOwn(file: string, text: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = `${file}-new`;
  rmSync(fresh, { force: true });
  const handle = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, file);
  const place = openSync(folder, 'r');
  fsyncSync(place);
  closeSync(place);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}
