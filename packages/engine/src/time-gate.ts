import { TocsinError } from '@tocsin/core/base';
import type { Hold } from './hold.ts';
import { firstChange, horizon, isWithin, type TimeInterval } from './time-interval.ts';

/** The names of intervals that a subscription has: told only within one of `active`, and not within any of `mute`. */
export interface TellingTimes {
  active?: readonly string[];
  mute?: readonly string[];
}

export interface TimeGate {
  /**
   * What holds a subscription with these names now, until it may be told again; null if it may. One that may never be
   * told again is to be looked at in five years. Throws a TocsinError `config` for a name that no interval has.
   */
  hold(times: TellingTimes, now: number): Hold | null;
  /**
   * The same for one that has several, any of which may allow it; null without any. Names that no interval has any more
   * hold nothing: in doubt we tell.
   */
  holdAll(times: readonly TellingTimes[], now: number): Hold | null;
}

/** The intervals by name, as `hold` needs them. An answer is kept as long as it is right, so to ask again is cheap. */
export function compileTimeIntervals(intervals: Readonly<Record<string, readonly TimeInterval[]>>): TimeGate {
  const answers = new Map<string, Answer>();
  const gate: TimeGate = {
    hold(times, now) {
      const { active = [], mute = [] } = times;
      if (active.length + mute.length === 0) return null;
      const key = JSON.stringify([active, mute]);
      const known = answers.get(key);
      if (known && known.from <= now && now < known.until) return known.hold;
      const answer = work(active.map(named), mute.map(named), now);
      answers.set(key, answer);
      return answer.hold;
    },
    holdAll(times, now) {
      let first: Hold | null = null;
      for (const { active = [], mute = [] } of times) {
        const hold = gate.hold({ active: active.filter(isKnown), mute: mute.filter(isKnown) }, now);
        if (hold === null) return null;
        if (first === null || hold.until < first.until) first = hold;
      }
      return first;
    },
  };
  return gate;

  function isKnown(name: string): boolean {
    return Object.hasOwn(intervals, name);
  }

  function named(name: string): Named {
    const found = isKnown(name) ? intervals[name] : undefined;
    if (found) return { name, intervals: found };
    throw new TocsinError('config', `there is no time interval ${name}`, {
      remedy: `Write it under \`timeIntervals\`, or use one of: ${Object.keys(intervals).join(', ') || 'none yet'}.`,
    });
  }
}

interface Named {
  name: string;
  intervals: readonly TimeInterval[];
}

/** True from one instant up to another. */
interface Answer {
  from: number;
  until: number;
  hold: Hold | null;
}

function work(active: readonly Named[], mute: readonly Named[], now: number): Answer {
  const within = (instant: number) => (one: Named) => isWithin(one.intervals, instant);
  const isOpen = (instant: number) =>
    (active.length === 0 || active.some(within(instant))) && !mute.some(within(instant));
  const all = [...active, ...mute].flatMap((one) => one.intervals);
  const until = firstChange(all, now, isOpen) ?? now + horizon;
  if (isOpen(now)) return { from: now, until, hold: null };
  const muting = mute.filter(within(now)).map(({ name }) => `within ${name}`);
  const by = muting.length > 0 ? muting : [`outside of ${active.map(({ name }) => name).join(', ')}`];
  return { from: now, until, hold: { until, by } };
}
