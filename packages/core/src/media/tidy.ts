import { cleanText } from './clean.ts';
import type { MarkdownBlock, MarkdownInline, MarkdownLink, MarkdownListItem, MarkdownRoot } from './tree.ts';
import { safeUrl } from './url.ts';

/**
 * A copy that keeps what `MarkdownRoot` promises, whoever made the tree: clean text without line ends in it, safe
 * URLs, no empty nodes, no two texts side by side, no white space around a paragraph.
 */
export function tidyTree(root: MarkdownRoot): MarkdownRoot {
  return { type: 'root', children: root.children.flatMap(tidyBlock) };
}

function tidyBlock(block: MarkdownBlock): MarkdownBlock[] {
  switch (block.type) {
    case 'paragraph':
      return unlessEmpty({ ...block, children: withoutEdges(tidyInlines(block.children)).inner });
    case 'heading':
      return unlessEmpty({ ...block, children: withoutEdges(onOneLine(tidyInlines(block.children))).inner });
    case 'blockquote':
      return unlessEmpty({ ...block, children: block.children.flatMap(tidyBlock) });
    case 'list':
      return unlessEmpty({ ...block, children: block.children.flatMap(tidyItem) });
    case 'code': {
      const value = withoutBlankEnds(cleanText(block.value));
      return value.trim() === '' ? [] : [{ ...block, value }];
    }
    case 'thematicBreak':
      return [block];
  }
}

/** Without line breaks at the start and the end. */
function withoutBlankEnds(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === '\n') start++;
  while (end > start && text[end - 1] === '\n') end--;
  return text.slice(start, end);
}

function tidyItem(item: MarkdownListItem): MarkdownListItem[] {
  return unlessEmpty({ ...item, children: item.children.flatMap(tidyBlock) });
}

function unlessEmpty<Parent extends { children: unknown[] }>(parent: Parent): Parent[] {
  return parent.children.length > 0 ? [parent] : [];
}

function tidyInlines(nodes: readonly MarkdownInline[]): MarkdownInline[] {
  const result: MarkdownInline[] = [];
  for (const node of nodes) for (const tidied of tidyInline(node)) append(result, tidied);
  return result;
}

/** Nodes of one kind side by side become one: no medium can write two. */
function append(result: MarkdownInline[], node: MarkdownInline): void {
  const last = result.at(-1);
  if (last?.type !== node.type || node.type === 'break' || node.type === 'link') {
    result.push(node);
  } else if ('value' in node && 'value' in last) {
    result[result.length - 1] = { ...node, value: last.value + node.value };
  } else if ('children' in node && 'children' in last) {
    const children = [...last.children];
    for (const child of node.children) append(children, child);
    result[result.length - 1] = { ...node, children };
  }
}

function tidyInline(node: MarkdownInline): MarkdownInline[] {
  switch (node.type) {
    case 'text':
      return textWithBreaks(cleanText(node.value));
    case 'inlineCode': {
      const value = cleanText(node.value).replaceAll('\n', ' ');
      return value.trim() === '' ? [] : [{ type: 'inlineCode', value }];
    }
    case 'strong':
    case 'emphasis': {
      const { before, inner, after } = withoutEdges(tidyInlines(node.children));
      return [...before, ...unlessEmpty({ ...node, children: inner }), ...after];
    }
    case 'link':
      return tidyLink(node);
    case 'break':
      return [node];
  }
}

function tidyLink(link: MarkdownLink): MarkdownInline[] {
  const url = safeUrl(link.url);
  const children = onOneLine(tidyInlines(link.children));
  if (url === undefined) return children;
  const isBlank = children.every((child) => child.type === 'text' && child.value.trim() === '');
  return [{ type: 'link', url, children: isBlank ? [{ type: 'text', value: url }] : children }];
}

/** The lines of a clean text with breaks between. */
export function textWithBreaks(text: string): MarkdownInline[] {
  const nodes: MarkdownInline[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) nodes.push({ type: 'break' });
    if (line !== '') nodes.push({ type: 'text', value: line });
  }
  return nodes;
}

function onOneLine(nodes: readonly MarkdownInline[]): MarkdownInline[] {
  const result: MarkdownInline[] = [];
  for (const node of nodes) {
    if (node.type === 'break') append(result, { type: 'text', value: ' ' });
    else append(result, 'children' in node ? { ...node, children: onOneLine(node.children) } : node);
  }
  return result;
}

interface Edges {
  before: MarkdownInline[];
  inner: MarkdownInline[];
  after: MarkdownInline[];
}

/** The nodes apart from the breaks and the white space at the start and the end. */
function withoutEdges(nodes: readonly MarkdownInline[]): Edges {
  let [start, end] = [0, nodes.length];
  while (start < end && isSpace(nodes[start] as MarkdownInline)) start++;
  while (end > start && isSpace(nodes[end - 1] as MarkdownInline)) end--;
  const edges = { before: nodes.slice(0, start), inner: nodes.slice(start, end), after: nodes.slice(end) };
  const [first] = edges.inner;
  if (first?.type === 'text') {
    const value = first.value.trimStart();
    if (value !== first.value) edges.before.push({ type: 'text', value: first.value.slice(0, -value.length) });
    edges.inner[0] = { type: 'text', value };
  }
  const last = edges.inner.at(-1);
  if (last?.type === 'text') {
    const value = last.value.trimEnd();
    if (value !== last.value) edges.after.unshift({ type: 'text', value: last.value.slice(value.length) });
    edges.inner[edges.inner.length - 1] = { type: 'text', value };
  }
  return edges;
}

function isSpace(node: MarkdownInline): boolean {
  return node.type === 'break' || (node.type === 'text' && node.value.trim() === '');
}
