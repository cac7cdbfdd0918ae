import type { AlertSignal, EventKind, Group, Member } from './types.ts';

/** What people, or the vendor, made of an open group. */
export type Facts = Pick<Group, 'acknowledgedBy' | 'acknowledgedAt' | 'silencedBy' | 'silencedUntil'>;

/** One of the statuses that exclude each other while the alert goes on. */
export function isTurn({ exclusive, status }: AlertSignal): boolean {
  return exclusive === true && (status === 'firing' || status === 'acknowledged' || status === 'silenced');
}

/** The vendor takes back that somebody has it. */
export function isTakenBack(signal: AlertSignal, { said }: Member): boolean {
  return isTurn(signal) && signal.status === 'firing' && (said === 'acknowledged' || said === 'silenced');
}

/** What is told of the change: what holds now, before what no longer does. */
export function turnOf(before: Facts, after: Facts): EventKind | undefined {
  if (after.silencedUntil !== null && after.silencedUntil !== before.silencedUntil) return 'silenced';
  if (after.acknowledgedBy !== null && after.acknowledgedBy !== before.acknowledgedBy) return 'acknowledged';
  if (after.silencedUntil !== before.silencedUntil) return 'unsilenced';
  return after.acknowledgedBy === before.acknowledgedBy ? undefined : 'unacknowledged';
}
