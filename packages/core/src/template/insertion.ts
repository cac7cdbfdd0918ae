import type { PhrasingContent } from 'mdast';
import type { MarkdownRoot } from '../media/tree.ts';
import { sentinels } from './sentinel.ts';

/** A value that is a message of its own: where it stands alone on a line its tree is put, elsewhere its text. */
export interface Insertion {
  /** The key that the template reads it by. */
  name: string;
  text: string;
  tree: MarkdownRoot;
}

/**
 * A paragraph's content, cut at the lines that hold nothing but an inserted value: the contents of the paragraphs around
 * them, and between those the values' indices.
 */
export function cutAtInsertions(
  nodes: readonly PhrasingContent[],
  isInserted: (index: number) => boolean,
): (PhrasingContent[] | number)[] {
  const parts: (PhrasingContent[] | number)[] = [];
  let open: PhrasingContent[] = [];
  for (const [position, node] of nodes.entries()) {
    if (node.type !== 'text') {
      open.push(node);
      continue;
    }
    const lines = node.value.split('\n');
    let text = '';
    for (const [number, line] of lines.entries()) {
      const isWhole =
        (number > 0 || position === 0 || nodes[position - 1]?.type === 'break') &&
        (number < lines.length - 1 || position === nodes.length - 1 || nodes[position + 1]?.type === 'break');
      const index = isWhole ? onlyValue(line) : undefined;
      if (index === undefined || !isInserted(index)) {
        text += number > 0 && text !== '' ? `\n${line}` : line;
        continue;
      }
      if (text !== '') open.push({ type: 'text', value: text });
      text = '';
      parts.push(open, index);
      open = [];
    }
    if (text !== '') open.push({ type: 'text', value: text });
  }
  return [...parts, open].filter((part) => typeof part === 'number' || part.length > 0);
}

/** The index of the value that is all of the line. */
function onlyValue(line: string): number | undefined {
  const [before, index, after, ...more] = line.trim().split(sentinels);
  return before === '' && after === '' && more.length === 0 ? Number(index) : undefined;
}
