import { durationPattern, toMilliseconds } from '@tocsin/core';
import { z } from 'zod';

/** What RFC 3339 can write. */
const earliest = Date.parse('0000-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Milliseconds since 1970 as ISO 8601 in UTC. Vendors send any number; what has no four-digit year is the nearest that has. */
export function isoTime(milliseconds: number): string {
  return new Date(Math.min(latest, Math.max(earliest, milliseconds || 0))).toISOString();
}

export function isoTimeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : isoTime(milliseconds);
}

/** A time beyond this is "until someone ends it". */
export function isEndless(milliseconds: number): boolean {
  return milliseconds > latest;
}

const longestSilence = 366 * 86_400_000;

const pointInTime = z.iso.datetime({ offset: true });

/** A time as RFC 3339 writes it, or so long from now; at most a year away. */
export function parseTime(text: string, now: number): { time: number } | { fault: string } {
  const isPoint = pointInTime.safeParse(text).success;
  if (!isPoint && !durationPattern.test(text)) {
    return { fault: 'is neither a duration (`30m`, `2h`, `1d`) nor a time (`2026-03-01T09:00:00+01:00`)' };
  }
  const time = isPoint ? Date.parse(text) : now + toMilliseconds(text);
  return Math.abs(time - now) > longestSilence ? { fault: 'is more than a year away' } : { time };
}

/** `2h`, `1h30m`, or a time as RFC 3339 writes it; in the future, at most a year ahead. */
export function parseUntil(text: string, now: number): { until: number } | { fault: string } {
  const read = parseTime(text, now);
  if ('fault' in read) return { fault: read.fault.replace('away', 'ahead') };
  return read.time <= now ? { fault: 'is not in the future' } : { until: read.time };
}
