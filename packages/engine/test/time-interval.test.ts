import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTimeIntervals } from '../src/time-gate.ts';
import { horizon, isWithin, nextChange, type Range, type TimeInterval } from '../src/time-interval.ts';
import { type IntervalFault, readTimeIntervals } from '../src/time-interval-reader.ts';
import upstream from './data/alertmanager-time-intervals.json' with { type: 'json' };
import { type RestatedCase, restated } from './data/restated.ts';
import { code, picker } from './support/digits.ts';

interface TimeCase extends RestatedCase {
  written?: Record<string, unknown>;
  /** The intervals that are read. */
  read?: TimeInterval[];
  /** In place of written ones: what nobody can write. */
  made?: TimeInterval[];
  within?: string[];
  outside?: string[];
  fault?: IntervalFault;
  now?: string;
  mutedBy?: string[];
}

// JSON's types are a union of every case's own shape.
restated(upstream, upstream.cases as TimeCase[], (one, name) => {
  if (one.now) {
    const gate = compileTimeIntervals(readTimeIntervals(upstream.named).intervals);
    const hold = gate.hold({ mute: ['evenings', 'weekends'] }, Date.parse(one.now));
    expect(hold?.by ?? []).toEqual(one.mutedBy?.map((interval) => `within ${interval}`));
    return;
  }
  const { intervals, faults } = readTimeIntervals({ x: one.written ?? {} });
  if (one.fault) {
    expect(faults).toEqual([{ ...one.fault, message: expect.stringContaining(one.fault.message) }]);
    expect(intervals).toEqual({});
    return;
  }
  expect(faults).toEqual([]);
  const read = one.made ?? intervals.x ?? [];
  if (one.read) expect(name.endsWith('Marshal') ? JSON.parse(JSON.stringify(read)) : read).toEqual(one.read);
  for (const instant of one.within ?? []) expect(isWithin(read, Date.parse(instant)), instant).toBe(true);
  for (const instant of one.outside ?? []) expect(isWithin(read, Date.parse(instant)), instant).toBe(false);
});

function read(...written: unknown[]): TimeInterval[] {
  const { intervals, faults } = readTimeIntervals({ x: written });
  expect(faults).toEqual([]);
  return intervals.x ?? [];
}

/** The changes from one instant to another. */
function changes(intervals: TimeInterval[], from: string, to: string): string[] {
  const found: string[] = [];
  for (let at: number | undefined = Date.parse(from); ; found.push(new Date(at).toISOString().slice(0, 16))) {
    at = nextChange(intervals, at);
    if (at === undefined || at > Date.parse(to)) return found;
  }
}

describe('what people write', () => {
  test('may be cut to three letters, or be a number', () => {
    expect(
      read({ weekdays: ['mon:FRI'], months: ['jan', 3, '11:Dec'], daysOfMonth: [1, '-1'], years: [2026] }),
    ).toEqual([
      {
        weekdays: [{ from: 1, to: 5 }],
        months: [
          { from: 1, to: 1 },
          { from: 3, to: 3 },
          { from: 11, to: 12 },
        ],
        daysOfMonth: [
          { from: 1, to: 1 },
          { from: -1, to: -1 },
        ],
        years: [{ from: 2026, to: 2026 }],
        zone: 'UTC',
      },
    ]);
  });

  test('of days counts from the end of the shortest month', () => {
    expect(read({ daysOfMonth: ['4:-24'] })).toMatchObject([{ daysOfMonth: [{ from: 4, to: -24 }] }]);
  });

  test('is told all its faults at once, each with its place', () => {
    const { intervals, faults } = readTimeIntervals({
      good: {},
      office: { weekdays: [], times: '09:00-17:00', zone: 'Europe/Berln', time_zone: 'UTC' },
      night: [{ times: ['22:00-06:00', 9] }, 'always'],
      none: [],
      no: null,
    });
    expect(intervals).toEqual({ good: [{ zone: 'UTC' }] });
    expect(faults.map(({ path, message }) => `${path.join('.')} ${message}`)).toEqual([
      'office.zone is no time zone; write an IANA name such as `Europe/Berlin`',
      'office.weekdays is an empty list; remove the key for no limit',
      'office.times is no list; put it in brackets: `[…]`',
      "office.time_zone stands under a key that an interval doesn't have; write `times`, `weekdays`, `daysOfMonth`, `months`, `years`, `zone`",
      'night.0.times.0 ends before it begins; write two ranges, as `22:00-24:00` and `00:00-06:00`',
      'night.0.times.1 is no range of times; write `09:00-17:00`, the end at most `24:00`',
      'night.1 is no interval; write keys such as `weekdays` and `times`',
      'none is an empty list; write an interval, or remove the name',
      'no is no interval; write keys such as `weekdays` and `times`',
    ]);
    expect(readTimeIntervals([]).faults).toEqual([
      { path: [], message: 'is no map; write names with an interval each' },
    ]);
  });

  test.each([
    ['times', '9:00-17:00'],
    ['times', '09:00-12:00-17:00'],
    ['months', '13'],
    ['months', '0'],
    ['months', 'jan:feb:mar'],
    ['years', '26'],
    ['daysOfMonth', '32'],
    ['daysOfMonth', '1.5'],
    ['daysOfMonth', '5:-24'],
    ['weekdays', ''],
    ['weekdays', 'mond'],
  ])('%s: %s is refused', (key, text) => {
    expect(readTimeIntervals({ x: { [key]: [text] } }).faults).toMatchObject([{ path: ['x', key, 0] }]);
  });
});

describe('the nights of the clock change', () => {
  const berlin = (times: string[]) => read({ times, zone: 'Europe/Berlin' });

  test('an hour that is skipped is never within', () => {
    expect(changes(berlin(['02:00-03:00']), '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-30T00:00',
      '2026-03-30T01:00',
    ]);
    expect(changes(berlin(['01:30-02:30']), '2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:00',
    ]);
  });

  test('an hour that comes twice is within twice', () => {
    expect(changes(berlin(['02:00-02:30']), '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
    ]);
  });

  test('the last days of that month are its last days', () => {
    for (const [month, daylight] of [
      ['03', '2026-03-30T22:00'],
      ['10', '2026-10-30T23:00'],
    ]) {
      const last = read({ daysOfMonth: [-1], zone: 'Europe/Berlin' });
      expect(changes(last, `2026-${month}-05T00:00Z`, `2026-${month}-31T12:00Z`)).toEqual([daylight]);
    }
  });

  test('half an hour on Lord Howe', () => {
    expect(
      changes(read({ times: ['01:45-02:00'], zone: 'Australia/Lord_Howe' }), '2026-04-04T12:00Z', '2026-04-04T18:00Z'),
    ).toEqual(['2026-04-04T14:45', '2026-04-04T15:00', '2026-04-04T15:15', '2026-04-04T15:30']);
  });
});

test('clocks that are put back over midnight show a month that was over once more', () => {
  const october = read({ months: ['oct'], zone: 'America/St_Johns' });
  expect(changes(october, '2009-10-20T12:00Z', '2009-12-01T00:00Z')).toEqual([
    '2009-11-01T02:30',
    '2009-11-01T02:31',
    '2009-11-01T03:30',
  ]);
});

describe('a change that is far away', () => {
  const now = Date.parse('2026-05-05T12:00Z');

  test('is found within five years, and not beyond', () => {
    expect(nextChange(read({ daysOfMonth: [29], months: ['feb'] }), now)).toBe(Date.parse('2028-02-29T00:00Z'));
    expect(nextChange(read({ years: [2031], zone: 'Asia/Tokyo' }), now)).toBe(Date.parse('2030-12-31T15:00Z'));
    expect(nextChange(read({ years: [2032] }), now)).toBeUndefined();
    expect(nextChange(read({ years: ['2020:2025'] }), now)).toBeUndefined();
    expect(nextChange(read({ daysOfMonth: [30], months: ['feb'] }), now)).toBeUndefined();
    expect(nextChange(read({}), now)).toBeUndefined();
    expect(nextChange(read({ times: ['00:00-24:00'] }), now)).toBeUndefined();
    expect(nextChange([], now)).toBeUndefined();
  });

  test('of one interval is none while another lasts', () => {
    const both = read({ times: ['08:00-16:00'] }, { times: ['15:00-20:00'] });
    expect(nextChange(both, now)).toBe(Date.parse('2026-05-05T20:00Z'));
  });
});

describe('a scan of every minute', () => {
  const nights = [
    ['Europe/Berlin', '2026-03-28T16:00Z'],
    ['Europe/Berlin', '2026-10-24T16:00Z'],
    ['America/New_York', '2026-10-31T22:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T06:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T06:00Z'],
    // At midnight: a day that begins at 01:00, an hour of the first that comes twice.
    ['America/Havana', '2026-03-07T20:00Z'],
    ['America/Havana', '2026-10-31T22:00Z'],
    // A minute after midnight, back into the month before.
    ['America/St_Johns', '2009-10-31T16:00Z'],
    // A day that there never was.
    ['Pacific/Apia', '2011-12-29T20:00Z'],
    ['Asia/Kolkata', '2026-03-31T10:00Z'],
    ['UTC', '2026-12-31T14:00Z'],
  ].map(([zone = '', start = '']) => ({ zone, start: Date.parse(start), walls: wallsOf(zone, Date.parse(start)) }));

  test('finds no other change in the nights of the clock change', () => {
    let found = 0;
    fc.assert(
      fc.property(code, code, fc.nat(minutes / 2), (night, shape, offset) => {
        const { zone, start, walls } = picker(night)(nights);
        const intervals = pickIntervals(shape, zone);
        const model = (wall: Wall) => intervals.some((interval) => modelIsWithin(interval, wall));
        const present = model(walls[offset]!);
        const at = start + offset * 60_000 + 1;
        expect(isWithin(intervals, at)).toBe(present);
        const next = walls.findIndex((wall, index) => index > offset && model(wall) !== present);
        const change = nextChange(intervals, at) ?? Number.POSITIVE_INFINITY;
        if (next === -1) expect(change).toBeGreaterThanOrEqual(start + minutes * 60_000);
        else expect(change).toBe(start + next * 60_000);
        found += next === -1 ? 0 : 1;
      }),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(30);
  });

  test('nor does one of some instants on the way to a far one', () => {
    fc.assert(
      fc.property(code, code, code, (where, shape, when) => {
        const { zone } = picker(where)(nights);
        const intervals = pickIntervals(shape, zone);
        const at = Date.parse('2026-01-01T00:00Z') + when * 40;
        const change = nextChange(intervals, at) ?? at + horizon;
        const present = isWithin(intervals, at);
        for (let part = 1; part < 20; part++) {
          expect(isWithin(intervals, at + Math.floor(((change - at - 1) * part) / 19))).toBe(present);
        }
        if (change < at + horizon) expect(isWithin(intervals, change)).toBe(!present);
      }),
      { numRuns: 50 },
    );
  });
});

/** What the clocks show, from another way of asking for it. */
interface Wall {
  year: number;
  month: number;
  day: number;
  weekday: number;
  minute: number;
}

const minutes = 22 * 60;

function wallsOf(zone: string, start: number): Wall[] {
  const formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return Array.from({ length: minutes }, (_, index) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = formatter
      .format(start + index * 60_000)
      .split(/\D/)
      .map(Number);
    return {
      year,
      month,
      day,
      weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
      minute: hour * 60 + minute,
    };
  });
}

function modelIsWithin({ times, weekdays, daysOfMonth, months, years }: TimeInterval, wall: Wall): boolean {
  const has = (ranges: Range[] | undefined, ...values: number[]) =>
    !ranges || values.some((value) => ranges.some(({ from, to }) => Math.min(Math.max(from, value), to) === value));
  const length = [31, wall.year % 4 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][wall.month - 1] ?? 0;
  return (
    has(years, wall.year) &&
    has(months, wall.month) &&
    has(weekdays, wall.weekday) &&
    has(daysOfMonth, wall.day, wall.day - length - 1) &&
    (!times || times.some(({ from, to }) => from <= wall.minute && wall.minute < to))
  );
}

/** One or two intervals with borders where the nights above have theirs. */
function pickIntervals(shape: number, zone: string): TimeInterval[] {
  const pick = picker(shape);
  const range = (from: number, to: number) => [{ from, to }];
  const interval = (): TimeInterval => {
    const times = pick([
      undefined,
      range(0, 60),
      range(60, 120),
      range(105, 150),
      range(0, 1),
      range(1, 1440),
      [...range(30, 100), ...range(1380, 1440)],
    ]);
    const weekdays = pick([undefined, undefined, undefined, undefined, range(0, 0), range(1, 6)]);
    const daysOfMonth = pick([
      undefined,
      undefined,
      undefined,
      range(-1, -1),
      range(1, 1),
      range(-4, -2),
      range(2, 31),
    ]);
    const months = pick([undefined, undefined, undefined, undefined, range(3, 4), range(10, 10), range(11, 12)]);
    return {
      ...(times && { times }),
      ...(weekdays && { weekdays }),
      ...(daysOfMonth && { daysOfMonth }),
      ...(months && { months }),
      zone,
    };
  };
  return pick([1, 1, 2]) === 1 ? [interval()] : [interval(), interval()];
}
