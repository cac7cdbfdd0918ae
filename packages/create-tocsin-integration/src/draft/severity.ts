import { plainWord, type Severity, toSeverity, usualNames } from '@tocsin/core';
import { bestOf, type Field, textsOf } from './fields.ts';
import { type Guess, guessAbout, placeOf } from './guess.ts';
import type { StatusDecision } from './status.ts';

export interface SeverityDecision {
  field: Field;
  /** The words that Tocsin doesn't know by itself. */
  mapping: ReadonlyMap<string, Severity>;
}

/** How bad it is, and what the vendor's own words for it mean. */
export function decideSeverity(
  fields: readonly Field[],
  status: StatusDecision,
): { severity: SeverityDecision | undefined; guesses: Guess[] } {
  const isWord = (field: Field) =>
    field !== status.field &&
    field.values.some((value) => value !== undefined && value !== null && value !== '') &&
    field.values.every((value) => typeof value !== 'boolean' && String(value ?? '').length <= 24);
  const [named] = bestOf(fields, [...usualNames.severity, 'highestseverity', 'alertseverity', 'impact'], isWord);
  const said = status.field && textsOf(status.field).some((word) => toSeverity(word) !== 'unknown');
  const field = named ?? (said ? status.field : undefined);
  if (!field) return { severity: undefined, guesses: [] };
  const words = new Set(
    field.values.filter((value) => value !== undefined && value !== null && value !== '').map(String),
  );
  const strange = [...words].filter((word) => toSeverity(word) === 'unknown' && !status.meanings.has(word));
  const mapping = new Map(
    strange.flatMap((word) => {
      const severity = vendorScales[plainWord(word)];
      return severity ? [[word, severity] as const] : [];
    }),
  );
  const unknown = strange.filter((word) => !mapping.has(word));
  const says = [
    `${placeOf(field)} looks like the severity`,
    ...[...mapping].map(([word, severity]) => `${JSON.stringify(word)} is taken for ${severity}`),
    ...(unknown.length > 0 ? [`${unknown.map((word) => JSON.stringify(word)).join(', ')} means nothing yet`] : []),
  ];
  const more = mapping.size > 0 ? ' Add the other words of its scale.' : ' Does it have words of its own?';
  return { severity: { field, mapping }, guesses: [guessAbout('severity', `${says.join('; ')}.${more}`)] };
}

/** Scales that vendors number or name; 1 is the worst on most. */
const vendorScales: Readonly<Record<string, Severity>> = {
  ...{ p1: 'critical', sev1: 'critical', s1: 'critical', '1': 'critical', blocker: 'critical', urgent: 'critical' },
  ...{ p0: 'critical', sev0: 'critical', emerg: 'critical', alert: 'critical', severe: 'critical', '5': 'info' },
  ...{ p2: 'error', sev2: 'error', s2: 'error', '2': 'error', important: 'error', failure: 'error' },
  ...{ p3: 'warning', sev3: 'warning', s3: 'warning', '3': 'warning', moderate: 'warning', caution: 'warning' },
  ...{ p4: 'info', sev4: 'info', s4: 'info', '4': 'info', p5: 'info', trivial: 'info', normal: 'info' },
};
