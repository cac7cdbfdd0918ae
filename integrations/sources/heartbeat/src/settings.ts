import { z } from '@tocsin/core';
import { span } from './fields.ts';

// As on healthchecks.io, whose users come with jobs that ping once a day:
// https://healthchecks.io/docs/configuring_checks/
const defaults = { interval: '1d', grace: '1h', severity: 'error' } as const;

export const settings = z.strictObject({
  interval: span.prefault(defaults.interval).describe('How long it is from one ping to the next'),
  grace: span.prefault(defaults.grace).describe('How late a ping may be'),
  severity: z.string().default(defaults.severity).describe('How bad a silence or a failure is, in a word'),
  names: z
    .record(
      z.string(),
      z.strictObject({
        interval: span.optional().describe('The same for this name'),
        grace: span.optional().describe('The same for this name'),
        severity: z.string().optional().describe('The same for this name'),
      }),
    )
    .default({})
    .describe('Names that differ, each with its own interval, grace and severity'),
});

export type Settings = z.infer<typeof settings>;
