import type { Definition, ListItem, PhrasingContent, Root, RootContent } from 'mdast';
import { cleanText } from '../media/clean.ts';
import { textWithBreaks } from '../media/tidy.ts';
import type { MarkdownBlock, MarkdownBreak, MarkdownInline, MarkdownListItem, MarkdownRoot } from '../media/tree.ts';
import type { Meter } from './budget.ts';
import { cutAtInsertions } from './insertion.ts';
import { sentinels } from './sentinel.ts';

const deepest = 32;

/** Our tree from the parser's: values in the places of their sentinels, and only the node types that media know. */
export function fillTree(
  root: Root,
  values: readonly string[],
  meter: Meter,
  inserted: ReadonlyMap<number, MarkdownRoot> = new Map(),
): MarkdownRoot {
  return new Filler(root, values, meter, inserted).root();
}

class Filler {
  readonly #tree: Root;
  readonly #values: readonly string[];
  readonly #meter: Meter;
  /** Values that are trees, by index. */
  readonly #inserted: ReadonlyMap<number, MarkdownRoot>;
  readonly #definitions = new Map<string, Definition>();

  constructor(tree: Root, values: readonly string[], meter: Meter, inserted: ReadonlyMap<number, MarkdownRoot>) {
    this.#tree = tree;
    this.#values = values;
    this.#meter = meter;
    this.#inserted = inserted;
    this.#collectDefinitions(tree.children, 0);
  }

  root(): MarkdownRoot {
    return { type: 'root', children: this.#blocks(this.#tree.children, 0) };
  }

  #blocks(nodes: readonly RootContent[], depth: number): MarkdownBlock[] {
    if (depth > deepest) this.#meter.overrun(`its Markdown is nested more than ${deepest} deep`);
    return nodes.flatMap((node) =>
      node.type === 'paragraph' ? this.#paragraphs(node.children, depth) : (this.#block(node, depth) ?? []),
    );
  }

  /** One paragraph, unless a line of it is a tree. */
  #paragraphs(nodes: readonly PhrasingContent[], depth: number): MarkdownBlock[] {
    const parts = this.#inserted.size === 0 ? [nodes] : cutAtInsertions(nodes, (index) => this.#inserted.has(index));
    return parts.flatMap((part): MarkdownBlock[] => {
      if (typeof part === 'number') return this.#inserted.get(part)?.children ?? [];
      return [{ type: 'paragraph', children: withoutEmptyLines(this.#inlines(part, depth)) }];
    });
  }

  #block(node: Exclude<RootContent, { type: 'paragraph' }>, depth: number): MarkdownBlock | undefined {
    switch (node.type) {
      case 'heading':
        return { type: 'heading', depth: node.depth, children: this.#inlines(node.children, depth) };
      case 'code':
        return {
          type: 'code',
          ...(node.lang && /^[\w+#.-]{1,32}$/.test(node.lang) ? { lang: node.lang } : {}),
          value: this.#fill(node.value),
        };
      case 'blockquote':
        return { type: 'blockquote', children: this.#blocks(node.children, depth + 1) };
      case 'list': {
        const ordered = node.ordered === true;
        const start = ordered && typeof node.start === 'number' ? { start: node.start } : {};
        return { type: 'list', ordered, ...start, children: node.children.map((item) => this.#item(item, depth)) };
      }
      case 'thematicBreak':
        return { type: 'thematicBreak' };
      case 'html':
        return { type: 'paragraph', children: this.#text(node.value) };
      default:
        return undefined;
    }
  }

  #item(item: ListItem, depth: number): MarkdownListItem {
    return { type: 'listItem', children: this.#blocks(item.children, depth + 1) };
  }

  #inlines(nodes: readonly PhrasingContent[], depth: number): MarkdownInline[] {
    if (depth > deepest) this.#meter.overrun(`its Markdown is nested more than ${deepest} deep`);
    return nodes.flatMap((node) => this.#inline(node, depth));
  }

  #inline(node: PhrasingContent, depth: number): MarkdownInline[] {
    switch (node.type) {
      case 'text':
      case 'html':
        return this.#text(node.value);
      case 'strong':
      case 'emphasis':
        return [{ type: node.type, children: this.#inlines(node.children, depth + 1) }];
      case 'inlineCode':
        return [{ type: 'inlineCode', value: this.#fill(node.value) }];
      case 'break':
        return [{ type: 'break' }];
      case 'link':
        return this.#link(node.url, this.#inlines(node.children, depth + 1));
      case 'linkReference':
        return this.#link(this.#definition(node.identifier), this.#inlines(node.children, depth + 1));
      case 'image':
        return this.#link(node.url, this.#text(node.alt ?? ''));
      case 'imageReference':
        return this.#link(this.#definition(node.identifier), this.#text(node.alt ?? ''));
      default:
        return [];
    }
  }

  #link(url: string, children: MarkdownInline[]): MarkdownInline[] {
    return [{ type: 'link', url: this.#fillUrl(url), children }];
  }

  #definition(identifier: string): string {
    return this.#definitions.get(identifier)?.url ?? '';
  }

  #collectDefinitions(nodes: readonly RootContent[], depth: number): void {
    for (const node of nodes) {
      if (node.type === 'definition' && !this.#definitions.has(node.identifier))
        this.#definitions.set(node.identifier, node);
      else if ('children' in node && depth < deepest) this.#collectDefinitions(node.children, depth + 1);
    }
  }

  /** Lines of the template and lines of a value are lines of the message. */
  #text(text: string): MarkdownInline[] {
    return text.split(sentinels).flatMap((part, index) => {
      if (index % 2 === 1) return textWithBreaks(cleanText(this.#values[Number(part)] ?? ''));
      return textWithBreaks(part).map((node) => (node.type === 'break' ? templateBreak : node));
    });
  }

  #fill(text: string): string {
    return text
      .split(sentinels)
      .map((part, index) => (index % 2 === 1 ? (this.#values[Number(part)] ?? '') : part))
      .join('');
  }

  /** A value that begins a URL is taken as it is; elsewhere it is encoded and can't leave its place in the URL. */
  #fillUrl(url: string): string {
    let filled = '';
    for (const [index, part] of url.split(sentinels).entries()) {
      const isValue = index % 2 === 1;
      const text = isValue ? cleanText(this.#values[Number(part)] ?? '') : part;
      filled += isValue && filled !== '' ? encodeFor(filled, text) : text;
    }
    return filled;
  }
}

function encodeFor(before: string, value: string): string {
  const encoded = encodeURIComponent(value);
  if (/[?#]/.test(before)) return encoded;
  if (/^mailto:/i.test(before)) return encoded.replaceAll('%40', '@');
  return encoded.replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** The end of a line of the template, told apart from those in values by identity. */
const templateBreak: MarkdownBreak = { type: 'break' };

/** A line of the template that is blank, because its values are, is left out. */
function withoutEmptyLines(nodes: readonly MarkdownInline[]): MarkdownInline[] {
  const kept: MarkdownInline[] = [];
  let lineStart = 0;
  for (const node of nodes) {
    if (node === templateBreak && kept.slice(lineStart).every(isBlank)) {
      kept.length = lineStart;
      continue;
    }
    kept.push(node);
    if (node.type === 'break') lineStart = kept.length;
  }
  return kept;
}

function isBlank(node: MarkdownInline): boolean {
  if (node.type === 'break') return false;
  return 'children' in node ? node.children.every(isBlank) : node.value.trim() === '';
}
