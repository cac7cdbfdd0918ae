import { type Token, unreadable } from './matcher-lexer.ts';

const named: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '\\': 92,
  '"': 34,
};

const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const remedy =
  'Write \\n for a line feed, \\" for a quote and \\\\ for a backslash (twice for one in an expression: \\\\d).';

/**
 * What a word in double quotes means, by the rules of Go's strconv.Unquote: `\n`, `\"`, `\\` and so on, a byte as
 * `\xf0` or `\360`, a character as `\u00e9` or `\U0001f642`; the bytes together must be UTF-8. Throws
 * TocsinError('config').
 */
export function unquote(text: string, token: Token): string {
  const bytes: number[] = [];
  let index = token.start + 1;
  while (index < token.end - 1) {
    const start = index;
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    index += character.length;
    if (character === '\n') throw unreadable(text, start, 'a line break inside double quotes', remedy);
    if (character !== '\\') {
      bytes.push(...encoder.encode(character));
      continue;
    }
    const { length, encoded } = readEscape(text.slice(index, token.end - 1));
    if (encoded === null) {
      throw unreadable(text, start, `the escape ${text.slice(start, index + 1)} is unknown or unfinished`, remedy);
    }
    bytes.push(...encoded);
    index += length;
  }
  try {
    return decoder.decode(new Uint8Array(bytes));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw unreadable(text, token.start, `${token.text} is not UTF-8`, 'Write the character itself.');
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of what follows a backslash, and how many characters that took; no bytes for what isn't an escape. */
function readEscape(rest: string): { length: number; encoded: Iterable<number> | null } {
  const letter = rest.charAt(0);
  if (Object.hasOwn(named, letter)) return { length: 1, encoded: [named[letter] ?? 0] };
  const octal = /^[0-7]{3}/.exec(rest)?.[0];
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return { length: 3, encoded: byte < 256 ? [byte] : null };
  }
  const digits = Object.hasOwn(digitsOf, letter) ? (digitsOf[letter] ?? 0) : 0;
  const hex = rest.slice(1, 1 + digits);
  if (digits === 0 || hex.length < digits || /[^0-9a-fA-F]/.test(hex)) return { length: 0, encoded: null };
  const code = Number.parseInt(hex, 16);
  if (letter === 'x') return { length: 3, encoded: [code] };
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return { length: 1 + digits, encoded: isCharacter ? encoder.encode(String.fromCodePoint(code)) : null };
}
