import { wellFormed } from '../text.ts';

const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** All that needs a look; most texts don't. */
const suspect = /[\p{Cc}\u2028-\u202E\u2066-\u2069\p{Cs}]/u;

/** Controls but line feed and tab, and what reverses the direction of text that follows. */
const invisible = /(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/**
 * Text that can be shown anywhere: line ends are "\n", NUL and lone surrogates are U+FFFD, other control characters
 * and overrides of the writing direction (https://www.unicode.org/reports/tr9/) are gone.
 */
export function cleanText(text: string): string {
  if (!suspect.test(text)) return text;
  return wellFormed(text).replace(lineEnds, '\n').replace(invisible, '');
}

/** Clean, on one line, without white space around. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim();
}
