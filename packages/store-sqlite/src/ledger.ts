import { TocsinError } from '@tocsin/core/base';
import {
  type Changes,
  type Delivery,
  type EventKind,
  type Group,
  type GroupEvent,
  type Member,
  type MemberSnapshot,
  type State,
  snapshot,
  type Timer,
  type Usage,
  usageAfter,
} from '@tocsin/engine';
import type { Statement } from 'better-sqlite3';
import { Agenda, type Appointment, inOrder, type Lease } from './agenda.ts';
import type { Connection } from './database.ts';
import { identityOf } from './identity.ts';
import { KnownMembers } from './known-members.ts';
import {
  deliveryColumns,
  deliveryValues,
  eventColumns,
  eventValues,
  groupColumns,
  groupId,
  groupSeq,
  groupValues,
  memberColumns,
  memberValues,
  type Row,
  readDelivery,
  readEvent,
  readGroup,
  readMember,
  withoutData,
} from './rows.ts';
import { Timers } from './timers.ts';

const none = '';

/** Groups kept in memory; beyond it the oldest half goes and is read again when asked for. */
const mostCached = 50_000;

/**
 * The tables as `decide` reads and writes them, with the summaries of recent groups in memory. Its transactions are
 * parts of one transaction of the database, which `flush` ends; until then groups and their last events are written in
 * memory only, so that a storm writes each of them once.
 */
export class Ledger implements State {
  readonly #database: Connection;
  readonly #groups = new Cache<Group>();
  /** By source and key; an empty text for none. */
  readonly #newest = new Cache<string>();
  /** By source. */
  readonly #usages = new Cache<Usage>();
  readonly #deliveries = new Cache<readonly Delivery[]>();
  /** Each group's last event, which the next update may still be folded into. */
  readonly #lastEvents = new Cache<GroupEvent>();
  /** Groups that the table doesn't have yet, and the last event of each that the table lacks or has as it was before. */
  readonly #unwritten = new Cache<Group>();
  readonly #unwrittenEvents = new Cache<GroupEvent>();
  /** The same of deliveries, by group and subscription. */
  readonly #unwrittenDeliveries = new Cache<Delivery>();
  /** Each group's last event, as the table has it, where it came since the last `flush`. */
  readonly #freshEvents = new Cache<GroupEvent>();
  readonly #caches = [
    this.#groups,
    this.#newest,
    this.#usages,
    this.#deliveries,
    this.#lastEvents,
    this.#unwritten,
    this.#unwrittenEvents,
    this.#unwrittenDeliveries,
    this.#freshEvents,
  ];
  /** Groups that may be silenced; one that isn't any more goes with the next `flush`. */
  readonly #silenced = new Set<string>();
  #tally = new Map<string, number>();
  /** The group of each fingerprint's newest member (0: none), as far as this transaction knows. */
  readonly #homes = new Map<string, number>();
  readonly #statements = new Map<string, Statement<unknown[], Row>>();
  readonly #seed: number;
  readonly #known: KnownMembers;
  readonly timers: Timers;
  /** What is owed, by target. */
  readonly agenda = new Agenda((target) => ({
    read: (...of) => this.#appointments(target, ...of),
    leases: () => this.#leases(target),
  }));
  #nextSeq = 0;
  #hasWritten = false;

  constructor(database: Connection) {
    this.#database = database;
    this.#seed = Number(this.meta('seed'));
    this.#known = this.#readKnown();
    this.timers = new Timers({
      row: (...query) => this.#row(...query),
      rows: (...query) => this.#rows(...query),
      run: (...statement) => this.run(...statement),
    });
    this.#load();
  }

  /** Whether the last transaction, or the present one so far, changed anything. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  newId(): string {
    return groupId(this.#nextSeq++);
  }

  /**
   * Runs a transaction, visible to the next one, and durable only after `flush`. One that fails is half done, and
   * `abandon` has to follow: a savepoint around each would copy every page that it touches, for what hardly ever happens.
   */
  transaction<Result>(work: () => Result): Result {
    const isFirst = !this.#database.inTransaction;
    if (isFirst) this.#run('BEGIN IMMEDIATE');
    this.#homes.clear();
    this.#hasWritten = false;
    const result = work();
    for (const cache of this.#caches) cache.commit();
    // Left open without anything to write, it would stand in the way of every checkpoint.
    if (isFirst && !this.#hasWritten) this.#run('ROLLBACK');
    return result;
  }

  /** Runs a part of a transaction so that its failure undoes it alone. */
  savepoint<Result>(work: () => Result): Result {
    this.#run('SAVEPOINT part');
    const resets = this.#caches.map((cache) => cache.mark());
    const tally = new Map(this.#tally);
    const nextSeq = this.#nextSeq;
    const hadWritten = this.#hasWritten;
    try {
      const result = work();
      this.#run('RELEASE part');
      return result;
    } catch (error) {
      // Where the disk is full SQLite may have ended the whole transaction by itself.
      if (this.#database.inTransaction) {
        this.#run('ROLLBACK TO part');
        this.#run('RELEASE part');
      }
      for (const reset of resets) reset();
      this.agenda.clear();
      this.timers.forget();
      this.#homes.clear();
      this.#tally = tally;
      this.#nextSeq = nextSeq;
      this.#hasWritten = hadWritten;
      throw error;
    }
  }

  /** Ends the database's transaction: everything so far is durable, and `meta` says up to where. */
  flush(meta: Readonly<Record<string, string | number>>): void {
    if (!this.#database.inTransaction) this.#run('BEGIN IMMEDIATE');
    for (const group of this.#unwritten.values()) this.#run(upsertGroup, ...groupValues(group));
    for (const event of this.#unwrittenEvents.values()) this.#run(upsertEvent, ...eventValues(event));
    for (const delivery of this.#unwrittenDeliveries.values()) this.#run(upsertDelivery, ...deliveryValues(delivery));
    for (const [name, by] of this.#tally) {
      this.#run('INSERT INTO tally VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value', name, by);
    }
    for (const [name, value] of Object.entries(meta))
      this.#run('INSERT OR REPLACE INTO meta VALUES (?, ?)', name, value);
    this.#run('COMMIT');
    this.#tally.clear();
    this.#unwritten.clear();
    this.#unwrittenEvents.clear();
    this.#unwrittenDeliveries.clear();
    this.#freshEvents.clear();
    for (const id of this.#silenced) if (this.group(id)?.silencedUntil === null) this.#silenced.delete(id);
    for (const cache of this.#caches) cache.trim(mostCached);
  }

  /**
   * Frees what a host that is no more had claimed: the file is ours alone. Its claims stay counted. The tables have
   * everything.
   */
  freeLeases(): void {
    this.transaction(() => this.run('UPDATE deliveries SET lease_until = NULL WHERE lease_until IS NOT NULL'));
    this.#deliveries.clear();
    this.agenda.clear();
  }

  /** Gives the silences that ended while nobody could hear as long again. */
  restartTimers(now: number): void {
    this.transaction(() => this.timers.restart(now));
  }

  /** Goes back to what the last `flush` made durable. */
  abandon(): void {
    if (this.#database.inTransaction) this.#run('ROLLBACK');
    for (const cache of this.#caches) cache.clear();
    this.agenda.clear();
    this.#tally.clear();
    this.#homes.clear();
    this.#load();
  }

  /** Groups are gone from the tables, which have everything: what is in memory may be about them. */
  forget(): void {
    for (const cache of this.#caches) cache.clear();
    this.agenda.clear();
  }

  /** What `flush` wrote under this name. */
  meta(name: string): string | number | undefined {
    return this.#row('SELECT value FROM meta WHERE name = ?', name)?.value ?? undefined;
  }

  /** When the first silence ends, and the groups whose silence has ended by then. */
  silences(now: number): { next: number | undefined; ended: Group[] } {
    let next: number | undefined;
    const ended: Group[] = [];
    for (const id of this.#silenced) {
      const group = this.group(id);
      if (!group || group.silencedUntil === null) continue;
      if (group.silencedUntil <= now) ended.push(group);
      else next = Math.min(next ?? group.silencedUntil, group.silencedUntil);
    }
    return { next, ended };
  }

  /** Of every firing member: for who has to know them all once. */
  *firing(): Generator<Member> {
    for (const row of this.#rows(`SELECT * FROM members WHERE status = 'firing'`)) yield readMember(row);
  }

  /** The firing members of a group, the worst and then the oldest first, read as far as they are asked for. */
  *firingOf(group: string): Generator<Member> {
    const sql = `SELECT * FROM members WHERE group_seq = ? AND status = 'firing' ORDER BY severity, firing_since LIMIT 100 OFFSET ?`;
    for (let offset = 0; ; offset += 100) {
      const rows = this.#rows(sql, groupSeq(group), offset);
      yield* rows.map(readMember);
      if (rows.length < 100) return;
    }
  }

  /** Has everything that waits for its time, and for no answer, looked at again. The tables have everything. */
  lookAgain(now: number): void {
    this.run('UPDATE deliveries SET due = ? WHERE due > ? AND attempt = 0 AND lease_until IS NULL', now, now);
    this.#deliveries.clear();
    this.agenda.clear();
  }

  /**
   * The clock was set by so many milliseconds. Pauses, leases and timers last as long as they would have. Where it was
   * put back, so does everything else that is counted from a time which now lies ahead. What waits for a time of day is
   * looked at again. The tables have everything; `forget` follows.
   */
  followClock(jump: number, now: number): void {
    this.run('UPDATE deliveries SET lease_until = lease_until + ? WHERE lease_until IS NOT NULL', jump);
    this.run('UPDATE deliveries SET failing_since = failing_since + ? WHERE failing_since IS NOT NULL', jump);
    const waiting = 'UPDATE deliveries SET due = due + ? WHERE due IS NOT NULL AND held IS NULL';
    if (jump > 0) this.run(`${waiting} AND attempt > 0`, jump);
    else {
      this.run(waiting, jump);
      this.run('UPDATE deliveries SET told_at = told_at + ? WHERE told_at > ? AND due IS NOT NULL', jump, now);
      this.run(
        'UPDATE events SET at = at + ? WHERE at > ? AND group_seq IN (SELECT group_seq FROM deliveries WHERE due IS NOT NULL)',
        jump,
        now,
      );
    }
    this.run('UPDATE deliveries SET due = ? WHERE due > ? AND held IS NOT NULL AND lease_until IS NULL', now, now);
    this.timers.shift(jump);
  }

  /** What was tried in vain is due for its next attempt. The tables have everything. */
  retryNow(target: string, now: number): void {
    this.run(
      'UPDATE deliveries SET due = ? WHERE target = ? AND due > ? AND attempt > 0 AND lease_until IS NULL',
      now,
      target,
      now,
    );
    this.#deliveries.clear();
    this.agenda.clear();
  }

  #load(): void {
    this.#nextSeq = ((this.#row('SELECT max(seq) AS seq FROM groups')?.seq as number | null) ?? 0) + 1;
    this.#silenced.clear();
    for (const { seq } of this.#rows('SELECT seq FROM groups WHERE silenced_until IS NOT NULL')) {
      this.#silenced.add(groupId(seq as number));
    }
    this.timers.forget();
  }

  #readKnown(): KnownMembers {
    const count = this.#row('SELECT count(*) AS count FROM members WHERE newest = 1')?.count;
    const known = new KnownMembers(Number(count));
    const identities = this.#database.prepare<[], number>('SELECT identity FROM members WHERE newest = 1').pluck();
    if (known.isKnowing) for (const identity of identities.iterate()) known.add(identity);
    return known;
  }

  group(id: string): Group | undefined {
    return this.#groups.read(id, () => {
      const row = this.#row('SELECT * FROM groups WHERE seq = ?', groupSeq(id));
      return row && readGroup(row);
    });
  }

  newestGroup(source: string, key: string): Group | undefined {
    const id = this.#newest.read(`${source}\n${key}`, () => {
      const row = this.#row(
        'SELECT seq FROM groups WHERE source = ? AND key = ? ORDER BY seq DESC LIMIT 1',
        source,
        key,
      );
      return row ? groupId(row.seq as number) : none;
    });
    return id === none ? undefined : this.group(id as string);
  }

  usage(source: string): Usage {
    const sql = `SELECT count(*) AS groups, coalesce(sum(stored), 0) AS stored FROM groups WHERE source = ? AND status <> 'resolved'`;
    // Both columns are numbers, and there is one row.
    return this.#usages.read(source, () => this.#row(sql, source) as unknown as Usage) as Usage;
  }

  member(source: string, fingerprint: string): Member | undefined {
    const identity = identityOf(source, fingerprint, this.#seed);
    const row = this.#known.mayHave(identity)
      ? this.#row(
          'SELECT * FROM members WHERE identity = ? AND newest = 1 AND source = ? AND fingerprint = ?',
          identity,
          source,
          fingerprint,
        )
      : undefined;
    this.#homes.set(`${source}\n${fingerprint}`, (row?.group_seq as number | undefined) ?? 0);
    return row && readMember(row);
  }

  memberIn(group: string, fingerprint: string): Member | undefined {
    const newest = this.member(this.group(group)?.source ?? '', fingerprint);
    if (newest?.group === group) return newest;
    const row = this.#row(
      'SELECT * FROM members WHERE group_seq = ? AND fingerprint = ? AND newest = 0',
      groupSeq(group),
      fingerprint,
    );
    return row && readMember(row);
  }

  /** Changed members of an event with their data, which the log of updates leaves to the members themselves. */
  withData(group: string, changed: readonly MemberSnapshot[]): MemberSnapshot[] {
    return changed.map((member) =>
      member.data === '' ? { ...member, data: this.memberIn(group, member.fingerprint)?.data ?? 'null' } : member,
    );
  }

  deliveries(group: string): readonly Delivery[] {
    const read = () => this.#rows('SELECT * FROM deliveries WHERE group_seq = ?', groupSeq(group)).map(readDelivery);
    return this.#deliveries.read(group, read) ?? [];
  }

  lastEvent(group: string): GroupEvent | undefined {
    return this.#lastEvents.read(group, () => {
      const row = this.#row('SELECT * FROM events WHERE group_seq = ? ORDER BY number DESC LIMIT 1', groupSeq(group));
      return row && readEvent(row);
    });
  }

  event(group: string, number: number): GroupEvent | undefined {
    this.#writeEvent(group);
    const row = this.#row('SELECT * FROM events WHERE group_seq = ? AND number = ?', groupSeq(group), number);
    return row && readEvent(row);
  }

  /** The number of the newest event that the delivery wants; none where there is none. */
  newestWanted({ group, events }: Delivery): number | undefined {
    this.#writeEvent(group);
    const row = this.#row(
      `SELECT number FROM events WHERE group_seq = ? AND quiet = 0 AND instr(?, ' ' || kind || ' ') > 0
       ORDER BY number DESC LIMIT 1`,
      groupSeq(group),
      spacedOut(events),
    );
    return row?.number as number | undefined;
  }

  countEvents(group: string, after: number, upTo: number, kinds: readonly EventKind[]): number {
    const last = this.#lastEvents.get(group);
    if (last?.number === upTo && after === upTo - 1) return Number(!last.quiet && kinds.includes(last.kind));
    this.#writeEvent(group);
    const row = this.#row(
      `SELECT count(*) AS count FROM events
       WHERE group_seq = ? AND number > ? AND number <= ? AND quiet = 0 AND instr(?, ' ' || kind || ' ') > 0`,
      groupSeq(group),
      after,
      upTo,
      spacedOut(kinds),
    );
    return row?.count as number;
  }

  seen(source: string, deliveryId: string, since: number): boolean {
    const sql = 'SELECT 1 AS yes FROM seen WHERE source = ? AND delivery_id = ? AND at >= ?';
    return this.#row(sql, source, deliveryId, since) !== undefined;
  }

  timer(source: string, fingerprint: string): Timer | undefined {
    return this.timers.get(source, fingerprint);
  }

  write(changes: Changes, now: number): void {
    if (Object.keys(changes.tally).length > 0) this.#hasWritten = true;
    for (const { group, at } of changes.closed) {
      this.#run(
        `UPDATE members SET status = 'resolved', resolved_at = ?, closed_by_person_at = ? WHERE group_seq = ? AND status = 'firing'`,
        at,
        at,
        groupSeq(group),
      );
    }
    for (const group of changes.groups) this.putGroup(group);
    for (const member of changes.members) this.#putMember(member);
    for (const event of changes.events) this.#putEvent(event);
    for (const delivery of changes.deliveries) this.putDelivery(delivery);
    for (const { source, deliveryId } of changes.seen) {
      this.#run('INSERT OR REPLACE INTO seen VALUES (?, ?, ?)', source, deliveryId, now);
    }
    for (const change of changes.timers) this.timers.put(change);
    for (const [name, by] of Object.entries(changes.tally)) this.count(name, by);
  }

  putGroup(group: Group): void {
    this.#hasWritten = true;
    // Counted from the table at first, which must not have this one yet.
    this.#usages.write(group.source, usageAfter(this.usage(group.source), this.group(group.id), group));
    this.#unwritten.write(group.id, checked(group));
    if (group.silencedUntil !== null) this.#silenced.add(group.id);
    this.#groups.write(group.id, group);
    this.#newest.write(`${group.source}\n${group.key}`, group.id);
  }

  #putEvent(event: GroupEvent): void {
    this.#hasWritten = true;
    if (this.#unwrittenEvents.get(event.group)?.number !== event.number) this.#writeEvent(event.group);
    const light = withoutData(event);
    this.#lastEvents.write(event.group, light);
    this.#freshEvents.write(event.group, event.kind === 'updated' ? light : event);
    if (event.kind === 'updated') this.#unwrittenEvents.write(event.group, light);
    else this.#run(upsertEvent, ...eventValues(event));
  }

  /** For whoever reads the log, or appends to it. */
  #writeEvent(group: string): void {
    const event = this.#unwrittenEvents.get(group);
    if (!event) return;
    this.#run(upsertEvent, ...eventValues(event));
    this.#unwrittenEvents.remove(group);
  }

  /** The member becomes the newest of its fingerprint; its row is changed where it has one in this group. */
  #putMember(member: Member): void {
    this.#hasWritten = true;
    const { source, fingerprint } = member;
    const key = `${source}\n${fingerprint}`;
    const seq = groupSeq(member.group);
    const home = this.#homes.get(key);
    this.#homes.set(key, seq);
    const identity = identityOf(source, fingerprint, this.#seed);
    this.#known.add(identity);
    const values = memberValues(member, identity);
    if (home === 0) {
      this.#run(insertMember, ...values);
      return;
    }
    if (home !== seq) {
      this.#run(
        'UPDATE members SET newest = 0 WHERE identity = ? AND newest = 1 AND source = ? AND fingerprint = ? AND group_seq <> ?',
        identity,
        source,
        fingerprint,
        seq,
      );
      const earlier = 'UPDATE members SET newest = 1 WHERE group_seq = ? AND fingerprint = ? AND newest = 0';
      this.#run(earlier, seq, fingerprint);
    }
    const { changes } = this.#prepared(updateMember).run(...values, identity, source, fingerprint, seq);
    if (changes === 0) this.#run(insertMember, ...values);
  }

  putDelivery(delivery: Delivery): void {
    const { group, subscription } = delivery;
    const others = this.deliveries(group).filter((other) => other.subscription !== subscription);
    this.#hasWritten = true;
    this.#unwrittenDeliveries.write(`${group}\n${subscription}`, delivery);
    this.#deliveries.write(group, [...others, delivery]);
    this.agenda.put(delivery);
  }

  /** For whoever reads the table of deliveries within a transaction. */
  writeDeliveries(): void {
    for (const [key, delivery] of this.#unwrittenDeliveries.all()) {
      this.#run(upsertDelivery, ...deliveryValues(delivery));
      this.#unwrittenDeliveries.remove(key);
    }
  }

  /** Those that are claimed are few, and have another time than they are due. */
  #appointments(target: string, after: Appointment | undefined, most: number): Appointment[] {
    this.writeDeliveries();
    const columns = 'group_seq AS seq, subscription';
    const free = this.#rows(
      `SELECT due AS at, ${columns} FROM deliveries
       WHERE target = ? AND due >= ? AND lease_until IS NULL AND (due, group_seq, subscription) > (?, ?, ?)
       ORDER BY due, group_seq, subscription LIMIT ?`,
      ...[target, after?.at ?? 0, after?.at ?? 0, after?.seq ?? 0, after?.subscription ?? '', most],
    );
    const claimed = this.#rows(
      `SELECT max(due, lease_until) AS at, ${columns} FROM deliveries
       WHERE target = ? AND lease_until IS NOT NULL AND due IS NOT NULL`,
      target,
    );
    // The rows have the columns of an appointment.
    const all = [...free, ...claimed] as unknown as Appointment[];
    const left = after ? all.filter((one) => inOrder(one, after) > 0) : all;
    return left.sort(inOrder).slice(0, most);
  }

  #leases(target: string): Lease[] {
    this.writeDeliveries();
    const rows = this.#rows(
      `SELECT group_seq AS seq, subscription, lease_until AS until, claims FROM deliveries
       WHERE target = ? AND lease_until IS NOT NULL`,
      target,
    );
    // The columns are what the schema says.
    return rows.map(({ claims, ...rest }) => ({ ...rest, isSuspect: Number(claims) > 1 }) as unknown as Lease);
  }

  count(name: string, by = 1): void {
    if (by !== 0) this.#tally.set(name, (this.#tally.get(name) ?? 0) + by);
  }

  /**
   * The events after the delivery's cursor that `nextStep` needs, in order: those that the subscription wants, and
   * resolutions. Of a very long log the start, and what is next after it that matters: the end for `latest`, which
   * jumps there; for `every` the first that is more than an update.
   */
  eventsAfter(group: Group, { cursor, mode, events }: Delivery): GroupEvent[] {
    if (group.events <= cursor) return [];
    if (cursor === group.events - 1) {
      const fresh = this.#freshEvents.get(group.id);
      const only = fresh?.number === group.events ? fresh : this.event(group.id, group.events);
      const isWanted = only && !only.quiet && (only.kind === 'resolved' || events.includes(only.kind));
      return isWanted ? [only] : [];
    }
    this.#writeEvent(group.id);
    const seq = groupSeq(group.id);
    const kinds = spacedOut([...events, 'resolved']);
    const read = (after: number, rest: string) =>
      this.#rows(
        `SELECT * FROM events WHERE group_seq = ? AND number > ? AND quiet = 0 AND instr(?, ' ' || kind || ' ') > 0 ${rest}`,
        seq,
        after,
        kinds,
      ).map(readEvent);
    const start = read(cursor, 'ORDER BY number LIMIT 400');
    const last = start.at(-1)?.number;
    if (start.length < 400 || last === undefined) return start;
    if (mode === 'every') {
      if (start.some(({ kind }) => kind !== 'updated')) return start;
      const next = read(last, `AND kind <> 'updated' ORDER BY number LIMIT 1`);
      if (next.length > 0) return [...start, ...next];
    }
    return [...start, ...read(last, 'ORDER BY number DESC LIMIT 100').reverse()];
  }

  /** Up to `most` firing members, the worst and then the oldest first; the last resolved where none fires. */
  leads(group: Group, most: number): MemberSnapshot[] {
    const order = group.status === 'resolved' ? 'resolved_at DESC, severity' : 'severity, firing_since';
    const status = group.status === 'resolved' ? (group.incarnation === 0 ? 'notice' : 'resolved') : 'firing';
    const rows = this.#rows(
      `SELECT * FROM members WHERE group_seq = ? AND status = ? ORDER BY ${order} LIMIT ?`,
      groupSeq(group.id),
      status,
      most,
    );
    return rows.map(readMember).map(snapshot);
  }

  all(sql: string, ...values: unknown[]): Row[] {
    return this.#rows(sql, ...values);
  }

  run(sql: string, ...values: unknown[]): void {
    this.#hasWritten = true;
    this.#run(sql, ...values);
  }

  #row(sql: string, ...values: unknown[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  #rows(sql: string, ...values: unknown[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#prepared(sql).run(...values);
  }

  #prepared(sql: string): Statement<unknown[], Row> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare<unknown[], Row>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** The bounds of the table, held before the group is written: it may be written much later. */
function checked(group: Group): Group {
  for (const [name, longest] of [
    ['source', 128],
    ['key', 512],
  ] as const) {
    if (group[name].length > 0 && group[name].length <= longest) continue;
    throw new TocsinError('store-data', `a group's ${name} has ${group[name].length} characters; 1 to ${longest} fit`);
  }
  return group;
}

/** What is known, with what the present transaction changed on top. */
class Cache<Value> {
  readonly #known = new Map<string, Value>();
  /** null: removed. */
  #changed = new Map<string, Value | null>();

  get(key: string): Value | undefined {
    const changed = this.#changed.get(key);
    return changed === undefined ? this.#known.get(key) : (changed ?? undefined);
  }

  read(key: string, load: () => Value | undefined): Value | undefined {
    const present = this.get(key);
    if (present !== undefined) return present;
    const value = load();
    if (value !== undefined) this.#changed.set(key, value);
    return value;
  }

  write(key: string, value: Value): void {
    this.#changed.set(key, value);
  }

  remove(key: string): void {
    this.#changed.set(key, null);
  }

  values(): Iterable<Value> {
    return this.#known.values();
  }

  /** Those that the present transaction changed, too. */
  all(): Map<string, Value> {
    const all = new Map(this.#known);
    for (const [key, value] of this.#changed) {
      if (value === null) all.delete(key);
      else all.set(key, value);
    }
    return all;
  }

  commit(): void {
    for (const [key, value] of this.#changed) {
      if (value === null) this.#known.delete(key);
      else this.#known.set(key, value);
    }
    this.#changed.clear();
  }

  clear(): void {
    this.#known.clear();
    this.#changed.clear();
  }

  /** Lets the oldest go, down to half, once there are more than `most`. */
  trim(most: number): void {
    if (this.#known.size <= most) return;
    let surplus = this.#known.size - most / 2;
    for (const key of this.#known.keys()) {
      if (surplus-- <= 0) return;
      this.#known.delete(key);
    }
  }

  /** Remembers what is changed so far; the function goes back to it. */
  mark(): () => void {
    const changed = new Map(this.#changed);
    return () => {
      this.#changed = changed;
    };
  }
}

/** Kinds as SQL's `instr` finds them: each between two spaces. */
export function spacedOut(kinds: readonly EventKind[]): string {
  return ` ${kinds.join(' ')} `;
}

function upsert(table: string, columns: readonly string[], conflict: readonly string[]): string {
  const updates = columns
    .filter((column) => !conflict.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  const marks = columns.map(() => '?').join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks}) ON CONFLICT (${conflict.join(', ')}) DO UPDATE SET ${updates.join(', ')}`;
}

const upsertGroup = upsert('groups', groupColumns, ['seq']);
const insertMember = `INSERT INTO members (${memberColumns.join(', ')}) VALUES (${memberColumns.map(() => '?').join(', ')})`;
const updateMember = `UPDATE members SET ${memberColumns.map((column) => `${column} = ?`).join(', ')} WHERE identity = ? AND newest = 1 AND source = ? AND fingerprint = ? AND group_seq = ?`;
const upsertDelivery = upsert('deliveries', deliveryColumns, ['group_seq', 'subscription']);
const upsertEvent = upsert('events', eventColumns, ['group_seq', 'number']);
