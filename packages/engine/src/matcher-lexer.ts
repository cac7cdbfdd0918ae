import { TocsinError } from '@tocsin/core/base';

export type TokenKind = 'open' | 'close' | 'comma' | 'operator' | 'quoted' | 'unquoted' | 'end';

/** A piece of a matcher text: `text` is as written, quotes included; `start` and `end` are indexes into the text. */
export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
}

/**
 * The token that begins at or after an index, behind any white space, in the syntax of Alertmanager's UTF-8 parser:
 * words may be quoted, and an unquoted one may hold every character but white space and `{}!=~,\"'` and the backtick.
 * Throws TocsinError('config') for a character that begins no token.
 * https://prometheus.io/docs/alerting/latest/configuration/#utf-8-matchers
 */
export function readToken(text: string, from: number): Token {
  const start = skipWhiteSpace(text, from);
  const token = (kind: TokenKind, end: number): Token => ({ kind, text: text.slice(start, end), start, end });
  const next = text[start + 1];
  switch (text[start]) {
    case undefined:
      return token('end', start);
    case '{':
      return token('open', start + 1);
    case '}':
      return token('close', start + 1);
    case ',':
      return token('comma', start + 1);
    case '=':
      return token('operator', next === '~' ? start + 2 : start + 1);
    case '!':
      if (next === '=' || next === '~') return token('operator', start + 2);
      throw unreadable(text, start, "'!' must be followed by '=' or '~'", 'Write != (not equal) or !~ (no match).');
    case '"':
      return token('quoted', endOfQuoted(text, start));
    case '~':
      throw unreadable(text, start, "unexpected '~'", 'Write =~ (matches the expression) or !~ (no match).');
    case '\\':
    case "'":
    case '`':
      throw unreadable(
        text,
        start,
        `unexpected ${text[start]} outside double quotes`,
        'Put the name or value in double quotes; inside them \\" is a quote and \\\\ a backslash.',
      );
    default:
      return token('unquoted', endOfUnquoted(text, start));
  }
}

/** The one form of every complaint about a matcher text: what, where (column from 1, in characters), what to do. */
export function unreadable(text: string, index: number, what: string, remedy: string, cause?: unknown): TocsinError {
  const column = [...text.slice(0, index)].length + 1;
  return new TocsinError('config', `can't read the matchers ${excerpt(text)}: ${what} (column ${column})`, {
    remedy,
    faults: [{ path: '', message: what, column }],
    cause,
  });
}

const excerptLength = 80;

function excerpt(text: string): string {
  return [...text].length > excerptLength ? `${[...text].slice(0, excerptLength - 1).join('')}…` : text;
}

/** Go's unicode.IsSpace. */
export const whiteSpace = /\p{White_Space}/u;
/** What no unquoted word may hold. */
export const reserved = /[\p{White_Space}{}!=~,\\"'`]/u;

function skipWhiteSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && whiteSpace.test(text.charAt(index))) index++;
  return index;
}

function endOfUnquoted(text: string, start: number): number {
  let end = start;
  while (end < text.length && !reserved.test(text.charAt(end))) end++;
  return end;
}

function endOfQuoted(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '"') return index + 1;
  }
  throw unreadable(
    text,
    start,
    'the closing double quote is missing',
    'Add " at the end; write \\" for a quote inside.',
  );
}
