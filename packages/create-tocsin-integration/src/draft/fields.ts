import { plainWord } from '@tocsin/core';
import { isObject, type Sample } from './samples.ts';

export type Scalar = string | number | boolean;

/** A scalar that stands at the same place in the samples. */
export interface Field {
  /** Whether the path begins at the alert or, beside a list of alerts, at the whole body. */
  of: 'alert' | 'payload';
  path: readonly string[];
  /** The names that it may be known by, in plain form: its key, its key with what it stands in, the end of its key. */
  words: readonly string[];
  /** For each sample; undefined where it is missing. */
  values: readonly (Scalar | null | undefined)[];
}

const deepest = 4;
const most = 400;

/** Every scalar of the samples that code and templates can name, the outer ones first. */
export function fieldsOf(samples: readonly Sample[], hasList: boolean): Field[] {
  const found = new Map<string, Field>();
  const roots = hasList ? (['alert', 'payload'] as const) : (['alert'] as const);
  for (const of of roots) {
    samples.forEach((sample, index) => {
      walk(sample[of], [], (path, value, siblings) => {
        const key = JSON.stringify([of, path]);
        const field = found.get(key) ?? {
          of,
          path,
          words: wordsOf(path, siblings),
          values: new Array<Scalar | null | undefined>(samples.length).fill(undefined),
        };
        (field.values as (Scalar | null | undefined)[])[index] = value; // ours until it is returned
        if (found.size < most || found.has(key)) found.set(key, field);
      });
    });
  }
  // A list's own alerts come before what stands beside it; within both the outer ones come first.
  return [...found.values()].sort(
    (left, right) =>
      Number(left.of === 'payload') - Number(right.of === 'payload') || left.path.length - right.path.length,
  );
}

/** How well one of the names fits the field; smaller is better, undefined is not at all. */
export function rankOf(field: Field, names: readonly string[]): number | undefined {
  const ranks = field.words.flatMap((word, kind) => {
    const at = names.indexOf(word);
    return at < 0 ? [] : [at + 3 * kind];
  });
  if (ranks.length === 0) return undefined;
  return Math.min(...ranks) + 2 * field.path.length + (field.of === 'payload' ? 10 : 0);
}

/** Those that one of the names fits, the best first. */
export function bestOf(
  fields: readonly Field[],
  names: readonly string[],
  accept: (field: Field) => boolean = () => true,
): Field[] {
  return fields
    .flatMap((field) => {
      const rank = accept(field) ? rankOf(field, names) : undefined;
      return rank === undefined ? [] : [{ field, rank }];
    })
    .sort((left, right) => left.rank - right.rank)
    .map(({ field }) => field);
}

/** Whether it is there in every sample. */
export function isEverywhere({ values }: Field): boolean {
  return values.every((value) => value !== undefined && value !== null && value !== '' && !isUnfilled(value));
}

export function textsOf({ values }: Field): string[] {
  return values.filter((value) => typeof value === 'string' && value.trim() !== '' && !isUnfilled(value)) as string[];
}

/** A macro that its sender didn't know, such as Zabbix' `{EVENT.UPDATE.ACTION}`. */
function isUnfilled(value: Scalar): boolean {
  return typeof value === 'string' && /^(\{[A-Z][\w.]*\}|\$[A-Z_]+\$|\$\{\w+\})$/.test(value);
}

function walk(
  value: unknown,
  path: readonly string[],
  visit: (path: readonly string[], value: Scalar | null, siblings: readonly string[]) => void,
): void {
  if (!isObject(value) || path.length >= deepest) return;
  const siblings = Object.keys(value);
  for (const [key, inner] of Object.entries(value)) {
    // What templates can't name is left alone; so is what no payload should reach.
    if (/[\]\n\r]/.test(key) || key === '' || key === '__proto__' || key === 'constructor') continue;
    if (isObject(inner)) walk(inner, [...path, key], visit);
    else if (inner === null || typeof inner !== 'object') visit([...path, key], inner as Scalar | null, siblings); // JSON
  }
}

function wordsOf(path: readonly string[], siblings: readonly string[]): string[] {
  const key = path.at(-1) as string;
  const parts = segmentsOf(key);
  const shared = segmentsOf(siblings[0] ?? '')[0];
  // `MONIT_HOST` and `MONIT_EVENT` are `host` and `event` to everybody but Monit.
  const isPrefix = siblings.length > 2 && parts.length > 1 && siblings.every((name) => segmentsOf(name)[0] === shared);
  const own = isPrefix ? parts.slice(1) : parts;
  const outer = path.length > 1 ? [plainWord(`${path.at(-2)}${key}`)] : [];
  // Of `EVENT.STATUS` the end is a name too; of `upsideDown` it isn't.
  const last = key.includes('.') ? [plainWord(own.at(-1) ?? '')] : [];
  const words = [plainWord(own.join('')), ...outer, plainWord(own.slice(-2).join('')), ...last];
  return [...new Set(words)].filter((word) => word !== '');
}

function segmentsOf(key: string): string[] {
  return key.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part !== '');
}
