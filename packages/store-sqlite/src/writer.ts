import { TocsinError } from '@tocsin/core/base';
import {
  type Changes,
  type CompiledRules,
  causeOf,
  claimed,
  compileRules,
  compileSilences,
  crashed,
  type DeadFilter,
  type DeadLetter,
  type Delivery,
  decide,
  type Finding,
  type Group,
  type HeldStep,
  type Holding,
  heldStep,
  InhibitionIndex,
  isDigestible,
  type LaneBudget,
  type LaneState,
  type Lease,
  longestPause,
  type Member,
  mostClaims,
  mostRetried,
  mostSilences,
  nextStep,
  type Outcome,
  parked,
  type RequestSignal,
  type Rules,
  rearmed,
  replayStep,
  replayWithin,
  reschedule,
  routingLabels,
  type SendResult,
  type Settled,
  type Signal,
  type Silence,
  type Silencer,
  type Store,
  settled,
  skipped,
  unpackSignals,
  usualRetention,
} from '@tocsin/engine';
import type { Connection } from './database.ts';
import type { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { type PostCounts, Posts } from './post-counts.ts';
import type { Claimed, Failure, Written } from './protocol.ts';
import { deadWhere, groupSeq, readDeadLetter, readDelivery, readLane, readSilence } from './rows.ts';
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
  claim?: { lanes: readonly LaneBudget[]; lease: Lease; posts?: PostCounts };
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
  #rules: CompiledRules;
  readonly #silences: Map<string, Silence>;
  #silencer: Silencer;
  #inhibition: InhibitionIndex;
  /** By target; only those that said something. */
  #lanes: Map<string, LaneState>;
  readonly #posts = new Posts();
  /** The number of the last entry, and of the last one that the tables hold. */
  #number: number;
  #flushed: number;
  #openSince = 0;
  /** When something becomes due for each target, as of that version of the deliveries. */
  #due = { version: -1, byTarget: new Map<string, number>() };
  /** Of the present transaction. */
  #findings: Finding[] = [];
  #isAbandoned = false;
  #carefulUntil = 0;
  #swept = 0;

  constructor(database: Connection, journal: Journal, now: () => number) {
    this.#ledger = new Ledger(database);
    this.#journal = journal;
    this.#now = now;
    const rules = this.#ledger.meta('rules');
    this.#rules = compileRules(
      typeof rules === 'string' ? JSON.parse(rules) : { version: '', routes: [], targets: {}, sources: {} },
    );
    const silences = this.#ledger.all('SELECT * FROM silences').map(readSilence);
    this.#silences = new Map(silences.map((silence) => [silence.id, silence]));
    this.#silencer = compileSilences(silences);
    this.#inhibition = this.#indexed();
    this.#lanes = this.#readLanes();
    this.#flushed = Number(this.#ledger.meta('applied') ?? 0);
    this.#number = this.#flushed;
    this.#replay();
    this.#ledger.freeLeases();
    this.#ledger.restartTimers(now());
    // On the disk before the next entry, which may claim what was freed.
    this.#ledger.flush({ applied: this.#number, running: 1 });
  }

  /**
   * Commits requests and settlements, and claims what that makes due, all in one transaction: durable after
   * the next `sync`. When one of them can't be stored, all are tried again one by one, and it fails alone.
   */
  write({ commits, settles, claim }: WriteRequest): Applied {
    if (this.#isAbandoned) this.#replay();
    const now = this.#now();
    const parsed = commits.map(parse);
    const readable = commits.filter((_, index) => parsed[index] && 'signals' in parsed[index]);
    const counted = claim && { ...claim, posts: this.#posts.counts(now) };
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
    this.#orAbandon(() => this.#ledger.flush({ applied: this.#number }));
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
    this.flush();
    this.#orAbandon(() => {
      this.#ledger.transaction(() => {
        this.#cancelWithout(rules);
        for (const { target, config } of this.#ledger.all('SELECT target, config FROM lanes')) {
          const present = rules.targets[target as string];
          if (!present || (present.config ?? null) !== config)
            this.#ledger.run('DELETE FROM lanes WHERE target = ?', target);
        }
      });
      this.#ledger.flush({ rules: JSON.stringify(rules) });
    });
    this.#rules = compiled;
    this.#inhibition = this.#indexed();
    this.#lanes = this.#readLanes();
  }

  enable(target: string): boolean {
    this.flush();
    const wasHeld = this.#lanes.has(target);
    this.#orAbandon(() => {
      this.#ledger.transaction(() => {
        this.#ledger.run('DELETE FROM lanes WHERE target = ?', target);
        this.#ledger.retryNow(target, this.#now());
      });
      this.#ledger.flush({});
    });
    this.#lanes.delete(target);
    return wasHeld;
  }

  retry(filter: DeadFilter): number {
    this.flush();
    const now = this.#now();
    const { sql, values } = deadWhere(filter, true);
    const letters = this.#ledger
      .all(`SELECT * FROM dead_letters WHERE ${sql} ORDER BY id LIMIT ?`, ...values, mostRetried)
      .map(readDeadLetter);
    let count = 0;
    this.#orAbandon(() => {
      this.#ledger.transaction(() => {
        for (const letter of letters) count += Number(this.#rearm(letter, now));
      });
      this.#ledger.flush({});
    });
    return count;
  }

  /** Says whether its target is there to be told. */
  #rearm({ id, group, subscription, event }: DeadLetter, now: number): boolean {
    const delivery = this.#ledger.deliveries(group).find((one) => one.subscription === subscription);
    const newest = delivery && this.#ledger.newestWanted(delivery);
    if (!delivery || newest === undefined || !this.#rules.rules.targets[delivery.target]) return false;
    this.#ledger.run('UPDATE dead_letters SET retried_at = ? WHERE id = ?', now, id);
    const next = rearmed(delivery, event, newest, now);
    if (next === delivery) return true;
    this.#ledger.count(
      'owed',
      this.#passed(next, { cursor: delivery.cursor }) + next.replays.length - delivery.replays.length,
    );
    this.#ledger.putDelivery(next);
    return true;
  }

  /** One step of deleting what was kept long enough; says whether there is more. */
  sweep(): boolean {
    this.flush();
    const retention = { ...usualRetention, ...this.#rules.rules.retention };
    const swept = this.#orAbandon(() => {
      const done = this.#ledger.transaction(() =>
        sweep(
          { all: (...query) => this.#ledger.all(...query), run: (...statement) => this.#ledger.run(...statement) },
          retention,
          this.#now(),
        ),
      );
      this.#ledger.flush({});
      return done;
    });
    if (swept.groups > 0) this.#ledger.forget();
    return swept.hasMore;
  }

  hurry(target: string): void {
    this.flush();
    this.#orAbandon(() => {
      this.#ledger.transaction(() => this.#ledger.retryNow(target, this.#now()));
      this.#ledger.flush({});
    });
  }

  #readLanes(): Map<string, LaneState> {
    return new Map(
      this.#ledger
        .all('SELECT * FROM lanes')
        .map(readLane)
        .map((lane) => [lane.target, lane]),
    );
  }

  /** When a request may go to this target; never to one that is disabled. */
  #opensAt(target: string): number {
    const lane = this.#lanes.get(target);
    return lane?.disabled ? Number.POSITIVE_INFINITY : (lane?.pausedUntil ?? 0);
  }

  #putLane(lane: LaneState): void {
    const { target, pausedUntil, disabled } = lane;
    const config = this.#rules.rules.targets[target]?.config ?? null;
    const sql =
      'INSERT OR REPLACE INTO lanes (target, paused_until, disabled, disabled_at, config) VALUES (?, ?, ?, ?, ?)';
    this.#ledger.run(sql, target, pausedUntil, disabled?.reason ?? null, disabled?.at ?? null, config);
    this.#lanes.set(target, lane);
  }

  putSilence(silence: Silence): void {
    this.flush();
    const now = this.#now();
    const { id, matchers, startsAt, endsAt, comment, author } = silence;
    // Refused before anything is written.
    compileSilences([silence]);
    this.#orAbandon(() => {
      this.#ledger.transaction(() => {
        const [open] = this.#ledger.all(
          'SELECT count(*) AS count FROM silences WHERE ends_at > ? AND id <> ?',
          now,
          id,
        );
        if (endsAt > now && Number(open?.count) >= mostSilences) {
          throw new TocsinError('store-data', `there are ${mostSilences} silences already`, { origin: 'store-sqlite' });
        }
        this.#ledger.run(upsertSilence, id, JSON.stringify(matchers), startsAt, endsAt, comment, author);
        this.#ledger.run('DELETE FROM silences WHERE ends_at < ?', now - silencesKept);
        // What another end or other matchers free is not known by name.
        this.#ledger.lookAgain(now);
      });
      this.#ledger.flush({});
    });
    this.#silences.set(id, silence);
    for (const old of this.#silences.values()) if (old.endsAt < now - silencesKept) this.#silences.delete(old.id);
    this.#silencer = compileSilences([...this.#silences.values()]);
  }

  /** The firing members that inhibit others by the present rules. */
  #indexed(): InhibitionIndex {
    const index = new InhibitionIndex(this.#rules.inhibition);
    if (this.#inhibits) for (const member of this.#ledger.firing()) this.#note(index, member);
    return index;
  }

  get #inhibits(): boolean {
    return (this.#rules.rules.inhibit?.length ?? 0) > 0;
  }

  #note(index: InhibitionIndex, member: Member): void {
    const group = this.#ledger.group(member.group);
    if (group) index.update(member, routingLabels(group, member));
  }

  pin(templates: Parameters<Store['pin']>[0], mode: Parameters<Store['pin']>[1]): void {
    this.flush();
    const now = this.#now();
    this.#orAbandon(() => {
      this.#ledger.transaction(() => {
        for (const { source, package: name, version, templates: texts } of templates) {
          this.#ledger.run(upsertPinned[mode], source, name, version, now, JSON.stringify(texts));
        }
      });
      this.#ledger.flush({});
    });
  }

  /** Cancels what is owed to targets that the rules no longer have. */
  #cancelWithout(rules: Rules): void {
    const gone = this.#ledger.all(
      'SELECT * FROM deliveries WHERE due IS NOT NULL AND target NOT IN (SELECT value FROM json_each(?))',
      JSON.stringify(Object.keys(rules.targets)),
    );
    for (const delivery of gone.map(readDelivery)) {
      const group = this.#ledger.group(delivery.group) as Group;
      this.#ledger.count('cancelled', this.#passed(delivery, { cursor: group.events }) + delivery.replays.length);
      const gone = { due: null, replays: [], dead: 'target removed' };
      this.#ledger.putDelivery({ ...skipped(delivery, group.events), ...gone });
    }
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
    this.#inhibition = this.#indexed();
    this.#lanes = this.#readLanes();
    this.#isAbandoned = true;
  }

  #apply({ now, commits, settles, claim }: Entry): Applied {
    this.#findings = [];
    const written = this.#commitAll(commits, now);
    for (const result of settles) this.#settle(result, now);
    this.#unsilence(now);
    this.#ring(now);
    const due = claim ? this.#claim(claim, now) : [];
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
    const settled = settles.map((result) => this.#alone(() => this.#settle(result, now)));
    this.#unsilence(now);
    this.#ringAlone(now);
    const due = this.#alone(() => (claim ? this.#claim(claim, now) : []));
    return {
      commits: written.map(({ value, failure }) => value ?? { failure }),
      settles: settled.map(({ failure }) => failure ?? null),
      due: due.value ?? due.failure,
      findings: this.#findings,
    };
  }

  /** When something becomes due for one of these lanes, in milliseconds since 1970. */
  nextDue(lanes: readonly LaneBudget[]): number | undefined {
    const times = lanes
      .filter(({ most }) => most > 0)
      .map(({ target }) => Math.max(this.#nextDueOf(target), this.#opensAt(target)));
    times.push(this.#ledger.silences(0).next ?? Number.POSITIVE_INFINITY, this.#ledger.timers.next);
    const next = Math.min(...times);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #nextDueOf(target: string): number {
    if (this.#due.version !== this.#ledger.deliveriesVersion) {
      this.#due = { version: this.#ledger.deliveriesVersion, byTarget: new Map() };
    }
    const known = this.#due.byTarget.get(target);
    if (known !== undefined) return known;
    const owed = this.#first(
      'SELECT due AS at FROM deliveries WHERE target = ? AND due IS NOT NULL AND lease_until IS NULL ORDER BY due LIMIT 1',
      target,
    );
    const leased = this.#first(
      'SELECT min(lease_until) AS at FROM deliveries WHERE target = ? AND lease_until IS NOT NULL',
      target,
    );
    const next = Math.min(owed ?? Number.POSITIVE_INFINITY, leased ?? Number.POSITIVE_INFINITY);
    this.#due.byTarget.set(target, next);
    return next;
  }

  #first(sql: string, ...values: unknown[]): number | null {
    return (this.#ledger.all(sql, ...values)[0]?.at as number | null | undefined) ?? null;
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
      this.#inhibition = this.#indexed();
      this.#lanes = this.#readLanes();
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
    if (this.#inhibits) {
      for (const { group } of changes.closed) this.#inhibition.close(group);
      for (const member of changes.members) this.#note(this.#inhibition, member);
    }
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
    timers.followClock(now);
    this.#decide(timers.due(now, mostRung), now);
  }

  /** One whose signal can't be stored would ring for ever, and stand in the way of all others. */
  #ringAlone(now: number): void {
    const { timers } = this.#ledger;
    timers.followClock(now);
    for (const signal of timers.due(now, mostRung)) {
      const { failure } = this.#alone(() => this.#decide([signal], now));
      if (failure) timers.put({ ...signal, timer: null });
    }
  }

  #claim({ lanes, lease, posts = {} }: NonNullable<Entry['claim']>, now: number): Claimed[] {
    this.#posts.restore(posts);
    const due: Claimed[] = [];
    for (const { target, most } of lanes) {
      let left = Math.max(this.#nextDueOf(target), this.#opensAt(target)) > now ? 0 : most;
      // A skip leaves its row due for another look, so that a row may come up more than once.
      for (let looks = 0; left > 0 && looks < most + 1000; looks++) {
        const row = this.#ledger.all(
          'SELECT * FROM deliveries WHERE target = ? AND due <= ? AND coalesce(lease_until, 0) <= ? ORDER BY due LIMIT 1',
          target,
          now,
          now,
        )[0];
        if (!row) break;
        const taken = this.#take(readDelivery(row), lease, now);
        if (!taken) continue;
        due.push(taken);
        left--;
      }
    }
    return due;
  }

  /** Claims one delivery, with others where there was a flood, or moves it on when there is nothing to send. */
  #take(delivery: Delivery, lease: Lease, now: number): Claimed | undefined {
    const way = delivery.held === manyAtOnce ? 'together' : 'alone';
    const due = this.#takeOne(delivery, lease, now, way);
    return due && way === 'together' ? { ...due, others: this.#takeOthers(delivery, lease, now) } : due;
  }

  /** What else is due for the same address, and may stand in the same message. */
  #takeOthers({ target, address }: Delivery, lease: Lease, now: number): Claimed['others'] {
    const rows = this.#ledger.all(
      `SELECT * FROM deliveries WHERE target = ? AND due <= ? AND coalesce(lease_until, 0) <= ? AND address IS ?
       ORDER BY due LIMIT ?`,
      target,
      now,
      now,
      address,
      mostInDigest,
    );
    return rows.flatMap((row) => {
      const due = this.#takeOne(readDelivery(row), lease, now, 'among others');
      return due ? [due] : [];
    });
  }

  /** What is beyond those that an address is told singly waits, to be told together. */
  #takeOne(
    delivery: Delivery,
    lease: Lease,
    now: number,
    way: 'alone' | 'together' | 'among others',
  ): Claimed | undefined {
    const group = this.#ledger.group(delivery.group) as Group;
    const events = this.#ledger.eventsAfter(group, delivery);
    const again = delivery.replays[0] === undefined ? undefined : this.#ledger.event(group.id, delivery.replays[0]);
    const held = () =>
      heldStep(nextStep(delivery, group, events, now), { delivery, group, events }, this.#holding(delivery, now), now);
    // What somebody asks for again goes through whatever holds the rest.
    const step = again ? replayStep(delivery, again) : held();
    if (step.do === 'hold') {
      this.#ledger.putDelivery(parked(delivery, step.hold, now));
      return undefined;
    }
    const isCrashing = step.do === 'send' && delivery.claims >= mostClaims;
    if (step.do !== 'send' || isCrashing) {
      const cursor = step.do === 'skip' || step.do === 'send' ? step.cursor : delivery.cursor;
      if (isCrashing) {
        this.#findings.push({
          kind: 'dead',
          group,
          target: delivery.target,
          reason: noOutcome,
        });
        this.#bury(delivery, again?.number ?? cursor, 'crashed', noOutcome, now);
      }
      const moved = isCrashing ? crashed(delivery, cursor, again?.number) : skipped(delivery, cursor);
      const reason = isCrashing ? 'dead.crashed' : step.do === 'skip' ? counterOf(step.reason) : undefined;
      if (reason) this.#ledger.count(reason, again ? 1 : this.#passed(delivery, moved));
      this.#ledger.putDelivery(reschedule(moved, group, this.#ledger.eventsAfter(group, moved), now));
      return undefined;
    }
    const isPost = isDigestible(delivery, step);
    if (way === 'among others' && !isPost) return undefined;
    if (way === 'alone' && isPost && this.#posts.add(addressKey(delivery), now)) {
      const until = (Math.floor(now / togetherEvery) + 1) * togetherEvery;
      this.#ledger.putDelivery(parked(delivery, { until, by: [manyAtOnce] }, now));
      return undefined;
    }
    const taken = claimed(delivery, now + lease.duration);
    this.#ledger.putDelivery(taken);
    const { event, since, cursor, telling, isReplay = false, isReminder = false } = step;
    const changed = event.changed.length > 0 && (delivery.mode === 'every' || group.status === 'resolved');
    const members = changed
      ? this.#ledger.withData(group.id, event.changed.toReversed())
      : this.#ledger.leads(group, way === 'among others' ? 1 : 10);
    const lead = members[0];
    if (!lead) throw new TocsinError('store', `group ${group.id} has no member`, { origin: 'store-sqlite' });
    return {
      delivery: taken,
      group,
      event,
      since,
      cursor,
      telling,
      isReplay,
      isReminder,
      lead,
      members,
      others: [],
    };
  }

  #holding(delivery: Delivery, now: number): Holding {
    return {
      clock: this.#rules.gate.holdAll(delivery.times, now),
      muters: [this.#silencer, this.#inhibition],
      firing: () => this.#ledger.firingOf(delivery.group),
    };
  }

  #settle(result: Settled, now: number): void {
    const delivery = this.#ledger
      .deliveries(result.group)
      .find(({ subscription }) => subscription === result.subscription);
    const group = this.#ledger.group(result.group);
    if (!delivery || !group || delivery.fence !== result.fence || delivery.leaseUntil === null) return;
    const next = settled(delivery, result, result.result, now, result.random);
    this.#hear(delivery.target, group, result.result, now);
    const left = next.due === null ? this.#ledger.eventsAfter(group, next) : [];
    this.#ledger.putDelivery(next.due === null ? reschedule(next, group, left, now) : next);
    const passed = this.#passed(delivery, next);
    const { outcome } = result.result;
    // A reminder is owed when it is told, or given up.
    const isReplay = result.replay !== undefined;
    const isReminder = !isReplay && passed === 0 && result.cursor === delivery.cursor;
    if (isReminder && (next.dead !== null || outcome === 'delivered')) this.#ledger.count('owed');
    if (next.dead !== null) {
      this.#findings.push({ kind: 'dead', group, target: delivery.target, reason: next.dead });
      this.#ledger.count(`dead.${outcome === 'retry' ? 'expired' : 'refused'}`, isReminder || isReplay ? 1 : passed);
      this.#bury(delivery, result.replay ?? result.cursor, causeOf(next.dead, outcome === 'retry'), next.dead, now);
    } else if ((isReminder || isReplay) && outcome === 'delivered') this.#ledger.count('delivered');
    else if (passed > 0) {
      this.#ledger.count('digest' in result.result ? 'delivered.digest' : 'delivered');
      this.#ledger.count('superseded', passed - 1);
    }
    const { attempt } = result;
    if (!attempt) return;
    this.#ledger.run(
      `INSERT INTO attempts (group_seq, subscription, target, event, started_at, duration, outcome, reason, request, response, error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      groupSeq(group.id),
      delivery.subscription,
      delivery.target,
      result.cursor,
      attempt.startedAt,
      attempt.duration,
      next.dead !== null && outcome === 'retry' ? 'refused' : outcome,
      reasonOf(result.result),
      attempt.request && JSON.stringify(attempt.request),
      attempt.response && JSON.stringify(attempt.response),
      attempt.error,
    );
  }

  #bury({ group, subscription, target }: Delivery, event: number, cause: string, reason: string, now: number): void {
    const sql =
      'INSERT INTO dead_letters (group_seq, subscription, target, event, cause, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)';
    this.#ledger.run(sql, groupSeq(group), subscription, target, event, cause, reason, now);
  }

  /** What an answer says of everything that goes to the target. */
  #hear(target: string, group: Group, result: SendResult, now: number): void {
    const lane = this.#lanes.get(target) ?? { target, pausedUntil: null, disabled: null };
    if (result.outcome === 'disabled') {
      if (lane.disabled === null) this.#findings.push({ kind: 'disabled', group, target, reason: result.reason });
      this.#putLane({ ...lane, disabled: { reason: result.reason, at: now } });
    }
    if (result.outcome !== 'retry' || !result.pausesLane || result.after === undefined) return;
    const until = now + Math.min(result.after, longestPause);
    if (until > (lane.pausedUntil ?? now)) this.#putLane({ ...lane, pausedUntil: until });
  }

  /** How many events that the subscription wants lie between its cursor and where it is now. */
  #passed(delivery: Delivery, next: Pick<Delivery, 'cursor'>): number {
    return this.#ledger.countEvents(delivery.group, delivery.cursor, next.cursor, delivery.events);
  }
}

/** Milliseconds that a silence is kept after its end, for whoever asks why nobody was told. */
const silencesKept = 30 * 24 * 60 * 60_000;

const noOutcome = `${mostClaims} attempts ended without an outcome`;

const upsertSilence = `INSERT INTO silences (id, seq, matchers, starts_at, ends_at, comment, author)
  VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM silences), ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET matchers = excluded.matchers, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, comment = excluded.comment, author = excluded.author`;

const upgradePinned = `INSERT INTO pinned (source, package, version, pinned_at, templates) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (source) DO UPDATE SET package = excluded.package, version = excluded.version,
    pinned_at = excluded.pinned_at, templates = excluded.templates`;

/** Another package's words say nothing about this one's payloads. */
const upsertPinned = { first: `${upgradePinned} WHERE package <> excluded.package`, upgrade: upgradePinned };

/** Why something waits that is told with others, and how often they are told, in milliseconds. */
const manyAtOnce = 'many at once';
const togetherEvery = 15_000;

/** Groups that one message tells of besides the first. */
const mostInDigest = 500;

function addressKey({ target, address }: Delivery): string {
  return address === null ? target : `${target}|${address}`;
}

function reasonOf(result: SendResult): string | null {
  if ('reason' in result) return result.reason;
  return 'digest' in result && result.digest !== undefined
    ? `in one message with group ${result.digest} and others`
    : null;
}

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

function counterOf(reason: Extract<HeldStep, { do: 'skip' }>['reason']): string {
  return reason === 'superseded' ? 'superseded' : `suppressed.${reason}`;
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
