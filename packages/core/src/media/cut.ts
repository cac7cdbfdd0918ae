import { boundaryBefore } from './graphemes.ts';
import type { MarkdownBlock, MarkdownInline, MarkdownListItem, MarkdownNode, MarkdownRoot } from './tree.ts';

const ellipsis = '…';

/** At most the first `kept` code units, cut between visible characters, with "…" after the cut. */
export function cutText(text: string, kept: number): string {
  return kept >= text.length ? text : text.slice(0, boundaryBefore(text, kept)).trimEnd() + ellipsis;
}

/** How much of a tree's text there is to cut, in code units; a line break counts as one. */
export function textLength(node: MarkdownNode): number {
  if ('children' in node) return (node.children as MarkdownNode[]).reduce((sum, child) => sum + textLength(child), 0);
  if ('value' in node) return node.value.length;
  return node.type === 'break' ? 1 : 0;
}

/** The tree up to `kept` units of its text, with "…" after the cut. */
export function cutTree(root: MarkdownRoot, kept: number): MarkdownRoot {
  const cutter = new Cutter(kept);
  return { type: 'root', children: cutter.each(root.children, (block) => cutter.block(block)) };
}

class Cutter {
  #left: number;
  #isDone = false;

  constructor(kept: number) {
    this.#left = kept;
  }

  /** The children up to the one in which the text ends. */
  each<Child>(children: readonly Child[], cut: (child: Child) => Child): Child[] {
    const result: Child[] = [];
    for (const child of children) {
      if (this.#isDone) break;
      result.push(cut(child));
    }
    return result;
  }

  block(block: MarkdownBlock): MarkdownBlock {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: this.each(block.children, (child) => this.#inline(child)) };
      case 'blockquote':
        return { ...block, children: this.each(block.children, (child) => this.block(child)) };
      case 'list':
        return { ...block, children: this.each(block.children, (item) => this.#item(item)) };
      case 'code': {
        const value = this.#text(block.value);
        return this.#isDone && value === ellipsis
          ? { type: 'paragraph', children: [{ type: 'text', value }] }
          : { ...block, value };
      }
      case 'thematicBreak':
        return block;
    }
  }

  #item(item: MarkdownListItem): MarkdownListItem {
    return { ...item, children: this.each(item.children, (child) => this.block(child)) };
  }

  /** A node of which nothing is kept is a bare "…". */
  #inline(node: MarkdownInline): MarkdownInline {
    if (this.#left === 0) {
      this.#isDone = true;
      return { type: 'text', value: ellipsis };
    }
    switch (node.type) {
      case 'text':
        return { ...node, value: this.#text(node.value) };
      case 'inlineCode': {
        const value = this.#text(node.value);
        return this.#isDone && value === ellipsis ? { type: 'text', value } : { ...node, value };
      }
      case 'break':
        this.#left--;
        return node;
      case 'link':
      case 'strong':
      case 'emphasis':
        return { ...node, children: this.each(node.children, (child) => this.#inline(child)) };
    }
  }

  #text(text: string): string {
    if (text.length <= this.#left) {
      this.#left -= text.length;
      return text;
    }
    this.#isDone = true;
    return cutText(text, this.#left);
  }
}
