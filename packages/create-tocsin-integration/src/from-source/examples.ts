import { type AlertStatus, statusWords } from '@tocsin/core';
import type { Product } from '../draft/definition.ts';
import { type Guess, guessOn } from '../draft/guess.ts';
import { type ConfiguredSource, readAlerts } from './configured.ts';
import type { Reading } from './reading.ts';
import { pathOf, type ReadRequest, readAt, withValue } from './samples.ts';

/** The files of the examples. The one of `firing` and `resolved` that nobody sent is made up from another. */
export function exampleFiles(
  source: ConfiguredSource,
  reading: Reading,
  requests: readonly ReadRequest[],
  { docs, title }: Product,
): { files: Map<string, string>; guesses: Guess[] } {
  const files = new Map<string, string>();
  const guesses: Guess[] = [];
  const add = (name: string, body: unknown, origin: object) => {
    let [unique, count] = [name, 1];
    while (files.has(`examples/${unique}.json`)) unique = `${name}-${++count}`;
    files.set(`examples/${unique}.json`, `${JSON.stringify(body, null, 2)}\n`);
    files.set(`examples/${unique}.expected.json`, `${JSON.stringify({ origin: { url: docs, ...origin } }, null, 2)}\n`);
  };
  const captured = ({ receivedAt }: ReadRequest) => ({
    ...{ kind: 'captured', url: docs, product: unknown, version: unknown, date: receivedAt.slice(0, 10) },
  });
  const { firing, resolved } = pairOf(requests);
  const [first] = requests as [ReadRequest]; // a draft has one
  for (const [status, request, other] of [
    ['firing', firing, resolved],
    ['resolved', resolved, firing],
  ] as const) {
    if (request) add(status, request.body, captured(request));
    else {
      const from = other ?? first;
      const made = turned(source, reading, requests.indexOf(from), from, status);
      add(status, made.body, { kind: 'constructed', product: title, date: from.receivedAt.slice(0, 10) });
      guesses.push(
        guessOn(
          `examples/${status}.json`,
          `It is made up from ${from.name}, ${made.how}. Take a real one of the same thing.`,
        ),
      );
    }
  }
  for (const request of requests) {
    if (request === firing || request === resolved) continue;
    const status = statusOf(request);
    add(status === 'resolved' ? 'resolved-other' : status, request.body, captured(request));
  }
  return { files, guesses };
}

/** What nobody but a person can say of where a request is from. */
export const unknown = 'unknown';

/** The request's one status; `firing` where some of its alerts fire. */
export function statusOf({ alerts }: ReadRequest): AlertStatus {
  return alerts.some(({ status }) => status === 'firing') ? 'firing' : (alerts[0]?.status ?? 'firing');
}

/** Of the same thing, if there are such; else the first that fires, or else that is over. */
export function pairOf(requests: readonly ReadRequest[]): { firing?: ReadRequest; resolved?: ReadRequest } {
  const of = (wanted: AlertStatus) => requests.filter((request) => statusOf(request) === wanted);
  const identity = ({ alerts }: ReadRequest) =>
    alerts
      .map(({ fingerprint, group }) => `${fingerprint} ${group}`)
      .sort()
      .join('\n');
  for (const firing of of('firing')) {
    const resolved = of('resolved').find((request) => identity(request) === identity(firing));
    if (resolved) return { firing, resolved };
  }
  const [firing] = of('firing');
  const [resolved] = of('resolved');
  return firing ? { firing } : resolved ? { resolved } : {};
}

/** The request as the source would take it for the other status. */
function turned(
  source: ConfiguredSource,
  reading: Reading,
  number: number,
  { body, alerts }: ReadRequest,
  status: 'firing' | 'resolved',
): { body: unknown; how: string } {
  for (const word of wordsFor(status, reading)) {
    for (const place of [...reading.status, ...(reading.flag ? [reading.flag.place] : []), ...reading.title]) {
      const isTitle = reading.title.includes(place);
      let copy = body;
      for (const index of alerts.keys()) {
        const path = [...(place.of === 'alert' ? pathOf(reading.shape, index) : []), ...place.path];
        const at = reading.samples.findIndex((sample) => sample.request === number && sample.index === index);
        const title = reading.samples[at]?.told.data.title;
        if (readAt(body, path) !== undefined)
          copy = withValue(
            copy,
            path,
            isTitle ? `[${String(word).toUpperCase()}] ${title}` : likeOf(word, readAt(body, path)),
          );
      }
      const read = readAlerts(source, copy);
      const isSame =
        read.length === alerts.length &&
        read.every(({ fingerprint }, index) => fingerprint === alerts[index]?.fingerprint);
      if (isSame && read.every((alert) => alert.status === status)) return { body: copy, how: 'with another status' };
    }
  }
  return { body, how: `and is not ${status}: no other word was found that says so` };
}

function wordsFor(status: 'firing' | 'resolved', { words }: Reading): (string | boolean)[] {
  const own = [...words].filter(([, meaning]) => meaning === status).map(([word]) => word);
  const usual = [...statusWords].filter(([, meaning]) => meaning === status).map(([word]) => word);
  return [...own, ...usual, true, false];
}

/** The word in the letters, or with the type, of what stood there. */
function likeOf(word: string | boolean, other: unknown): unknown {
  if (typeof other === 'number' && typeof word === 'string' && /^\d+$/.test(word)) return Number(word);
  if (typeof word !== 'string' || typeof other !== 'string' || other === '') return word;
  if (other === other.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(other) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
