import { TocsinError } from '@tocsin/core/base';
import { formatMatcher, type Matcher, type MatchOperator } from './matcher.ts';
import { parseClassic } from './matcher-classic.ts';
import { readToken, type Token, type TokenKind, unreadable } from './matcher-lexer.ts';
import { checkExpression } from './matcher-regex.ts';
import { unquote } from './matcher-unquote.ts';

/**
 * Any number of matchers in Alertmanager's syntax: `severity=~"critical|error", team!=db`, braces and a last comma
 * optional, no matchers for an empty text. Throws TocsinError('config') with what is wrong, the column and what to
 * write instead; the column is also in the error's one fault.
 */
export function parseMatchers(text: string): Matcher[] {
  return readMatchers(text).matchers;
}

/**
 * The same, with a piece of advice where the text leans on the classic syntax: `\d` in double quotes, `team=a b`,
 * and slips like `team==db`, which means the value `=db`.
 *
 * This is Alertmanager's fallback mode, its default since 0.27: its UTF-8 and its classic parser both read the text,
 * and where only the classic one can, or they differ, the classic one is right.
 * https://prometheus.io/docs/alerting/latest/configuration/#fallback-mode
 */
export function readMatchers(text: string): { matchers: Matcher[]; advice: string | null } {
  if (!text.isWellFormed()) {
    const index = [...text].findIndex((character) => !character.isWellFormed());
    const start = [...text].slice(0, index).join('').length;
    throw unreadable(text.toWellFormed(), start, 'half of a character', 'Save the file as UTF-8.');
  }
  const modern = attempt(parseUtf8, text);
  const classic = attempt(parseClassic, text);
  if (!Array.isArray(classic)) {
    if (Array.isArray(modern)) return { matchers: modern, advice: null };
    // A refused expression means that the classic parser understood all the rest.
    throw classic.cause === undefined ? modern : classic;
  }
  // Alertmanager takes a lone brace for no matchers, which would be every alert.
  if (!Array.isArray(modern) && classic.length === 0) throw modern;
  const written = classic.map(formatMatcher).join(', ');
  if (Array.isArray(modern) && modern.map(formatMatcher).join(', ') === written)
    return { matchers: classic, advice: null };
  return { matchers: classic, advice: `${text} is read as ${written}: write it so if that is meant.` };
}

/** Alertmanager's UTF-8 syntax alone. */
export function parseUtf8(text: string): Matcher[] {
  const tokens = new Tokens(text);
  const matchers: Matcher[] = [];
  const open = tokens.take('open');
  let separated = true;
  while (separated && tokens.next.kind !== 'close' && tokens.next.kind !== 'end') {
    matchers.push(readMatcher(tokens));
    separated = tokens.take('comma');
  }
  if (open) {
    const what = separated ? 'the closing brace' : 'a comma or the closing brace';
    tokens.expect(['close'], what, 'Separate matchers by commas and end with }.');
  } else if (tokens.next.kind === 'close') {
    throw tokens.unreadable(
      'a closing brace without an opening one',
      'Write { at the start, or leave out both braces.',
    );
  }
  const remedy = 'Separate matchers by commas, and put a value with spaces or any of {}!=~,\\"\'` in double quotes.';
  tokens.expect(['end'], open ? 'the end' : 'a comma or the end', remedy);
  return matchers;
}

function readMatcher(tokens: Tokens): Matcher {
  const example = 'Write name="value", for example severity="critical".';
  const nameToken = tokens.expect(['quoted', 'unquoted'], 'a label name', example);
  const name = tokens.word(nameToken);
  if (name === '') throw tokens.unreadable('a label name is empty', example, nameToken);
  const operator = tokens.expect(['operator'], '= != =~ or !~ after the label name', example);
  const valueToken = tokens.expect(
    ['quoted', 'unquoted'],
    `a value after ${name}${operator.text}`,
    `Write ${name}${operator.text}"" for an empty or missing label, else the value in double quotes.`,
  );
  // The lexer knows no other operators.
  const matcher: Matcher = { name, op: operator.text as MatchOperator, value: tokens.word(valueToken) };
  checkExpression(matcher, tokens.text, valueToken.start);
  return matcher;
}

function attempt(parse: (text: string) => Matcher[], text: string): Matcher[] | TocsinError {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
}

/** The tokens of a text with one of look-ahead, read lazily: the first fault in the text is the one that counts. */
class Tokens {
  readonly text: string;
  #next: Token | undefined;
  #position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get next(): Token {
    this.#next ??= readToken(this.text, this.#position);
    return this.#next;
  }

  take(kind: TokenKind): boolean {
    const { next } = this;
    if (next.kind !== kind) return false;
    this.#position = next.end;
    this.#next = undefined;
    return true;
  }

  expect(kinds: readonly TokenKind[], what: string, remedy: string): Token {
    const { next } = this;
    if (!kinds.includes(next.kind)) {
      throw this.unreadable(`expected ${what} but found ${next.kind === 'end' ? 'the end' : next.text}`, remedy);
    }
    this.take(next.kind);
    return next;
  }

  /** What a name or value means. */
  word(token: Token): string {
    return token.kind === 'quoted' ? unquote(this.text, token) : token.text;
  }

  unreadable(what: string, remedy: string, token = this.next): TocsinError {
    return unreadable(this.text, token.start, what, remedy);
  }
}
