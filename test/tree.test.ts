import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { habits } from './tree/habits.ts';
import { layering } from './tree/layering.ts';
import { packaging } from './tree/packaging.ts';
import { readTree } from './tree/tree.ts';

const tree = readTree(join(import.meta.dirname, '..'));

for (const { sentence, check, broken } of [...layering, ...habits, ...packaging]) {
  describe(sentence, () => {
    test('holds here', () => {
      expect(check(tree)).toEqual([]);
    });

    test.each(broken)('is seen where it is broken, sample %$', (sample) => {
      expect(check(new Map(Object.entries(sample)))).not.toEqual([]);
    });
  });
}
