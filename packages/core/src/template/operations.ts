import { firstGraphemes } from '../media/graphemes.ts';
import type { Meter } from './budget.ts';
import { order, readNumber } from './comparison.ts';
import { joined, textOf } from './display.ts';
import { isRecord, readableKeys, readProperty } from './lookup.ts';
import { formatDuration, formatTime, readTime, type TimeFormat, timeFormats } from './time.ts';

/** What a helper works on. */
export interface HelperCall {
  values: readonly unknown[];
  options: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; undefined where the render was given no time. */
  now: number | undefined;
  zone: string;
  meter: Meter;
  /** The template is wrong here: fails the render in every mode. */
  fail: (message: string, remedy: string) => never;
  /** The payload isn't what the helper is for: fails a strict render, else the value is shown as it is. */
  unfit: (value: unknown, expected: string) => unknown;
}

/** The text of one of the values, paid for. */
export function textAt(call: HelperCall, index: number): string {
  const text = textOf(call.values[index], call.meter);
  call.meter.read(text);
  return text;
}

export function compare(call: HelperCall, holds: (sign: number) => boolean): boolean {
  const sign = order(call.values[0], call.values[1]);
  return sign !== undefined && holds(sign);
}

export function capitalize(call: HelperCall): string {
  const text = textAt(call, 0);
  const first = firstGraphemes(text, 1);
  return first.toUpperCase() + text.slice(first.length);
}

export function truncate(call: HelperCall): string {
  const length = wholeNumber(call, call.values[1], 'the length', 1, 10_000);
  const text = textAt(call, 0);
  if (text.length <= length) return text;
  call.meter.step(length >> 4);
  const kept = firstGraphemes(text, length);
  return kept === text ? text : `${firstGraphemes(text, length - 1).trimEnd()}…`;
}

/** Small and capital letters alike: names are compared. */
export function includes(call: HelperCall): boolean {
  return textAt(call, 0).toLowerCase().includes(textAt(call, 1).toLowerCase());
}

export function replace(call: HelperCall): string {
  const [text, search, replacement] = [textAt(call, 0), textAt(call, 1), textAt(call, 2)];
  if (search === '') return text;
  const parts = text.split(search);
  call.meter.make(text.length + (parts.length - 1) * (replacement.length - search.length));
  return parts.join(replacement);
}

export function join(call: HelperCall): unknown {
  const [list] = call.values;
  if (!Array.isArray(list)) return isAbsent(list) ? '' : call.unfit(list, 'a list');
  return joined(list, call.values.length > 1 ? textAt(call, 1) : ', ', call.meter);
}

export function elementAt(call: HelperCall, index: number): unknown {
  const [list] = call.values;
  if (Array.isArray(list)) return list.at(index);
  return isAbsent(list) ? undefined : call.unfit(list, 'a list');
}

export function lengthOf(call: HelperCall): number {
  const [value] = call.values;
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? readableKeys(value).length : [...textAt(call, 0)].length;
}

export function entries(call: HelperCall): unknown {
  const [value] = call.values;
  if (!isRecord(value)) return isAbsent(value) ? [] : call.unfit(value, 'an object');
  const keys = readableKeys(value);
  call.meter.step(keys.length);
  return keys.sort().map((key) => ({ key, value: readProperty(value, key) }));
}

export function date(call: HelperCall): unknown {
  const [value] = call.values;
  const format = call.values.length > 1 ? textAt(call, 1) : 'iso';
  if (!isTimeFormat(format)) return call.fail(`there is no time format "${format}"`, `Use ${timeFormats.join(', ')}.`);
  if (isAbsent(value)) return '';
  const time = readTime(value);
  if (time === undefined) return call.unfit(value, 'a time');
  const zone = call.options.zone === undefined ? call.zone : textOf(call.options.zone, call.meter);
  try {
    return formatTime(time, format, zone);
  } catch {
    return call.fail(`there is no time zone "${zone}"`, 'Use a name of the IANA database: UTC, Europe/Berlin.');
  }
}

export function since(call: HelperCall): unknown {
  const [value] = call.values;
  if (call.now === undefined) return call.fail('`since` is used where no time is known', 'Use `date` here.');
  if (isAbsent(value)) return '';
  const time = readTime(value);
  return time === undefined ? call.unfit(value, 'a time') : formatDuration(wholeSeconds(call.now - time));
}

export function duration(call: HelperCall): unknown {
  const [value, end] = call.values;
  if (isAbsent(value) || (call.values.length > 1 && isAbsent(end))) return '';
  if (call.values.length === 1) {
    const length = readNumber(value);
    return length === undefined ? call.unfit(value, 'a number of milliseconds') : formatDuration(length);
  }
  const [from, to] = [readTime(value), readTime(end)];
  if (from === undefined) return call.unfit(value, 'a time');
  return to === undefined ? call.unfit(end, 'a time') : formatDuration(to - from);
}

export function number(call: HelperCall): unknown {
  return formatted(call, 3, round);
}

export function percent(call: HelperCall): unknown {
  return formatted(call, 1, (value, digits) => `${round(value * 100, digits)}%`);
}

export function bytes(call: HelperCall): unknown {
  return formatted(call, 1, (value, digits) => {
    const power = Math.min(Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10), byteUnits.length - 1);
    return `${round(value / 1024 ** power, digits)} ${byteUnits[power]}`;
  });
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** An argument that the template's author writes. */
export function wholeNumber(call: HelperCall, value: unknown, name: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  return call.fail(`${name} isn't a whole number from ${least} to ${most}`, 'Write it as digits, without quotes.');
}

function formatted(call: HelperCall, digits: number, format: (value: number, digits: number) => string): unknown {
  const [value] = call.values;
  const wanted = wholeNumber(call, call.options.digits ?? digits, '`digits`', 0, 15);
  if (isAbsent(value)) return '';
  const number = readNumber(value);
  return number === undefined ? call.unfit(value, 'a number') : format(number, wanted);
}

const roundings = new Map<number, Intl.NumberFormat>();

function round(value: number, maximumFractionDigits: number): string {
  const known = roundings.get(maximumFractionDigits);
  const format = known ?? new Intl.NumberFormat('en-US', { maximumFractionDigits });
  if (!known) roundings.set(maximumFractionDigits, format);
  return format.format(value);
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isTimeFormat(word: string): word is TimeFormat {
  return (timeFormats as readonly string[]).includes(word);
}
