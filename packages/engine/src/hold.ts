import type { Labels } from '@tocsin/core/base';
import { mostChanged, routingLabels } from './decide.ts';
import { isNotice, owesResolution, type Step, wants } from './delivery.ts';
import type { Delivery, Group, GroupEvent, Member } from './types.ts';

/*
 * Silences, inhibition and time intervals. They never change a group: its status, members and events are what they
 * would be without. They are looked at when something is about to be told, and hold that back until they end.
 *
 * - A silence and an inhibition are about one alert, a delivery is about a group. It is held while every alert that it
 *   would tell of is silenced or inhibited; a single one that isn't sets it free, with all that is owed.
 * - It would tell of the alerts that its events changed, and of all that fire where an event names none (somebody
 *   acknowledged, a reminder) or may name too few. Of none at all: then it is told, for in doubt we tell.
 * - A resolution that is owed to somebody who was told of the firing goes through silences and inhibition. A time
 *   interval is about the people: it holds that too, until they may be disturbed.
 * - A group that ends while it is held, and of which nothing was told, isn't told. A notice waits all the same.
 */

/** Why something is held, and when to look at it again. */
export interface Hold {
  /** Milliseconds since 1970. */
  until: number;
  /** For people: `silence 7`, `outside of office`. */
  by: string[];
}

/** What holds single alerts: the silences (`Silencer`), the inhibition (`InhibitionIndex`). */
export interface Muter {
  /** Whether an alert with these labels, as routes see them, is held now. */
  mute(labels: Labels, now: number): Hold | null;
}

/** Everything that may hold one delivery. */
export interface Holding {
  /** By the subscription's `active` and `mute`; see `compileTimeIntervals`. */
  clock: Hold | null;
  muters: readonly Muter[];
  /** The firing members of the group; asked only where the events don't say enough, and read only as far as needed. */
  firing: () => Iterable<Pick<Member, 'severity' | 'labels'>>;
}

export type HeldStep =
  | Step
  | { do: 'hold'; hold: Hold }
  | { do: 'skip'; cursor: number; reason: 'resolved-while-held'; count: number };

/** What `nextStep` said, unless it is held. `events` are the same: the group's after the cursor, in order. */
export function heldStep(
  step: Step,
  { delivery, group, events }: { delivery: Delivery; group: Group; events: readonly GroupEvent[] },
  { clock, muters, firing }: Holding,
  now: number,
): HeldStep {
  if (step.do !== 'send') return step;
  const wanted = events.filter((event) => wants(delivery, event));
  const endsWhatWasTold = owesResolution(delivery) && tellsEnd(delivery, group, wanted);
  const hold = clock ?? (endsWhatWasTold ? null : holdMembers(toldOf(wanted, group, firing), muters, now));
  if (hold === null) return step;
  if (group.status === 'resolved' && !owesResolution(delivery) && !wanted.some(isNotice)) {
    const cursor = events.at(-1)?.number ?? delivery.cursor;
    return { do: 'skip', cursor, reason: 'resolved-while-held', count: wanted.length };
  }
  return { do: 'hold', hold };
}

/** How long until a hold is looked at again that may end without anything saying so. */
export const recheckAfter = 60_000;

/**
 * A delivery that is held, to be looked at when the hold ends or something new is owed. It keeps its attempts, for one
 * of them may have been seen; the days after which it gives up begin anew. As a new event doesn't hurry a retry, that
 * is looked at again and again.
 */
export function parked(delivery: Delivery, hold: Hold, now: number): Delivery {
  const due = delivery.attempt > 0 ? Math.min(hold.until, now + recheckAfter) : hold.until;
  return { ...delivery, due, leaseUntil: null, failingSince: null, held: hold.by.join(', ') };
}

/** Held while every alert is, so until the first of them isn't; not held if there is none. */
export function holdMembers(members: Iterable<Labels>, muters: readonly Muter[], now: number): Hold | null {
  let until: number | null = null;
  const by = new Set<string>();
  for (const labels of members) {
    const hold = longest(muters.map((muter) => muter.mute(labels, now)));
    if (hold === null) return null;
    until = Math.min(until ?? hold.until, hold.until);
    for (const reason of hold.by) by.add(reason);
  }
  return until === null ? null : { until, by: [...by] };
}

function longest(holds: readonly (Hold | null)[]): Hold | null {
  return holds.reduce((last, hold) => (last && (!hold || hold.until <= last.until) ? last : hold), null);
}

/** In `every`, what stands before the resolution has to go first. */
function tellsEnd({ mode }: Delivery, { status }: Group, wanted: readonly GroupEvent[]): boolean {
  return mode === 'every' ? wanted.some(({ kind }) => kind === 'resolved') : status === 'resolved';
}

function* toldOf(wanted: readonly GroupEvent[], group: Group, firing: Holding['firing']): Generator<Labels> {
  for (const { changed } of wanted) for (const member of changed) yield routingLabels(group, member);
  const namesAll =
    wanted.length > 0 && wanted.every(({ changed }) => changed.length > 0 && changed.length < mostChanged);
  if (namesAll) return;
  for (const member of firing()) yield routingLabels(group, member);
}
