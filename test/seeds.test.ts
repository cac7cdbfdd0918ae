import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

// docs/seeds.md says of every behaviour of the four systems which test holds it, or why none does.

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/seeds.md'), 'utf8');
const rowsOf = { D: 23, Q: 16, O: 18, K: 23 };

interface Row {
  id: string;
  /** The last cell. */
  held: string;
}

const rows = page.split('\n').flatMap((line): Row[] => {
  const cells = line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim());
  const [id = ''] = cells;
  return /^[DQOK]\d+$/.test(id) ? [{ id, held: cells.at(-1) ?? '' }] : [];
});

/** The files whose tests name rows, with those that they name. */
const tests = new Map(
  globSync(['{apps,packages,integrations}/**/test/**/*.ts', 'test/**/*.ts'], {
    cwd: root,
    exclude: (path) => path.includes('node_modules') || path.includes('dist'),
  })
    .filter((file) => file !== 'test/seeds.test.ts')
    .map((file) => [file, new Set(readFileSync(join(root, file), 'utf8').match(/\bseed-[DQOK]\d+\b/g))] as const)
    .filter(([, names]) => names.size > 0),
);

describe('docs/seeds.md', () => {
  test('has every row of the four systems, once', () => {
    const all = Object.entries(rowsOf).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  test.each(rows)('$id names a test that is there, or the reason why there is none', ({ id, held }) => {
    const named = [...held.matchAll(/\[`(seed-\w+)`\]\(\.\.\/([^)]+)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file,
    }));
    const missing = named.filter(({ name, file }) => name !== `seed-${id}` || !tests.get(file)?.has(name));
    expect(missing).toEqual([]);
    if (named.length > 0) return;
    expect(held).toMatch(/^(Two-way|Not yet|Left out|Console): .{20,}/);
  });

  test('lists every test that names a row', () => {
    const named = [...tests].flatMap(([file, names]) => [...names].map((name) => `[\`${name}\`](../${file})`));
    expect(named.filter((link) => !page.includes(link))).toEqual([]);
  });
});
