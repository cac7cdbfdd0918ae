import type { EventKind } from '@tocsin/core';
import { z } from 'zod';
import { block } from './block.ts';
import { match, namedTo, telling } from './subscription.ts';
import { id, text } from './values.ts';

/** What a channel may have a target for, and the events that lead there. */
export const stateEvents = {
  firing: ['firing', 'unacknowledged', 'unsilenced'],
  acknowledged: ['acknowledged'],
  resolved: ['resolved'],
  silenced: ['silenced'],
} as const satisfies Record<string, readonly EventKind[]>;

export type StateName = keyof typeof stateEvents;

export const stateNames = Object.keys(stateEvents) as StateName[]; // the object above has no others

const stateEntry = z.union([text.transform((target) => ({ target })), block(telling)]);

/** A target, several of them, or an empty text for nobody. `at`: which of a list it is. */
const stateTargets = z.union([
  z.literal('').transform(() => []),
  stateEntry.transform((entry) => [{ ...entry, at: [] as number[] }]),
  z.array(stateEntry).transform((entries) => entries.map((entry, index) => ({ ...entry, at: [index] }))),
]);

const states = Object.fromEntries(
  stateNames.map((state) => [
    state,
    stateTargets.optional().describe(`who is told that a group is ${state}; \`""\` for nobody`),
  ]),
) as Record<StateName, z.ZodOptional<typeof stateTargets>>; // of all of their names

export const stateDefaults = block(states);

export type States = z.output<typeof stateDefaults>;

export const channel = block({
  id: id.describe('names it in messages of the hub, in the API and in `tocsin why`'),
  match: match.default([]),
  subscriptions: z.array(namedTo).default([]).describe('who is told what; each on its own'),
  states: stateDefaults
    .optional()
    .describe('a target for each state; one that is missing is that of `defaults.states`, and `""` is nobody'),
});

export type ChannelShape = z.output<typeof channel>;
