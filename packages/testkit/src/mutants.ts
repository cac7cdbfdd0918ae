import { exactJson } from '@tocsin/core';
import type { Path } from './recorder.ts';

/** A copy of a payload that is wrong in one place. */
export interface Mutant {
  /** `alerts[0].labels.severity as a list` */
  name: string;
  path: Path;
  body: unknown;
}

/** Everything that some receiver takes for markup, a mention, a header, a template or a control. */
export const hostileText =
  '<!channel> <!here|x> <@U024BE7LH> @everyone @here <at>all</at> <https://evil.example|Log in> *b* _i_ ~s~ `c` ' +
  '**b** ||s|| [l](javascript:alert(1)) ![i](https://evil.example/i.png) <b>h</b> <script>alert(1)</script> ' +
  '&lt;!here&gt; {{payload.secret}} ${env:HOME} :fire: \\ \' " | #1\r\nBcc: x@evil.example\n# h\n> q\n- l\n1. n\n' +
  '```\nc\n``` \u0000\u001b[31m\u202egnp.exe\u202c\ud800 end';

/** For what should be an address. */
export const hostileUrl = 'https://evil.example/a|b>c)d?q=<!channel>&r=\'"x`*_~[x](y)#{{z}}';

const inflated = 100_000;

/** Long as prose is, and without a place to break. */
const prose = 'Long words of a log that nobody reads. '.repeat(inflated / 39);
const lump = '漢👩‍👩‍👧‍👦e\u0301<&*_'.repeat(inflated / 18);

/** The copies of a payload in which one of the fields is missing, or is what nobody expects there. */
export function* mutantsOf(body: unknown, paths: readonly Path[]): Generator<Mutant> {
  for (const path of paths) {
    const before = valueAt(body, path);
    if (before !== undefined && path.length > 0)
      yield { name: `${pathText(path)} missing`, path, body: without(body, path) };
    for (const [name, value] of Object.entries(replacements(before))) {
      yield { name: `${pathText(path)} ${name}`, path, body: replaced(body, path, value) };
    }
  }
}

/** What may stand in a field's place; nothing that is what it was. */
function replacements(before: unknown): Record<string, unknown> {
  const list = Array.isArray(before);
  const object = before !== null && typeof before === 'object' && !list;
  return {
    'as null': null,
    ...(list ? { 'as an empty list': [] } : object ? { 'as an empty object': {} } : { empty: '', blank: ' \n\t' }),
    'as a number': typeof before === 'number' ? -1e308 : 42,
    'as a truth value': before !== true,
    'as text': typeof before === 'number' ? '1e999' : 'other',
    ...(list ? {} : { 'as a list': [{ a: 1 }, null, 'b', []] }),
    ...(object ? {} : { 'as an object': { a: { b: [1, null] }, '': 'c', length: 3 } }),
    ...(list ? { 'of 100 kB': longList(before) } : object ? { 'of 100 kB': longObject(before) } : {}),
    ...(list || object ? {} : { 'of 100 kB prose': prose, 'of 100 kB without a space': lump }),
    ...(list || object ? {} : { hostile: hostileText, 'as a hostile address': hostileUrl }),
    ...(object ? { 'with hostile names': hostileNames(before as object) } : {}),
  };
}

function longList(list: readonly unknown[]): unknown[] {
  const element = list[0] ?? 'element';
  const count = Math.ceil(inflated / (JSON.stringify(element).length + 1));
  return Array.from({ length: count }, (_, index) => list[index % Math.max(1, list.length)] ?? element);
}

function longObject(object: object): object {
  const added = Object.fromEntries(
    Array.from({ length: inflated / 50 }, (_, index) => [`key-${index}`, `${index} `.repeat(8)]),
  );
  return { ...object, ...added };
}

function hostileNames(object: object): object {
  return { ...object, [hostileText]: 'value', '{{name}}': hostileText, constructor: 'c', toString: 't' };
}

/** Undefined where nothing stands. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    found = unpacked(found);
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

/** What a text of JSON holds, for a path that leads into it: some vendors wrap one payload in another. Else the value. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return exactJson(value);
  } catch {
    return value;
  }
}

/** A copy in which the value stands at the path; what leads there must be there. */
export function replaced(body: unknown, path: Path, value: unknown): unknown {
  return (
    changedAt(body, path, (holder, key) => {
      holder[key] = value;
    }) ?? value
  );
}

function without(body: unknown, path: Path): unknown {
  return changedAt(body, path, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  });
}

/** A copy of what leads to the path, and the rest as it is; undefined for the whole. */
function changedAt(
  value: unknown,
  [key, ...rest]: Path,
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  if (key === undefined) return undefined;
  const held = unpacked(value);
  // What a path leads through is an object or a list.
  const copy = (Array.isArray(held) ? [...held] : { ...(held as object) }) as Record<string | number, unknown>;
  if (rest.length === 0) change(copy, key);
  else copy[key] = changedAt(copy[key], rest, change);
  return typeof value === 'string' ? JSON.stringify(copy) : copy;
}

/** `alerts[0].labels["a b"]` */
export function pathText(path: Path): string {
  const parts = path.map((key, index) => {
    if (typeof key === 'number') return `[${key}]`;
    if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
    return index === 0 ? key : `.${key}`;
  });
  return parts.join('') || 'the body';
}
