import type { EventKind } from '@tocsin/core';
import {
  claimed,
  crashed,
  isTold,
  mostClaims,
  nextStep,
  reschedule,
  type SendResult,
  type Step,
  settled,
  skipped,
} from '../../src/delivery.ts';
import { act } from '../../src/testing/signals.ts';
import type { Delivery, Escalation, Group } from '../../src/types.ts';
import { milliseconds, Scenario, start } from './scenario.ts';

export interface Claim {
  delivery: Delivery;
  step: Extract<Step, { do: 'send' }>;
}

export interface Subscribed {
  mode?: Delivery['mode'];
  /** The target edits what it told. */
  edits?: boolean;
  /** Told at each of these; without any, at the target's one place. */
  addresses?: readonly string[];
  events?: EventKind[];
  /** Such as `30s`. */
  wait?: string;
  interval?: string;
  repeat?: string;
  escalation?: { after: string; while: Escalation['while'] };
}

/** What every delivery is in the end, by how many events. */
export type Ends = Record<'delivered' | 'superseded' | 'suppressed' | 'dead', number>;

/** Delivers what a scenario owes, as a store and its host do it, with the planner's steps. */
export class Postman {
  readonly scenario: Scenario;
  readonly ends: Ends = { delivered: 0, superseded: 0, suppressed: 0, dead: 0 };
  readonly #plan: typeof nextStep;

  constructor(subscribed: Subscribed = {}, plan = nextStep) {
    this.#plan = plan;
    const {
      mode = 'latest',
      edits = false,
      addresses,
      events,
      wait = '0s',
      interval = '1m',
      repeat,
      escalation,
    } = subscribed;
    const to = {
      target: 'chat',
      events,
      wait: milliseconds(wait),
      interval: milliseconds(interval),
      ...(repeat ? { repeat: milliseconds(repeat) } : {}),
      ...(escalation ? { escalation: { ...escalation, after: milliseconds(escalation.after) } } : {}),
    };
    const all = addresses?.map((address) => ({ ...to, address })) ?? [to];
    this.scenario = new Scenario({ targets: { chat: { mode, edits } }, routes: [{ match: [], to: all }] });
  }

  get deliveries(): Delivery[] {
    return [...this.scenario.state.groups.keys()].flatMap((id) => this.scenario.state.deliveries(id));
  }

  /** When a look is worth it: a delivery, a lease that ends, a silence that ends. */
  get next(): number {
    const times = this.deliveries.flatMap(({ due, leaseUntil }) =>
      due === null ? [] : [Math.max(due, leaseUntil ?? 0)],
    );
    const silences = [...this.scenario.state.groups.values()].map(({ silencedUntil }) => silencedUntil ?? Infinity);
    return Math.min(...times, ...silences);
  }

  /** Takes all that is due. */
  claim(lease = 60_000): Claim[] {
    this.#unsilence();
    const { now } = this.scenario;
    const isDue = ({ due, leaseUntil }: Delivery) => due !== null && due <= now && (leaseUntil ?? 0) <= now;
    const claims: Claim[] = [];
    for (let looks = 0; looks < 1000; looks++) {
      const due = this.deliveries.find(isDue);
      if (!due) return claims;
      const claim = this.#take(due, lease);
      if (claim) claims.push(claim);
    }
    throw new Error('a delivery is due for ever, and nothing is sent');
  }

  /** Says whether the claim still held. */
  settle({ delivery, step }: Claim, result: SendResult, random = 0.5): boolean {
    const { state, now } = this.scenario;
    const { group, subscription, fence } = delivery;
    const present = state.deliveries(group).find((one) => one.subscription === subscription);
    if (present?.fence !== fence || present.leaseUntil === null) return false;
    const next = settled(present, step, result, now, random);
    state.putDelivery(next.due === null ? this.#planned(next) : next);
    const passed = this.#passed(present, next.cursor);
    if (next.dead !== null) this.ends.dead += passed;
    else if (passed > 0) {
      this.ends.delivered++;
      this.ends.superseded += passed - 1;
    }
    return true;
  }

  #take(delivery: Delivery, lease: number): Claim | undefined {
    const { state, now } = this.scenario;
    const group = state.group(delivery.group) as Group;
    const step = this.#plan(delivery, group, state.eventsAfter(delivery.group, delivery.cursor), now);
    if (step.do === 'send' && delivery.claims < mostClaims) {
      const held = claimed(delivery, now + lease);
      state.putDelivery(held);
      return { delivery: held, step };
    }
    const cursor = step.do === 'send' || step.do === 'skip' ? step.cursor : delivery.cursor;
    const passed = this.#passed(delivery, cursor);
    if (step.do === 'send') this.ends.dead += passed;
    if (step.do === 'skip') this.ends[step.reason === 'superseded' ? 'superseded' : 'suppressed'] += passed;
    state.putDelivery(this.#planned(step.do === 'send' ? crashed(delivery, cursor) : skipped(delivery, cursor)));
    return undefined;
  }

  #planned(delivery: Delivery): Delivery {
    const { state, now } = this.scenario;
    const events = state.eventsAfter(delivery.group, delivery.cursor);
    return reschedule(delivery, state.group(delivery.group) as Group, events, now);
  }

  #passed({ group, cursor, events }: Delivery, to: number): number {
    return this.scenario.state.countEvents(group, cursor, to, events);
  }

  #unsilence(): void {
    for (const { id, silencedUntil } of this.scenario.state.groups.values()) {
      if (silencedUntil === null || silencedUntil > this.scenario.now) continue;
      this.scenario.send(act(id, 'unsilence', { actor: 'tocsin' }));
    }
  }
}

/**
 * Plays a timeline such as `0s firing a`, one line after the other, and delivers whatever is due in between at the very
 * moment that it is. `down` and `up` are the target's; while down, it asks for another try. Says when it was told what:
 * `40s resolved`, `40s resolved of firing, resolved` where several events stand in one message, or `40s edit to
 * resolved` where nobody asked for it.
 */
export function told(timeline: string, subscribed: Subscribed = {}): string[] {
  const postman = new Postman(subscribed);
  const { scenario } = postman;
  const messages: string[] = [];
  let isUp = true;
  const deliver = () => {
    for (const claim of postman.claim()) {
      const { event, since } = claim.step;
      const all = since.length === 1 ? '' : ` of ${since.map(({ kind }) => kind).join(', ') || 'none'}`;
      const isEdit = claim.step.isReminder !== true && !since.some(({ kind }) => isTold(claim.delivery, kind));
      if (isUp) messages.push(`${(scenario.now - start) / 1000}s ${isEdit ? 'edit to ' : ''}${event.kind}${all}`);
      const ref = subscribed.edits ? { ref: 'message 1' } : {};
      postman.settle(claim, isUp ? { outcome: 'delivered', ...ref } : { outcome: 'retry', reason: '503' });
    }
  };
  const lines = timeline.split('\n').filter((line) => line.trim() !== '');
  for (const line of [...lines, '240h end']) {
    const [time = '', ...command] = line.trim().split(/\s+/);
    const until = start + milliseconds(time);
    while (postman.next <= until) {
      scenario.now = Math.max(scenario.now, postman.next);
      deliver();
    }
    scenario.now = until;
    if (command[0] === 'up' || command[0] === 'down') isUp = command[0] === 'up';
    else if (command[0] !== 'end') scenario.do(command.join(' '));
    deliver();
  }
  return messages;
}
