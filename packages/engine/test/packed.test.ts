import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packSignals, unpackSignals } from '../src/packed.ts';
import { act, alert } from '../src/testing.ts';

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
const text = fc.string({ unit: anyCharacter });
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
