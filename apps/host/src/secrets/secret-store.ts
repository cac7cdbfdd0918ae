import { TocsinError } from '@tocsin/core';
import type { Store } from '@tocsin/engine';
import { secretReference } from '../config/secret-id.ts';
import type { MasterKeys } from './master-keys.ts';
import { MissingSecret } from './missing-secret.ts';
import { allowsHost, allowsTarget, type Reach } from './reach.ts';
import { readSecret, type SecretInfo, type StoredSecret, sealSecret, secretKind, writeSecret } from './record.ts';

export interface SecretStoreOptions {
  store: Pick<Store, 'putRecord' | 'removeRecord' | 'query'>;
  keys: MasterKeys;
  /** From the id of a secret to the targets whose settings refer to it. */
  users: ReadonlyMap<string, readonly string[]>;
  /** What lies under the same keys. */
  others?: Resealable;
  /** What these targets are owed may go now. */
  onSet?: (targets: readonly string[]) => Promise<void>;
}

/** What else lies in the store under the keys of the secrets. */
export interface Resealable {
  readonly hasAny: boolean;
  /** Puts it under the newest key. */
  reseal(): Promise<Rotated>;
}

/** A secret as it may be told: everything but its value. */
export interface ListedSecret extends SecretInfo {
  users: readonly string[];
  /** False: it lies under a key that the hub doesn't have, or was changed where it lies. */
  isReadable: boolean;
}

export interface Rotated {
  /** How many were put under the newest key, and how many there are. */
  resealed: number;
  total: number;
  /** Those that couldn't be, as they don't open. */
  unreadable: string[];
}

/** Old values that are known, so that they are masked where somebody repeats them. */
const mostRetired = 200;

/**
 * The secrets that the API makes. They lie in the store under a key that is not there, and no answer ever has a value:
 * one leaves this class only for a request of a target that may use it, towards a host that may get it.
 */
export class SecretStore {
  readonly #options: SecretStoreOptions;
  readonly #secrets: Map<string, StoredSecret>;
  readonly #retired: [reference: string, value: string][] = [];
  /** Another once the values are others. */
  version = 0;
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Rejects where a secret that is in use doesn't open. */
  static async open(options: SecretStoreOptions): Promise<SecretStore> {
    const records = await options.store.query.records(secretKind);
    const secrets = records.map((record) => readSecret(record, options.keys));
    refuseUnreadable(secrets, options);
    return new SecretStore(options, secrets);
  }

  private constructor(options: SecretStoreOptions, secrets: readonly StoredSecret[]) {
    this.#options = options;
    this.#secrets = new Map(secrets.map((secret) => [secret.id, secret]));
  }

  /** The value for a request of this target. Throws a MissingSecret, or else a TocsinError `egress`. */
  read(id: string, target: string): string {
    const secret = this.#secrets.get(id);
    if (!secret) throw new MissingSecret(id);
    if (!allowsTarget(secret, target)) {
      throw new TocsinError('egress', `the secret ${secretReference(id)} is not for the target ${target}`, {
        remedy: `If it shall use it: tocsin secrets set ${id} --keep-value --targets … ${target}`,
      });
    }
    if (secret.value === undefined) throw new MissingSecret(id, 'can’t be read');
    return secret.value;
  }

  /** Throws a TocsinError `egress` unless this host may get it. */
  checkHost(id: string, host: string): void {
    const secret = this.#secrets.get(id);
    if (secret && allowsHost(secret, host)) return;
    throw new TocsinError('egress', `the secret ${secretReference(id)} is not for the host ${host}`, {
      remedy: `If the host shall get it: tocsin secrets set ${id} --keep-value --hosts … ${host}`,
    });
  }

  /** For masks: every value with its reference, those that were replaced lately too. */
  known(): [reference: string, value: string][] {
    const present = [...this.#secrets.values()].flatMap(({ id, value }): [string, string][] =>
      value === undefined ? [] : [[secretReference(id), value]],
    );
    return [...present, ...this.#retired];
  }

  list(): ListedSecret[] {
    return [...this.#secrets.values()].sort(byId).map((secret) => this.#listed(secret));
  }

  usersOf(id: string): readonly string[] {
    return this.#options.users.get(id) ?? [];
  }

  /** What settings refer to and nobody has set. */
  missing(): { id: string; users: readonly string[] }[] {
    return [...this.#options.users]
      .filter(([id]) => !this.#secrets.has(id))
      .map(([id, users]) => ({ id, users }))
      .sort(byId);
  }

  /** Makes a secret or changes it; what isn't given stays. `now` in milliseconds since 1970. */
  set(id: string, change: Partial<Reach> & { value?: string }, author: string, now: number): Promise<ListedSecret> {
    return this.#next(async () => {
      const { keys, onSet } = this.#options;
      const before = this.#secrets.get(id);
      const value = change.value ?? before?.value;
      if (value === undefined) throw valueless(id, before !== undefined);
      const { targets = before?.targets ?? ['*'], hosts = before?.hosts ?? ['*'] } = change;
      const info = { id, author, targets, hosts, createdAt: before?.createdAt ?? now, updatedAt: now };
      const secret = sealSecret(info, value, keys.current);
      await this.#put(secret);
      if (value !== before?.value) this.#retire(before);
      await onSet?.(this.usersOf(id));
      return this.#listed(secret);
    });
  }

  /** Says whether there was one. */
  remove(id: string): Promise<boolean> {
    return this.#next(async () => {
      const wasThere = await this.#options.store.removeRecord(secretKind, id);
      const before = this.#secrets.get(id);
      this.#secrets.delete(id);
      this.#retire(before);
      return wasThere;
    });
  }

  /** Puts everything under the newest key; where the key is the hub's own, that is a new one. */
  rotate(): Promise<Rotated> {
    return this.#next(async () => {
      const { keys, others } = this.#options;
      if (this.#secrets.size > 0 || others?.hasAny) keys.renew();
      let resealed = 0;
      for (const { value, sealed, ...info } of [...this.#secrets.values()]) {
        if (value === undefined || sealed.key === keys.current.id) continue;
        await this.#put(sealSecret(info, value, keys.current));
        resealed += 1;
      }
      const all = [...this.#secrets.values()];
      const rest = (await others?.reseal()) ?? { resealed: 0, total: 0, unreadable: [] };
      const isAllNew = all.every(({ sealed }) => sealed.key === keys.current.id);
      if (isAllNew && rest.unreadable.length === 0) keys.forgetOld();
      const unreadable = all.filter(({ value }) => value === undefined).map(({ id }) => id);
      return {
        resealed: resealed + rest.resealed,
        total: all.length + rest.total,
        unreadable: [...unreadable, ...rest.unreadable],
      };
    });
  }

  async #put(secret: StoredSecret): Promise<void> {
    await this.#options.store.putRecord(writeSecret(secret));
    this.#secrets.set(secret.id, secret);
    this.version += 1;
  }

  #retire(before: StoredSecret | undefined): void {
    this.version += 1;
    if (before?.value === undefined) return;
    this.#retired.push([secretReference(before.id), before.value]);
    if (this.#retired.length > mostRetired) this.#retired.shift();
  }

  #listed({ sealed: _, value, ...info }: StoredSecret): ListedSecret {
    return { ...info, users: this.usersOf(info.id), isReadable: value !== undefined };
  }

  #next<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function byId(left: { id: string }, right: { id: string }): number {
  return left.id < right.id ? -1 : 1;
}

function valueless(id: string, isThere: boolean): TocsinError {
  const message = isThere ? `the value of the secret ${id} can’t be read` : `there is no secret ${id} yet`;
  return new TocsinError('not-found', message, { remedy: 'Give its value.' });
}

function refuseUnreadable(secrets: readonly StoredSecret[], { users, keys }: SecretStoreOptions): void {
  const lost = secrets.filter(({ id, value }) => value === undefined && users.has(id));
  if (lost.length === 0) return;
  const faults = lost.map(({ id, sealed: { key } }) => ({
    path: id,
    message: `${keys.find(key) ? 'was changed where it lies' : `lies under another key (${key || 'unknown'})`}; it is used by ${users.get(id)?.join(', ')}`,
  }));
  throw new TocsinError('config', `secrets that are in use can’t be read with the key of ${keys.origin}`, {
    faults,
    remedy:
      'Give the hub the key that it had, as `secrets.previous` if there is a new one. If it is lost, take their references out of the config, start, set the secrets anew, and put the references back.',
  });
}
