import { isEndless, isoTime } from '../api/time.ts';
import { type Html, html } from './html.ts';

/** When a page is made, and the zone that its times are told in. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: number;
  /** IANA name: `Europe/Berlin`. */
  zone: string;
}

/** `1 Mar 2026, 12:00 CET (3 minutes ago)` */
export function moment(time: number, clock: Clock): Html {
  return html`<time datetime="${isoTime(time)}">${absolute(time, clock)}</time> <span class="ago">(${relative(time, clock)})</span>`;
}

/** `3 minutes ago`, with the absolute time for whoever asks. */
export function ago(time: number, clock: Clock): Html {
  return html`<time datetime="${isoTime(time)}" title="${absolute(time, clock)}">${relative(time, clock)}</time>`;
}

/** `until 1 Mar 2026, 12:00 CET (in 2 hours)`, or until someone ends it. */
export function until(time: number, clock: Clock): Html {
  return isEndless(time) ? html`until someone ends it` : html`until ${moment(time, clock)}`;
}

export function absolute(time: number, { zone }: Clock): string {
  return formatOf(zone).format(new Date(isoTime(time)));
}

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = [
  { unit: 'day', length: 86_400_000, from: 2 },
  { unit: 'hour', length: 3_600_000, from: 1 },
  { unit: 'minute', length: 60_000, from: 1 },
] as const;

export function relative(time: number, { now }: Clock): string {
  const difference = time - now;
  for (const { unit, length, from } of units) {
    const count = Math.round(difference / length);
    if (Math.abs(difference) >= from * length) return words.format(count, unit);
  }
  return difference > 0 ? 'in less than a minute' : 'just now';
}

/** The next nine o'clock in the morning that is at least four hours away, and what to call it. */
export function nextMorning({ now, zone }: Clock): { time: number; name: string } {
  const today = morningOf(now, 0, zone);
  const isToday = today - now >= 4 * 3_600_000;
  return isToday ? { time: today, name: '09:00 today' } : { time: morningOf(now, 1, zone), name: '09:00 tomorrow' };
}

function morningOf(now: number, daysAhead: number, zone: string): number {
  const { year, month, day } = partsOf(now, zone);
  const wall = Date.UTC(year, month - 1, day + daysAhead, 9);
  // The zone's offset of a near instant, then that of the instant itself: clocks may be put on in between.
  const near = wall - offsetAt(wall, zone);
  return wall - offsetAt(near, zone);
}

/** Milliseconds that the zone's clocks are ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(time, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function partsOf(time: number, zone: string): Record<Part, number> {
  const parts = wallOf(zone).formatToParts(time);
  // The format below asks for exactly these.
  return Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)])) as Record<Part, number>;
}

const formatOf = perZone(
  (timeZone) =>
    new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZone,
      timeZoneName: 'short',
    }),
);

const wallOf = perZone(
  (timeZone) =>
    new Intl.DateTimeFormat('en-GB', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
      timeZone,
    }),
);

/** Making a format costs more than using it. */
function perZone(make: (zone: string) => Intl.DateTimeFormat): (zone: string) => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (zone) => {
    const format = made.get(zone) ?? make(zone);
    made.set(zone, format);
    return format;
  };
}
