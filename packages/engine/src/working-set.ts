import type { Timer } from './timer.ts';
import type { Delivery, EventKind, Group, GroupEvent, Member } from './types.ts';
import { type Usage, usageAfter } from './usage.ts';

/** What `decide` may read: the committed state, as of the transaction that it runs in. */
export interface State {
  /** The member of a source with this fingerprint that was written last, in whatever group. */
  member(source: string, fingerprint: string): Member | undefined;
  memberIn(group: string, fingerprint: string): Member | undefined;
  /** The newest group of a source with this key; at most one is open, and then it is the newest. */
  newestGroup(source: string, key: string): Group | undefined;
  group(id: string): Group | undefined;
  usage(source: string): Usage;
  deliveries(group: string): readonly Delivery[];
  /** How many events after one number and up to another, of these kinds and not quiet, the group has. */
  countEvents(group: string, after: number, upTo: number, kinds: readonly EventKind[]): number;
  /** The event of the group with the highest number. */
  lastEvent(group: string): GroupEvent | undefined;
  /** Whether this delivery of the vendor's was seen at that time (milliseconds since 1970) or later. */
  seen(source: string, deliveryId: string, since: number): boolean;
  /** The one that waits for this alert of the source. */
  timer(source: string, fingerprint: string): Timer | undefined;
}

/** An alert's timer from now on; null: none. */
export interface TimerChange {
  source: string;
  fingerprint: string;
  timer: Timer | null;
}

/** What a store writes, all of it in one transaction, `closed` before `members`. */
export interface Changes {
  groups: Group[];
  /** In the order of their last change: the last one with a fingerprint is the one that `State.member` finds. */
  members: Member[];
  /** In order; one that has the number of the group's last event takes its place. */
  events: GroupEvent[];
  deliveries: Delivery[];
  /** Groups whose firing members a person resolved, all at once: they were too many to list. */
  closed: { group: string; at: number }[];
  seen: { source: string; deliveryId: string }[];
  timers: TimerChange[];
  /** Counters and by how much each grows, such as `ignored.duplicate`. */
  tally: Record<string, number>;
}

/** The committed state with the changes of this decision on top; the state itself is never touched. */
export class WorkingSet {
  readonly #state: State;
  readonly #groups = new Map<string, Group>();
  readonly #newest = new Map<string, string>();
  /** By source. */
  readonly #usages = new Map<string, Usage>();
  readonly #members = new Map<string, Member>();
  readonly #newestMember = new Map<string, string>();
  readonly #deliveries = new Map<string, Map<string, Delivery>>();
  readonly #dirtyDeliveries = new Map<string, Delivery>();
  readonly #events = new Map<string, GroupEvent[]>();
  readonly #closed = new Map<string, number>();
  readonly #seen = new Map<string, { source: string; deliveryId: string }>();
  readonly #timers = new Map<string, TimerChange>();
  readonly tally: Record<string, number> = {};

  constructor(state: State) {
    this.#state = state;
  }

  group(id: string): Group | undefined {
    return this.#groups.get(id) ?? this.#state.group(id);
  }

  newestGroup(source: string, key: string): Group | undefined {
    const id = this.#newest.get(`${source}\n${key}`);
    if (id !== undefined) return this.#groups.get(id);
    const group = this.#state.newestGroup(source, key);
    return group && (this.#groups.get(group.id) ?? group);
  }

  usage(source: string): Usage {
    return this.#usages.get(source) ?? this.#state.usage(source);
  }

  putGroup(group: Group, isNew = false): void {
    const before = isNew ? undefined : this.group(group.id);
    this.#usages.set(group.source, usageAfter(this.usage(group.source), before, group));
    this.#groups.set(group.id, group);
    if (isNew) this.#newest.set(`${group.source}\n${group.key}`, group.id);
  }

  member(source: string, fingerprint: string): Member | undefined {
    const key = this.#newestMember.get(`${source}\n${fingerprint}`);
    return key === undefined ? this.#known(this.#state.member(source, fingerprint)) : this.#members.get(key);
  }

  memberIn(group: string, fingerprint: string): Member | undefined {
    return this.#members.get(`${group}\n${fingerprint}`) ?? this.#known(this.#state.memberIn(group, fingerprint));
  }

  #known(member: Member | undefined): Member | undefined {
    const closedAt = member && this.#closed.get(member.group);
    return member && closedAt !== undefined ? closedByPerson(member, closedAt) : member;
  }

  putMember(member: Member): void {
    const key = `${member.group}\n${member.fingerprint}`;
    this.#members.delete(key);
    this.#members.set(key, member);
    this.#newestMember.set(`${member.source}\n${member.fingerprint}`, key);
  }

  /** Resolves every firing member of the group, those in the store too. */
  closeMembers(group: string, at: number): void {
    this.#closed.set(group, at);
    for (const [key, member] of this.#members) {
      if (member.group === group) this.#members.set(key, closedByPerson(member, at));
    }
  }

  deliveries(group: string): ReadonlyMap<string, Delivery> {
    let found = this.#deliveries.get(group);
    if (!found) {
      found = new Map(this.#state.deliveries(group).map((delivery) => [delivery.subscription, delivery]));
      this.#deliveries.set(group, found);
    }
    return found;
  }

  putDelivery(delivery: Delivery): void {
    this.deliveries(delivery.group);
    this.#deliveries.get(delivery.group)?.set(delivery.subscription, delivery);
    this.#dirtyDeliveries.set(`${delivery.group}\n${delivery.subscription}`, delivery);
  }

  /** Appends to the group's log; `merge` may fold it into the last event, even a stored one that nobody was told of. */
  putEvent(event: GroupEvent, merge: (last: GroupEvent, next: GroupEvent) => GroupEvent | undefined): GroupEvent {
    const events = this.#events.get(event.group) ?? [];
    const last = events.at(-1) ?? this.#untold(event);
    const merged = last && merge(last, event);
    if (merged) events[Math.max(0, events.length - 1)] = merged;
    else events.push(event);
    this.#events.set(event.group, events);
    return merged ?? event;
  }

  /** The stored event before this one, as long as no subscription is past it or being told just now. */
  #untold({ group, number, kind }: GroupEvent): GroupEvent | undefined {
    if (kind !== 'updated') return undefined;
    const last = number - 1;
    for (const { cursor, leaseUntil } of this.deliveries(group).values()) {
      if (cursor >= last || leaseUntil !== null) return undefined;
    }
    return this.#state.lastEvent(group);
  }

  countEvents(group: string, after: number, upTo: number, kinds: readonly EventKind[]): number {
    if (after >= upTo) return 0;
    const all = this.#events.get(group) ?? [];
    const own = all.filter(
      ({ number, kind, quiet }) => number > after && number <= upTo && !quiet && kinds.includes(kind),
    );
    // The first of these may take the place of a stored one.
    const stored = Math.min(upTo, (all[0]?.number ?? Number.POSITIVE_INFINITY) - 1);
    return own.length + this.#state.countEvents(group, after, stored, kinds);
  }

  seen(source: string, deliveryId: string, since: number): boolean {
    return this.#seen.has(`${source}\n${deliveryId}`) || this.#state.seen(source, deliveryId, since);
  }

  putSeen(source: string, deliveryId: string): void {
    this.#seen.set(`${source}\n${deliveryId}`, { source, deliveryId });
  }

  timer(source: string, fingerprint: string): Timer | undefined {
    const changed = this.#timers.get(`${source}\n${fingerprint}`);
    return changed ? (changed.timer ?? undefined) : this.#state.timer(source, fingerprint);
  }

  putTimer(change: TimerChange): void {
    this.#timers.set(`${change.source}\n${change.fingerprint}`, change);
  }

  count(name: string, by = 1): void {
    this.tally[name] = (this.tally[name] ?? 0) + by;
  }

  changes(): Changes {
    return {
      groups: [...this.#groups.values()],
      members: [...this.#members.values()],
      events: [...this.#events.values()].flat(),
      deliveries: [...this.#dirtyDeliveries.values()],
      closed: [...this.#closed].map(([group, at]) => ({ group, at })),
      seen: [...this.#seen.values()],
      timers: [...this.#timers.values()],
      tally: this.tally,
    };
  }
}

function closedByPerson(member: Member, at: number): Member {
  return member.status === 'firing' ? { ...member, status: 'resolved', resolvedAt: at, closedByPersonAt: at } : member;
}
