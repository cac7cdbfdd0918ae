import { type AlertStatus, plainWord, splitTitle, statusWords, usualNames } from '@tocsin/core';
import { bestOf, type Field, isEverywhere, rankOf, type Scalar, textsOf } from './fields.ts';
import { type Guess, guessAbout, placeOf } from './guess.ts';
import type { Sample } from './samples.ts';

export interface StatusDecision {
  /** Undefined if nothing in the requests says how it stands. */
  field: Field | undefined;
  /** What the field's values mean; any other is a problem. */
  meanings: ReadonlyMap<Scalar, AlertStatus>;
  /** What to write into an example that has to be made up. */
  firing: Scalar;
  resolved: Scalar;
  /** Of each sample. */
  statuses: AlertStatus[];
  guesses: Guess[];
}

/** The field that an added status stands in where a system sends none. */
export const addedStatus = 'status';

const former = /^(old|prev|previous|last|former|from)/;
const statusNames = [...usualNames.status, 'servicestate', 'hoststate', 'problemstate', 'problemstatus'];
const eventNames = [...usualNames.event, 'notificationtype', 'eventname', 'alerttype'];

/** Which field says how it stands, and which of its words say what. */
export function decideStatus(fields: readonly Field[], samples: readonly Sample[]): StatusDecision {
  const field = wordField(fields, samples) ?? flagField(fields, samples);
  if (!field) return withoutStatus(samples);
  const isWord = textsOf(field).length > 0;
  const meanings = isWord ? wordMeanings(field) : flagMeanings(field, fields, samples);
  const seen = [...meanings];
  const firing = seen.find(([, status]) => status === 'firing')?.[0];
  const resolved = seen.find(([, status]) => status === 'resolved')?.[0];
  const [any] = meanings.keys();
  const made = {
    firing: firing ?? (resolved === undefined ? lettered('firing', any) : oppositeOf(resolved)),
    resolved: resolved ?? (firing === undefined ? lettered('resolved', any) : oppositeOf(firing)),
  };
  if (!meanings.has(made.resolved)) meanings.set(made.resolved, 'resolved');
  const words = [...meanings].map(([value, status]) => `${JSON.stringify(value)} is ${status}`).join(', ');
  const unseen =
    resolved === undefined ? `; ${JSON.stringify(made.resolved)} is not in your payloads, but made up` : '';
  return {
    field,
    meanings,
    ...made,
    statuses: samples.map((_, index) => meanings.get(field.values[index] as Scalar) ?? 'firing'),
    guesses: [
      guessAbout(
        'status',
        `${placeOf(field)} looks like the status: ${words}${unseen}. Anything else counts as firing. Are there other words?`,
      ),
    ],
  };
}

function wordField(fields: readonly Field[], samples: readonly Sample[]): Field | undefined {
  const fits = (field: Field) =>
    isEverywhere(field) &&
    !field.words.some((word) => former.test(word)) &&
    field.values.every((value) => typeof value === 'string' && statusWords.has(plainWord(value))) &&
    agrees(samples, (index) => statusWords.get(plainWord(String(field.values[index]))));
  const [named] = [...bestOf(fields, statusNames, fits), ...bestOf(fields, eventNames, fits)];
  if (named) return named;
  // Whatever its name: words of both kinds, each where the file's name says so.
  const told = samples.filter(({ hint }) => hint !== undefined);
  const differs = new Set(told.map(({ hint }) => hint)).size > 1;
  return differs ? fields.find((field) => fits(field) && new Set(field.values).size > 1) : undefined;
}

/** A number or a truth value: `"ok": false`, `"status": 0`. */
function flagField(fields: readonly Field[], samples: readonly Sample[]): Field | undefined {
  const isFlag = (field: Field) =>
    isEverywhere(field) &&
    field.values.every((value) => typeof value === 'boolean' || value === 0 || value === 1 || value === 2);
  const names = ['ok', 'up', 'down', 'firing', 'resolved', 'healthy', 'alerting', 'recovered', 'success'];
  const [truth] = bestOf(fields, names, (field) => isFlag(field) && typeof field.values[0] === 'boolean');
  if (truth) return truth;
  return bestOf(fields, statusNames, isFlag).find((field) => {
    if (field.words.some((word) => former.test(word))) return false;
    const meanings = flagMeanings(field, fields, samples);
    return agrees(samples, (index) => meanings.get(field.values[index] as Scalar));
  });
}

/** Whether it says of each request what its file's name does; of a list one alert that does so is enough. */
function agrees(samples: readonly Sample[], statusOf: (index: number) => AlertStatus | undefined): boolean {
  const requests = Map.groupBy(samples.keys(), (index) => samples[index]?.request);
  return [...requests.values()].every((indices) =>
    indices.some((index) => {
      const hint = samples[index]?.hint;
      const status = statusOf(index);
      return hint === undefined || status === hint || (status !== 'firing' && status !== 'resolved');
    }),
  );
}

function wordMeanings(field: Field): Map<Scalar, AlertStatus> {
  return new Map(
    textsOf(field).map((text) => [text, statusWords.get(plainWord(text)) ?? 'firing'] as [Scalar, AlertStatus]),
  );
}

/** By the file's name, else by what the texts beside it say, else by the flag's own name; 0 is a problem as in "up: 0". */
function flagMeanings(field: Field, fields: readonly Field[], samples: readonly Sample[]): Map<Scalar, AlertStatus> {
  const meanings = new Map<Scalar, AlertStatus>();
  const named = rankOf(field, ['down', 'firing', 'alerting']) !== undefined ? 'firing' : 'resolved';
  field.values.forEach((value, index) => {
    if (value === undefined || value === null || meanings.has(value)) return;
    const said = samples[index]?.hint ?? (typeof value === 'boolean' ? undefined : saidBeside(fields, index));
    const own = Boolean(value) === (named === 'resolved') ? 'resolved' : 'firing';
    meanings.set(value, said ?? own);
  });
  return meanings;
}

/** A word in the texts of the sample: "[Shop] [🔴 Down] connection refused". */
function saidBeside(fields: readonly Field[], index: number): 'firing' | 'resolved' | undefined {
  for (const { values } of fields) {
    const text = values[index];
    if (typeof text !== 'string') continue;
    for (const [part] of text.slice(0, 200).matchAll(/[[(][^\])]{1,24}[\])]/g)) {
      const status = statusWords.get(plainWord(splitTitle(`${part} x`).word ?? ''));
      if (status === 'firing' || status === 'resolved') return status;
    }
  }
  return undefined;
}

function withoutStatus(samples: readonly Sample[]): StatusDecision {
  return {
    field: undefined,
    meanings: new Map([['resolved', 'resolved']]),
    firing: 'firing',
    resolved: 'resolved',
    statuses: samples.map(({ hint }) => hint ?? 'firing'),
    guesses: [
      guessAbout(
        'status',
        `Nothing in the payloads says how it stands. The draft reads a field "${addedStatus}" that nobody sends yet: ` +
          'name the right one, or let the system send it.',
      ),
    ],
  };
}

const opposites: readonly (readonly [problem: string, end: string])[] = [
  ['problem', 'resolved'],
  ['down', 'up'],
  ['firing', 'resolved'],
  ['alerting', 'ok'],
  ['alarm', 'ok'],
  ['critical', 'ok'],
  ['open', 'closed'],
  ['opened', 'closed'],
  ['triggered', 'resolved'],
  ['failed', 'succeeded'],
  ['failure', 'success'],
  ['unhealthy', 'healthy'],
  ['active', 'inactive'],
  ['raised', 'cleared'],
  ['warning', 'ok'],
  ['error', 'ok'],
  ['started', 'ended'],
  ['bad', 'good'],
  ['red', 'green'],
];

/** What the same system would say of the contrary, in the same letters. */
function oppositeOf(value: Scalar | undefined): Scalar {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0 ? 1 : 0;
  const word = plainWord(value ?? '');
  const isEnd = statusWords.get(word) === 'resolved';
  const pair = opposites.find(([problem, end]) => (isEnd ? end : problem) === word);
  const other = pair ? pair[isEnd ? 0 : 1] : isEnd ? 'problem' : 'resolved';
  return lettered(other, value);
}

/** The word in the letters of another: `UP` beside `DOWN`. */
function lettered(word: string, other: Scalar | undefined): string {
  const like = String(other ?? '');
  if (like !== '' && like === like.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(like) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
