import { TocsinError } from '@tocsin/core/base';
import { RE2JS, RE2JSException } from 're2js';
import type { Matcher } from './matcher.ts';
import { unreadable } from './matcher-lexer.ts';

/**
 * A test whether the whole value matches an RE2 expression. Most expressions in routes are alternatives of words
 * (`critical|error`) or of a word with `.*` around it (`web-.*`); those are done by comparing strings.
 * Throws TocsinError('config') for an expression that RE2 refuses, with RE2's reason and its exception as cause.
 */
export function compileRegex(pattern: string): (value: string) => boolean {
  const expression = compileRe2(pattern);
  return compileWords(pattern) ?? remember((value) => expression.testExact(value));
}

/** Throws for a matcher whose value should be an RE2 expression and isn't. */
export function checkExpression({ op, value }: Matcher, text: string, index: number): void {
  if (op !== '=~' && op !== '!~') return;
  try {
    compileRegex(value);
  } catch (cause) {
    if (!(cause instanceof TocsinError)) throw cause;
    throw unreadable(text, index, cause.message, cause.remedy ?? '', cause);
  }
}

function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new TocsinError('config', `'${pattern}' is not a regular expression: ${reason(cause)}`, {
      remedy: 'Write an RE2 expression (https://github.com/google/re2/wiki/Syntax), or = for a plain text.',
      cause,
    });
  }
}

function reason(exception: RE2JSException): string {
  return exception.message.replace('error parsing regexp: ', '');
}

const rememberedValues = 500;
const rememberedLength = 200;

/** Label values repeat; beyond the bounds the answer is worked out again. */
function remember(test: (value: string) => boolean): (value: string) => boolean {
  const answers = new Map<string, boolean>();
  return (value) => {
    const known = answers.get(value);
    if (known !== undefined) return known;
    const answer = test(value);
    if (value.length <= rememberedLength) {
      if (answers.size >= rememberedValues) answers.clear();
      answers.set(value, answer);
    }
    return answer;
  };
}

type Wildcard = '' | '.*' | '.+';

/** `.*word`, `word.+`, `.*word.*`, `word` and the like. */
interface Word {
  before: Wildcard;
  text: string;
  after: Wildcard;
}

/** The same test by comparing strings, or null for an expression that needs the engine. */
export function compileWords(pattern: string): ((value: string) => boolean) | null {
  if (!pattern.isWellFormed()) return null;
  const words: Word[] = [];
  for (const alternative of splitAlternatives(withoutGroup(pattern))) {
    const word = readWord(alternative);
    if (word === null) return null;
    words.push(word);
  }
  const exact = new Set(words.filter((word) => !hasWildcard(word)).map((word) => word.text));
  const open = words.filter(hasWildcard);
  if (open.length === 0) return (value) => exact.has(value);
  // A dot doesn't match a line feed, and `readWord` takes no word that contains one.
  return (value) => exact.has(value) || (!value.includes('\n') && open.some((word) => matchesWord(word, value)));
}

/** `(a|b)` and `(?:a|b)` as `a|b`. Parentheses that don't belong together are caught by `readWord`. */
function withoutGroup(pattern: string): string {
  if (!pattern.endsWith(')')) return pattern;
  if (pattern.startsWith('(?:')) return pattern.slice(3, -1);
  return pattern.startsWith('(') ? pattern.slice(1, -1) : pattern;
}

function splitAlternatives(pattern: string): string[] {
  const alternatives: string[] = [];
  let start = 0;
  for (let index = 0; index < pattern.length; index++) {
    if (pattern[index] === '\\') index++;
    else if (pattern[index] === '|') {
      alternatives.push(pattern.slice(start, index));
      start = index + 1;
    }
  }
  return [...alternatives, pattern.slice(start)];
}

const meaningful = '.+*?()|[]{}^$\n';
/** ASCII punctuation, which RE2 lets anyone escape. */
const escapable = /^[!-/:-@[-`{-~]$/;

function readWord(alternative: string): Word | null {
  const word: Word = { before: '', text: '', after: '' };
  // The whole value has to match anyway, so an anchor at its end changes nothing.
  let index = alternative.startsWith('^') ? 1 : 0;
  for (; index < alternative.length; index++) {
    const character = alternative.charAt(index);
    const wildcard = alternative.slice(index, index + 2);
    if (character === '$' && index === alternative.length - 1) break;
    if (word.after !== '') return null;
    if (wildcard === '.*' || wildcard === '.+') {
      if (word.text !== '') word.after = wildcard;
      else if (word.before === '') word.before = wildcard;
      else return null;
      index++;
    } else if (character === '\\') {
      const escaped = alternative.charAt(++index);
      if (!escapable.test(escaped)) return null;
      word.text += escaped;
    } else if (meaningful.includes(character)) return null;
    else word.text += character;
  }
  return word;
}

function hasWildcard(word: Word): boolean {
  return word.before !== '' || word.after !== '';
}

function matchesWord({ before, text, after }: Word, value: string): boolean {
  const spare = value.length > text.length;
  if (before === '') return value.startsWith(text) && (after === '.*' || spare);
  if (after === '') return value.endsWith(text) && (before === '.*' || spare);
  const index = value.indexOf(text, before === '.+' ? 1 : 0);
  return index >= 0 && (after === '.*' || index + text.length < value.length);
}
