import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '@tocsin/engine';

/** What somebody may act on, and until when. */
export interface Held {
  /** The group's id. */
  group: string;
  incarnation: number;
}

/** What a handle is good for: pressing in the messages of a target, or one action by a link. */
export type Purpose = { press: string } | { link: string };

export type ReadHandle = Held | 'expired' | undefined;

/** Milliseconds: a problem may last, and its message stands as long. */
export const handleLifetime = 30 * 24 * 60 * 60_000;

const recordKind = 'handle-key';
/** Characters of the 128 bits of a MAC in base64url. */
const macLength = 22;

/**
 * The words that messages carry and presses bring back. They hold the group, its incarnation and an end under a MAC for
 * one purpose: nobody else can make one, nor use that of one target at another. The key is in the store, so that all
 * hosts of it know each other's.
 */
export class Handles {
  readonly #key: KeyObject;
  readonly #now: () => number;

  constructor(key: Buffer, now: () => number = Date.now) {
    this.#key = createSecretKey(key);
    this.#now = now;
  }

  static async open(store: Pick<Store, 'query' | 'putRecord'>, now?: () => number): Promise<Handles> {
    const [known] = await store.query.records(recordKind);
    if (known) return new Handles(Buffer.from(known.value, 'base64'), now);
    const value = randomBytes(32).toString('base64');
    await store.putRecord({ kind: recordKind, id: 'key', value, author: 'tocsin' });
    return new Handles(Buffer.from(value, 'base64'), now);
  }

  /** At most 100 letters, digits, `-` and `_`. */
  make({ group, incarnation }: Held, purpose: Purpose, lifetime = handleLifetime): string {
    const end = Math.ceil((this.#now() + lifetime) / 60_000);
    const text = [group, incarnation.toString(36), end.toString(36)].join('.');
    return Buffer.from(text).toString('base64url') + this.#mac(text, purpose);
  }

  read(handle: string, purpose: Purpose): ReadHandle {
    if (!/^[\w-]{23,120}$/.test(handle)) return undefined;
    const text = Buffer.from(handle.slice(0, -macLength), 'base64url').toString();
    const given = Buffer.from(handle.slice(-macLength));
    const expected = Buffer.from(this.#mac(text, purpose));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const [group = '', incarnation = '', end = ''] = text.split('.');
    if (Number.parseInt(end, 36) * 60_000 <= this.#now()) return 'expired';
    return { group, incarnation: Number.parseInt(incarnation, 36) };
  }

  #mac(text: string, purpose: Purpose): string {
    const mac = createHmac('sha256', this.#key).update(JSON.stringify([purpose, text]));
    return mac.digest('base64url').slice(0, macLength);
  }
}
