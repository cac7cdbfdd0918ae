import { formatDuration } from '@tocsin/core/base';
import {
  type Attempt,
  cancelled,
  type Delivery,
  type EventKind,
  type GroupEvent,
  type GroupStatus,
  isTold,
} from '@tocsin/engine';
import { type DeliveryState, deliveryState } from '../api/delivery-state.ts';
import { type Clock, isLater, timeWords } from './clock-words.ts';
import type { WhyFacts } from './facts.ts';
import { type Holder, holdersOf } from './held.ts';
import type { Way } from './ways.ts';

/** What was told to one subscription, what it is owed, and why that waits. */
export interface Telling {
  subscription: string;
  target: string;
  address: string | null;
  state: DeliveryState;
  /** `told`: it has all; `waits`: on purpose; `trouble`: something is wrong; `never`: not told, and nothing is owed. */
  verdict: 'told' | 'waits' | 'trouble' | 'never';
  /** A clause for the answer: `told to ops 2 minutes ago`. */
  clause: string;
  /** Sentences, in their order. */
  says: string[];
  /** What to do, where somebody has to. */
  advice: string | null;
  /** The routes that it comes from, as the config is now. */
  routes: string[];
  told: { status: GroupStatus; at: number } | null;
  /** The events that it wants and has not been told, as far as they are known. */
  owes: { number: number; kind: EventKind; at: number }[];
  /** When it is looked at next. */
  due: number | null;
  /** The newest first. */
  attempts: Attempt[];
}

const mostAttempts = 20;

export function tellingOf(delivery: Delivery, facts: WhyFacts, ways: readonly Way[], clock: Clock): Telling {
  const { subscription, target, address, toldStatus, toldAt, due } = delivery;
  const attempts = facts.attempts.filter((one) => one.subscription === subscription).slice(0, mostAttempts);
  const wanted = facts.events.filter(
    ({ quiet, kind }) => !quiet && (delivery.ref === null ? isTold(delivery, kind) : delivery.events.includes(kind)),
  );
  const owes = due === null ? [] : wanted.filter(({ number }) => number > delivery.cursor);
  const told = toldStatus === null || toldAt === null ? null : { status: toldStatus, at: toldAt };
  const found = presentOf({ delivery, facts, attempts, wanted, owes, told, clock });
  const before = told ? [`Told ${told.status} at ${timeWords(told.at, clock)}.`] : [];
  const routes = ways.flatMap((way) =>
    way.routes.filter(({ subscriptions }) => subscriptions.includes(subscription)).map(({ path }) => path),
  );
  const stays = routes.length === 0 ? ['No route leads here now: it stays with the group, because it once did.'] : [];
  const again = delivery.replays.length;
  const replays =
    again === 0 ? [] : [`Somebody asked for ${again === 1 ? 'one event' : `${again} events`} to be told again.`];
  return {
    subscription,
    target,
    address,
    state: deliveryState(delivery),
    verdict: found.verdict,
    clause: found.clause,
    says: [...before, ...replays, ...found.says, ...stays],
    advice: found.advice ?? null,
    routes: [...new Set(routes)],
    told,
    owes: owes.map(({ number, kind, at }) => ({ number, kind, at })),
    due,
    attempts,
  };
}

interface Looked {
  delivery: Delivery;
  facts: WhyFacts;
  attempts: readonly Attempt[];
  /** Every known event that it wants, in order, and those of them that it owes. */
  wanted: readonly GroupEvent[];
  owes: readonly GroupEvent[];
  told: Telling['told'];
  clock: Clock;
}

type Present = Pick<Telling, 'verdict' | 'clause' | 'says'> & { advice?: string };

/** How things stand with it now: the first that applies is what an operator has to know. */
function presentOf(looked: Looked): Present {
  const { delivery, owes, clock } = looked;
  const isOwed = owes.length + delivery.replays.length + delivery.attempt > 0;
  if (delivery.due === null || !isOwed) return delivery.dead === null ? settled(looked) : givenUp(looked);
  return (
    underWay(looked) ??
    closedLane(looked) ??
    heldBack(looked) ??
    failing(looked) ??
    (isLater(delivery.due, clock) ? planned(looked) : dueNow(looked))
  );
}

function settled({ delivery, facts, wanted, told, clock }: Looked): Present {
  const name = nameOf(delivery);
  if (told) {
    const reminds =
      delivery.due === null ? [] : [`A reminder is due at ${timeWords(delivery.due, clock)}, while it fires.`];
    return { verdict: 'told', clause: `told to ${name} at ${timeWords(told.at, clock)}`, says: reminds };
  }
  if (wanted.length === 0) {
    const kinds = (delivery.posts ?? delivery.events).join(', ');
    return {
      verdict: 'never',
      clause: `${name} wants to hear of other events only (${kinds})`,
      says: [`Nothing to tell: it asks for ${kinds}, and nothing of that has happened.`],
    };
  }
  const why = suppressedWhy(delivery, facts);
  return { verdict: 'never', clause: `${name} was not told: ${why}`, says: [`Not told: ${why}.`] };
}

/** Which of the reasons it was, as far as that can be told afterwards. */
function suppressedWhy({ escalation, wait }: Delivery, { group, events }: WhyFacts): string {
  if (escalation) {
    return `the group was ${escalation.while} for less than ${formatDuration(escalation.after)}, after which it would have been`;
  }
  const opened = events.findLast(({ kind, incarnation }) => kind === 'firing' && incarnation === group.incarnation);
  const lasted = opened && group.resolvedAt !== null ? group.resolvedAt - opened.at : null;
  if (lasted !== null && lasted < wait) {
    return `it was over after ${formatDuration(Math.max(1000, lasted))}, within the wait of ${formatDuration(wait)}`;
  }
  return 'it was over before anything could be told, while something held it back';
}

function givenUp({ delivery, attempts }: Looked): Present {
  const { target } = delivery;
  const dead = shortened(delivery.dead ?? '');
  const name = nameOf(delivery);
  if (dead === cancelled.target || dead === cancelled.subscription) {
    const gone =
      dead === cancelled.target
        ? 'the target is no longer in the configuration'
        : `the subscription ${delivery.channel} is no more`;
    return {
      verdict: 'never',
      clause: `what was owed to ${name} was cancelled, as ${gone}`,
      says: [`Cancelled: ${gone}.`],
    };
  }
  return {
    verdict: 'trouble',
    clause: `${name} was given up: ${dead}`,
    says: [`Given up: ${dead}. Nothing more is tried until the group's next event.`],
    advice:
      attempts.length > 0
        ? `Look at the last attempt at ${target} below, correct its settings, then \`tocsin deliveries retry --target ${target} --group ${delivery.group}\`.`
        : `Look for ${target} in the log of the host.`,
  };
}

function underWay({ delivery, clock }: Looked): Present | undefined {
  if (delivery.leaseUntil === null || !isLater(delivery.leaseUntil, clock)) return undefined;
  return { verdict: 'waits', clause: `${nameOf(delivery)} is being told now`, says: ['It is being sent now.'] };
}

/** What the target said of everything that goes to it. */
function closedLane({ delivery, facts, clock }: Looked): Present | undefined {
  const { target } = delivery;
  const name = nameOf(delivery);
  const lane = facts.lanes.find((one) => one.target === target);
  if (lane?.disabled) {
    const { reason, at } = lane.disabled;
    return {
      verdict: 'trouble',
      clause: `${name} takes nothing since ${timeWords(at, clock)}`,
      says: [
        `The target is switched off since ${timeWords(at, clock)}, because it said that it is no more: ${shortened(reason)}.`,
      ],
      advice: `Correct the settings of ${target}, or let it have what it is owed: \`tocsin deliveries enable ${target}\`.`,
    };
  }
  const until = lane?.pausedUntil ?? null;
  if (until === null || !isLater(until, clock)) return undefined;
  return {
    verdict: 'waits',
    clause: `${name} waits until ${timeWords(until, clock)}, because the target asked for a pause`,
    says: [`The target asked for no request before ${timeWords(until, clock)} (Retry-After).`],
  };
}

function heldBack({ delivery, facts, clock }: Looked): Present | undefined {
  const { held, due } = delivery;
  if (held === null || due === null || !isLater(due, clock)) return undefined;
  const found = holdersOf(held).map((holder) => heldBy(holder, due, facts, clock));
  const ends = found.flatMap(({ until }) => until ?? []);
  // Nothing says when an inhibition ends.
  const end = ends.length < found.length ? '' : ` until ${timeWords(Math.min(...ends), clock)}`;
  return {
    verdict: 'waits',
    clause: `${nameOf(delivery)} waits${end}: ${found.map(({ why }) => why).join(', ')}`,
    says: found.map(({ says }) => says),
  };
}

function heldBy(
  holder: Holder,
  due: number,
  { silences, inhibitors }: WhyFacts,
  clock: Clock,
): { until: number | null; why: string; says: string } {
  switch (holder.kind) {
    case 'other':
      return {
        until: due,
        why: holder.text,
        says: `Held until ${timeWords(due, clock)}: ${holder.text}.`,
      };
    case 'inhibition': {
      const by = inhibitors.find(({ id }) => id === holder.group);
      const which = by ? ` (${by.status}, ${by.severity})` : '';
      return {
        until: null,
        why: `group ${holder.group} inhibits it`,
        says: `Held for as long as group ${holder.group}${which} inhibits it.`,
      };
    }
    case 'silence': {
      const silence = silences.find(({ id }) => id === holder.id);
      if (!silence) return { until: due, why: `silence ${holder.id}`, says: `Held by silence ${holder.id}.` };
      const { id, author, comment, endsAt } = silence;
      return {
        until: endsAt,
        why: `silence ${id} of ${author} (${shortened(comment)})`,
        says: `Held by silence ${id} until ${timeWords(endsAt, clock)}; ${author}: ${comment}`,
      };
    }
  }
}

function failing({ delivery, attempts, clock }: Looked): Present | undefined {
  const { attempt, due, failingSince, target } = delivery;
  if (attempt === 0 || due === null) return undefined;
  const [last] = attempts;
  const reason = last?.reason ?? last?.error;
  const why = reason ? `: ${shortened(reason)}` : '';
  const since = failingSince === null ? '' : ` since ${timeWords(failingSince, clock)}`;
  const next = isLater(due, clock) ? `the next try is at ${timeWords(due, clock)}` : 'the next try is due';
  return {
    verdict: 'trouble',
    clause: `${nameOf(delivery)} fails${since}${why}`,
    says: [`${attempt === 1 ? 'One attempt' : `${attempt} attempts`} failed${since}${why}; ${next}.`],
    advice: `See whether ${target} can be reached, and what it answered below; it is tried for three days.`,
  };
}

/** Owed, and its time is to come. */
function planned({ delivery, facts, owes, told, clock }: Looked): Present {
  const { due, escalation, wait, interval } = delivery;
  const at = timeWords(due ?? clock.now, clock);
  const name = nameOf(delivery);
  const isOpening = owes.some(({ kind }) => kind === 'firing');
  const waits = (why: string, says: string): Present => ({
    verdict: 'waits',
    clause: `${name} waits until ${at}: ${why}`,
    says: [says],
  });
  if (escalation && (told === null || isOpening)) {
    const after = formatDuration(escalation.after);
    return waits(
      `it is told only if the group is ${escalation.while} for ${after}`,
      `It is told at ${at}, if the group is still ${escalation.while} then: its route says after ${after}.`,
    );
  }
  if (told === null && wait > 0) {
    const length = formatDuration(wait);
    return waits(
      `its route waits ${length}`,
      `It is told at ${at}: its route waits ${length} before the first message.`,
    );
  }
  const silencedUntil = facts.group.silencedUntil;
  if (silencedUntil !== null && isLater(silencedUntil, clock) && due === silencedUntil) {
    const by = facts.group.silencedBy;
    return waits(
      'the group is silenced',
      `Changes are told once the silence of this group ends${by ? `; ${by} made it` : ''}.`,
    );
  }
  const length = formatDuration(interval);
  return waits(
    `messages about it are ${length} apart`,
    `What changed is told at ${at}: messages about changes are at least ${length} apart.`,
  );
}

function dueNow({ delivery, clock }: Looked): Present {
  const { due, target } = delivery;
  const name = nameOf(delivery);
  const late = clock.now - (due ?? clock.now);
  if (late < 60_000) return { verdict: 'waits', clause: `${name} is told next`, says: ['It is due now.'] };
  const since = timeWords(due ?? clock.now, clock);
  return {
    verdict: 'trouble',
    clause: `${name} is due since ${since} and not told`,
    says: [`It is due since ${since}, and waits for its turn.`],
    advice: `See whether ${target} is slow or switched off: /metrics has tocsin_deliveries_in_flight and tocsin_integration_quarantined.`,
  };
}

function nameOf({ target, address }: Delivery): string {
  return address === null ? target : `${target} (${address})`;
}

/** A sentence has room for so much of what others say; the attempts have it whole. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160).toWellFormed()}…` : line;
}
