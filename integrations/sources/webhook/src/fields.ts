import { plainWord } from '@tocsin/core';

/** A scalar of the payload and where it stood. */
export interface Field {
  /** As label: `host`, or `check_name` inside `check`. */
  name: string;
  /** The key alone, as one word in lower case: `alertName` and `alert_name` are `alertname`. */
  word: string;
  value: string | number | boolean;
  depth: number;
}

const deepest = 2;
const most = 200;
/** Their content stands for itself: `labels.host` is the field `host`. */
const transparent: ReadonlySet<string> = new Set([
  'labels',
  'tags',
  'annotations',
  'alert',
  'data',
  'event',
  'payload',
]);

/** The scalars of an object, the outer ones first; lists are only read where they hold tags like `env:prod`. */
export function listFields(value: unknown): Field[] {
  const fields: Field[] = [];
  let level: { prefix: string; object: object }[] = isObject(value) ? [{ prefix: '', object: value }] : [];
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { prefix, object } of level) {
      for (const [key, inner] of Object.entries(object)) {
        if (fields.length >= most) return fields;
        const word = plainWord(key);
        const within = transparent.has(word) ? prefix : `${prefix}${key}_`;
        if (isScalar(inner)) fields.push({ name: prefix + key, word, value: inner, depth });
        else if (Array.isArray(inner)) fields.push(...listTags(inner, within, depth));
        else if (isObject(inner)) next.push({ prefix: within, object: inner });
      }
    }
    level = next;
  }
  return fields;
}

/** The first of the words that there is, the outermost of it; text that is empty counts as none. */
export function findField(
  fields: readonly Field[],
  words: readonly string[],
  accept: (field: Field) => boolean = (field) => typeof field.value === 'string' && field.value.trim() !== '',
): Field | undefined {
  for (let depth = 0; depth <= deepest; depth++) {
    for (const word of words) {
      const found = fields.find((field) => field.depth === depth && field.word === word && accept(field));
      if (found) return found;
    }
  }
  return undefined;
}

function listTags(list: readonly unknown[], prefix: string, depth: number): Field[] {
  return list.flatMap((tag) => {
    const [, key, value] = (typeof tag === 'string' && /^([\w.-]{1,64})[:=](.{1,256})$/.exec(tag)) || [];
    return key && value ? [{ name: prefix + key, word: plainWord(key), value, depth: depth + 1 }] : [];
  });
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
