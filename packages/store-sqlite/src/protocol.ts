import type { ErrorCode } from '@tocsin/core/base';
import type {
  DeadFilter,
  Due,
  Finding,
  LaneBudget,
  Lease,
  Outcome,
  Rules,
  Silence,
  Store,
  StoredRecord,
} from '@tocsin/engine';

/**
 * What the store asks its worker threads, and what they answer, several answers in one message. What is large goes over
 * as JSON text, which is half the work of copying objects and goes into the journal as it is.
 */
export type Request =
  | { kind: 'write'; id: number; commits: readonly string[] }
  | { kind: 'settle'; id: number; settles: readonly string[] }
  | { kind: 'claim'; id: number; lanes: readonly LaneBudget[]; lease: Lease }
  | { kind: 'rules'; id: number; rules: Rules }
  | { kind: 'pin'; id: number; pin: Parameters<Store['pin']> }
  | { kind: 'enable' | 'hurry'; id: number; target: string }
  | { kind: 'retry'; id: number; filter: DeadFilter }
  | { kind: 'silence'; id: number; silence: Silence }
  | { kind: 'record'; id: number; record: Omit<StoredRecord, 'writtenAt'> }
  | { kind: 'unrecord'; id: number; of: [kind: string, id: string] }
  | { kind: 'query'; id: number; name: string; args: unknown[] }
  | { kind: 'flush'; id: number }
  | { kind: 'close'; id: number };

/** What is due, as it goes between threads. */
export type Claimed = Omit<Due, 'durable'>;

export interface Failure {
  code: ErrorCode;
  message: string;
  /** Nothing more can be stored: the file is damaged, or a sync failed. */
  isFatal: boolean;
}

export type Written = { outcomes: Outcome[] } | { failure: Failure };

export type Answer =
  | { kind: 'ready' }
  | { kind: 'line'; line: string }
  | { kind: 'findings'; findings: readonly Finding[] }
  | { kind: 'written'; id: number; commits: string }
  /** Leaves before it is durable: the end of this process doesn't undo it. */
  | { kind: 'settled'; id: number; settles: (Failure | null)[] }
  /** Leaves before it is durable; where it holds something, `done` or `failed` of the same id follows. */
  | { kind: 'claimed'; id: number; due: Claimed[] }
  | { kind: 'done'; id: number; value?: unknown }
  | { kind: 'failed'; id: number; failure: Failure };

export interface WorkerData {
  role: 'writer' | 'reader';
  file: string;
  synchronous: 'FULL' | 'OFF';
  /** Milliseconds since 1970 at [0], for tests that move time; the system's clock without it. */
  clock: BigInt64Array | null;
  without: readonly Protection[];
}

/** What can be taken away, only to see what goes wrong then. */
export type Protection =
  /** That the system's clock was set is noticed. */
  | 'clock-watch'
  /** What an earlier process had claimed is free at the start. */
  | 'freed-leases'
  /** Damage of the journal is found. */
  | 'journal-check'
  /** The file of a newer version is refused. */
  | 'version-check';
