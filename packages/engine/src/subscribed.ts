import { type Subscription, soonest } from './routing.ts';
import type { Delivery } from './types.ts';

/** A subscription that a group has, with what another route gives it besides. */
export function mergeSubscription(delivery: Delivery, wanted: Subscription): Delivery {
  const added = wanted.events.filter((kind) => !delivery.events.includes(kind));
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
  return { ...delivery, events: [...delivery.events, ...added], ...timings, wording };
}

/** A subscription that a group newly has, told from the event after `cursor` on. */
export function newDelivery(
  group: string,
  subscription: string,
  wanted: Subscription,
  mode: Delivery['mode'],
  cursor: number,
): Delivery {
  const { target, address, events, wait, interval, repeat, escalation, times, wording = null, channel = null } = wanted;
  return {
    group,
    subscription,
    channel,
    target,
    address,
    mode,
    events,
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
