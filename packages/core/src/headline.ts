import { firstGraphemes } from './media/graphemes.ts';
import type { NotificationEvent, NotificationInput } from './notification.ts';
import { formatTime } from './template/time.ts';

/** Longest headline that a notification is given, in its medium's unit. */
export const longestHeadline = 64;

const longestActor = 24;

/** Beside the time at which a silence ends. */
const longestActorWithTime = 12;

/**
 * What happened to the group, in plain words: `Firing · critical`, `Acknowledged by ann · warning`. Not escaped.
 * Times are told in `zone`.
 */
export function headlineOf(input: NotificationInput, zone: string): string {
  const { event, group } = input;
  // There is no room for both.
  const severity = group.severity === 'unknown' || input.replayed ? undefined : group.severity;
  const by =
    event.actor === undefined
      ? ''
      : ` by ${shortened(event.actor, event.until === undefined ? longestActor : longestActorWithTime)}`;
  const parts = ((): (string | undefined)[] => {
    if (input.digest !== undefined) return [`${input.digest} alert groups at once`, severity];
    switch (event.kind) {
      case 'firing':
        return opening(input, severity);
      case 'updated':
        // Whoever was never told of the firing is told of that, and not of a change to it.
        if (input.since.some(({ kind }) => kind === 'firing') && group.status === 'firing')
          return opening(input, severity);
        return ['Update', severity, `${group.firing} of ${group.members} firing`, standing(input)];
      case 'acknowledged':
        return [`Acknowledged${by}`, severity];
      case 'unacknowledged':
        return [event.actor === undefined ? 'No longer acknowledged' : `Acknowledgement withdrawn${by}`, severity];
      case 'silenced':
        return [`Silenced${by}`, severity, until(event, zone)];
      case 'unsilenced':
        return [`Silence ended${by}`, severity];
      case 'resolved':
        return [...resolution(event, by), severity && `was ${severity}`];
      case 'notice':
        return ['Notice', severity];
    }
  })();
  const mark = input.test ? 'Test' : input.replayed ? 'Replayed' : undefined;
  return [mark, ...parts].filter((part) => part !== undefined).join(' · ');
}

function opening({ group, reminder }: NotificationInput, severity: string | undefined): (string | undefined)[] {
  const count = group.firing > 1 ? `${group.firing} alerts` : undefined;
  if (reminder) return ['Still firing', severity, count];
  return [group.incarnation > 1 ? 'Re-opened' : 'Firing', severity, count];
}

function standing({ group }: NotificationInput): string | undefined {
  return group.status === 'acknowledged' || group.status === 'silenced' ? group.status : undefined;
}

/** Silence of the source is no recovery, and is never called one. */
function resolution({ actor, comment }: NotificationEvent, by: string): string[] {
  return actor === 'timeout' ? ['Closed', comment ?? 'no news'] : [`Resolved${by}`];
}

function until({ until }: NotificationEvent, zone: string): string | undefined {
  return until === undefined || until > lastTime ? undefined : `until ${formatTime(until, 'datetime', zone)}`;
}

/** What a Date can hold; a silence without an end lies beyond. */
const lastTime = 8.64e15;

function shortened(name: string, longest: number): string {
  const kept = firstGraphemes(name, longest);
  return kept === name ? name : `${firstGraphemes(name, longest - 1)}…`;
}
