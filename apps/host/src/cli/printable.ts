/** Lines that a terminal shows and doesn't obey: controls and reversed text are written out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The same of a text that has one line to itself: it can't pass for others. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

/** A time of the API, in UTC and to the minute: `2026-03-01 09:00`. */
export function minutes(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
