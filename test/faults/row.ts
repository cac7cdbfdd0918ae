import type { Bench } from './bench.ts';

interface Described {
  /** `D1`, as it is asked for with `--only`. */
  id: string;
  title: string;
  /** What is done to the host. */
  method: string;
  /** What must hold. */
  bar: string;
}

/** One fault, done to real processes. */
export interface Row extends Described {
  /** Seconds that it may take; beyond, it has failed. Without `quick` it is no part of the quick run. */
  seconds: { full: number; quick?: number };
  /** Does it and judges what came of it. What it throws is a failure too. */
  run(bench: Bench): Promise<void>;
  /** What `--prove` takes away, one after the other, so that a figure of each must miss its bar; or why nothing can be. */
  protection: Protection | readonly Protection[] | { none: string };
}

export interface Protection {
  /** What is taken away. */
  what: string;
  /** Figures of the row, of which one at least must miss its bar then. */
  reddens: readonly string[];
  /** For every hub of the row. What else is taken away, the row does itself when its bench lacks it. */
  env?: Readonly<Record<string, string>>;
}

/** What stands between a row and its fault; none where nothing can be taken away. */
export function protectionsOf({ protection }: Pick<Row, 'protection'>): readonly Protection[] {
  if ('none' in protection) return [];
  return 'what' in protection ? [protection] : protection;
}

/** A fault that can't be done yet. */
export interface PlannedRow extends Described {
  /** What has to exist first. */
  later: string;
}

export type AnyRow = Row | PlannedRow;

/** The environment of a hub without these protections. */
export function without(...failpoints: string[]): Record<string, string> {
  return { NODE_ENV: 'test', TOCSIN_FAILPOINT: failpoints.join(',') };
}
