import type { Range, TimeInterval } from './time-interval.ts';
import { isZone } from './zone.ts';

/** What is wrong with one place of the written intervals. */
export interface IntervalFault {
  /** Where, from the map of all intervals: `['office', 0, 'weekdays', 1]`. */
  path: (string | number)[];
  /** Goes on after the quoted value, and ends with what to write: "is no weekday; write …". */
  message: string;
}

/** The intervals by name, without those that are wrong, and everything that is wrong. */
export interface ReadTimeIntervals {
  intervals: Record<string, TimeInterval[]>;
  faults: IntervalFault[];
}

/**
 * Reads a map from names to an interval or a list of such, any of which may hold, as the config has it:
 * `office: { weekdays: ["mon:fri"], times: ["09:00-17:00"], zone: Europe/Berlin }`. The keys are Alertmanager's in our
 * spelling, with its ranges: `mon:fri`, `-3:-1`, `january:march`, `2026:2028` with both ends, times without the last
 * minute, up to `24:00`. Names of days and months may be cut to three letters. The zone is UTC where none is given.
 */
export function readTimeIntervals(written: unknown): ReadTimeIntervals {
  const faults: IntervalFault[] = [];
  if (!isMap(written)) {
    return { intervals: {}, faults: [{ path: [], message: 'is no map; write names with an interval each' }] };
  }
  const read = Object.entries(written).map(([name, value]): [string, TimeInterval[]] => {
    const places = Array.isArray(value) ? value.map((one, index) => ({ one, path: [name, index] })) : [];
    if (Array.isArray(value) && places.length === 0) {
      faults.push({ path: [name], message: 'is an empty list; write an interval, or remove the name' });
    }
    const all = Array.isArray(value) ? places : [{ one: value, path: [name] }];
    return [name, all.flatMap(({ one, path }) => readInterval(one, path, faults) ?? [])];
  });
  return { intervals: Object.fromEntries(read.filter(([, intervals]) => intervals.length > 0)), faults };
}

function readInterval(written: unknown, path: (string | number)[], faults: IntervalFault[]): TimeInterval | undefined {
  if (!isMap(written)) {
    faults.push({ path, message: 'is no interval; write keys such as `weekdays` and `times`' });
    return undefined;
  }
  const before = faults.length;
  const interval: TimeInterval = { zone: readZone(written, path, faults) };
  for (const [key, value] of Object.entries(written)) {
    if (isField(key)) interval[key] = readList(value, fields[key], [...path, key], faults);
    else if (key !== 'zone') {
      const known = [...Object.keys(fields), 'zone'].map((name) => `\`${name}\``).join(', ');
      faults.push({
        path: [...path, key],
        message: `stands under a key that an interval doesn't have; write ${known}`,
      });
    }
  }
  return faults.length > before ? undefined : interval;
}

function readZone({ zone }: Record<string, unknown>, path: (string | number)[], faults: IntervalFault[]): string {
  if (zone === undefined) return 'UTC';
  if (typeof zone === 'string' && isZone(zone)) return zone;
  faults.push({ path: [...path, 'zone'], message: 'is no time zone; write an IANA name such as `Europe/Berlin`' });
  return 'UTC';
}

function readList(written: unknown, read: ReadRange, path: (string | number)[], faults: IntervalFault[]): Range[] {
  if (!Array.isArray(written) || written.length === 0) {
    const isEmpty = Array.isArray(written);
    const message = isEmpty ? 'is an empty list; remove the key for no limit' : 'is no list; put it in brackets: `[…]`';
    faults.push({ path, message });
    return [];
  }
  return written.flatMap((one: unknown, index) => {
    const range =
      typeof one === 'string' || typeof one === 'number' ? read(String(one)) : 'is no text; write it in quotes';
    if (typeof range !== 'string') return range;
    faults.push({ path: [...path, index], message: range });
    return [];
  });
}

/** A range, or what is wrong. */
type ReadRange = (text: string) => Range | string;

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const fields = {
  times: readTimes,
  weekdays: readWeekdays,
  daysOfMonth: readDaysOfMonth,
  months: readMonths,
  years: readYears,
} satisfies Record<Exclude<keyof TimeInterval, 'zone'>, ReadRange>;

function isField(key: string): key is keyof typeof fields {
  return Object.hasOwn(fields, key);
}

function readTimes(text: string): Range | string {
  const [from, to] = text.split('-').map(readTime);
  if (!/^[^-]+-[^-]+$/.test(text) || from === undefined || to === undefined) {
    return 'is no range of times; write `09:00-17:00`, the end at most `24:00`';
  }
  if (from < to) return { from, to };
  if (from === to) return 'is empty; write a later end, `00:00-24:00` for the whole day';
  return 'ends before it begins; write two ranges, as `22:00-24:00` and `00:00-06:00`';
}

function readTime(text: string): number | undefined {
  if (!/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text)) return undefined;
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function readWeekdays(text: string): Range | string {
  const range = readRange(text, (word) => indexOfName(weekdays, word));
  if (range === undefined) return 'is no weekday; write `monday`, or `mon:fri` for a range';
  if (range.from <= range.to) return range;
  return 'ends before it begins, as the week begins on Sunday; write two entries, as `fri:sat` and `sun:mon`';
}

function readDaysOfMonth(text: string): Range | string {
  const range = readRange(text, (word) => (/^-?\d{1,2}$/.test(word) ? Number(word) : undefined));
  if (range === undefined || ![range.from, range.to].every((number) => number !== 0 && Math.abs(number) <= 31)) {
    return 'is no day of a month; write 1 to 31, -1 for the last day, or `1:7` and `-3:-1` for ranges';
  }
  if (range.from < 0 && range.to > 0) {
    return 'goes from the end of a month to its beginning; write a negative end, or two entries';
  }
  // In the shortest month, as Alertmanager does: what is empty there may be none in a longer one.
  const early = (number: number) => (number < 0 ? 28 + number : number);
  if (early(range.from) <= early(range.to)) return range;
  return 'ends before it begins; write the earlier day first, or two entries';
}

function readMonths(text: string): Range | string {
  const range = readRange(text, (word) => {
    if (/^(?:0?[1-9]|1[0-2])$/.test(word)) return Number(word);
    const index = indexOfName(months, word);
    return index === undefined ? undefined : index + 1;
  });
  if (range === undefined) return 'is no month; write `january` or 1, or `jan:mar` for a range';
  return range.from <= range.to ? range : 'ends before it begins; write two entries, as `nov:dec` and `jan:feb`';
}

function readYears(text: string): Range | string {
  const range = readRange(text, (word) => (/^\d{4}$/.test(word) ? Number(word) : undefined));
  if (range === undefined) return 'is no year; write `2026`, or `2026:2028` for a range';
  return range.from <= range.to ? range : 'ends before it begins; write the earlier year first';
}

/** `a:b` or `a`, in any case. */
function readRange(text: string, read: (word: string) => number | undefined): Range | undefined {
  const words = text.toLowerCase().split(':');
  const from = read(words[0] ?? '');
  const to = read(words.at(-1) ?? '');
  return words.length > 2 || from === undefined || to === undefined ? undefined : { from, to };
}

function indexOfName(names: readonly string[], word: string): number | undefined {
  const index = names.findIndex((name) => name === word || name.slice(0, 3) === word);
  return index === -1 ? undefined : index;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
