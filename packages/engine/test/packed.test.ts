import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packSignals, unpackSignals } from '../src/packed.ts';
import { act, alert } from '../src/testing.ts';

const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed());
const anySignal = fc.oneof(
  fc.tuple(text, fc.json()).map(([comment, data]) => alert('a', { comment, data })),
  // Laid out for people, and as no JSON at all.
  fc
    .tuple(text, fc.jsonValue())
    .map(([comment, value]) => alert('b', { comment, data: JSON.stringify(value, null, 2) })),
  text.map((data) => alert('c', { data })),
  text.map((comment) => act('g1', 'acknowledge', { comment })),
  text.map((body) => ({ kind: 'request', source: 'prod', reason: '', path: '', body, contentType: '' }) as const),
);

test('Packed signals are the same when they are unpacked', () => {
  fc.assert(
    fc.property(fc.array(anySignal), (signals) => {
      expect(unpackSignals(packSignals(signals))).toEqual(signals);
    }),
  );
});

test.each([
  '',
  '[{"kind":',
  `${packSignals([alert('a')])}\n{}`,
  packSignals([alert('a'), alert('b')]).replace(/\n.*$/, ''),
])('What is no text of packed signals is refused: %j', (packed) => {
  expect(() => unpackSignals(packed)).toThrow(SyntaxError);
});
