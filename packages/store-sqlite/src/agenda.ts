import type { Delivery } from '@tocsin/engine';
import TinyQueue from 'tinyqueue';
import { groupSeq } from './rows.ts';

/** When a delivery may be claimed, and which one it is: all that an order needs. */
export interface Appointment {
  /** Milliseconds since 1970. */
  at: number;
  /** The group's number. */
  seq: number;
  subscription: string;
}

/** Appointments of one target in memory, beyond which the later half is left to the table. */
const mostRemembered = 20_000;

/** A claim that has no outcome yet. */
export interface Lease {
  /** Milliseconds since 1970. */
  until: number;
  seq: number;
  subscription: string;
  /** An earlier claim of the delivery ended without an outcome. */
  isSuspect: boolean;
}

/** Where the deliveries of one target are. */
interface Table {
  /** The first appointments after this one, in order; from the start without one. */
  read(after: Appointment | undefined, most: number): Appointment[];
  leases(): Lease[];
}

/**
 * What is owed to each target, the longest due first, in memory: a claim costs no look at the table. Of a very long queue
 * it knows the start, and reads on when that is done. What comes first depends on the deliveries alone, not on how
 * they came here, so that a journal's entry that is applied again claims the same.
 */
export class Agenda {
  readonly #lanes = new Map<string, Lane>();
  readonly #tableOf: (target: string) => Table;
  readonly #most: number;

  constructor(tableOf: (target: string) => Table, most = mostRemembered) {
    this.#tableOf = tableOf;
    this.#most = most;
  }

  /** Takes note of a delivery as it is now. */
  put(delivery: Delivery): void {
    this.#lanes.get(delivery.target)?.put(delivery);
  }

  first(target: string): Appointment | undefined {
    return this.#lane(target).first();
  }

  /** The claims of this target that hold at this time. */
  leases(target: string, now: number): Lease[] {
    return this.#lane(target).leases(now);
  }

  #lane(target: string): Lane {
    let lane = this.#lanes.get(target);
    if (!lane) {
      lane = new Lane(this.#tableOf(target), this.#most);
      this.#lanes.set(target, lane);
    }
    return lane;
  }

  /** What it knows no longer holds: everything is read again when it is asked for. */
  clear(): void {
    this.#lanes.clear();
  }
}

class Lane {
  readonly #table: Table;
  readonly #most: number;
  /** By delivery. */
  readonly #leases: Map<string, Lease>;
  #queue = new TinyQueue<Appointment>([], inOrder);
  /** By delivery, the time that counts: what else the queue has of it is past. */
  readonly #times = new Map<string, number>();
  /** The table has more after this one. */
  #end: Appointment | undefined;

  constructor(table: Table, most: number) {
    this.#table = table;
    this.#most = most;
    this.#leases = new Map(table.leases().map((lease) => [keyOf(lease), lease]));
    this.#readOn();
  }

  leases(now: number): Lease[] {
    return [...this.#leases.values()].filter(({ until }) => until > now);
  }

  put({ group, subscription, due, leaseUntil, claims }: Delivery): void {
    const seq = groupSeq(group);
    const key = keyOf({ seq, subscription });
    if (leaseUntil === null) this.#leases.delete(key);
    else this.#leases.set(key, { until: leaseUntil, seq, subscription, isSuspect: claims > 1 });
    if (due === null) {
      this.#times.delete(key);
      return;
    }
    const appointment = { at: Math.max(due, leaseUntil ?? due), seq, subscription };
    if (this.#end && inOrder(appointment, this.#end) > 0) {
      this.#times.delete(key);
      return;
    }
    if (this.#times.get(key) === appointment.at) return;
    this.#times.set(key, appointment.at);
    this.#queue.push(appointment);
    if (this.#queue.length > this.#most) this.#shorten();
  }

  first(): Appointment | undefined {
    for (;;) {
      const first = this.#queue.peek();
      if (!first) {
        if (!this.#end) return undefined;
        this.#readOn();
      } else if (this.#times.get(keyOf(first)) === first.at) return first;
      else this.#queue.pop();
    }
  }

  #readOn(): void {
    const read = this.#table.read(this.#end, this.#most / 2);
    this.#end = read.length < this.#most / 2 ? undefined : read.at(-1);
    for (const appointment of read) this.#times.set(keyOf(appointment), appointment.at);
    this.#queue = new TinyQueue(read, inOrder);
  }

  #shorten(): void {
    const sorted = this.#queue.data.filter((one) => this.#times.get(keyOf(one)) === one.at).sort(inOrder);
    // One that went away from a time and came back to it is there twice.
    const present = sorted.filter((one, index) => inOrder(one, sorted[index - 1] ?? nothing) !== 0);
    const kept = present.slice(0, this.#most / 2);
    for (const one of present.slice(kept.length)) this.#times.delete(keyOf(one));
    if (kept.length < present.length) this.#end = kept.at(-1);
    this.#queue = new TinyQueue(kept, inOrder);
  }
}

const nothing: Appointment = { at: Number.NEGATIVE_INFINITY, seq: 0, subscription: '' };

function keyOf({ seq, subscription }: Pick<Appointment, 'seq' | 'subscription'>): string {
  return `${seq}\n${subscription}`;
}

/** The earliest first, and then as SQLite orders the groups' numbers and texts. */
export function inOrder(left: Appointment, right: Appointment): number {
  if (left.at !== right.at) return left.at - right.at;
  if (left.seq !== right.seq || left.subscription === right.subscription) return left.seq - right.seq;
  return Buffer.compare(Buffer.from(left.subscription), Buffer.from(right.subscription));
}
