import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityOf } from '../src/identity.ts';
import { KnownMembers } from '../src/known-members.ts';

const identity = (name: string) => identityOf('prod', name, 7);

test('What was added is never denied', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 53 - 1 })), (identities) => {
      const known = new KnownMembers(0);
      for (const one of identities) known.add(one);
      expect(identities.every((one) => known.mayHave(one))).toBe(true);
    }),
  );
});

test('Nothing is denied, and little else taken for known, when there are several times more than expected', () => {
  const known = new KnownMembers(0);
  const count = 500_000;
  for (let index = 0; index < count; index++) known.add(identity(`a-${index}`));
  let denied = 0;
  let taken = 0;
  for (let index = 0; index < count; index++) {
    if (!known.mayHave(identity(`a-${index}`))) denied++;
    if (known.mayHave(identity(`b-${index}`))) taken++;
  }
  expect(denied).toBe(0);
  expect(taken / count).toBeLessThan(0.02);
});

test('One that is added again and again takes no more room, and beyond the bound everything may be known', () => {
  const known = new KnownMembers(0, 2 ** 17);
  for (let index = 0; index < 1_000_000; index++) known.add(identity(`a-${index % 100}`));
  expect(known.mayHave(identity('b'))).toBe(false);
  for (let index = 0; index < 300_000; index++) known.add(identity(`c-${index}`));
  expect([identity('b'), identity('c-1')].map((one) => known.mayHave(one))).toEqual([true, true]);
});
