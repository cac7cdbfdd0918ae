import type { Fault, Labels } from '@tocsin/core/base';
import type { Hold, Muter } from './hold.ts';
import { compileMatcher, compileMatchers, type Matcher } from './matcher.ts';

/** Somebody wants to hear nothing of alerts that satisfy every matcher, for a time. */
export interface Silence {
  id: string;
  matchers: Matcher[];
  /** Milliseconds since 1970. */
  startsAt: number;
  /** The first instant at which it holds nothing any more. */
  endsAt: number;
  comment: string;
  author: string;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export interface Silencer extends Muter {
  /** The silence that holds an alert with these labels now; of several the one that ends last. */
  find(labels: Labels, now: number): Silence | null;
}

/**
 * Silences with Alertmanager's meaning; to end one early is to give it another `endsAt`. Pending ones may be among
 * them: they begin by themselves. Throws TocsinError('config') for a regular expression that RE2 refuses.
 */
export function compileSilences(silences: readonly Silence[]): Silencer {
  // The one that ends last is the first that is found.
  const compiled = silences
    .toSorted((left, right) => right.endsAt - left.endsAt)
    .map((silence) => ({ silence, accepts: accepting(silence) }));

  function find(labels: Labels, now: number): Silence | null {
    for (const { silence, accepts } of compiled) {
      if (silence.endsAt <= now) return null;
      if (silence.startsAt <= now && accepts(labels)) return silence;
    }
    return null;
  }

  return {
    find,
    mute(labels, now): Hold | null {
      const silence = find(labels, now);
      return silence && { until: silence.endsAt, by: [`silence ${silence.id}`] };
    },
  };
}

/** Compiled once, however often the others among which it stands change. */
function accepting(silence: Silence): (labels: Labels) => boolean {
  let accepts = compiledMatchers.get(silence);
  if (!accepts) {
    accepts = compileMatchers(silence.matchers);
    compiledMatchers.set(silence, accepts);
  }
  return accepts;
}

const compiledMatchers = new WeakMap<Silence, (labels: Labels) => boolean>();

export function silenceState({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, now: number): SilenceState {
  if (endsAt <= now) return 'expired';
  return startsAt <= now ? 'active' : 'pending';
}

/** What is wrong with a silence that somebody wants to make; Alertmanager's conditions. */
export function checkSilence({
  matchers,
  startsAt,
  endsAt,
}: Pick<Silence, 'matchers' | 'startsAt' | 'endsAt'>): Fault[] {
  const faults: Fault[] = [];
  if (matchers.every((matcher) => compileMatcher(matcher)(''))) {
    const what = matchers.length === 0 ? 'are none' : 'are satisfied by an alert without any label';
    const message = `${what}, so everything would be silent; add one such as severity="warning"`;
    faults.push({ path: 'matchers', message });
  }
  if (endsAt < startsAt) faults.push({ path: 'endsAt', message: 'is before startsAt; give a later end' });
  return faults;
}
