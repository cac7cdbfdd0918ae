import type { Retention } from '@tocsin/engine';
import type { Row } from './rows.ts';

/** What the sweeper needs of the ledger: its connection, inside the present transaction. */
export interface Statements {
  all(sql: string, ...values: unknown[]): Row[];
  run(sql: string, ...values: unknown[]): void;
}

/** Rows of one kind that one step deletes: more would keep those waiting who post. */
const mostRows = 2_000;
/** Groups that one step looks at. */
const mostGroups = 100;

export interface Swept {
  /** Whether groups went, which may be in memory. */
  groups: number;
  /** There is more to delete. */
  hasMore: boolean;
}

/**
 * One step of deleting what was kept long enough: attempts, requests that couldn't be read, and closed groups with all
 * that belongs to them, never one of which something is owed. Where everything takes more room than it may, the oldest
 * go early.
 */
export function sweep(statements: Statements, retention: Retention, now: number): Swept {
  const { all, run } = statements;
  run('DELETE FROM requests WHERE is_rejected = 1 AND received_at < ?', now - retention.requests);
  run('DELETE FROM dead_letters WHERE retried_at < ?', now - retention.attempts);
  const isFull = bytesOf(all) > retention.bytes;
  const attempts = sweepAttempts(statements, isFull ? Number.POSITIVE_INFINITY : now - retention.attempts);
  const ended = sweepGroups(statements, isFull ? Number.POSITIVE_INFINITY : now - retention.groups);
  return { groups: ended.deleted, hasMore: attempts === mostRows || ended.hasMore };
}

/** What is in use of the file. */
function bytesOf(all: Statements['all']): number {
  const [sizes] = all(
    'SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count) AS pages, page_size FROM pragma_page_size',
  );
  return Number(sizes?.pages) * Number(sizes?.page_size);
}

/** Their numbers are in the order of their times. */
function sweepAttempts({ all, run }: Statements, before: number): number {
  const oldest = all('SELECT id, started_at FROM attempts ORDER BY id LIMIT ?', mostRows);
  const kept = oldest.findIndex(({ started_at: at }) => Number(at) >= before);
  const old = kept === -1 ? oldest : oldest.slice(0, kept);
  if (old.length > 0) run('DELETE FROM attempts WHERE id <= ?', old.at(-1)?.id);
  return old.length;
}

function sweepGroups(statements: Statements, before: number): { deleted: number; hasMore: boolean } {
  const { all } = statements;
  const old = all(
    `SELECT seq FROM groups g WHERE status = 'resolved' AND resolved_at < ?
     AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.group_seq = g.seq AND d.due IS NOT NULL)
     ORDER BY resolved_at LIMIT ?`,
    Math.min(before, Number.MAX_SAFE_INTEGER),
    mostGroups,
  );
  let left = mostRows;
  let deleted = 0;
  for (const { seq } of old) {
    left -= emptyGroup(statements, seq, left);
    if (left <= 0) return { deleted, hasMore: true };
    statements.run('DELETE FROM groups WHERE seq = ?', seq);
    deleted++;
  }
  return { deleted, hasMore: old.length === mostGroups };
}

/** Deletes what belongs to a group, as many rows as it may; says how many it were. */
function emptyGroup({ all, run }: Statements, seq: unknown, most: number): number {
  let count = 0;
  for (const table of ['members', 'events', 'attempts', 'dead_letters', 'deliveries']) {
    const rows = all(`SELECT rowid AS id FROM ${table} WHERE group_seq = ? LIMIT ?`, seq, most - count);
    for (const { id } of rows) run(`DELETE FROM ${table} WHERE rowid = ?`, id);
    count += rows.length;
    if (count >= most) return count;
  }
  return count;
}
