import type { Field } from './fields.ts';

/** A decision of the draft and why it was made, for the one who knows better. */
export interface Guess {
  file: string;
  /** Texts of the file, one after the other, the last of which stands in the line that is meant; none is the first line. */
  near: readonly string[];
  /** What a person has to look at, as a sentence. */
  says: string;
}

/** About a part of the definition. */
export function guessAbout(part: string, says: string): Guess {
  return { file: 'src/index.ts', near: ['export default', `\n  ${part}:`, part], says };
}

/** About a whole file. */
export function guessOn(file: string, says: string): Guess {
  return { file, near: [], says };
}

/** Where a field stands, for people: `monitor.name`. */
export function placeOf({ path }: Field): string {
  return path.map((key) => (/^[\w$-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}
