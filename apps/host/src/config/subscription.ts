import { eventKinds } from '@tocsin/core';
import type { Escalation, To } from '@tocsin/engine';
import { z } from 'zod';
import { block } from './block.ts';
import { targetTemplates, type WrittenTemplates } from './templates.ts';
import { duration, matcherText, text } from './values.ts';

/** One entry of `to`, as the file has it. */
export interface WrittenTo extends Omit<To, 'wording' | 'address'> {
  address?: string;
  else?: string;
  templates?: WrittenTemplates;
}

/** `severity="critical"`, a list of such, or nothing for everything; all must hold. */
export const match = z
  .union([matcherText, z.array(matcherText).transform((lists) => lists.flat())])
  .describe('Alertmanager\'s matchers, all of which must hold: `severity=~"critical|error"`');

const events = z
  .array(z.enum(eventKinds))
  .min(1, 'is an empty list; name the events, or remove the key for all of them')
  .describe('the events that are told; all of them by default');

const intervalNames = z.union([text.transform((name) => [name]), z.array(text)]);

const repeat = duration.refine((time) => !(time < 1_000), 'is shorter than a second');

export const timings = {
  events: events.optional(),
  wait: duration.optional().describe('how long the first notice waits; `0s` by default'),
  interval: duration.optional().describe('least time between updates; `1m` by default'),
  repeat: repeat.optional().describe('how often a reminder comes while the group fires; none by default'),
  active: intervalNames.optional().describe('names of `timeIntervals`: told only within one of them'),
  mute: intervalNames.optional().describe('names of `timeIntervals`: not told within any of them'),
};

const heldStatuses = ['firing', 'acknowledged', 'silenced'] as const satisfies readonly Escalation['while'][];

/** What the names of the subscriptions that `states` make begin with. */
export const statesPrefix = 'states:';

/** Whether `states` made the subscription. */
export function isOfStates({ name }: { name: string }): boolean {
  return name.startsWith(statesPrefix);
}

/** Whom a target tells, and in which words. */
export const telling = {
  target: text.describe('the id of a target'),
  address: text.optional().describe('whom the target tells; may hold labels, as `#team-{{labels.team}}`'),
  else: text.optional().describe('the address where the labels give none that the target allows'),
  templates: targetTemplates.optional().describe('words of this entry; a folder, or texts by name'),
};

const entry = {
  ...telling,
  ...timings,
  after: duration.optional().describe('told only once the group has had the status of `while` for so long'),
  while: z.enum(heldStatuses).optional().describe('with `after`: firing (by default), acknowledged or silenced'),
};

const justTarget = text.transform((target) => ({ target }));

/** An entry of a route's `to`: the id of a target, or more. */
export const to = z.union([justTarget, block(entry, ['name']).transform(withEscalation)]);

/** The same of a channel, where it has a name. */
export const namedTo = z.union([
  justTarget,
  block({
    name: z
      .string()
      .regex(/^[^\p{Cc}\p{Cf}]{1,64}$/u, 'is no name; use up to 64 characters on one line')
      .refine((name) => !isOfStates({ name }), `begins with \`${statesPrefix}\`, as the hub names those of \`states\``)
      .optional()
      .describe('what people call it; the target by default, and each of the channel needs its own'),
    ...entry,
  }).transform(withEscalation),
]);

function withEscalation<Entry extends { after?: number; while?: Escalation['while'] }>({
  after,
  while: status = 'firing',
  ...rest
}: Entry): Omit<Entry, 'after' | 'while'> & { escalation?: Escalation } {
  return after === undefined ? rest : { ...rest, escalation: { after, while: status } };
}
