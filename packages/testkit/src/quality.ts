import { loadIntegration } from '@tocsin/core/load';
import type { Answer } from './check-answers.ts';
import type { Origin } from './origin.ts';
import { type ExampleFacts, type Facts, readFacts, type SourceFacts, type TargetFacts } from './quality-facts.ts';
import type { CheckResult } from './result.ts';

/** From none to the best; each asks for what the one before it asks for, and more. */
export type QualityLevel = 'none' | 'bronze' | 'silver' | 'gold';

/** How good an integration is, worked out and never declared. */
export interface Quality {
  level: QualityLevel;
  /** The level above; none above gold. */
  next?: QualityLevel;
  /** What that one asks for and isn't there, as phrases. */
  missing: string[];
}

/** The quality of an integration's folder; `results` are those of the suite over it. Never throws. */
export async function assessIntegration(folder: string, results: readonly CheckResult[]): Promise<Quality> {
  const broken = results.filter(({ ok }) => !ok).length;
  if (broken > 0) return { level: 'none', next: 'bronze', missing: [brokenChecks(broken)] };
  return computeQuality(await readFacts(await loadIntegration(folder)));
}

function brokenChecks(count: number): string {
  return count === 1 ? 'one check of the suite fails' : `${count} checks of the suite fail`;
}

/** The quality of what passes the suite. */
export function computeQuality(facts: Facts): Quality {
  const silver = facts.kind === 'source' ? missingOfSilverSource(facts) : missingOfSilverTarget(facts);
  if (silver.length > 0) return { level: 'bronze', next: 'silver', missing: silver };
  const gold = facts.kind === 'source' ? missingOfGoldSource(facts) : missingOfGoldTarget(facts);
  if (gold.length > 0) return { level: 'silver', next: 'gold', missing: gold };
  return { level: 'gold', missing: [] };
}

function missingOfSilverSource({ examples, isSigned, notOffered }: SourceFacts): string[] {
  return [
    ...missingExamples(
      examples.filter(({ origin }) => isReal(origin)),
      'documented or captured, with version',
    ),
    ...unless(isSigned || notOffered.signature, 'a signature that is verified'),
  ];
}

function missingOfGoldSource({ examples, overrides, whyNoOverride, writesBack, notOffered }: SourceFacts): string[] {
  return [
    ...missingExamples(
      examples.filter(({ origin }) => origin?.kind === 'captured'),
      'captured from the real system',
    ),
    ...unless(writesBack || notOffered.writeBack, 'a write-back'),
    ...unless(overrides.length > 0 || whyNoOverride, "a medium's own words, or the reason why none needs them"),
  ];
}

/** A firing alert, a resolved one, and one example more: several alerts, or an edge. */
function missingExamples(examples: readonly ExampleFacts[], origin: string): string[] {
  const firing = examples.find(({ statuses }) => statuses.includes('firing'));
  const resolved = examples.find((example) => example !== firing && example.statuses.includes('resolved'));
  const others = examples.filter((example) => example !== firing && example !== resolved);
  return [
    ...unless(firing, `an example of a firing alert, ${origin}`),
    ...unless(resolved, `an example of a resolved alert, ${origin}`),
    ...unless(others.length > 0, `an example of several alerts or of an edge, ${origin}`),
  ];
}

function missingOfSilverTarget({ answers, limits, edits, notOffered }: TargetFacts): string[] {
  return [
    ...unless(limits.length > 0 || notOffered.limits, 'limits that are tried'),
    ...missingAnswers(
      answers.filter(({ origin }) => origin.kind !== 'constructed'),
      "from the vendor's documentation",
    ),
    ...unless(edits || notOffered.edit, 'messages that are edited in place'),
  ];
}

function missingOfGoldTarget({ answers, hasActions, notOffered }: TargetFacts): string[] {
  return [
    ...missingAnswers(
      answers.filter(({ origin }) => origin.kind === 'captured'),
      'captured from the real system',
    ),
    ...unless(hasActions || notOffered.actions, 'actions'),
  ];
}

function missingAnswers(answers: readonly Answer[], origin: string): string[] {
  const kinds = new Set(answers.map(kindOf));
  return [
    ...unless(kinds.has('permanent'), `an answer that refuses for good, ${origin}`),
    ...unless(kinds.has('retryable'), `an answer to try again, ${origin}`),
    ...unless(kinds.has('rate-limited'), `an answer that there were too many, ${origin}`),
  ];
}

/** 429 is "too many": https://www.rfc-editor.org/rfc/rfc6585#section-4; other vendors say it with a time to wait. */
function kindOf({ response, expected }: Answer): 'delivered' | 'permanent' | 'retryable' | 'rate-limited' {
  if (expected.outcome === 'delivered') return 'delivered';
  if (expected.outcome === 'refused' || expected.outcome === 'disabled') return 'permanent';
  return response.status === 429 || expected.after !== undefined ? 'rate-limited' : 'retryable';
}

function isReal(origin: Origin | undefined): boolean {
  return origin !== undefined && origin.kind !== 'constructed' && Boolean(origin.version);
}

function unless(holds: unknown, missing: string): string[] {
  return holds ? [] : [missing];
}
