import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactJson, jsonText, z } from '../src/index.ts';

/** JSON as other languages write it, with what is read of it. */
interface Written {
  text: string;
  read: unknown;
}

const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((value): Written => {
  const number = Number(value);
  return { text: `${value}`, read: `${number}` === `${value}` ? number : `${value}` };
});
const otherwise = fc
  .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\d"\\,:[\]{} -]{0,40}$/), fc.double(), fc.boolean())
  .map((value): Written => {
    const text = JSON.stringify(value);
    return { text, read: JSON.parse(text) };
  });

const { json } = fc.letrec<{ json: Written }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    integer,
    otherwise,
    fc.array(tie('json'), { maxLength: 4 }).map((all) => ({
      text: `[ ${all.map(({ text }) => text).join(' ,')}]`,
      read: all.map(({ read }) => read),
    })),
    fc.dictionary(fc.string(), tie('json'), { maxKeys: 4 }).map((all) => ({
      text: `{${Object.entries(all).map(([key, { text }]) => `${JSON.stringify(key)}: ${text}`)}}`,
      read: Object.fromEntries(Object.entries(all).map(([key, { read }]) => [key, read])),
    })),
  ),
}));

test('seed-Q5 Every integer is read digit for digit, and everything else as JSON has it', () => {
  fc.assert(
    fc.property(json, ({ text, read }) => {
      expect(exactJson(text)).toEqual(read);
    }),
    { numRuns: 5000 },
  );
});

describe('An integer', () => {
  test.each([
    ['6127450938815562731', '6127450938815562731'],
    ['-9007199254740993', '-9007199254740993'],
    ['9007199254740991', 9007199254740991],
    ['3', 3],
  ])('%s is %j', (text, read) => {
    expect(exactJson(`{"hash":[${text}]}`)).toEqual({ hash: [read] });
  });

  test('that a number shows digit for digit stays one: programs write large measurements so', () => {
    expect(exactJson('[12000000000000000000, 1e300, 9007199254740993.5]')).toEqual([12e18, 1e300, 9007199254740994]);
  });

  test('inside a text that holds JSON is exact, too', () => {
    const payload = jsonText(z.looseObject({ id: z.string() }));
    expect(payload.parse('{"id":6127450938815562731}')).toEqual({ id: '6127450938815562731' });
  });
});
