import type { Subscription } from './routing.ts';
import type { Delivery, Escalation, EventKind, Group, GroupEvent, GroupStatus } from './types.ts';

/** What a delivery has to do now, worked out from its cursor and the events after it. */
export type Step =
  | {
      do: 'send';
      /** The event that the notification is about. */
      event: GroupEvent;
      /** Everything that the subscription wants and has not been told, that event included. */
      since: GroupEvent[];
      /** Where the cursor stands once this is told. */
      cursor: number;
      /** The group's status that is told. */
      telling: GroupStatus;
      /** Nothing new: the group still fires. `since` is empty then. */
      isReminder?: true;
      /** A past event, told again because somebody asked for it. */
      isReplay?: true;
    }
  /** Nobody needs to be told these any more. */
  | { do: 'skip'; cursor: number; reason: 'resolved-within-wait' | 'not-needed' | 'superseded'; count: number }
  | { do: 'wait'; until: number }
  | { do: 'nothing' };

/** How an attempt ended, and what the store needs to write it down. */
export type SendResult =
  /** `digest`: the group that stood first in the message, where it told of several at once. */
  | { outcome: 'delivered'; ref?: string; digest?: string }
  /** `after`: milliseconds that the target asked for; `pausesLane`: of everybody who sends to it. */
  | { outcome: 'retry'; reason: string; after?: number; pausesLane?: boolean }
  | { outcome: 'refused'; reason: string }
  /** The target is no more: nothing goes to it until somebody enables it, and nothing that is owed is lost. */
  | { outcome: 'disabled'; reason: string }
  /** Claimed and not sent, as at a shutdown: the claim is undone. */
  | { outcome: 'released' };

export const mostClaims = 5;
const firstRetry = 1_000;
const longestRetry = 60 * 60_000;
/** The longest pause, in milliseconds, that a target may ask for. */
export const longestPause = 24 * 60 * 60_000;
/** Posts about new and ended groups that one address gets singly in a minute; the rest of them goes out as one. */
export const mostPosts = 20;

/**
 * Whether it is a post that may stand with others in one: that a group fires, or is over, told for the first time. What
 * the target has a handle of ends by that handle: a ticket is closed by no message about others.
 */
export function isDigestible({ mode, toldAt, ref }: Delivery, step: Extract<Step, { do: 'send' }>): boolean {
  if (mode === 'every' || step.isReplay || step.isReminder || ref !== null) return false;
  return toldAt === null || step.telling === 'resolved';
}

/** Whether the alerts are told as the event has them, and not those that are the worst by now: a notice is about its own. */
export function tellsChanged(event: GroupEvent, group: Pick<Group, 'status'>, mode: Delivery['mode']): boolean {
  if (event.changed.length === 0) return false;
  return mode === 'every' || group.status === 'resolved' || event.kind === 'notice';
}

/** How long a delivery is retried. */
export const givesUpAfter = 3 * 24 * 60 * 60_000;

/** A subscription's identity within a group. */
export function subscriptionId({
  target,
  address,
  channel,
}: Pick<Subscription, 'target' | 'address' | 'channel'>): string {
  const told = address === null ? target : `${target}|${address}`;
  return channel === undefined ? told : `${channel}: ${told}`;
}

/**
 * Takes note of a new event: whether this subscription wants it, and when it wants to be looked at.
 * Never later than `nextStep` over the same events would say; earlier only costs a look.
 */
export function owe(
  delivery: Delivery,
  event: GroupEvent,
  group: Group,
  endsSilence = event.kind === 'unsilenced',
): { isOwed: boolean; delivery: Delivery } {
  const isOwed = wants(delivery, event);
  // An end of silence frees the updates that were held, even for those who don't want to hear of the end itself.
  const frees = endsSilence && delivery.due !== null;
  // A retry keeps its time.
  if (delivery.attempt > 0) return { isOwed, delivery };
  if (!isOwed && !frees) return { isOwed, delivery: remindedOf(delivery, group) };
  const due = dueFor(delivery, event, group);
  const isEarlier = delivery.due === null || due < delivery.due;
  return { isOwed, delivery: isEarlier ? { ...delivery, due, dead: null } : delivery };
}

function dueFor(delivery: Delivery, event: GroupEvent, group: Group): number {
  switch (event.kind) {
    case 'firing':
      return delivery.escalation ? event.at : opensAt(delivery, event);
    case 'updated':
      // It goes out with the first notice, where that has its time already; one that is held may be free because of it.
      if (delivery.toldAt === null && delivery.due !== null) return Math.min(delivery.due, event.at + delivery.wait);
      return updatesAt(delivery, group, event, event.at);
    default:
      return event.at;
  }
}

/** What to do next. `events` are the group's events after the cursor, in order. */
export function nextStep(delivery: Delivery, group: Group, events: readonly GroupEvent[], now: number): Step {
  const wanted = events.filter((event) => wants(delivery, event));
  if (wanted.length === 0) return nextReminder(delivery, group, now);
  if (delivery.ref === null && !wanted.some(({ kind }) => isTold(delivery, kind))) {
    return { do: 'skip', cursor: (events.at(-1) as GroupEvent).number, reason: 'not-needed', count: wanted.length };
  }
  const early = delivery.escalation && beforeEscalation(delivery, delivery.escalation, group, events, wanted, now);
  if (early) return early;
  return delivery.mode === 'every'
    ? nextOfEvery(delivery, group, events, wanted, now)
    : nextOfLatest(delivery, group, events, wanted, now);
}

/** The first of the events that somebody wants to be told again; it changes nothing of what was told. */
export function replayStep({ cursor }: Delivery, event: GroupEvent): Step {
  return { do: 'send', event, since: [event], cursor, telling: event.after.status, isReplay: true };
}

/**
 * A dead delivery that somebody wants to be tried again. One that jumps to the latest owes the newest event that it
 * wants (`newest`: its number) where it owes nothing yet; one that walks every event is told the dead one once more.
 */
export function rearmed(delivery: Delivery, dead: number, newest: number, now: number): Delivery {
  const due = delivery.attempt > 0 ? delivery.due : now;
  if (delivery.mode === 'latest') {
    return delivery.due === null ? { ...delivery, cursor: newest - 1, due, dead: null } : delivery;
  }
  if (delivery.replays.includes(dead)) return delivery;
  const replays = [...delivery.replays, dead].sort((left, right) => left - right);
  return { ...delivery, replays, due, dead: null };
}

/** Why something was given up, in few words that many have in common: `HTTP 404`, `no_service`, `expired: HTTP 503`. */
export function causeOf(reason: string, isExpired: boolean): string {
  const [start = ''] = reason.split(/[:;,\n]/, 1);
  const cause = start.trim().slice(0, 60) || 'unknown';
  return isExpired ? `expired: ${cause}` : cause;
}

/** A group that got its status back, by an event that the subscription doesn't want, is due for reminders again. */
function remindedOf(delivery: Delivery, group: Group): Delivery {
  const at = delivery.due === null ? reminderAt(delivery, group) : null;
  return at === null ? delivery : { ...delivery, due: at };
}

/** When the next reminder goes out, as things are; null for none. One that was given up isn't followed by another. */
function reminderAt(delivery: Delivery, group: Group): number | null {
  const { repeat, toldAt, dead } = delivery;
  if (repeat === null || toldAt === null || dead !== null) return null;
  return group.status === 'firing' && isTold(delivery, 'firing') ? toldAt + repeat : null;
}

function nextReminder(delivery: Delivery, group: Group, now: number): Step {
  const at = reminderAt(delivery, group);
  if (at === null) return { do: 'nothing' };
  if (now < at) return { do: 'wait', until: at };
  const { status, severity, firing, members } = group;
  const event: GroupEvent = {
    group: group.id,
    number: group.events,
    kind: 'firing',
    at: group.startedAt,
    vendorAt: null,
    actor: null,
    comment: null,
    incarnation: group.incarnation,
    worse: false,
    quiet: false,
    after: { status, severity, firing, members },
    changed: [],
  };
  return { do: 'send', event, since: [], cursor: delivery.cursor, telling: status, isReminder: true };
}

/** What stands in the way of an escalation that has not begun in this incarnation; null once it may. */
function beforeEscalation(
  delivery: Delivery,
  escalation: Escalation,
  group: Group,
  events: readonly GroupEvent[],
  wanted: readonly GroupEvent[],
  now: number,
): Step | null {
  const { toldAt, toldStatus, attempt, claims } = delivery;
  const isReopened = wanted.some(({ kind }) => kind === 'firing');
  const hasBegun = attempt + claims > 0 || (toldAt !== null && toldStatus !== 'resolved' && !isReopened);
  if (hasBegun) return null;
  const opening = wanted.find(({ after }) => after.status === escalation.while);
  const begins = opening ? opening.at + escalation.after : now;
  const isOver = group.status === 'resolved';
  if (now < begins && !isOver) return { do: 'wait', until: begins };
  if (opening && group.status === escalation.while) return null;
  const cursor = (events.at(-1) as GroupEvent).number;
  return { do: 'skip', cursor, reason: 'not-needed', count: wanted.length };
}

/** Jumps to the newest event: what is told is the present. */
function nextOfLatest(
  delivery: Delivery,
  group: Group,
  events: readonly GroupEvent[],
  wanted: GroupEvent[],
  now: number,
): Step {
  const cursor = (events.at(-1) as GroupEvent).number;
  const opening = wanted.find(({ kind }) => kind === 'firing');
  const send = (): Step => ({
    do: 'send',
    event: wanted.findLast(({ kind }) => kind !== 'updated') ?? (wanted.at(-1) as GroupEvent),
    since: wanted,
    cursor,
    telling: group.status,
  });
  if (opening) {
    const hold = opensAt(delivery, opening, now);
    const isOver = group.status === 'resolved';
    const resolution = events.findLast(({ kind }) => kind === 'resolved');
    if (isOver && resolution && resolution.at < hold && !owesResolution(delivery) && !wanted.some(isNotice)) {
      return { do: 'skip', cursor, reason: skipReason(delivery, opening), count: wanted.length };
    }
    const isUrgent = wanted.some(isPersonal) || (isOver && owesResolution(delivery));
    return now < hold && (delivery.toldAt === null || !isUrgent) ? { do: 'wait', until: hold } : send();
  }
  if (wanted.some(({ kind }) => kind !== 'updated')) return send();
  const hold = updatesAt(delivery, group, wanted[0] as GroupEvent, now);
  return now < hold ? { do: 'wait', until: hold } : send();
}

/** Walks status changes and notices one by one; only updates fold into one. */
function nextOfEvery(
  delivery: Delivery,
  group: Group,
  events: readonly GroupEvent[],
  wanted: GroupEvent[],
  now: number,
): Step {
  const first = wanted[0] as GroupEvent;
  const send = (since: GroupEvent[]): Step => {
    const event = since.at(-1) as GroupEvent;
    return { do: 'send', event, since, cursor: event.number, telling: event.after.status };
  };
  if (first.kind === 'updated') {
    const end = wanted.findIndex(({ kind }) => kind !== 'updated');
    const run = end === -1 ? wanted : wanted.slice(0, end);
    if (end !== -1) {
      return { do: 'skip', cursor: (run.at(-1) as GroupEvent).number, reason: 'superseded', count: run.length };
    }
    const hold = updatesAt(delivery, group, first, now);
    return now < hold ? { do: 'wait', until: hold } : send(run);
  }
  if (first.kind !== 'firing') return send([first]);
  const hold = opensAt(delivery, first, now);
  const resolution = events.find(({ kind, number }) => kind === 'resolved' && number > first.number);
  if (resolution && resolution.at < hold && !owesResolution(delivery)) {
    const over = wanted.filter(({ number }) => number <= resolution.number);
    if (!over.some(isNotice)) {
      return { do: 'skip', cursor: resolution.number, reason: skipReason(delivery, first), count: over.length };
    }
  }
  return now < hold ? { do: 'wait', until: hold } : send([first]);
}

/** The delivery after a claim: counted before anything is rendered or sent. */
export function claimed(delivery: Delivery, leaseUntil: number): Delivery {
  return { ...delivery, claims: delivery.claims + 1, fence: delivery.fence + 1, leaseUntil, held: null };
}

/** The delivery whose every claim ended without an outcome: this step is given up. */
export function crashed(delivery: Delivery, cursor: number, replay?: number): Delivery {
  return {
    ...delivery,
    cursor,
    replays: delivery.replays.filter((number) => number !== replay),
    claims: 0,
    attempt: 0,
    failingSince: null,
    leaseUntil: null,
    due: null,
    dead: 'crashed',
  };
}

/** The delivery after a look that found nothing to send: free, with the events up to the cursor behind it. */
export function skipped(delivery: Delivery, cursor: number): Delivery {
  return { ...delivery, cursor, claims: 0, attempt: 0, failingSince: null, leaseUntil: null, held: null };
}

/**
 * The delivery after an attempt. `random` is in [0, 1) and spreads the retries by ±20 %.
 * A delivered or dead one has no `due`: the store asks `reschedule` with what is left.
 */
export function settled(
  delivery: Delivery,
  step: { cursor: number; telling: GroupStatus; replay?: number },
  result: SendResult,
  now: number,
  random: number,
): Delivery {
  const free = { ...delivery, leaseUntil: null };
  const calm = { ...free, attempt: 0, failingSince: null, claims: 0, due: null };
  // What is told again is no news of the group.
  const { replay } = step;
  if (replay !== undefined && (result.outcome === 'delivered' || result.outcome === 'refused')) {
    const left = delivery.replays.filter((number) => number !== replay);
    return { ...calm, replays: left, dead: result.outcome === 'refused' ? result.reason : null };
  }
  switch (result.outcome) {
    case 'delivered':
      return {
        ...calm,
        cursor: step.cursor,
        toldStatus: step.telling,
        toldAt: now,
        ref: result.ref ?? delivery.ref,
        dead: null,
      };
    case 'refused':
      return { ...calm, cursor: step.cursor, dead: result.reason };
    case 'disabled':
      return { ...free, claims: 0, due: now };
    case 'released':
      return { ...free, claims: Math.max(0, delivery.claims - 1), due: now };
    case 'retry': {
      const failingSince = delivery.failingSince ?? now;
      const attempt = delivery.attempt + 1;
      const pause = Math.max(Math.min(result.after ?? 0, longestPause), backoff(attempt, random));
      if (now + pause - failingSince > givesUpAfter) {
        const left = delivery.replays.filter((number) => number !== replay);
        return { ...calm, cursor: step.cursor, replays: left, dead: result.reason };
      }
      return { ...free, attempt, failingSince, claims: 0, due: now + pause };
    }
  }
}

/** Sets `due` from the events after the cursor. */
export function reschedule(delivery: Delivery, group: Group, events: readonly GroupEvent[], now: number): Delivery {
  if (delivery.replays.length > 0) return { ...delivery, due: now, dead: null };
  const step = nextStep(delivery, group, events, now);
  const due = step.do === 'nothing' ? null : step.do === 'wait' ? step.until : now;
  return { ...delivery, due, dead: due === null ? delivery.dead : null };
}

/** Milliseconds before the next try: 1 s, doubling up to an hour, ±20 %. */
export function backoff(attempt: number, random: number): number {
  const pause = Math.min(longestRetry, firstRetry * 2 ** Math.min(attempt - 1, 30));
  return Math.round(pause * (0.8 + 0.4 * random));
}

/** Whether the subscription asked for this kind, where others only change what it was told. */
export function isTold({ events, posts }: Pick<Delivery, 'events' | 'posts'>, kind: EventKind): boolean {
  return (posts ?? events).includes(kind);
}

export function wants(delivery: Delivery, event: GroupEvent): boolean {
  return !event.quiet && delivery.events.includes(event.kind);
}

/** When an opening may be told: a first one after `wait`, a re-opening `interval` after the last post. */
function opensAt(delivery: Delivery, opening: GroupEvent, now = opening.at): number {
  return isFirst(delivery, opening) ? opening.at + delivery.wait : spaced(delivery, opening, now);
}

function isFirst({ toldAt }: Delivery, opening: GroupEvent): boolean {
  return toldAt === null || opening.incarnation === 1;
}

/** When updates may be told: after the silence, and `interval` after the last post. */
function updatesAt(delivery: Delivery, group: Group, update: GroupEvent, now: number): number {
  return Math.max(group.silencedUntil ?? 0, spaced(delivery, update, now));
}

/** The earliest time of a post that `interval` keeps apart from the last one. */
function spaced({ toldAt, interval }: Delivery, event: GroupEvent, now: number): number {
  // A last post in the future is no measure: the clock was put back.
  return toldAt === null || toldAt > now ? event.at : Math.max(event.at, toldAt + interval);
}

/** Whoever was told that it fires, or may have been, has to hear of the end if it wants to. */
export function owesResolution(delivery: Delivery): boolean {
  const { toldStatus, events, ref, attempt, claims } = delivery;
  const wasTold = toldStatus !== null && toldStatus !== 'resolved';
  const isHeard = isTold(delivery, 'resolved') || (ref !== null && events.includes('resolved'));
  return (wasTold || attempt + claims > 0) && isHeard;
}

function skipReason(delivery: Delivery, opening: GroupEvent): 'resolved-within-wait' | 'superseded' {
  return isFirst(delivery, opening) ? 'resolved-within-wait' : 'superseded';
}

/** The kinds that a flapping group makes. */
const flapping: ReadonlySet<EventKind> = new Set(['updated', 'firing', 'resolved']);

/** What goes at once even while a re-opening is held back: a person's act, a notice. */
function isPersonal(event: GroupEvent): boolean {
  return !flapping.has(event.kind);
}

export function isNotice(event: GroupEvent): boolean {
  return event.kind === 'notice';
}
