import type {
  Attempt,
  DeadCause,
  GroupFilter,
  GroupSummary,
  Page,
  PageRequest,
  PinnedTemplates,
  Queries,
  StoredRequest,
} from '@tocsin/engine';
import type { Connection } from './database.ts';
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
    tally: () => {
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
    },
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
