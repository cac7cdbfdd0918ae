import { expect, test } from 'vitest';
import { compileTimeIntervals, type TellingTimes } from '../src/time-gate.ts';
import { horizon } from '../src/time-interval.ts';
import { readTimeIntervals } from '../src/time-interval-reader.ts';

const { intervals } = readTimeIntervals({
  office: { weekdays: ['mon:fri'], times: ['09:00-17:00'], zone: 'Europe/Berlin' },
  saturday: { weekdays: ['sat'], zone: 'Europe/Berlin' },
  lunch: { times: ['12:00-13:00'], zone: 'Europe/Berlin' },
  past: { years: [2020] },
});

// 2026-03-27 is a Friday; on the Sunday after it the clocks go forward.
const cases: [string, TellingTimes, string | null, string[]][] = [
  ['2026-03-27T10:00+01:00', {}, null, []],
  ['2026-03-27T10:00+01:00', { active: ['office'] }, null, []],
  ['2026-03-27T17:00+01:00', { active: ['office'] }, '2026-03-30T09:00+02:00', ['outside of office']],
  [
    '2026-03-27T17:00+01:00',
    { active: ['office', 'saturday'] },
    '2026-03-28T00:00+01:00',
    ['outside of office, saturday'],
  ],
  ['2026-03-27T12:30+01:00', { active: ['office'], mute: ['lunch'] }, '2026-03-27T13:00+01:00', ['within lunch']],
  [
    '2026-03-28T12:30+01:00',
    { mute: ['saturday', 'lunch'] },
    '2026-03-29T00:00+01:00',
    ['within saturday', 'within lunch'],
  ],
  ['2026-03-28T23:00+01:00', { active: ['office'], mute: ['saturday'] }, '2026-03-30T09:00+02:00', ['within saturday']],
  ['2026-03-27T16:59+01:00', { mute: ['office', 'past'] }, '2026-03-27T17:00+01:00', ['within office']],
];

test.each(cases)('seed-D21 at %s, told at %j', (now, times, until, by) => {
  const hold = compileTimeIntervals(intervals).hold(times, Date.parse(now));
  expect(hold).toEqual(until === null ? null : { until: Date.parse(until), by });
});

test('what may never be told again is looked at in five years', () => {
  const now = Date.parse('2026-03-27T10:00Z');
  const gate = compileTimeIntervals(intervals);
  expect(gate.hold({ active: ['past'] }, now)).toEqual({ until: now + horizon, by: ['outside of past'] });
});

test('an answer is kept no longer than it is right, forwards and backwards', () => {
  const gate = compileTimeIntervals(intervals);
  const isHeld = (now: string) => gate.hold({ active: ['office'] }, Date.parse(now)) !== null;
  const times = [
    '2026-03-27T16:59Z',
    '2026-03-27T15:59Z',
    '2026-03-27T16:00Z',
    '2026-03-27T07:59Z',
    '2026-03-27T08:00Z',
  ];
  expect(times.map(isHeld)).toEqual([true, false, true, true, false]);
});

test('an unknown name is an error of the config', () => {
  const gate = compileTimeIntervals(intervals);
  for (const name of ['ofice', 'constructor']) {
    expect(() => gate.hold({ mute: [name] }, 0)).toThrow(`there is no time interval ${name}`);
  }
});
