import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tocsin } from './docs/command-line.ts';
import { anchorsOf, fencesOf, linksOf, withTables } from './docs/markdown.ts';
import { tables } from './docs/tables.ts';

// The guides beside the code. That their commands run is seen in docs.e2e.ts.

const root = join(import.meta.dirname, '..');
// `yml` is for another program.
const languages = new Set(['sh', 'text', 'yaml', 'yml', 'json', 'ts', 'html', 'handlebars', 'ini']);
const guides = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/guides'),
  ...markdownIn('docs/decisions'),
];

describe.each(guides)('%s', (guide) => {
  const text = read(guide);

  test('leads to files and headings that exist', () => {
    const inside = linksOf(text).filter(({ target }) => !/^[a-z]+:/.test(target));
    const lost = inside.filter(({ target }) => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? guide : join(dirname(guide), file);
      return !existsSync(join(root, path)) || (anchor !== undefined && !anchorsOf(read(path)).includes(anchor));
    });
    expect(lost.map(({ target, line }) => `${guide}:${line}: ${target}`)).toEqual([]);
  });

  // Rewritten with `npm test -- test/docs.test.ts -u`.
  test('has the tables that the code gives', async () => {
    await expect(withTables(text, tables)).toMatchFileSnapshot(join(root, guide));
  });

  test('has only blocks that docs.e2e.ts knows what to do with', () => {
    const marks = text.split('\n').filter((line) => /^ *```/.test(line));
    const fences = fencesOf(text);
    expect(marks.length).toBe(2 * fences.length);
    expect(fences.filter(({ language }) => !languages.has(language))).toEqual([]);
  });
});

test('every table of the code is in a guide', () => {
  const shown = guides.map(read).join('\n');
  expect(Object.keys(tables).filter((name) => !shown.includes(`<!-- table: ${name} -->`))).toEqual([]);
});

test('what docs/configuration.md calls not available is refused as such', () => {
  const [, list = ''] = read('docs/configuration.md').split('## Not available yet\n');
  const later = [...list.matchAll(/^\| (?:`(.+?)`|the top) \| (.+?) \|$/gm)].map(([, place = '', keys = '']) => ({
    place,
    keys: [...keys.matchAll(/`(\w+)`/g)].map(([, key = '']) => key),
  }));
  expect(later.length).toBeGreaterThan(2);
  const { faults } = JSON.parse(tocsin('check', '--json', '--config', configWith(later)));
  const refused = (faults as Fault[])
    .filter(({ message }) => message.includes('is not available yet'))
    .map(({ path }) => path.replaceAll('[0]', '[]'));
  const told = later.flatMap(({ place, keys }) => keys.map((key) => (place ? `${place}.${key}` : key)));
  expect(refused.sort()).toEqual(told.sort());
});

interface Fault {
  path: string;
  message: string;
}

/** The path of a configuration that has all these keys. */
function configWith(later: readonly { place: string; keys: readonly string[] }[]): string {
  const keysOf = (wanted: string) => {
    const keys = later.filter(({ place }) => place === wanted).flatMap((entry) => entry.keys);
    return Object.fromEntries(keys.map((key) => [key, 'later']));
  };
  const config = {
    version: 1,
    ...keysOf(''),
    sources: [keysOf('sources[]')],
    targets: [keysOf('targets[]')],
    routes: [{ ...keysOf('routes[]'), to: [{ target: 'ops', ...keysOf('routes[].to[]') }] }],
    egress: keysOf('egress'),
  };
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-docs-')), 'tocsin.yaml');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  writeFileSync(file, JSON.stringify(config)); // YAML 1.2 reads JSON
  return file;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}
