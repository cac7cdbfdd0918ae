import { type Outcome, packSignals, type Settled, type Signal } from '@tocsin/engine';
import type { Clock } from '../src/clock.ts';
import { type Connection, openDatabase, wasRunning } from '../src/database.ts';
import { Journal, journalOf } from '../src/journal.ts';
import { queryTable } from '../src/queries.ts';
import { type WriteRequest, Writer } from '../src/writer.ts';

/**
 * The writer of a store in this very thread: quick to open, and with its insides at hand. A crash is a copy of its
 * files, so that nothing has to be synced.
 */
export class DirectStore {
  readonly database: Connection;
  readonly journal: Journal;
  readonly writer: Writer;
  now = Date.UTC(2026, 0, 1);

  constructor(file: string, clock?: Clock) {
    this.database = openDatabase(file, { synchronous: 'OFF' });
    this.journal = new Journal(journalOf(file), false, wasRunning(this.database));
    this.writer = new Writer(this.database, this.journal, clock ?? { now: () => this.now });
  }

  write(signals: readonly Signal[], settles: readonly Settled[] = [], claim?: WriteRequest['claim']) {
    const request = { commits: [packSignals(signals)], settles: settles.map((one) => JSON.stringify(one)) };
    return this.writer.write(claim ? { ...request, claim } : request);
  }

  commit(...signals: Signal[]): Outcome[] {
    const [written] = this.write(signals).commits;
    if (written && 'outcomes' in written) return written.outcomes;
    throw new Error(written?.failure.message);
  }

  /** As a host leaves it that ends in order. */
  close(): void {
    this.writer.end();
    this.journal.close();
    this.database.close();
  }
}

/** Reads what the tables of a closed store hold. */
export function readTables<Result>(file: string, read: (table: ReturnType<typeof queryTable>) => Result): Result {
  const database = openDatabase(file);
  try {
    return read(queryTable(database));
  } finally {
    database.close();
  }
}
