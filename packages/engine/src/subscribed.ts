import { type Subscription, soonest } from './routing.ts';
import type { Delivery, EventKind, TargetRule } from './types.ts';

/** What a message that is there shows: every change of the group, but no notice, which is about something else. */
const shown: readonly EventKind[] = [
  'firing',
  'updated',
  'acknowledged',
  'unacknowledged',
  'silenced',
  'unsilenced',
  'resolved',
];

/** What a delivery is looked at for, and which of it is told, where a subscription asked for these. */
export function listening(asked: EventKind[], { mode, edits }: TargetRule): Pick<Delivery, 'events' | 'posts'> {
  if (!edits || mode === 'every') return { events: asked, posts: null };
  return { events: [...asked, ...shown.filter((kind) => !asked.includes(kind))], posts: asked };
}

/** A subscription that a group has, with what another route gives it besides. */
export function mergeSubscription(delivery: Delivery, wanted: Subscription): Delivery {
  const asked = delivery.posts ?? delivery.events;
  const added = wanted.events.filter((kind) => !asked.includes(kind));
  const wording = wanted.wording ?? delivery.wording;
  const timings = soonest(delivery, wanted);
  const isSame =
    wording === delivery.wording &&
    timings.wait === delivery.wait &&
    timings.interval === delivery.interval &&
    timings.repeat === delivery.repeat &&
    timings.escalation?.after === delivery.escalation?.after &&
    timings.times.length === delivery.times.length;
  if (added.length === 0 && isSame) return delivery;
  const events = [...delivery.events, ...added.filter((kind) => !delivery.events.includes(kind))];
  return { ...delivery, events, posts: delivery.posts && [...asked, ...added], ...timings, wording };
}

/** A subscription that a group newly has, told from the event after `cursor` on. */
export function newDelivery(
  group: string,
  subscription: string,
  wanted: Subscription,
  rule: TargetRule,
  cursor: number,
): Delivery {
  const { target, address, events, wait, interval, repeat, escalation, times, wording = null, channel = null } = wanted;
  return {
    group,
    subscription,
    channel,
    target,
    address,
    mode: rule.mode,
    ...listening(events, rule),
    wait,
    interval,
    repeat,
    escalation,
    times,
    wording,
    cursor,
    toldStatus: null,
    toldAt: null,
    ref: null,
    due: null,
    held: null,
    attempt: 0,
    failingSince: null,
    leaseUntil: null,
    claims: 0,
    fence: 0,
    dead: null,
    replays: [],
  };
}
