import type { MarkdownList } from './tree.ts';

/** Every line of a text with `first` before the first and `rest` before the others; blank lines stay blank. */
export function indent(text: string, first: string, rest = first): string {
  return text
    .split('\n')
    .map((line, index) => {
      const prefix = index === 0 ? first : rest;
      return line === '' ? prefix.trimEnd() : prefix + line;
    })
    .join('\n');
}

/** The rendered items of a list, one below the other, each with its bullet or number. */
export function listLines(list: MarkdownList, items: readonly string[], bullet: string): string {
  const first = list.start ?? 1;
  return items
    .map((item, index) => {
      const marker = list.ordered ? `${first + index}. ` : bullet;
      return indent(item, marker, ' '.repeat(marker.length));
    })
    .join('\n');
}
