import { TocsinError } from '@tocsin/core/base';
import {
  type Changes,
  type CompiledRules,
  compileRules,
  compileSilences,
  type DeadFilter,
  decide,
  type Finding,
  type Group,
  type LaneBudget,
  type Outcome,
  type RequestSignal,
  type Rules,
  replayWithin,
  type Settled,
  type Signal,
  type Silence,
  type Store,
  unpackSignals,
  usualRetention,
} from '@tocsin/engine';
import { type Clock, ClockWatch } from './clock.ts';
import type { Connection } from './database.ts';
import { type Claim, Deliveries } from './deliveries.ts';
import { Holds } from './holds.ts';
import type { Journal } from './journal.ts';
import { LaneStates } from './lane-states.ts';
import { Ledger } from './ledger.ts';
import type { Claimed, Failure, Written } from './protocol.ts';
import { sweep } from './sweeper.ts';

/** Requests kept for each source: those that couldn't be read, and of the others. */
const mostRejected = 100;
const mostSampled = 10;

/** Timers in one transaction: more would keep those waiting who post. */
const mostRung = 1_000;

/** How long, in milliseconds, entries wait in the journal before the database takes them all in one transaction. */
const flushAfter = 1_000;

/** How long, in milliseconds, after data that couldn't be stored more of it is expected. */
const carefulFor = 10_000;

/** One transaction, which the journal keeps: applied again, it gives the same. */
interface Entry {
  now: number;
  commits: (readonly Signal[])[];
  settles: readonly Settled[];
  claim?: Claim;
}

/** The parts of an entry as text: the packed signals of each commit, settlements as JSON. */
export interface WriteRequest {
  commits: readonly string[];
  settles: readonly string[];
  claim?: Entry['claim'];
}

export interface Applied {
  commits: Written[];
  settles: (Failure | null)[];
  due: Claimed[] | Failure;
  findings: readonly Finding[];
}

/**
 * The one connection that writes. Every transaction becomes durable by its entry in the journal, whose sync its caller
 * waits for before it answers, and reaches the tables with its neighbours a moment later.
 */
export class Writer {
  readonly #ledger: Ledger;
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #watch: ClockWatch;
  #rules: CompiledRules;
  readonly #holds: Holds;
  readonly #lanes: LaneStates;
  readonly #deliveries: Deliveries;
  /** The number of the last entry, and of the last one that the tables hold. */
  #number: number;
  #flushed: number;
  #openSince = 0;
  /** Of the present transaction. */
  #findings: Finding[] = [];
  #isAbandoned = false;
  #carefulUntil = 0;
  #swept = 0;

  constructor(database: Connection, journal: Journal, clock: Clock, { freesLeases } = { freesLeases: true }) {
    this.#ledger = new Ledger(database);
    this.#journal = journal;
    this.#now = clock.now;
    this.#watch = new ClockWatch(clock, Number(this.#ledger.meta('latest') ?? 0));
    const rules = this.#ledger.meta('rules');
    this.#rules = compileRules(
      typeof rules === 'string' ? JSON.parse(rules) : { version: '', routes: [], targets: {}, sources: {} },
    );
    this.#holds = new Holds(this.#ledger, this.#rules);
    this.#lanes = new LaneStates(this.#ledger);
    this.#deliveries = new Deliveries({
      ledger: this.#ledger,
      lanes: this.#lanes,
      holds: this.#holds,
      rules: () => this.#rules,
      find: (finding) => this.#findings.push(finding),
    });
    this.#flushed = Number(this.#ledger.meta('applied') ?? 0);
    this.#number = this.#flushed;
    this.#replay();
    if (freesLeases) this.#ledger.freeLeases();
    this.#ledger.restartTimers(this.#now());
    // On the disk before the next entry, which may claim what was freed.
    this.#ledger.flush({ ...this.#flushMeta, running: 1 });
    this.followClock();
  }

  /** The number of the last entry, and when it was. */
  get #flushMeta(): Record<string, number> {
    return { applied: this.#number, latest: this.#now() };
  }

  /** Looks whether the clock was set, and has what waits wait as long as it would have. */
  followClock(): void {
    const jump = this.#watch.jump();
    if (jump === 0) return;
    const now = this.#now();
    this.#change(() => this.#ledger.followClock(jump, now));
    this.#ledger.forget();
  }

  /**
   * Commits requests and settlements, and claims what that makes due, all in one transaction: durable after
   * the next `sync`. When one of them can't be stored, all are tried again one by one, and it fails alone.
   */
  write({ commits, settles, claim }: WriteRequest): Applied {
    if (this.#isAbandoned) this.#replay();
    this.followClock();
    const now = this.#now();
    const parsed = commits.map(parse);
    const readable = commits.filter((_, index) => parsed[index] && 'signals' in parsed[index]);
    const counted = claim && { ...claim, posts: this.#deliveries.posts(now) };
    const text = entryText(now, readable, settles, counted);
    const entry: Entry = {
      now,
      commits: parsed.flatMap((one) => ('signals' in one ? [one.signals] : [])),
      settles: settles.map((one): Settled => JSON.parse(one)),
      ...(counted ? { claim: counted } : {}),
    };
    if (!this.#journal.hasRoomFor(text)) this.flush();
    // One that is larger than the whole journal goes to the tables at once, which makes it durable as well.
    const isKept = this.#journal.hasRoomFor(text);
    const append = () => {
      if (isKept && this.#ledger.hasWritten) this.#journal.append(this.#number + 1, text);
    };
    const applied = this.#transact(entry, append);
    const written = applied.commits.values();
    const result = {
      ...applied,
      commits: parsed.map((one) => ('failure' in one ? one : (written.next().value as Written))),
    };
    if (!this.#ledger.hasWritten) return result;
    this.#number++;
    if (this.#openSince === 0) this.#openSince = performance.now();
    if (!isKept) this.flush();
    else if (this.flushIn === 0) this.#flushLater();
    return result;
  }

  /** Makes durable what is written so far. */
  sync(): void {
    this.#journal.sync();
  }

  /** A flush of what the journal has anyway: where it can't be done, the next write hears of it. */
  #flushLater(): void {
    try {
      this.flush();
    } catch {
      // `flush` went back to what the tables have; the next write begins with another try.
    }
  }

  /** Milliseconds until the tables should take what is in the journal; nothing when they have it. */
  get flushIn(): number | undefined {
    if (this.#openSince === 0) return undefined;
    return Math.max(0, flushAfter - (performance.now() - this.#openSince));
  }

  /** Has the tables take everything. After a failure nothing is lost: the journal has it, and it is tried again. */
  flush(): void {
    if (this.#isAbandoned) {
      this.#replay();
      return;
    }
    if (this.#openSince === 0) return;
    this.#orAbandon(() => this.#ledger.flush(this.#flushMeta));
    this.#flushed = this.#number;
    this.#openSince = 0;
    this.#journal.reset();
  }

  /** The tables have everything, and the journal is not needed to start again. */
  end(): void {
    this.flush();
    this.#ledger.flush({ running: 0 });
  }

  setRules(rules: Rules): void {
    const compiled = compileRules(rules);
    this.#change(
      () => {
        this.#deliveries.follow(compiled);
        this.#lanes.removeOld(rules);
      },
      { rules: JSON.stringify(rules) },
    );
    this.#rules = compiled;
    this.#holds.setRules(compiled);
    this.#lanes.reload();
  }

  enable(target: string): boolean {
    const wasHeld = this.#lanes.has(target);
    this.#change(() => {
      this.#lanes.remove(target);
      this.#ledger.retryNow(target, this.#now());
    });
    this.#lanes.reload();
    return wasHeld;
  }

  hurry(target: string): void {
    this.#change(() => this.#ledger.retryNow(target, this.#now()));
  }

  retry(filter: DeadFilter): number {
    return this.#change(() => this.#deliveries.retry(filter, this.#now()));
  }

  putSilence(silence: Silence): void {
    // Refused before anything is written.
    compileSilences([silence]);
    const now = this.#now();
    this.#change(() => this.#holds.write(silence, now));
    this.#holds.take(silence, now);
  }

  putRecord({ kind, id, value, author }: Parameters<Store['putRecord']>[0]): number {
    const sql = 'INSERT OR REPLACE INTO records (kind, id, value, author, written_at) VALUES (?, ?, ?, ?, ?)';
    const now = this.#now();
    this.#change(() => this.#ledger.run(sql, kind, id, value, author, now));
    return now;
  }

  removeRecord(kind: string, id: string): boolean {
    const [had] = this.#ledger.all('SELECT 1 FROM records WHERE kind = ? AND id = ?', kind, id);
    if (had) this.#change(() => this.#ledger.run('DELETE FROM records WHERE kind = ? AND id = ?', kind, id));
    return had !== undefined;
  }

  /** A change of another kind than entries make: it goes into the tables at once, when they have all that came before. */
  #change<Result>(work: () => Result, meta: Record<string, string> = {}): Result {
    this.flush();
    return this.#orAbandon(() => {
      const result = this.#ledger.transaction(work);
      this.#ledger.flush(meta);
      return result;
    });
  }

  /** When something becomes due for one of these lanes, in milliseconds since 1970. */
  nextDue(lanes: readonly LaneBudget[]): number | undefined {
    return this.#deliveries.nextDue(lanes, this.#now());
  }

  /** One step of deleting what was kept long enough; says whether there is more. */
  sweep(): boolean {
    const retention = { ...usualRetention, ...this.#rules.rules.retention };
    const all = (sql: string, ...values: unknown[]) => this.#ledger.all(sql, ...values);
    const run = (sql: string, ...values: unknown[]) => this.#ledger.run(sql, ...values);
    const swept = this.#change(() => sweep({ all, run }, retention, this.#now()));
    if (swept.groups > 0) this.#ledger.forget();
    return swept.hasMore;
  }

  pin(templates: Parameters<Store['pin']>[0], mode: Parameters<Store['pin']>[1]): void {
    const now = this.#now();
    this.#change(() => {
      for (const { source, package: name, version, templates: texts } of templates) {
        this.#ledger.run(upsertPinned[mode], source, name, version, now, JSON.stringify(texts));
      }
    });
  }

  /** Applies what the journal holds beyond the tables. */
  #replay(): void {
    this.#number = this.#flushed;
    this.#orAbandon(() => {
      for (const text of this.#journal.read(this.#flushed)) {
        const entry = readEntry(text);
        this.#ledger.transaction(() => this.#applyEach(entry));
        this.#number++;
      }
    });
    this.#isAbandoned = false;
    this.#openSince = performance.now();
    this.flush();
  }

  /**
   * Applies an entry, and `append`s it. Data that can't be stored, which normalising should have refused, costs
   * everything since the last flush, which the journal has; those who send it again soon pay with a savepoint instead.
   */
  #transact(entry: Entry, append: () => void): Applied {
    const apply = (work: () => Applied) =>
      this.#orAbandon(() =>
        this.#ledger.transaction(() => {
          const applied = work();
          append();
          return applied;
        }),
      );
    if (performance.now() >= this.#carefulUntil) {
      try {
        return apply(() => this.#apply(entry));
      } catch (error) {
        if (failureOf(error).code !== 'store-data') throw error;
        this.#carefulUntil = performance.now() + carefulFor;
        this.#replay();
      }
    }
    return apply(() => this.#applyEach(entry));
  }

  #orAbandon<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  /** Goes back to what the tables have; the next write applies the journal's entries again. */
  #abandon(): void {
    this.#ledger.abandon();
    this.#holds.reload();
    this.#lanes.reload();
    this.#isAbandoned = true;
  }

  #apply({ now, commits, settles, claim }: Entry): Applied {
    this.#findings = [];
    const written = this.#commitAll(commits, now);
    for (const result of settles) this.#deliveries.settle(result, now);
    this.#unsilence(now);
    this.#ring(now);
    const due = claim ? this.#deliveries.claim(claim, now) : [];
    return { commits: written, settles: settles.map(() => null), due, findings: this.#findings };
  }

  /** The same, but where part of it can't be stored, that part fails alone. */
  #applyEach(entry: Entry): Applied {
    try {
      return this.#ledger.savepoint(() => this.#apply(entry));
    } catch (error) {
      if (failureOf(error).code !== 'store-data') throw error;
    }
    const { now, commits, settles, claim } = entry;
    this.#findings = [];
    const written = commits.map((signals) => this.#alone(() => ({ outcomes: this.#decide(signals, now) })));
    const settled = settles.map((result) => this.#alone(() => this.#deliveries.settle(result, now)));
    this.#unsilence(now);
    this.#ringAlone(now);
    const due = this.#alone(() => (claim ? this.#deliveries.claim(claim, now) : []));
    return {
      commits: written.map(({ value, failure }) => value ?? { failure }),
      settles: settled.map(({ failure }) => failure ?? null),
      due: due.value ?? due.failure,
      findings: this.#findings,
    };
  }

  #commitAll(commits: (readonly Signal[])[], now: number): Written[] {
    const outcomes = this.#decide(commits.flat(), now);
    let start = 0;
    return commits.map(({ length }) => {
      start += length;
      return { outcomes: outcomes.slice(start - length, start) };
    });
  }

  /** Undoes only this part of the transaction when its data can't be stored. */
  #alone<Value>(work: () => Value): { value: Value; failure?: undefined } | { value?: undefined; failure: Failure } {
    const { length } = this.#findings;
    try {
      return { value: this.#ledger.savepoint(work) };
    } catch (error) {
      this.#findings.length = length;
      this.#holds.reload();
      this.#lanes.reload();
      const failure = failureOf(error);
      if (failure.code !== 'store-data') throw error;
      return { failure };
    }
  }

  #decide(signals: readonly Signal[], now: number): Outcome[] {
    if (signals.length === 0) return [];
    const { outcomes, changes } = decide(this.#ledger, signals, this.#rules, {
      now,
      newId: () => this.#ledger.newId(),
    });
    this.#ledger.write(changes, now);
    this.#holds.note(changes);
    this.#findUnrouted(changes);
    for (const signal of signals) {
      if (signal.kind === 'request') this.#keep(signal, now);
    }
    if (now - this.#swept > 60_000) {
      this.#swept = now;
      this.#ledger.run('DELETE FROM seen WHERE at < ?', now - replayWithin);
    }
    return outcomes;
  }

  #keep({ source, reason, path, contentType, body }: RequestSignal, now: number): void {
    const isRejected = Number(reason !== null);
    this.#ledger.run(
      'INSERT INTO requests (source, received_at, is_rejected, reason, path, content_type, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
      source,
      now,
      isRejected,
      reason,
      path,
      contentType,
      body,
    );
    this.#ledger.run(
      `DELETE FROM requests WHERE source = ? AND is_rejected = ? AND id <=
       (SELECT id FROM requests WHERE source = ? AND is_rejected = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      source,
      isRejected,
      source,
      isRejected,
      reason === null ? mostSampled : mostRejected,
    );
  }

  #findUnrouted({ events }: Changes): void {
    for (const { kind, group } of events) {
      if (kind !== 'firing' || this.#ledger.deliveries(group).length > 0) continue;
      this.#findings.push({ kind: 'unrouted', group: this.#ledger.group(group) as Group });
    }
  }

  /** A silence that ended is a signal like any other. */
  #unsilence(now: number): void {
    const signals = this.#ledger.silences(now).ended.map(
      ({ id }): Signal => ({
        kind: 'action',
        action: 'unsilence',
        group: id,
        actor: 'tocsin',
        comment: 'the silence ended',
      }),
    );
    this.#decide(signals, now);
  }

  /** A source that was silent for too long, after what it may have said in this very moment. */
  #ring(now: number): void {
    const { timers } = this.#ledger;
    this.#decide(timers.due(now, mostRung), now);
  }

  /** One whose signal can't be stored would ring for ever, and stand in the way of all others. */
  #ringAlone(now: number): void {
    const { timers } = this.#ledger;
    for (const signal of timers.due(now, mostRung)) {
      const { failure } = this.#alone(() => this.#decide([signal], now));
      if (failure) timers.put({ ...signal, timer: null });
    }
  }
}

const upgradePinned = `INSERT INTO pinned (source, package, version, pinned_at, templates) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (source) DO UPDATE SET package = excluded.package, version = excluded.version,
    pinned_at = excluded.pinned_at, templates = excluded.templates`;

/** Another package's words say nothing about this one's payloads. */
const upsertPinned = { first: `${upgradePinned} WHERE package <> excluded.package`, upgrade: upgradePinned };

function parse(text: string): { signals: readonly Signal[] } | { failure: Failure } {
  try {
    return { signals: unpackSignals(text) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** A line of JSON with the length of each commit's text, and the commits as they came. */
function entryText(now: number, commits: readonly string[], settles: readonly string[], claim: Entry['claim']): Buffer {
  const lengths = commits.map(({ length }) => length);
  const claimText = claim ? `,"claim":${JSON.stringify(claim)}` : '';
  const head = `{"now":${now},"lengths":[${lengths.join(',')}],"settles":[${settles.join(',')}]${claimText}}`;
  return Buffer.from(`${head}\n${commits.join('')}`);
}

function readEntry(text: string): Entry {
  const start = text.indexOf('\n') + 1;
  const { lengths, ...head }: Omit<Entry, 'commits'> & { lengths: number[] } = JSON.parse(text.slice(0, start));
  let at = start;
  const commits = lengths.map((length) => {
    at += length;
    return unpackSignals(text.slice(at - length, at));
  });
  return { ...head, commits };
}

const dataErrors = new Set(['SQLITE_CONSTRAINT', 'SQLITE_TOOBIG', 'SQLITE_MISMATCH', 'SQLITE_RANGE']);
/** What passes when somebody makes room. */
const fullDisk = new Set(['ENOSPC', 'EDQUOT']);
const fatalErrors = new Set([
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_DIR_FSYNC',
  'SQLITE_IOERR_WRITE',
]);

/** SQLite's refusal of a value, and any fault of `decide` itself, is about the data; what SQLite and the system say of files is about the disk. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TocsinError) return { code: error.code, message, isFatal: false };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && 'syscall' in error) {
    // After a failed sync nobody knows what is on the disk.
    const isFatal = error.syscall === 'fdatasync' || !fullDisk.has(code);
    return { code: 'store', message, isFatal };
  }
  if (!code.startsWith('SQLITE_')) return { code: 'store-data', message, isFatal: false };
  const primary = code.split('_').slice(0, 2).join('_');
  if (dataErrors.has(primary)) return { code: 'store-data', message, isFatal: false };
  return { code: 'store', message: `${code}: ${message}`, isFatal: fatalErrors.has(primary) || fatalErrors.has(code) };
}
