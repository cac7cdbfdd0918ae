import type { Matcher, MatchOperator } from './matcher.ts';
import { unreadable, whiteSpace } from './matcher-lexer.ts';
import { checkExpression } from './matcher-regex.ts';

/**
 * The syntax that Alertmanager had before 0.27, and still falls back to: names of letters, digits, `_` and `:`, and
 * everything up to the next comma as the value. In a value `\n`, `\"` and `\\` are escapes, any other backslash is
 * itself. Throws TocsinError('config').
 * https://prometheus.io/docs/alerting/latest/configuration/#classic-matchers
 */
export function parseClassic(text: string): Matcher[] {
  const start = text.startsWith('{') ? 1 : 0;
  const end = text.endsWith('}') && text.length > start ? text.length - 1 : text.length;
  const pieces = splitAtCommas(text, start, end);
  const last = trim(text, pieces.pop() ?? { start, end });
  if (last.start < last.end) pieces.push(last);
  return pieces.map((piece) => readMatcher(text, piece));
}

interface Piece {
  start: number;
  end: number;
}

/** Commas inside double quotes don't count, double quotes behind a backslash neither. */
function splitAtCommas(text: string, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let pieceStart = start;
  let quoted = false;
  let escaped = false;
  for (let index = start; index < end; index++) {
    const character = text[index];
    if (character === ',' && !quoted) {
      pieces.push({ start: pieceStart, end: index });
      pieceStart = index + 1;
    } else if (character === '"' && !escaped) quoted = !quoted;
    // A comma leaves a backslash before it in force, as in Alertmanager.
    if (character !== ',') escaped = character === '\\' && !escaped;
  }
  return [...pieces, { start: pieceStart, end }];
}

function trim(text: string, { start, end }: Piece): Piece {
  let from = start;
  let to = end;
  while (from < to && whiteSpace.test(text.charAt(from))) from++;
  while (from < to && whiteSpace.test(text.charAt(to - 1))) to--;
  return { start: from, end: to };
}

const shape = /^([\t\n\f\r ]*)([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*/;

function readMatcher(text: string, piece: Piece): Matcher {
  const written = text.slice(piece.start, piece.end);
  const match = shape.exec(written);
  if (match === null) {
    throw unreadable(text, piece.start, 'expected name=value', 'Write name="value", for example severity="critical".');
  }
  const [head, , name = '', op] = match;
  const index = piece.start + head.length;
  const value = readValue(text, index, written.slice(head.length).replace(/[\t\n\f\r ]+$/, ''));
  // The expression above knows no other operators.
  const matcher: Matcher = { name, op: op as MatchOperator, value };
  checkExpression(matcher, text, index);
  return matcher;
}

function readValue(text: string, index: number, written: string): string {
  const quoted = written.startsWith('"');
  const inner = quoted ? written.slice(1) : written;
  let value = '';
  let closed = false;
  for (let position = 0; position < inner.length; position++) {
    const character = inner.charAt(position);
    const isLast = position === inner.length - 1;
    if (character === '\\' && !isLast) value += unescaped(inner.charAt(++position));
    else if (character !== '"') value += character;
    else if (quoted && isLast) closed = true;
    else throw strayQuote(text, index);
  }
  if (quoted && !closed) throw strayQuote(text, index);
  return value;
}

function unescaped(character: string): string {
  if (character === 'n') return '\n';
  return character === '"' || character === '\\' ? character : `\\${character}`;
}

function strayQuote(text: string, index: number): Error {
  return unreadable(text, index, 'a double quote inside the value', 'Put the value in double quotes, with \\" inside.');
}
