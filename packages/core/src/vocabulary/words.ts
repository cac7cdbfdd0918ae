import type { AlertStatus } from '../alert.ts';

/** What monitoring systems call the states, lower case and without spaces, `_` and `-`. */
const words = {
  firing:
    'firing alerting alert alarm inalarm problem down failed failing failure fail error err critical crit fatal warning warn bad unhealthy unreachable degraded triggered trigger open opened active started raised breached nodata red yellow',
  resolved:
    'resolved resolve ok okay up recovered recovery recovering normal closed close cleared clear healthy inactive ended passed passing success succeeded successful fixed green good',
  acknowledged: 'acknowledged acknowledge acknowledgement acked ack',
  unacknowledged: 'unacknowledged unacked',
  silenced: 'silenced muted snoozed',
  unsilenced: 'unsilenced unmuted unsnoozed',
  notice: 'notice info information informational',
} as const satisfies Record<AlertStatus, string>;

/** What a word that monitoring systems use says, by the word in plain form. */
export const statusWords: ReadonlyMap<string, AlertStatus> = new Map(
  Object.entries(words).flatMap(([status, list]) => list.split(' ').map((word) => [word, status as AlertStatus])),
);

/** `In Alarm`, `in_alarm` and `IN-ALARM` are one word. */
export function plainWord(text: string): string {
  return text.toLowerCase().replace(/[\s._-]+/g, '');
}

const bracketedStart = /^[[(]\P{L}{0,4}(\p{L}[\p{L} _-]{0,20})[\])]\s*/u;
const bracketedEnd = /\s*[[(]\P{L}{0,4}(\p{L}[\p{L} _-]{0,20})[\])]$/u;
const leading = /^(\p{L}{2,20})(?:\s?[:|]|\s[-–—])\s/u;
const trailing = /\s(?:is|are|has|was|:|-|–)\s(\p{L}{2,20})[.!]?$/u;

/** What is longer is prose, and costs time to search. */
const longestTitle = 200;

/**
 * A title and the word in it that says how it stands: "[DOWN] Shop", "Recovery: Shop" and "Shop is up" are all about
 * "Shop".
 */
export function splitTitle(title: string): { subject: string; word?: string } {
  const text = title.trim();
  if (text.length > longestTitle) return { subject: text };
  for (const pattern of [bracketedStart, bracketedEnd, leading, trailing]) {
    const [found, word = ''] = pattern.exec(text) ?? [];
    if (found === undefined || !statusWords.has(plainWord(word))) continue;
    const subject = text.replace(found, '').trim();
    if (subject !== '') return { subject, word };
  }
  return { subject: text };
}
