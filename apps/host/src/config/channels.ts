import { type EventKind, eventKinds } from '@tocsin/core';
import type { Channel, ChannelSubscription, To } from '@tocsin/engine';
import { wordingByEvent } from '../integrations/wording-name.ts';
import { type ChannelShape, type StateName, type States, stateEvents, stateNames } from './channel.ts';
import type { Path } from './path.ts';
import { type Reach, toTelling } from './routes.ts';
import { statesPrefix } from './subscription.ts';

/** A channel as the engine takes it: what its `states` say are subscriptions like others. */
export function toChannel(given: ChannelShape, defaults: States, path: Path, reach: Reach): Channel {
  const { id, match, subscriptions, states } = given;
  const named = subscriptions.map((entry, index): ChannelSubscription => {
    const { name = entry.target, ...rest } = { name: undefined, ...entry };
    return { name, ...toTelling(rest, [...path, 'subscriptions', index], reach) };
  });
  // With nothing said of either, all of it is what `defaults` say.
  const hasStates = states !== undefined || subscriptions.length === 0;
  return { id, match, subscriptions: [...named, ...(hasStates ? ofStates(states ?? {}, defaults, path, reach) : [])] };
}

/** One subscription for each whom they tell, with the events and the words of its states. */
function ofStates(states: States, defaults: States, path: Path, reach: Reach): ChannelSubscription[] {
  const found = stateNames.flatMap((state) => entriesOf(state, states, defaults, path, reach));
  const told = new Map<string, typeof found>();
  for (const one of found) {
    const name = `${statesPrefix}${nameOf(one.to)}`;
    told.set(name, [...(told.get(name) ?? []), one]);
  }
  return [...told].map(([name, entries]) => {
    const { wording: _, ...to } = (entries[0] as (typeof entries)[number]).to; // each name came with an entry
    const events = new Set(entries.flatMap(({ events: own }) => own));
    const wording = wordingByEvent(
      entries.flatMap(({ to: { wording: own }, events: kinds }) =>
        own === undefined ? [] : kinds.map((kind) => [kind, own] as const),
      ),
    );
    return {
      name,
      ...to,
      events: eventKinds.filter((kind) => events.has(kind)),
      ...(wording === undefined ? {} : { wording }),
    };
  });
}

function entriesOf(
  state: StateName,
  states: States,
  defaults: States,
  path: Path,
  reach: Reach,
): { to: To; events: readonly EventKind[] }[] {
  const own = states[state];
  const place = own ? [...path, 'states', state] : ['defaults', 'states', state];
  return (own ?? defaults[state] ?? []).map(({ at, ...entry }) => ({
    to: toTelling(entry, [...place, ...at], reach),
    events: stateEvents[state],
  }));
}

function nameOf({ target, address }: To): string {
  if (address === undefined) return target;
  // Whom the target may tell besides is no part of whom it tells.
  return `${target}|${typeof address === 'string' ? address : JSON.stringify([address.parts, address.else])}`;
}
