import { offsetAt } from './zone.ts';

/** Both ends belong to it. */
export interface Range {
  from: number;
  to: number;
}

/**
 * Times of a calendar, with Alertmanager's meaning: an instant is within if every list that is given has a range for
 * it, on the clocks of the zone. Without any list it is always. `readTimeIntervals` makes it from what people write.
 * https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0
 */
export interface TimeInterval {
  /** Minutes since midnight, the last one not included: the whole day is 0 to 1440. */
  times?: Range[];
  /** Sunday is 0. */
  weekdays?: Range[];
  /** From 1; negative ones count from the end of the month, whose last day is -1. */
  daysOfMonth?: Range[];
  /** From 1. */
  months?: Range[];
  years?: Range[];
  /** IANA name. */
  zone: string;
}

/** How far ahead a change is looked for: five years. */
export const horizon = 5 * 366 * 86_400_000;

/** Whether an instant (milliseconds since 1970) is within one of the intervals that stand under a name. */
export function isWithin(intervals: readonly TimeInterval[], instant: number): boolean {
  return intervals.some((interval) => {
    const wall = wallClock(interval, instant);
    return isOnDate(interval, wall) && isInTimes(interval, wall);
  });
}

/**
 * The first instant after this one at which `isWithin` gives another answer; none if that is more than five years
 * away. An hour that the clocks show twice counts twice, one that they skip not at all.
 */
export function nextChange(intervals: readonly TimeInterval[], instant: number): number | undefined {
  return firstChange(intervals, instant, (at) => isWithin(intervals, at));
}

/** `nextChange` for any answer that depends on the time only through these intervals. */
export function firstChange(
  intervals: readonly TimeInterval[],
  instant: number,
  answer: (instant: number) => boolean,
): number | undefined {
  const present = answer(instant);
  const calm = intervals.map(() => instant);
  for (let at = instant; ; ) {
    for (const [index, interval] of intervals.entries()) {
      if (calm[index] === at) calm[index] = constantUntil(interval, at);
    }
    at = Math.min(...calm);
    if (at > instant + horizon) return undefined;
    if (answer(at) !== present) return at;
  }
}

const minute = 60_000;
const day = 86_400_000;

/** A date whose UTC parts are what the clocks of the zone show. */
function wallClock({ zone }: TimeInterval, instant: number): Date {
  return new Date(instant + offsetAt(zone, instant));
}

function isOnDate({ years, months, daysOfMonth, weekdays }: TimeInterval, wall: Date): boolean {
  if (!includes(years, wall.getUTCFullYear()) || !includes(months, wall.getUTCMonth() + 1)) return false;
  if (!includes(weekdays, wall.getUTCDay())) return false;
  if (daysOfMonth === undefined) return true;
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  const fromStart = (number: number) => (number < 0 ? last + 1 + number : number);
  const days = daysOfMonth.map(({ from, to }) => ({ from: fromStart(from), to: fromStart(to) }));
  return includes(days, wall.getUTCDate());
}

function includes(ranges: readonly Range[] | undefined, value: number): boolean {
  return ranges === undefined || ranges.some(({ from, to }) => from <= value && value <= to);
}

function isInTimes({ times }: TimeInterval, wall: Date): boolean {
  const now = minuteOfDay(wall);
  return times === undefined || times.some(({ from, to }) => from <= now && now < to);
}

function minuteOfDay(wall: Date): number {
  return wall.getUTCHours() * 60 + wall.getUTCMinutes();
}

/** A later instant up to which the interval can't change; not always the last such. */
function constantUntil(interval: TimeInterval, instant: number): number {
  const { times, zone } = interval;
  const wall = wallClock(interval, instant);
  const isOn = isOnDate(interval, wall);
  if (!isOn || !times) {
    // No zone is a whole day ahead of UTC.
    const other = nextDate(interval, wall, isOn) - day;
    if (other > instant) return other;
  }
  const now = minuteOfDay(wall);
  const borders = isOn ? (times ?? []).flatMap(({ from, to }) => [from, to]).filter((border) => border > now) : [];
  const end = instant + midnightOf(wall) + Math.min(1440, ...borders) * minute - wall.getTime();
  return clockChange(zone, instant, end) ?? end;
}

/** The first midnight of the wall clock that begins a date of the other kind; in the past if yesterday was of it. */
function nextDate(interval: TimeInterval, wall: Date, isOn: boolean): number {
  const today = midnightOf(wall);
  // Clocks that are put back over midnight show yesterday once more.
  if (isOnDate(interval, new Date(today - day)) !== isOn) return today;
  let date = today + day;
  while (date <= today + horizon + 2 * day && isOnDate(interval, new Date(date)) === isOn) date += day;
  return date;
}

function midnightOf(wall: Date): number {
  return wall.getTime() - (wall.getTime() % day);
}

/** When the clocks of the zone are changed, after one instant and up to another at most a day later. */
function clockChange(zone: string, after: number, upTo: number): number | undefined {
  const offset = offsetAt(zone, after);
  if (offsetAt(zone, upTo) === offset) return undefined;
  let before = after;
  let changed = upTo;
  while (changed - before > 1) {
    const middle = Math.floor((before + changed) / 2);
    if (offsetAt(zone, middle) === offset) before = middle;
    else changed = middle;
  }
  return changed;
}
