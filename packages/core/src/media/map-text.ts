import { tidyTree } from './tidy.ts';
import type { MarkdownBlock, MarkdownInline, MarkdownListItem, MarkdownRoot } from './tree.ts';

/** A tree with other words: every text, code too, as `change` gives it. Without those that come out empty. */
export function mapText(root: MarkdownRoot, change: (text: string) => string): MarkdownRoot {
  return tidyTree({ type: 'root', children: root.children.map(mapBlock) });

  function mapBlock(block: MarkdownBlock): MarkdownBlock {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: block.children.map(mapInline) };
      case 'code':
        return { ...block, value: change(block.value) };
      case 'blockquote':
        return { ...block, children: block.children.map(mapBlock) };
      case 'list':
        return { ...block, children: block.children.map(mapItem) };
      case 'thematicBreak':
        return block;
    }
  }

  function mapItem(item: MarkdownListItem): MarkdownListItem {
    return { ...item, children: item.children.map(mapBlock) };
  }

  function mapInline(node: MarkdownInline): MarkdownInline {
    if ('value' in node) return { ...node, value: change(node.value) };
    return 'children' in node ? { ...node, children: node.children.map(mapInline) } : node;
  }
}
