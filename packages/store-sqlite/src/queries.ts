import type {
  Attempt,
  DeadCause,
  GroupFilter,
  GroupSummary,
  OldestOwed,
  OpenGroups,
  Page,
  PageRequest,
  PinnedTemplates,
  Queries,
  StoredRecord,
  StoredRequest,
} from '@tocsin/engine';
import type { Connection } from './database.ts';
import { identityOf } from './identity.ts';
import {
  deadWhere,
  groupId,
  groupSeq,
  type Row,
  readDeadLetter,
  readDelivery,
  readEvent,
  readGroup,
  readLane,
  readMember,
  readSilence,
} from './rows.ts';

const largestPage = 200;

type Table = { [Name in keyof Queries]: (...args: Parameters<Queries[Name]>) => Awaited<ReturnType<Queries[Name]>> };

/** Every read of `Queries`, on one connection. Lists are newest first and page by key. */
export function queryTable(database: Connection): Table {
  const rows = (sql: string, ...values: unknown[]) => database.prepare<unknown[], Row>(sql).all(...values);

  /** Rows of `select … where … key < after order by key desc`, one more than asked for to know whether there are more. */
  function page<Item>(
    select: string,
    where: Record<string, unknown>,
    key: string,
    { limit, after }: PageRequest,
    read: (row: Row) => Item,
    ascending = false,
  ): Page<Item> {
    const most = Math.max(1, Math.min(largestPage, limit));
    const given = Object.entries(where).filter(([, value]) => value !== undefined);
    const conditions = given.map(([column]) => (column.includes(' ') ? `${column} ?` : `${column} = ?`));
    const values = given.map(([, value]) => value);
    const start = Number(after);
    if (after !== undefined && Number.isSafeInteger(start)) {
      conditions.push(`${key} ${ascending ? '>' : '<'} ?`);
      values.push(start);
    }
    const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const found = rows(
      `${select} ${filter} ORDER BY ${key} ${ascending ? 'ASC' : 'DESC'} LIMIT ?`,
      ...values,
      most + 1,
    );
    const shown = found.slice(0, most);
    const column = key.split('.').at(-1) as string;
    return {
      items: shown.map(read),
      next: found.length > most ? String(shown.at(-1)?.[column]) : null,
    };
  }

  const newestLabels = `(SELECT m.labels FROM members m WHERE m.group_seq = g.seq ORDER BY m.status, m.severity LIMIT 1)`;
  const summary = `SELECT g.*, ${newestLabels} AS labels FROM groups g`;

  return {
    groups: ({ status, source, severity }: GroupFilter, request) =>
      page(summary, { 'g.status': status, 'g.source': source, 'g.severity': severity }, 'g.seq', request, readSummary),
    group: (id) => rows(`${summary} WHERE g.seq = ?`, groupSeq(id)).map(readSummary)[0],
    events: (group, request) =>
      page('SELECT * FROM events', { group_seq: groupSeq(group) }, 'number', request, readEvent, true),
    members: (group, request) =>
      page('SELECT rowid AS id, * FROM members', { group_seq: groupSeq(group) }, 'id', request, readMember, true),
    deliveries: ({ group, target }, request) =>
      page('SELECT * FROM deliveries', { group_seq: group && groupSeq(group), target }, 'seq', request, readDelivery),
    attempts: ({ group, target }, request) =>
      page('SELECT * FROM attempts', { group_seq: group && groupSeq(group), target }, 'id', request, readAttempt),
    requests: ({ source, rejected }, request) =>
      page(
        'SELECT * FROM requests',
        { source, is_rejected: rejected === undefined ? undefined : Number(rejected) },
        'id',
        request,
        readRequest,
      ),
    silences: ({ endingAfter, id }, request) =>
      page('SELECT * FROM silences', { 'ends_at >': endingAfter, id }, 'seq', request, readSilence),
    deadLetters: ({ all, ...filter }, { limit, after }) => {
      const most = Math.max(1, Math.min(largestPage, limit));
      const start = Number(after ?? Number.NaN);
      const { sql, values } = deadWhere(filter, all !== true);
      const before = Number.isSafeInteger(start) ? start : Number.MAX_SAFE_INTEGER;
      const found = rows(
        `SELECT * FROM dead_letters WHERE ${sql} AND id < ? ORDER BY id DESC LIMIT ?`,
        ...values,
        before,
        most + 1,
      );
      const shown = found.slice(0, most);
      return { items: shown.map(readDeadLetter), next: found.length > most ? String(shown.at(-1)?.id) : null };
    },
    deadCauses: (filter) => {
      const { sql, values } = deadWhere(filter, true);
      return rows(
        `SELECT target, cause, count(*) AS count, min(at) AS first, max(at) AS last FROM dead_letters
         WHERE ${sql} GROUP BY target, cause ORDER BY count DESC, target, cause LIMIT 500`,
        ...values,
      ).map((row) => row as unknown as DeadCause); // its columns have these names
    },
    lanes: () => rows('SELECT * FROM lanes ORDER BY target').map(readLane),
    pinned: () => rows('SELECT * FROM pinned ORDER BY source').map(readPinned),
    records: (kind) => rows('SELECT * FROM records WHERE kind = ? ORDER BY id', kind).map(readRecord),
    // One transaction: between two reads something may be committed, and the sums would not hold.
    tally: database.transaction(() => {
      const counters = Object.fromEntries(
        rows('SELECT name, value FROM tally').map(({ name, value }) => [name, value]),
      );
      const pending = rows(
        `SELECT count(*) AS pending FROM deliveries d JOIN events e ON e.group_seq = d.group_seq AND e.number > d.cursor
         WHERE d.due IS NOT NULL AND e.quiet = 0 AND instr(' ' || d.events || ' ', ' ' || e.kind || ' ') > 0`,
      )[0]?.pending;
      const replays = rows(
        'SELECT sum(json_array_length(replays)) AS count FROM deliveries WHERE replays IS NOT NULL',
      )[0];
      return { ...counters, pending: Number(pending) + Number(replays?.count ?? 0) } as Record<string, number>;
    }),
    oldestOwed: () => readOldestOwed(database.prepare<unknown[], Row>(owedEvents).iterate()),
    openGroups: () =>
      rows(
        `SELECT g.source, g.status, count(*) AS groups,
           sum(NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.group_seq = g.seq)) AS unrouted
         FROM groups g WHERE g.status <> 'resolved' GROUP BY g.source, g.status`,
      ).map(readOpenGroups),
    member: (source, fingerprint) => {
      const seed = Number(rows("SELECT value FROM meta WHERE name = 'seed'")[0]?.value);
      // The identity is only a place in the index: others may have the same.
      return rows(
        'SELECT * FROM members WHERE newest = 1 AND identity = ? AND source = ? AND fingerprint = ?',
        identityOf(source, fingerprint, seed),
        source,
        fingerprint,
      ).map(readMember)[0];
    },
  };
}

/**
 * Each delivery that owes something, with the time of the first event that it owes: one look into the index of events
 * for each. What is only to be told again is owed since it is due.
 */
const owedEvents = `
  SELECT * FROM (
    SELECT d.group_seq, d.subscription, d.target, coalesce(d.failing_since, d.due) AS turn,
      coalesce((SELECT e.at FROM events e
       WHERE e.group_seq = d.group_seq AND e.number > d.cursor AND e.quiet = 0
         AND instr(' ' || d.events || ' ', ' ' || e.kind || ' ') > 0
       ORDER BY e.number LIMIT 1), iif(d.replays IS NULL, NULL, d.due)) AS at
    FROM deliveries d WHERE d.due IS NOT NULL
  ) WHERE at IS NOT NULL`;

function readOldestOwed(owed: Iterable<Row>): OldestOwed[] {
  const targets = new Map<string, OldestOwed>();
  for (const row of owed) {
    const target = row.target as string;
    const one = { group: groupId(row.group_seq as number), subscription: row.subscription as string };
    const oldest = { ...one, since: row.at as number };
    const first = { ...one, since: row.turn as number };
    const known = targets.get(target);
    if (!known) targets.set(target, { target, deliveries: 1, oldest, first });
    else {
      known.deliveries++;
      if (oldest.since < known.oldest.since) known.oldest = oldest;
      if (first.since < known.first.since) known.first = first;
    }
  }
  return [...targets.values()].sort((left, right) => left.oldest.since - right.oldest.since);
}

function readOpenGroups({ source, status, groups, unrouted }: Row): OpenGroups {
  return {
    source: source as string,
    status: status as OpenGroups['status'],
    groups: groups as number,
    unrouted: unrouted as number,
  };
}

function readSummary(row: Row): GroupSummary {
  return { ...readGroup(row), labels: row.labels === null ? {} : JSON.parse(row.labels as string) };
}

function readAttempt(row: Row): Attempt {
  return {
    id: row.id as number,
    group: groupId(row.group_seq as number),
    subscription: row.subscription as string,
    target: row.target as string,
    event: row.event as number,
    startedAt: row.started_at as number,
    duration: row.duration as number,
    outcome: row.outcome as Attempt['outcome'],
    reason: row.reason as string | null,
    request: row.request === null ? null : JSON.parse(row.request as string),
    response: row.response === null ? null : JSON.parse(row.response as string),
    error: row.error as string | null,
  };
}

function readPinned(row: Row): PinnedTemplates {
  return {
    source: row.source as string,
    package: row.package as string,
    version: row.version as string,
    pinnedAt: row.pinned_at as number,
    templates: JSON.parse(row.templates as string),
  };
}

function readRecord(row: Row): StoredRecord {
  return {
    kind: row.kind as string,
    id: row.id as string,
    value: row.value as string,
    author: row.author as string,
    writtenAt: row.written_at as number,
  };
}

function readRequest(row: Row): StoredRequest {
  return {
    id: row.id as number,
    source: row.source as string,
    receivedAt: row.received_at as number,
    reason: row.reason as string | null,
    path: row.path as string,
    contentType: row.content_type as string,
    body: row.body as string,
  };
}
