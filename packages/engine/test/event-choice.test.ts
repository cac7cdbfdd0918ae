import { describe, expect, test } from 'vitest';
import type { EventKind } from '../src/types.ts';
import { told } from './support/postman.ts';

// DutyCalls lets a channel's integration choose among four events, each by a box of its own:
// https://docs.dutycalls.me/integrations/generic-webhook/

/**
 * What its boxes are here. New tickets arrive unacknowledged, and there is no box for them alone: `firing` is an
 * unacknowledgement. A warning says that what is open got worse, or was left too long: the first is `updated`, the second
 * comes by time and not by an event, so `repeat` and `after` tell of it.
 */
const boxes = {
  Warnings: ['updated'],
  Unacknowledgements: ['firing', 'unacknowledged'],
  Acknowledgements: ['acknowledged'],
  Closes: ['resolved'],
} as const satisfies Record<string, EventKind[]>;

type Box = keyof typeof boxes;
const names = Object.keys(boxes) as Box[];

/** Every way in which the boxes may be ticked. */
const choices = Array.from({ length: 2 ** names.length }, (_, bits) =>
  names.filter((_, index) => (bits & (1 << index)) !== 0),
);

const life = `
  0s firing a severity=warning
  10s firing a severity=critical
  20s ann acknowledge
  30s ann unacknowledge
  40s resolved a`;

const happened: { told: string; box: Box }[] = [
  { told: '0s firing', box: 'Unacknowledgements' },
  { told: '10s updated', box: 'Warnings' },
  { told: '20s acknowledged', box: 'Acknowledgements' },
  { told: '30s unacknowledged', box: 'Unacknowledgements' },
  { told: '40s resolved', box: 'Closes' },
];

describe('seed-D8 of four events those are told whose boxes are ticked', () => {
  test('in each of sixteen ways', () => {
    expect(choices).toHaveLength(16);
  });

  test.each(choices.map((ticked) => ({ ticked })))('$ticked', ({ ticked }) => {
    const events = ticked.flatMap((box): EventKind[] => [...boxes[box]]);
    const expected = happened.filter(({ box }) => ticked.includes(box));
    expect(told(life, { mode: 'every', interval: '0s', events })).toEqual(expected.map((one) => one.told));
  });

  test('all of them, where nobody has chosen', () => {
    expect(told(life, { mode: 'every', interval: '0s' })).toEqual(happened.map((one) => one.told));
  });
});

describe('seed-D19 a warning comes where somebody has left it too long', () => {
  const unacknowledged = {
    events: ['firing', 'unacknowledged'],
    escalation: { after: '90m', while: 'firing' },
  } as const;
  const acknowledged = { events: ['acknowledged'], escalation: { after: '3h', while: 'acknowledged' } } as const;
  const tell = ({ events, escalation }: typeof unacknowledged | typeof acknowledged, timeline: string) =>
    told(timeline, { events: [...events], escalation });

  test.each([
    ['unacknowledged', unacknowledged, '0s firing a', ['5400s firing']],
    ['unacknowledged, and not before', unacknowledged, '0s firing a\n80m ann acknowledge', []],
    ['acknowledged', acknowledged, '0s firing a\n10m ann acknowledge', ['11400s acknowledged']],
    ['acknowledged, and not before', acknowledged, '0s firing a\n10m ann acknowledge\n3h resolved a', []],
    [
      'unacknowledged anew',
      unacknowledged,
      '0s firing a\n80m ann acknowledge\n100m ann unacknowledge',
      ['11400s unacknowledged'],
    ],
  ])('%s', (_, subscribed, timeline, expected) => {
    expect(tell(subscribed, timeline)).toEqual(expected);
  });

  test('again and again, as a reminder', () => {
    const warned = told('0s firing a\n4h ann acknowledge', { events: ['firing'], repeat: '90m' });
    expect(warned).toEqual(['0s firing', '5400s firing of none', '10800s firing of none']);
  });
});
