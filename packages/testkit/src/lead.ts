import {
  type MediumName,
  type NotificationInput,
  objectOf,
  standardNotifications,
  standardNow,
  standardTemplates,
} from '@tocsin/core';
import type { ExpectedNotification } from './source-case.ts';
import { type ReadyTarget, runTargetCase, wordsOf } from './target-case.ts';

/** Where little is seen before somebody opens it: on a lock screen, in a list of channels. */
const shortMedia = ['text', 'sms', 'slack'] as const satisfies MediumName[];

/** Characters that are seen there. */
const seen = 150;

const statusWords = /^(?:Test\W+)?(Firing|Re-opened|Update|Resolved|Closed|Acknowledge|No longer|Silence|Notice)/;

/** What the beginning of a message lacks: the object, the problem, the severity, the status. */
export function leadFaults(input: NotificationInput, { texts }: Pick<ExpectedNotification, 'texts'>): string[] {
  return shortMedia.flatMap((medium) => {
    const told = texts[medium];
    if (!told) return [];
    const { headline, title } = told;
    const begin = beginning(`${headline}: ${title}\n${told.message.join('\n')}`);
    const { severity } = input.group;
    const object = objectOf(input.alert.labels);
    const faults = [
      ...(statusWords.test(headline) ? [] : ['the status']),
      ...(severity === 'unknown' || begin.includes(severity) ? [] : [`the severity (${severity})`]),
      ...(begin.includes(beginning(title)) && beginning(title).length < seen ? [] : ['the whole title']),
      ...(begin.includes(beginning(object)) ? [] : [`the object (${object})`]),
    ];
    return faults.map((fault) => `in ${medium} the first ${seen} characters lack ${fault}`);
  });
}

/** What a request lacks that follows the beginning: since when, and the page of the group. */
export function followFaults(target: ReadyTarget): string[] {
  const input = standardNotifications.firing;
  const words = wordsOf(runTargetCase(target, input, standardTemplates, standardNow).request).join('\n');
  const { url, startedAt } = input.group;
  const iso = new Date(startedAt).toISOString();
  const times = [iso.slice(0, 16), iso.slice(0, 16).replace('T', ' '), String(startedAt), String(startedAt / 1000)];
  return [
    ...(words.includes(url) ? [] : ['the page of the group (`group.url`)']),
    ...(times.some((time) => words.includes(time)) ? [] : ['since when (`group.startedAt`)']),
  ].map((part) => `the request lacks ${part}`);
}

/** The first characters as they are read, in small letters. */
function beginning(text: string): string {
  const read = text
    .replace(/<(?:[^|<>]*\|)?([^<>]*)>/g, '$1')
    .replace(/&(lt|gt|amp);/g, '&')
    .replace(/[`*_~]/g, '')
    .replace(/\s+/g, ' ');
  return [...read].slice(0, seen).join('').toLowerCase();
}
