import type { OldestOwed } from '@tocsin/engine';

/** One of the two sums, by the names of the counters; those with a reason stand behind a dot. */
export interface Sum {
  /** What came in, or was owed. */
  total: number;
  /** What is known of it, together. */
  accounted: number;
  holds: boolean;
}

export interface Accounting {
  counters: Record<string, number>;
  /** received = grouped + ignored.* + rejected */
  alerts: Sum;
  /** owed = delivered + pending + superseded + suppressed.* + dead.* + cancelled */
  notifications: Sum;
  /** The longest owed first. */
  owed: OldestOwed[];
}

export const alertParts = ['grouped', 'ignored', 'rejected'] as const;
export const notificationParts = ['delivered', 'pending', 'superseded', 'suppressed', 'dead', 'cancelled'] as const;

/** What became of everything that came in, and of everything that was owed. */
export function account(counters: Record<string, number>, owed: readonly OldestOwed[]): Accounting {
  return {
    counters,
    alerts: sumOf(counters, 'received', alertParts),
    notifications: sumOf(counters, 'owed', notificationParts),
    owed: owed.toSorted((left, right) => left.oldest.since - right.oldest.since),
  };
}

/** A counter, or those with its name and a reason. */
export function countersOf(counters: Record<string, number>, part: string): [name: string, count: number][] {
  return Object.entries(counters).filter(([name]) => name === part || name.startsWith(`${part}.`));
}

function sumOf(counters: Record<string, number>, whole: string, parts: readonly string[]): Sum {
  const total = counters[whole] ?? 0;
  const accounted = parts.flatMap((part) => countersOf(counters, part)).reduce((sum, [, count]) => sum + count, 0);
  return { total, accounted, holds: total === accounted };
}
