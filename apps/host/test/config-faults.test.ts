import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';

const data = join(import.meta.dirname, 'data/config');
const good = readFileSync(join(data, 'good.yaml'), 'utf8');

/** Whatever goes wrong, none of these may be said. */
const env = {
  ANN_TOKEN: 'canary-ann-0123456789',
  PROD_KEY: 'canary-prod-0123456789',
  SLACK_PATH: 'canary-slack-0123456789',
  STAGE: 'live',
  EMPTY: '',
  NOISE: 'canary [" {{ noise',
  LONG: `canary ${'x'.repeat(100)}`,
};
const files: Record<string, string> = {
  '/etc/tocsin/secrets/wall': 'canary-wall-0123456789\n',
  '/run/secrets/boiler': 'canary-boiler-0123456789\n',
  '/etc/tocsin/empty': '\n',
};

describe('a config with faults is refused with all of them at their places', () => {
  const cases = readdirSync(join(data, 'faults')).filter((name) => name.endsWith('.yaml.txt'));
  it.each(cases)('%s', async (name) => {
    const error = refusal(readFileSync(join(data, 'faults', name), 'utf8'));
    const text = `${error.toText()}\n`;
    await expect(text).toMatchFileSnapshot(join(data, 'faults', name.replace('.yaml.txt', '.expected.txt')));
    // What a file's own text says at a place that is no secret may be repeated.
    expect(text.replace('`canary-ann-012345678`', '')).not.toContain('canary');
    for (const { file, line, column } of error.faults) {
      expect(file).toBe('/etc/tocsin/tocsin.yaml');
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  });
});

describe('what surrounds the file', () => {
  it('a file that cannot be read is named, with the reason', () => {
    const readFile = () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    };
    expect(() => loadConfig('/etc/tocsin/tocsin.yaml', { env: {}, readFile })).toThrow(
      "/etc/tocsin/tocsin.yaml: the config file can't be read (ENOENT)",
    );
  });

  it('a file of more than 1 MiB is refused unread', () => {
    expect(refusal(`# ${'x'.repeat(1_048_576)}`).message).toContain('longer than 1 MiB');
  });

  it('a PORT that is none is a fault of its own', () => {
    const error = refusal(good, { PORT: 'http' });
    expect(error.faults).toMatchObject([{ path: 'listen', line: 3, message: expect.stringContaining('PORT') }]);
  });

  it('a secret of more than 64 KiB is refused', () => {
    const error = refusal(good, {}, { '/run/secrets/boiler': 'x'.repeat(65_537) });
    expect(error.faults).toMatchObject([{ path: 'sources[1].keys.new', message: expect.stringContaining('65536') }]);
  });

  it('deep nesting ends in a fault, in flow and in block style', () => {
    for (const text of [
      'version: '.concat('['.repeat(50_000)),
      `x: ${'{a: '.repeat(1000)}`,
      `a:${'\n- '.repeat(500)}`,
    ]) {
      expect(refusal(text).faults.length).toBeGreaterThan(0);
    }
    const nested = `version: 1\ntargets: ${'['.repeat(70)}${']'.repeat(70)}\n`;
    expect(refusal(nested).toText()).toContain('nested more than 64 levels deep');
  });
});

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('any text', () => {
  const outcome = (text: string): string => {
    try {
      loadConfig('/etc/tocsin/tocsin.yaml', options(text));
      return '';
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      expect(error.code).toBe('config');
      return error.toText();
    }
  };

  it('is taken or refused, never more than that, and tells no secret of its surroundings', () => {
    fc.assert(
      fc.property(mutated(good), (text) => {
        expect(outcome(text)).not.toContain('canary');
      }),
      { numRuns: 200 },
    );
  });

  it('with no YAML in mind is refused', () => {
    const pieces = [
      'a',
      ': ',
      '- ',
      '? ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '|',
      '>',
      '&a ',
      '*a',
      '!t ',
      '#',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        expect(outcome(parts.join(''))).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

function options(source: string, more: Record<string, string> = {}, moreFiles: Record<string, string> = {}) {
  const all: Record<string, string> = { ...files, ...moreFiles, '/etc/tocsin/tocsin.yaml': source };
  return {
    env: { ...env, ...more },
    readFile: (path: string) => {
      const content = all[path];
      if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return content;
    },
  };
}

function refusal(source: string, more?: Record<string, string>, moreFiles?: Record<string, string>): TocsinError {
  try {
    loadConfig('/etc/tocsin/tocsin.yaml', options(source, more, moreFiles));
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('the config was taken');
}

/** The text with up to four slips: a piece cut, doubled, moved or replaced. */
function mutated(text: string): fc.Arbitrary<string> {
  const words = [
    '${env:ANN_TOKEN}',
    '${file:/run/secrets/boiler}',
    '${',
    '}',
    ':',
    '-',
    '"',
    '\n',
    '\t',
    '  ',
    '*',
    '&a',
    '[',
    '{',
    '0',
    'null',
    '{{',
  ];
  const slip = fc.record({
    start: fc.nat(text.length),
    length: fc.nat(30),
    to: fc.nat(text.length),
    how: fc.constantFrom('cut', 'double', 'move', 'replace', 'insert'),
    word: fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8, unit: anyCharacter })),
  });
  return fc.array(slip, { minLength: 1, maxLength: 4 }).map((slips) =>
    slips.reduce((current, { start, length, to, how, word }) => {
      const piece = current.slice(start, start + length);
      const without = current.slice(0, start) + current.slice(start + length);
      switch (how) {
        case 'cut':
          return without;
        case 'double':
          return current.slice(0, start) + piece + current.slice(start);
        case 'move':
          return without.slice(0, to) + piece + without.slice(to);
        case 'replace':
          return current.slice(0, start) + word + current.slice(start + length);
        default:
          return current.slice(0, start) + word + current.slice(start);
      }
    }, text),
  );
}
