import { TocsinError } from '@tocsin/core';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compileMatchers, formatMatcher, type Matcher } from '../src/matcher.ts';
import { parseClassic } from '../src/matcher-classic.ts';
import { readToken, type Token } from '../src/matcher-lexer.ts';
import { parseMatchers, parseUtf8, readMatchers } from '../src/matcher-parser.ts';
import { compileRegex, compileWords } from '../src/matcher-regex.ts';
import classicParser from './data/alertmanager-classic-parser.json' with { type: 'json' };
import compliance from './data/alertmanager-compliance.json' with { type: 'json' };
import fallbackMode from './data/alertmanager-fallback-mode.json' with { type: 'json' };
import lexer from './data/alertmanager-lexer.json' with { type: 'json' };
import matchers from './data/alertmanager-matchers.json' with { type: 'json' };
import utf8Parser from './data/alertmanager-utf8-parser.json' with { type: 'json' };
import { type RestatedCase, restated } from './data/restated.ts';

/** A refusal gives its column, from 1 and in characters, and may give words that its message has. */
interface Refusal {
  column: number;
  says?: string;
}

interface ParserCase extends RestatedCase {
  input: string;
  matchers?: Matcher[];
  error?: Refusal;
  classicOnly?: boolean;
}

function failure(run: () => unknown): TocsinError {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function expectRefusal(run: () => unknown, { column, says = '' }: Refusal): void {
  const error = failure(run);
  expect(error.code).toBe('config');
  expect(error.faults.map((fault) => fault.column)).toEqual([column]);
  expect(error.message).toContain(`(column ${column})`);
  expect(error.message).toContain(says);
  expect(error.remedy).toMatch(/\.$/);
}

function expectParse(parse: (text: string) => Matcher[], { input, matchers: expected, error }: ParserCase): void {
  if (error) expectRefusal(() => parse(input), error);
  else expect(parse(input)).toEqual(expected);
}

// JSON's types are wider: an operator is any string there.
restated(utf8Parser, utf8Parser.cases as ParserCase[], (one, name) => {
  expectParse(parseUtf8, one);
  if (name === 'TestMatcher' && one.matchers) expect(parseUtf8(one.input)).toHaveLength(1);
});

restated(classicParser, classicParser.cases as ParserCase[], (one) => expectParse(parseClassic, one));

restated(compliance, compliance.cases as ParserCase[], (one) => {
  expectParse(parseMatchers, one);
  if (!one.error && !one.classicOnly) expect(parseUtf8(one.input)).toEqual(one.matchers);
});

const parserOf: Record<string, (text: string) => Matcher[]> = {
  TestIsValidClassicLabelName: parseClassic,
  TestIsValidUTF8LabelName: parseUtf8,
};

restated(fallbackMode, fallbackMode.cases as ParserCase[], (one, name) => {
  expectParse(parserOf[name] ?? parseMatchers, one);
});

interface LexerCase extends RestatedCase {
  input: string;
  tokens: { kind: string; text: string; column: number }[];
  error?: Refusal;
  /** The column of the end. */
  end?: number;
}

restated(lexer, lexer.cases as LexerCase[], ({ input, tokens, error, end }) => {
  const columnOf = (token: Token) => [...input.slice(0, token.start)].length + 1;
  let position = 0;
  for (const expected of tokens) {
    const token = readToken(input, position);
    expect({ kind: token.kind, text: token.text, column: columnOf(token) }).toEqual(expected);
    position = token.end;
  }
  if (error) {
    expectRefusal(() => readToken(input, position), error);
    return;
  }
  const last = readToken(input, position);
  expect(last.kind).toBe('end');
  if (end !== undefined) expect(columnOf(last)).toBe(end);
});

type MatchingCase = RestatedCase & { matcher: Matcher; value: string; matches: boolean };
type PrintingCase = RestatedCase & { matcher: Matcher; text: string };

restated(matchers, [...matchers.matching, ...matchers.printing] as (MatchingCase | PrintingCase)[], (one) => {
  if ('text' in one) {
    expect(formatMatcher(one.matcher)).toBe(one.text);
    expect(parseMatchers(one.text)).toEqual([one.matcher]);
  } else expect(compileMatchers([one.matcher])({ [one.matcher.name]: one.value })).toBe(one.matches);
});

describe('labels', () => {
  const matches = (text: string, labels: Record<string, string>) => compileMatchers(parseMatchers(text))(labels);

  test('every matcher must be satisfied, and none is satisfied by all', () => {
    expect(matches('team=db, site=bonn', { team: 'db', site: 'bonn' })).toBe(true);
    expect(matches('team=db, site=bonn', { team: 'db', site: 'ulm' })).toBe(false);
    expect(matches('', {})).toBe(true);
  });

  test.each([
    ['team=""', true],
    ['team!=""', false],
    ['team!=db', true],
    ['team=~".*"', true],
    ['team=~".+"', false],
    ['team=~"db|"', true],
    ['team!~"db"', true],
    ['team!~"[^x]*"', false],
  ])('a missing label counts as empty: %s', (text, expected) => {
    expect(matches(text, {})).toBe(expected);
    expect(matches(text, { team: '' })).toBe(expected);
  });

  test('what every object inherits is no label', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(matches(`${name}=""`, {})).toBe(true);
      expect(matches(`${name}=x`, JSON.parse(`{"${name}": "x"}`))).toBe(true);
    }
  });

  test('an expression is anchored at both ends, whatever it says itself', () => {
    expect(matches('team=~"a|b"', { team: 'ab' })).toBe(false);
    expect(matches('team=~"[a]|b"', { team: 'ab' })).toBe(false);
    expect(failure(() => parseMatchers('team=~"a)|(b"')).message).toContain('unexpected )');
  });
});

describe('what people write wrong', () => {
  test.each<[string, Refusal]>([
    ['severity', { column: 9, says: 'expected = != =~ or !~ after the label name but found the end' }],
    ['severity ~= critical', { column: 10, says: "unexpected '~'" }],
    ['severity=~"(critical"', { column: 11, says: 'missing closing )' }],
    [String.raw`severity=~"\d(+"`, { column: 11, says: 'missing argument to repetition operator' }],
    ['"team name" "db"', { column: 13, says: 'expected = != =~ or !~' }],
    ['team="db" site="bonn"', { column: 11, says: 'expected a comma or the end but found site' }],
    ['🔥="x", "Ω"', { column: 11, says: 'found the end' }],
    ['""="x"', { column: 1, says: 'a label name is empty' }],
    ['"a\nb"=x', { column: 3, says: 'a line break inside double quotes' }],
    [String.raw`"a\ud800"=x`, { column: 3, says: String.raw`the escape \u is unknown or unfinished` }],
    [String.raw`"a\777"=x`, { column: 3, says: 'unknown or unfinished' }],
    ['team="\ud83d"', { column: 7, says: 'half of a character' }],
  ])('%j', (text, refusal) => expectRefusal(() => parseMatchers(text), refusal));

  test('a lone brace is not every alert', () => {
    expectRefusal(() => parseMatchers('{'), { column: 2 });
    expectRefusal(() => parseMatchers('}'), { column: 1 });
  });

  test('the message has the text, shortened, and the remedy says what to write', () => {
    const error = failure(() => parseMatchers(`team db ${'x'.repeat(500)}`));
    expect(error.message).toMatch(/^can't read the matchers team db x+…: expected .* but found db \(column 6\)$/);
    expect(error.message.length).toBeLessThan(200);
    expect(error.remedy).toBe('Write name="value", for example severity="critical".');
  });
});

describe('quoted words', () => {
  test.each([
    [String.raw`"\a\b\f\r\v\x41\101\u00e9\U0001f525"=x`, '\x07\b\f\r\vAAé🔥'],
    ['"\ufeffname"=x', '\ufeffname'],
    ['"a{}!=~,`\'b"=x', "a{}!=~,`'b"],
  ])('%s', (text, name) => expect(parseMatchers(text)).toEqual([{ name, op: '=', value: 'x' }]));
});

test('a backslash before a comma still escapes the quote behind it, as in Alertmanager', () => {
  expectRefusal(() => parseClassic(String.raw`a="x\,", b="y"`), { column: 3, says: 'a double quote inside the value' });
  expect(parseClassic(String.raw`a="x\,y", b="y"`)).toHaveLength(2);
});

describe('advice', () => {
  test.each([
    ['team="db", site=~bonn|ulm', null],
    ['"team name"="db"', null],
    ['', null],
    ['team==db', 'team==db is read as team="=db": write it so if that is meant.'],
    ['team=db and site=ulm', 'team=db and site=ulm is read as team="db and site=ulm": write it so if that is meant.'],
    [String.raw`a=~"\d", b=`, String.raw`a=~"\d", b= is read as a=~"\\d", b="": write it so if that is meant.`],
    [String.raw`a="\t"`, String.raw`a="\t" is read as a="\\t": write it so if that is meant.`],
  ])('%s', (text, advice) => expect(readMatchers(text).advice).toBe(advice));
});

const someText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'ab{}!=~,\\"\'` \n\t') }),
);
const someMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name: someText.filter((name) => name !== ''), op: fc.constantFrom('=', '!='), value: someText }),
  fc.record({
    name: someText.filter((name) => name !== ''),
    op: fc.constantFrom('=~', '!~'),
    value: someText.map((text) => RE2JS.quote(text)),
  }),
);

describe('properties', () => {
  test('what is printed is read back', () => {
    fc.assert(
      fc.property(fc.array(someMatcher, { maxLength: 4 }), fc.boolean(), (list, braces) => {
        const text = list.map(formatMatcher).join(', ');
        expect(parseMatchers(braces ? `{${text}}` : text)).toEqual(list);
      }),
      { numRuns: 2000 },
    );
  });

  test('any text is read or refused, never worse', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1\\"=~!{},()[ \n🔥', '\ud83d') }), (text) => {
        try {
          expect(Array.isArray(parseMatchers(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TocsinError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  const pieces = fc.constantFrom(
    '.*',
    '.+',
    'web',
    'db',
    'w',
    '|',
    '(',
    '(?:',
    ')',
    '^',
    '$',
    '\\.',
    '\\$',
    '\\_',
    '\\d',
    '\\n',
    '\n',
    '?',
    '🔥',
    'é',
    '{',
    '[a-z]',
    '\\Q',
    '-',
    '/',
    '#',
    '',
  );
  const wildcard = fc.constantFrom('', '.*', '.+');
  const word = fc
    .tuple(wildcard, fc.constantFrom('web', 'w', 'ww', '\\.', '\\|'), wildcard)
    .map((parts) => parts.join(''));
  const pattern = fc.oneof(
    fc.array(pieces, { maxLength: 7 }).map((list) => list.join('')),
    fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => list.join('|')),
  );
  const value = fc
    .array(
      fc.constantFrom('web', 'db', 'w', '.', '$', '_', '\n', '🔥', '\ud83d', '\udd25', 'é', '-', '{', '/', '1', ' '),
      { maxLength: 5 },
    )
    .map((list) => list.join(''));

  test('comparing strings is the same as RE2', () => {
    let compared = 0;
    fc.assert(
      fc.property(pattern, fc.array(value, { minLength: 1, maxLength: 8 }), (expression, values) => {
        const engine = re2(expression);
        const words = compileWords(expression);
        if (engine === null || words === null) return;
        compared++;
        // `expect` is too slow for so many.
        const wrong = values.filter((one) => words(one) !== engine(one));
        if (wrong.length > 0) expect(wrong).toEqual([]);
      }),
      { numRuns: 20_000 },
    );
    expect(compared).toBeGreaterThan(2000);
  });

  test('a compiled expression matches like ^(?:…)$ in RE2, and is refused like it', () => {
    fc.assert(
      fc.property(pattern, fc.array(value, { minLength: 1, maxLength: 8 }), (expression, values) => {
        const engine = re2(expression);
        if (engine === null) {
          expect(failure(() => compileRegex(expression)).code).toBe('config');
          return;
        }
        const compiled = compileRegex(expression);
        const wrong = [...values, ...values].filter((one) => compiled(one) !== engine(one));
        if (wrong.length > 0) expect(wrong).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });

  /** The expression as Alertmanager anchors it; null where that or the bare expression isn't one. */
  function re2(expression: string): ((value: string) => boolean) | null {
    try {
      RE2JS.compile(expression);
      // An unfinished \Q would swallow the closing parenthesis.
      const anchored = RE2JS.compile(`^(?:${expression}${expression.includes('\\Q') ? '\\E' : ''})$`);
      return (text) => anchored.test(text);
    } catch {
      return null;
    }
  }
});

describe('compiled expressions', () => {
  test.each([
    'critical|error',
    '(critical|error)',
    '(?:a|b|)',
    '^a$',
    'web-.*',
    '.*-web',
    '.+',
    '.*',
    'a\\.b.*|.*c.+',
    'a\\|b',
    '',
  ])('%j is done by comparing strings', (expression) => expect(compileWords(expression)).not.toBeNull());

  test.each(['a.b', 'a.*b', '(a)|(b)', '[ab]', 'a?', 'a.*?', '\\d', '(?i)a', 'a|b(c)', 'a\nb.*', '\\Qa'])(
    '%j is left to RE2',
    (expression) => expect(compileWords(expression)).toBeNull(),
  );

  test('answers stay right beyond what is remembered', () => {
    const isEven = compileRegex('[0-9]*[02468]');
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 1200; number++) expect(isEven(`${number}`)).toBe(number % 2 === 0);
    }
    expect(isEven('2'.repeat(100_000))).toBe(true);
  });

  test('an expression that would take for ever elsewhere is done at once', () => {
    const started = performance.now();
    expect(compileRegex('(a+)+b')('a'.repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
