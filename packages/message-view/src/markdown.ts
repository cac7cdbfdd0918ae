import type { BlockContent, DefinitionContent, ListItem, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { linked, type ViewNode, view } from './view.ts';

export interface MarkdownViewOptions {
  /** Whether a line feed inside of a paragraph begins a new line, as chats have it. Default: CommonMark's space. */
  breaks?: boolean;
}

/** What a reader sees of Markdown. HTML in it is shown as its text, a picture as its description. */
export function viewMarkdown(text: string, options: MarkdownViewOptions = {}): ViewNode[] {
  return fromMarkdown(text).children.flatMap((node) => blockOf(node, options));
}

function blockOf(node: RootContent | BlockContent | DefinitionContent, options: MarkdownViewOptions): ViewNode[] {
  switch (node.type) {
    case 'paragraph':
      return [view('p', inlinesOf(node.children, options))];
    case 'heading':
      return [view('h4', inlinesOf(node.children, options), { style: 'heading' })];
    case 'code':
      return [view('pre', [node.value])];
    case 'blockquote':
      return [
        view(
          'blockquote',
          node.children.flatMap((child) => blockOf(child, options)),
        ),
      ];
    case 'list': {
      const items = node.children.map((item) => view('li', itemOf(item, options)));
      return [view(node.ordered ? 'ol' : 'ul', items, node.ordered && node.start ? { start: node.start } : {})];
    }
    case 'thematicBreak':
      return [view('hr', [])];
    case 'html':
      return [view('p', [node.value])];
    case 'definition':
      return [];
    default:
      // Phrasing content at the top, which the parser doesn't make; shown all the same.
      return inlinesOf([node as PhrasingContent], options);
  }
}

/** The first paragraph of an item stands beside its bullet. */
function itemOf({ children: [first, ...rest] }: ListItem, options: MarkdownViewOptions): ViewNode[] {
  if (!first) return [];
  const begin = first.type === 'paragraph' ? inlinesOf(first.children, options) : blockOf(first, options);
  return [...begin, ...rest.flatMap((child) => blockOf(child, options))];
}

function inlinesOf(nodes: readonly PhrasingContent[], options: MarkdownViewOptions): ViewNode[] {
  return nodes.map((node) => inlineOf(node, options));
}

function inlineOf(node: PhrasingContent, options: MarkdownViewOptions): ViewNode {
  switch (node.type) {
    case 'text':
      return options.breaks ? node.value : node.value.replaceAll('\n', ' ');
    case 'inlineCode':
      return view('code', [node.value]);
    case 'strong':
      return view('strong', inlinesOf(node.children, options));
    case 'emphasis':
      return view('em', inlinesOf(node.children, options));
    case 'delete':
      return view('del', inlinesOf(node.children, options));
    case 'link':
      return linked(node.url, inlinesOf(node.children, options));
    case 'break':
      return '\n';
    case 'image':
      return view('span', [linked(node.url, [`🖼 ${node.alt || 'image'}`])], { style: 'image' });
    case 'html':
      return node.value;
    default:
      return view('span', [`(${node.type})`], { style: 'placeholder' });
  }
}
