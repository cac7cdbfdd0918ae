const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text in which every code unit is a visible character: the segmenter takes a microsecond for each. */
const simple = /^[ -~\n]*$/;

/** The last place at or before `index` where a text can be cut without breaking a character that people see. */
export function boundaryBefore(text: string, index: number): number {
  if (index >= text.length) return text.length;
  if (simple.test(text.slice(Math.max(0, index - 1), index + 1))) return index;
  return segmenter.segment(text).containing(index)?.index ?? 0;
}

/** The text's first `count` visible characters. */
export function firstGraphemes(text: string, count: number): string {
  if (simple.test(text.slice(0, count + 1))) return text.slice(0, count);
  let left = count;
  for (const segment of segmenter.segment(text)) {
    if (left-- === 0) return text.slice(0, segment.index);
  }
  return text;
}
