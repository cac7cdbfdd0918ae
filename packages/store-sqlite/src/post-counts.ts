import { mostPosts } from '@tocsin/engine';

/** How many posts each address was given in the minute that it was last given one. */
export type PostCounts = Readonly<Record<string, readonly [minute: number, count: number]>>;

/**
 * Counts what each address is told, to find a flood. What was counted before a transaction stands in its journal entry:
 * applied again, it finds the same.
 */
export class Posts {
  #counts = new Map<string, readonly [minute: number, count: number]>();

  /** Takes up what was counted before the entry that is applied now. */
  restore(counts: PostCounts): void {
    this.#counts = new Map(Object.entries(counts));
  }

  /** What counts still at this time. */
  counts(now: number): PostCounts {
    const minute = minuteOf(now);
    for (const [key, [at]] of this.#counts) if (at !== minute) this.#counts.delete(key);
    return Object.fromEntries(this.#counts);
  }

  /** One more post; says whether it is beyond what is told singly. */
  add(key: string, now: number): boolean {
    const minute = minuteOf(now);
    const [at, before] = this.#counts.get(key) ?? [minute, 0];
    const count = at === minute ? before + 1 : 1;
    this.#counts.set(key, [minute, count]);
    return count > mostPosts;
  }
}

function minuteOf(now: number): number {
  return Math.floor(now / 60_000);
}
