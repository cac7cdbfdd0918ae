import type { Matcher } from './matcher.ts';
import type { Router, Subscription, To } from './routing.ts';
import { listening } from './subscribed.ts';
import type { Delivery, Rules } from './types.ts';

/**
 * A named set of subscriptions with matchers of its own, tried for every alert beside the routes. Each of them is told
 * for itself, even where a route or another channel tells the same target.
 */
export interface Channel {
  id: string;
  match: Matcher[];
  subscriptions: ChannelSubscription[];
}

export interface ChannelSubscription extends To {
  /** One of its channel; whoever changes what has this name changes the same subscription. */
  name: string;
}

/** The name of a channel's subscription among all. */
export function channelName(channel: string, subscription: string): string {
  return `${channel}/${subscription}`;
}

/**
 * The delivery as the present rules want it: those of a channel follow every change of their subscription, from the next
 * event on. Nothing where its target, or its subscription, is gone.
 */
export function underRules(
  delivery: Delivery,
  { rules, router }: { rules: Rules; router: Router },
): Delivery | undefined {
  const rule = rules.targets[delivery.target];
  if (!rule) return undefined;
  if (delivery.channel === null) return delivery;
  const present = router.channels.get(delivery.channel);
  if (present?.target !== delivery.target) return undefined;
  const { events, wait, interval, repeat, escalation, times, wording = null } = present;
  if (isSame(delivery, present)) return delivery;
  return { ...delivery, ...listening(events, rule), wait, interval, repeat, escalation, times, wording };
}

function isSame(delivery: Delivery, present: Omit<Subscription, 'address'>): boolean {
  return (
    delivery.wait === present.wait &&
    delivery.interval === present.interval &&
    delivery.repeat === present.repeat &&
    delivery.wording === (present.wording ?? null) &&
    (delivery.posts ?? delivery.events).join() === present.events.join() &&
    JSON.stringify([delivery.escalation, delivery.times]) === JSON.stringify([present.escalation, present.times])
  );
}

/** What is `dead` of a delivery whose owed part was cancelled, by what the rules have no more. */
export const cancelled = { target: 'target removed', subscription: 'subscription removed' } as const;
