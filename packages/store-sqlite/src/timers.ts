import type { Timer, TimerChange, TimerSignal } from '@tocsin/engine';
import type { Row } from './rows.ts';

/** What the timers need of the ledger: its connection, inside the present transaction. */
export interface Statements {
  row(sql: string, ...values: unknown[]): Row | undefined;
  rows(sql: string, ...values: unknown[]): Row[];
  run(sql: string, ...values: unknown[]): void;
}

/**
 * The table of timers, with the time of the first one in memory: as long as it lies ahead, a commit that sets none costs
 * no look at the table.
 */
export class Timers {
  readonly #statements: Statements;
  /** When the first is due; undefined while that is to be looked up. */
  #first: number | undefined;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** After a rollback, which may have brought back any. */
  forget(): void {
    this.#first = undefined;
  }

  get(source: string, fingerprint: string): Timer | undefined {
    const row = this.#statements.row('SELECT * FROM timers WHERE source = ? AND fingerprint = ?', source, fingerprint);
    return row && readTimer(row);
  }

  put({ source, fingerprint, timer }: TimerChange): void {
    this.#first = undefined;
    if (!timer) {
      this.#statements.run('DELETE FROM timers WHERE source = ? AND fingerprint = ?', source, fingerprint);
      return;
    }
    const { due, period, signal } = timer;
    this.#statements.run(upsertTimer, source, fingerprint, due, period, JSON.stringify(signal));
  }

  /** When the first is due; `Infinity` without any. */
  get next(): number {
    this.#first ??= (this.#statements.row('SELECT due FROM timers ORDER BY due LIMIT 1')?.due as number) ?? never;
    return this.#first;
  }

  /** Those that are due, the longest first; at most `most`. */
  due(now: number, most: number): TimerSignal[] {
    if (this.next > now) return [];
    const rows = this.#statements.rows(
      'SELECT source, fingerprint FROM timers WHERE due <= ? ORDER BY due LIMIT ?',
      now,
      most,
    );
    return rows.map(({ source, fingerprint }) => ({
      kind: 'timer',
      source: source as string,
      fingerprint: fingerprint as string,
    }));
  }

  /** Nobody could hear until now: what is due has as long again. */
  restart(now: number): void {
    this.#first = undefined;
    this.#statements.run('UPDATE timers SET due = ? + period WHERE due <= ?', now, now);
  }

  /** The clock was set by so many milliseconds: each silence lasts as long as it would have. */
  shift(by: number): void {
    this.#first = undefined;
    this.#statements.run('UPDATE timers SET due = due + ?', by);
  }
}

const never = Number.POSITIVE_INFINITY;

const upsertTimer = `
  INSERT INTO timers (source, fingerprint, due, period, signal) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (source, fingerprint) DO UPDATE SET due = excluded.due, period = excluded.period, signal = excluded.signal`;

function readTimer(row: Row): Timer {
  return {
    source: row.source as string,
    fingerprint: row.fingerprint as string,
    due: row.due as number,
    period: row.period as number,
    signal: JSON.parse(row.signal as string),
  };
}
