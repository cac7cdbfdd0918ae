import { afterEach, expect, test, vi } from 'vitest';
import { parseBody } from '../src/integrations/body.ts';

afterEach(() => vi.restoreAllMocks());

test('seed-Q5 An integer that a number would round is the text of its digits', () => {
  const body = '{"alerts":[{"hash":-6127450938815562731,"count":12}]}';
  expect(parseBody(body, 'prod')).toEqual({ alerts: [{ hash: '-6127450938815562731', count: 12 }] });
});

test('A body without such an integer is read by the plain parser, whatever its texts hold', () => {
  const parse = vi.spyOn(JSON, 'parse');
  const body = { id: '6127450938815562731', at: 1768468984123, ratio: 0.3333333333333333, list: [1, 2, 3] };
  expect(parseBody(JSON.stringify(body), 'prod')).toEqual(body);
  expect(parse.mock.calls.map((given) => given.length)).toEqual([1]);
});

test('A long integer doesn’t hide a key that reaches a prototype', () => {
  expect(() => parseBody('{"id":6127450938815562731,"__proto__":{}}', 'prod')).toThrow('the body can’t be read');
});
