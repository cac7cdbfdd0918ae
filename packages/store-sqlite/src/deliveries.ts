import { TocsinError } from '@tocsin/core/base';
import {
  type CompiledRules,
  cancelled,
  causeOf,
  claimed,
  crashed,
  type DeadFilter,
  type DeadLetter,
  type Delivery,
  type Finding,
  type Group,
  type HeldStep,
  heldStep,
  isDigestible,
  type LaneBudget,
  type Lease,
  mostClaims,
  mostRetried,
  nextStep,
  parked,
  rearmed,
  replayStep,
  reschedule,
  type SendResult,
  type Settled,
  settled,
  skipped,
  tellsChanged,
  underRules,
} from '@tocsin/engine';
import type { Appointment } from './agenda.ts';
import type { Holds } from './holds.ts';
import type { LaneStates } from './lane-states.ts';
import type { Ledger } from './ledger.ts';
import { type PostCounts, Posts } from './post-counts.ts';
import type { Claimed } from './protocol.ts';
import { deadWhere, groupId, groupSeq, readDeadLetter, readDelivery } from './rows.ts';

/** What a claim asks for. `posts`: what was counted before it. */
export interface Claim {
  lanes: readonly LaneBudget[];
  lease: Lease;
  posts?: PostCounts;
}

export interface DeliveriesOptions {
  ledger: Ledger;
  lanes: LaneStates;
  holds: Holds;
  rules: () => CompiledRules;
  /** Told of what somebody should hear of. */
  find: (finding: Finding) => void;
}

/** Who is owed what: hands it out, and writes down how that ended. Everything is part of the present transaction. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #ledger: Ledger;
  readonly #posts = new Posts();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#ledger = options.ledger;
  }

  /** What a claim at this time has to count on. */
  posts(now: number): PostCounts {
    return this.#posts.counts(now);
  }

  /** When something becomes due for one of these lanes, in milliseconds since 1970. */
  nextDue(lanes: readonly LaneBudget[], now: number): number | undefined {
    const times = lanes.filter(({ most }) => most > 0).map(({ target }) => this.#nextDueOf(target, now));
    times.push(this.#ledger.silences(0).next ?? Number.POSITIVE_INFINITY, this.#ledger.timers.next);
    const next = Math.min(...times);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #nextDueOf(target: string, now: number): number {
    const first = this.#ledger.agenda.first(target);
    if (!first) return Number.POSITIVE_INFINITY;
    return Math.max(first.at, this.#options.lanes.opensAt(target), this.#aloneUntil(target, first, now));
  }

  /**
   * What was claimed and has no outcome may have ended the host: it is claimed when nothing else of its target is, and
   * nothing else with it. So a host that dies again and again gives up that one, and not what was claimed beside it.
   */
  #aloneUntil(target: string, first: Appointment, now: number): number {
    const leases = this.#ledger.agenda.leases(target, now);
    if (leases.length === 0) return 0;
    const waitsFor = isSuspect(this.#owed(first)) ? leases : leases.filter((lease) => lease.isSuspect);
    return Math.max(0, ...waitsFor.map(({ until }) => until));
  }

  claim({ lanes, lease, posts = {} }: Claim, now: number): Claimed[] {
    this.#posts.restore(posts);
    const due: Claimed[] = [];
    for (const { target, most } of lanes) {
      let left = this.#options.lanes.opensAt(target) > now ? 0 : most;
      // A skip leaves its delivery due for another look, so that one may come up more than once.
      for (let looks = 0; left > 0 && looks < most + 1000; looks++) {
        const first = this.#ledger.agenda.first(target);
        if (!first || first.at > now || this.#aloneUntil(target, first, now) > now) break;
        const taken = this.#take(this.#owed(first), lease, now);
        if (!taken) continue;
        due.push(taken);
        left--;
      }
    }
    return due;
  }

  #owed({ seq, subscription }: Appointment): Delivery {
    const owed = this.#ledger.deliveries(groupId(seq)).find((one) => one.subscription === subscription);
    if (owed) return owed;
    throw new TocsinError('store', `delivery ${groupId(seq)} ${subscription} is gone`, { origin: 'store-sqlite' });
  }

  /** Claims one delivery, with others where there was a flood, or moves it on when there is nothing to send. */
  #take(delivery: Delivery, lease: Lease, now: number): Claimed | undefined {
    const way = delivery.held === manyAtOnce ? 'together' : 'alone';
    const due = this.#takeOne(delivery, lease, now, way);
    return due && way === 'together' ? { ...due, others: this.#takeOthers(delivery, lease, now) } : due;
  }

  /** What else is due for the same address, and may stand in the same message. */
  #takeOthers({ target, address }: Delivery, lease: Lease, now: number): Claimed['others'] {
    this.#ledger.writeDeliveries();
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
      heldStep(
        nextStep(delivery, group, events, now),
        { delivery, group, events },
        this.#options.holds.of(delivery, now),
        now,
      );
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
        this.#options.find({
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
    if (way === 'alone' && isPost && this.#posts.add(delivery.subscription, now)) {
      const until = (Math.floor(now / togetherEvery) + 1) * togetherEvery;
      this.#ledger.putDelivery(parked(delivery, { until, by: [manyAtOnce] }, now));
      return undefined;
    }
    const taken = claimed(delivery, now + lease.duration);
    this.#ledger.putDelivery(taken);
    const { event, since, cursor, telling, isReplay = false, isReminder = false } = step;
    const members = tellsChanged(event, group, delivery.mode)
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

  settle(result: Settled, now: number): void {
    const delivery = this.#ledger
      .deliveries(result.group)
      .find(({ subscription }) => subscription === result.subscription);
    const group = this.#ledger.group(result.group);
    if (!delivery || !group || delivery.fence !== result.fence || delivery.leaseUntil === null) return;
    const next = settled(delivery, result, result.result, now, result.random);
    const { isDisabled } = this.#options.lanes.hear(delivery.target, result.result, this.#options.rules().rules, now);
    if (isDisabled && 'reason' in result.result) {
      this.#options.find({ kind: 'disabled', group, target: delivery.target, reason: result.result.reason });
    }
    const left = next.due === null ? this.#ledger.eventsAfter(group, next) : [];
    this.#ledger.putDelivery(next.due === null ? reschedule(next, group, left, now) : next);
    const passed = this.#passed(delivery, next);
    const { outcome } = result.result;
    // A reminder is owed when it is told, or given up.
    const isReplay = result.replay !== undefined;
    const isReminder = !isReplay && passed === 0 && result.cursor === delivery.cursor;
    if (isReminder && (next.dead !== null || outcome === 'delivered')) this.#ledger.count('owed');
    if (next.dead !== null) {
      this.#options.find({ kind: 'dead', group, target: delivery.target, reason: next.dead });
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

  /** Has dead letters tried again; says how many of them have a target that can be told. */
  retry(filter: DeadFilter, now: number): number {
    const { sql, values } = deadWhere(filter, true);
    const letters = this.#ledger
      .all(`SELECT * FROM dead_letters WHERE ${sql} ORDER BY id LIMIT ?`, ...values, mostRetried)
      .map(readDeadLetter);
    return letters.filter((letter) => this.#rearm(letter, now)).length;
  }

  /** Says whether its target is there to be told. */
  #rearm({ id, group, subscription, event }: DeadLetter, now: number): boolean {
    const known = this.#ledger.deliveries(group).find((one) => one.subscription === subscription);
    const delivery = known && underRules(known, this.#options.rules());
    const newest = delivery && this.#ledger.newestWanted(delivery);
    if (!delivery || newest === undefined) return false;
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

  /** Cancels what is owed by a target or a channel's subscription that the rules have no more, and follows its changes. */
  follow(rules: CompiledRules): void {
    const { targets } = rules.rules;
    const owing = this.#ledger.all(
      `SELECT * FROM deliveries WHERE due IS NOT NULL
       AND (channel IS NOT NULL OR target NOT IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(Object.keys(targets)),
    );
    for (const delivery of owing.map(readDelivery)) {
      const present = underRules(delivery, rules);
      if (!present) this.#cancel(delivery, targets[delivery.target] ? cancelled.subscription : cancelled.target);
      else if (present !== delivery) this.#change(delivery, present);
    }
  }

  #cancel(delivery: Delivery, why: string): void {
    const { events } = this.#ledger.group(delivery.group) as Group; // as long as it has deliveries
    this.#ledger.count('cancelled', this.#passed(delivery, { cursor: events }) + delivery.replays.length);
    // What is being sent now has been cancelled, however it ends.
    const free = { ...skipped(delivery, events), fence: delivery.fence + 1 };
    this.#ledger.putDelivery({ ...free, due: null, replays: [], dead: why });
  }

  /** What its channel doesn't want told any more is cancelled, and what it wants told besides is owed. */
  #change(delivery: Delivery, present: Delivery): void {
    const { events } = this.#ledger.group(delivery.group) as Group; // as long as it has deliveries
    const count = (kinds: Delivery['events']) =>
      this.#ledger.countEvents(delivery.group, delivery.cursor, events, kinds);
    this.#ledger.count('cancelled', count(delivery.events.filter((kind) => !present.events.includes(kind))));
    this.#ledger.count('owed', count(present.events.filter((kind) => !delivery.events.includes(kind))));
    this.#ledger.putDelivery(present);
  }

  #bury({ group, subscription, target }: Delivery, event: number, cause: string, reason: string, now: number): void {
    const sql =
      'INSERT INTO dead_letters (group_seq, subscription, target, event, cause, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)';
    this.#ledger.run(sql, groupSeq(group), subscription, target, event, cause, reason, now);
  }

  /** How many events that the subscription wants lie between its cursor and where it is now. */
  #passed(delivery: Delivery, next: Pick<Delivery, 'cursor'>): number {
    return this.#ledger.countEvents(delivery.group, delivery.cursor, next.cursor, delivery.events);
  }
}

/** What is told with others has been tried with them. */
function isSuspect({ claims, held }: Delivery): boolean {
  return claims > 0 && held !== manyAtOnce;
}

const noOutcome = `${mostClaims} attempts ended without an outcome`;

/** Why something waits that is told with others, and how often they are told, in milliseconds. */
const manyAtOnce = 'many at once';
const togetherEvery = 15_000;

/** Groups that one message tells of besides the first. */
const mostInDigest = 500;

function reasonOf(result: SendResult): string | null {
  if ('reason' in result) return result.reason;
  return 'digest' in result && result.digest !== undefined
    ? `in one message with group ${result.digest} and others`
    : null;
}

function counterOf(reason: Extract<HeldStep, { do: 'skip' }>['reason']): string {
  return reason === 'superseded' ? 'superseded' : `suppressed.${reason}`;
}
