import type { Meter } from './budget.ts';
import { readableKeys, readProperty } from './lookup.ts';

/**
 * A value as people read it. Nothing for null, undefined, NaN and functions; a list of plain values is joined with
 * commas; anything else with structure is compact JSON.
 */
export function textOf(value: unknown, meter: Meter): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) && value.every(isPlain) ? joined(value, ', ', meter) : jsonOf(value, meter);
  }
  return plainText(value);
}

/** The elements' texts with `separator` between; empty elements are left out. */
export function joined(list: readonly unknown[], separator: string, meter: Meter): string {
  meter.step(list.length);
  const texts: string[] = [];
  let length = 0;
  for (const element of list) {
    const text = textOf(element, meter);
    if (text === '') continue;
    length += text.length + separator.length;
    meter.make(length);
    texts.push(text);
  }
  return texts.join(separator);
}

/** JSON over what `readProperty` can read: no `toJSON`, no prototypes; nested deeper than 32 is "…". */
export function jsonOf(value: unknown, meter: Meter, indent = 0): string {
  return write(value, meter, ' '.repeat(indent), '\n', 0);
}

const deepest = 32;

function write(value: unknown, meter: Meter, indent: string, lineBreak: string, depth: number): string {
  meter.step();
  if (typeof value === 'string') {
    meter.read(value);
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== 'object') return plainText(value) || 'null';
  if (depth === deepest) return '"…"';
  const inner = lineBreak + indent;
  const parts = Array.isArray(value)
    ? value.map((element) => write(element, meter, indent, inner, depth + 1))
    : readableKeys(value).map((key) => {
        const colon = indent === '' ? ':' : ': ';
        return JSON.stringify(key) + colon + write(readProperty(value, key), meter, indent, inner, depth + 1);
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  const text = indent === '' ? parts.join(',') : inner + parts.join(`,${inner}`) + lineBreak;
  meter.make(text.length);
  return `${open}${text}${close}`;
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function plainText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? String(value) : '';
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return '';
  }
}
