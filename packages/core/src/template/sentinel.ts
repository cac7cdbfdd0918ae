/*
 * Values never pass through the Markdown parser. A render writes the template's own text with a sentinel for each
 * value; that is parsed, and only then do values take the sentinels' places in the tree. The sentinels are
 * noncharacters, which Unicode keeps for internal use (https://www.unicode.org/faq/private_use.html#nonchar1) and
 * which CommonMark's character references can't write. In the template's text they are replaced, in values they are
 * never looked for.
 */

/** Splits a text into template text (even) and the indices of values (odd). */
export const sentinels = /\uFDD0(\d+)\uFDD1/;

export function sentinelOf(index: number): string {
  return `\uFDD0${index}\uFDD1`;
}

export function withoutSentinels(text: string): string {
  return text.replace(/[\uFDD0\uFDD1]/g, '\uFFFD');
}
