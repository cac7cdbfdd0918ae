import type { Timer } from '../timer.ts';
import type { Delivery, EventKind, Group, GroupEvent, Member } from '../types.ts';
import { noUsage, type Usage, usageAfter } from '../usage.ts';
import type { Changes, State } from '../working-set.ts';

/** The state of `decide` in plain maps: what a store keeps, without a disk. Reads give what `apply` was given. */
export class MemoryState implements State {
  readonly groups = new Map<string, Group>();
  /** By group, then fingerprint. */
  readonly members = new Map<string, Map<string, Member>>();
  /** By group, in order. */
  readonly events = new Map<string, GroupEvent[]>();
  /** By group, then subscription. */
  readonly owed = new Map<string, Map<string, Delivery>>();
  /** By source and fingerprint. */
  readonly timers = new Map<string, Timer>();
  readonly tally: Record<string, number> = {};
  readonly #newestGroup = new Map<string, string>();
  readonly #newestMember = new Map<string, string>();
  readonly #seen = new Map<string, number>();

  group(id: string): Group | undefined {
    return this.groups.get(id);
  }

  newestGroup(source: string, key: string): Group | undefined {
    const id = this.#newestGroup.get(`${source}\n${key}`);
    return id === undefined ? undefined : this.groups.get(id);
  }

  usage(source: string): Usage {
    const own = [...this.groups.values()].filter((group) => group.source === source);
    return own.reduce((usage, group) => usageAfter(usage, undefined, group), noUsage);
  }

  member(source: string, fingerprint: string): Member | undefined {
    const group = this.#newestMember.get(`${source}\n${fingerprint}`);
    return group === undefined ? undefined : this.memberIn(group, fingerprint);
  }

  memberIn(group: string, fingerprint: string): Member | undefined {
    return this.members.get(group)?.get(fingerprint);
  }

  deliveries(group: string): readonly Delivery[] {
    return [...(this.owed.get(group)?.values() ?? [])];
  }

  countEvents(group: string, after: number, upTo: number, kinds: readonly EventKind[]): number {
    return this.eventsAfter(group, after).filter(
      ({ number, kind, quiet }) => number <= upTo && !quiet && kinds.includes(kind),
    ).length;
  }

  lastEvent(group: string): GroupEvent | undefined {
    return this.events.get(group)?.at(-1);
  }

  seen(source: string, deliveryId: string, since: number): boolean {
    return (this.#seen.get(`${source}\n${deliveryId}`) ?? Number.NEGATIVE_INFINITY) >= since;
  }

  timer(source: string, fingerprint: string): Timer | undefined {
    return this.timers.get(`${source}\n${fingerprint}`);
  }

  eventsAfter(group: string, number: number): GroupEvent[] {
    return (this.events.get(group) ?? []).slice(number);
  }

  putDelivery(delivery: Delivery): void {
    const deliveries = this.owed.get(delivery.group) ?? new Map();
    this.owed.set(delivery.group, deliveries.set(delivery.subscription, delivery));
  }

  count(name: string, by = 1): void {
    this.tally[name] = (this.tally[name] ?? 0) + by;
  }

  /** Takes the changes of one decision. Throws an Error when they leave a gap in a log or a second open group. */
  apply(changes: Changes, now: number): void {
    for (const { group, at } of changes.closed) this.#close(group, at);
    for (const group of changes.groups) this.#putGroup(group);
    for (const member of changes.members) this.#putMember(member);
    for (const event of changes.events) this.#append(event);
    for (const delivery of changes.deliveries) this.putDelivery(delivery);
    for (const { source, deliveryId } of changes.seen) this.#seen.set(`${source}\n${deliveryId}`, now);
    for (const { source, fingerprint, timer } of changes.timers) {
      if (timer) this.timers.set(`${source}\n${fingerprint}`, timer);
      else this.timers.delete(`${source}\n${fingerprint}`);
    }
    for (const [name, by] of Object.entries(changes.tally)) this.count(name, by);
  }

  #close(group: string, at: number): void {
    for (const member of this.members.get(group)?.values() ?? []) {
      if (member.status !== 'firing') continue;
      const closed: Member = { ...member, status: 'resolved', resolvedAt: at, closedByPersonAt: at };
      this.members.get(group)?.set(member.fingerprint, closed);
    }
  }

  #putGroup(group: Group): void {
    const key = `${group.source}\n${group.key}`;
    if (!this.groups.has(group.id)) {
      const last = this.newestGroup(group.source, group.key);
      if (last && last.status !== 'resolved') throw new Error(`${group.id} opens while ${last.id} is open`);
      this.#newestGroup.set(key, group.id);
    }
    this.groups.set(group.id, group);
  }

  #putMember(member: Member): void {
    const members = this.members.get(member.group) ?? new Map();
    this.members.set(member.group, members.set(member.fingerprint, member));
    this.#newestMember.set(`${member.source}\n${member.fingerprint}`, member.group);
  }

  #append(event: GroupEvent): void {
    const events = this.events.get(event.group) ?? [];
    const isLast = event.number === events.length && events.length > 0;
    if (!isLast && event.number !== events.length + 1)
      throw new Error(`event ${event.number} follows ${events.length}`);
    this.events.set(event.group, [...events.slice(0, event.number - 1), event]);
  }
}
