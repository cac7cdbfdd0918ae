import { TocsinError } from '@tocsin/core';
import type { ActionSignal, Store } from '@tocsin/engine';

/** Something that a person asked for, as it lies in the store until it is done and for a while after. */
export interface Asked {
  action: Omit<ActionSignal, 'kind'>;
  /** The target whose callback it was, who pressed, where, and what `reply` needs; none for the API, the pages and links. */
  from?: { target: string; person: string; installation?: string; replyTo?: string };
  /** Milliseconds since 1970. */
  at: number;
  isDone: boolean;
}

const recordKind = 'press';

type Records = Pick<Store, 'putRecord' | 'removeRecord'>;

/** Milliseconds for which the id of a callback is known: longer than its signature is good for, both clocks counted. */
const remembered = 20 * 60_000;
/** Presses that are remembered at once. */
const mostRemembered = 20_000;

/**
 * What people asked for. Written down before anything comes of it, under the id of the callback that brought it: so
 * nothing is lost by a crash, and a callback that comes again does nothing.
 */
export class PressLog {
  readonly #store: Records;
  readonly #now: () => number;
  /** By id, when it came; the oldest first. */
  readonly #known = new Map<string, number>();

  private constructor(store: Records, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** With what was asked for and not done when the host ended. */
  static async open(
    store: Records & Pick<Store, 'query'>,
    now: () => number = Date.now,
  ): Promise<{ log: PressLog; open: Map<string, Asked> }> {
    const log = new PressLog(store, now);
    const records = await store.query.records(recordKind);
    const open = new Map<string, Asked>();
    for (const { id, value, writtenAt } of records.sort((left, right) => left.writtenAt - right.writtenAt)) {
      log.#known.set(id, writtenAt);
      const asked: Asked = JSON.parse(value); // nobody else writes records of this kind
      if (!asked.isDone) open.set(id, asked);
    }
    return { log, open };
  }

  /** Says whether it is new. Resolves when it is durable; rejects with `store` where it can't be. */
  async take(id: string, asked: Omit<Asked, 'isDone'>): Promise<boolean> {
    if (this.#known.has(id)) return false;
    if (this.#known.size >= mostRemembered) {
      throw new TocsinError('store', 'more is pressed than can be remembered', { remedy: 'Press again in a minute.' });
    }
    this.#known.set(id, this.#now());
    await this.#write(id, { ...asked, isDone: false }).catch((error) => {
      this.#known.delete(id);
      throw error;
    });
    void this.#forget().catch(() => {}); // the next one tries again
    return true;
  }

  /** Only so that it isn't done once more after a restart. */
  async done(id: string, asked: Omit<Asked, 'isDone'>): Promise<void> {
    await this.#write(id, { ...asked, isDone: true });
  }

  async #write(id: string, asked: Asked): Promise<void> {
    await this.#store.putRecord({
      kind: recordKind,
      id,
      value: JSON.stringify(asked),
      author: asked.action.actor,
    });
  }

  async #forget(): Promise<void> {
    for (const [id, at] of this.#known) {
      if (at > this.#now() - remembered) return;
      this.#known.delete(id);
      await this.#store.removeRecord(recordKind, id);
    }
  }
}
