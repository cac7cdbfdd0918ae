import { indent, listLines } from './lines.ts';
import { joinStyled, type Marker, mark, type Piece, type Styled } from './styles.ts';
import type { MarkdownBlock, MarkdownCode, MarkdownInline, MarkdownList, MarkdownRoot } from './tree.ts';

/** How a dialect writes each kind of node. What it leaves out is written as plain text. */
export interface Notation {
  /** Text, escaped. Default: as it is. */
  text?: (value: string) => string;
  strong?: Marker;
  emphasis?: Marker;
  /** Whether the reader takes a style's markers for markers; where not, they are left out. Default: always. */
  fits?: (styled: Styled) => boolean;
  inlineCode?: (value: string) => string;
  /** `label` is rendered, `plain` its words without styles and escapes. */
  link?: (url: string, label: string, plain: string) => string;
  /** One line of a paragraph, rendered: a place to escape what means something at its start or end. */
  line?: (line: string) => string;
  /** Between the lines of a paragraph. Default: a line feed. */
  lineBreak?: string;
  paragraph?: (content: string) => string;
  /** Default: a strong paragraph. */
  heading?: (content: string, depth: number) => string;
  code?: (block: MarkdownCode) => string;
  quote?: (content: string) => string;
  list?: (list: MarkdownList, items: string[]) => string;
  /** Lists side by side take turns with these. */
  bullets?: readonly [string, ...string[]];
  /** Whether the blocks of an item stand close together. Default: always. */
  isTight?: (item: readonly MarkdownBlock[]) => boolean;
  /** Whether an item's first paragraph stands there as its text alone. Default: no. */
  hasBareItems?: boolean;
  /** Between blocks. Default: a blank line. */
  between?: string;
  rule?: string;
}

const plain = {
  text: (value) => value,
  fits: () => true,
  link: textLink,
  line: (line) => line,
  lineBreak: '\n',
  paragraph: (content) => content,
  code: ({ value }) => value,
  quote: (content) => indent(content, '> '),
  bullets: ['- '],
  isTight: () => true,
  hasBareItems: false,
  between: '\n\n',
  rule: '──────────',
} satisfies Notation;

/** A renderer of tidy trees: the walk over the tree is the same for every dialect. */
export function createRenderer(notation: Notation): (tree: MarkdownRoot) => string {
  const write = { ...plain, ...notation };
  const inlineCode = write.inlineCode ?? write.text;

  function renderBlocks(blocks: readonly MarkdownBlock[], between: string): string {
    let lists = 0;
    return blocks
      .map((block) => {
        lists = block.type === 'list' ? lists + 1 : 0;
        return renderBlock(block, Math.max(0, lists - 1));
      })
      .join(between);
  }

  function renderBlock(block: MarkdownBlock, listsBefore: number): string {
    switch (block.type) {
      case 'paragraph':
        return write.paragraph(renderLines(piecesOf(block.children)));
      case 'heading': {
        const pieces = piecesOf(block.children);
        if (write.heading) return write.heading(renderLines(pieces), block.depth);
        return write.paragraph(renderLines(styled(write.strong, pieces)));
      }
      case 'code':
        return write.code(block);
      case 'blockquote':
        return write.quote(renderBlocks(block.children, write.between));
      case 'list': {
        const items = block.children.map(({ children }) => renderItem(children));
        const bullet = write.bullets[listsBefore % write.bullets.length] as string;
        return write.list ? write.list(block, items) : listLines(block, items, bullet);
      }
      case 'thematicBreak':
        return write.rule;
    }
  }

  function renderItem(blocks: readonly MarkdownBlock[]): string {
    const between = write.isTight(blocks) && write.between !== '' ? '\n' : write.between;
    const [first, ...rest] = blocks;
    if (!write.hasBareItems || first?.type !== 'paragraph') return renderBlocks(blocks, between);
    return renderLines(piecesOf(first.children)) + renderBlocks(rest, between);
  }

  function renderLines(pieces: readonly Piece[]): string {
    return joinStyled(pieces, write.fits).split('\n').map(write.line).join(write.lineBreak);
  }

  function piecesOf(nodes: readonly MarkdownInline[]): Piece[] {
    return nodes.flatMap(pieceOf);
  }

  function pieceOf(node: MarkdownInline): Piece | Piece[] {
    switch (node.type) {
      case 'text':
        return write.text(node.value);
      case 'inlineCode':
        return inlineCode(node.value);
      case 'strong':
        return styled(write.strong, piecesOf(node.children));
      case 'emphasis':
        return styled(write.emphasis, piecesOf(node.children));
      case 'link':
        return write.link(node.url, joinStyled(piecesOf(node.children), write.fits), plainText(node.children));
      case 'break':
        return '\n';
    }
  }

  return (tree) => renderBlocks(tree.children, write.between);
}

/** A link where none can be hidden behind words. */
export function textLink(url: string, label: string): string {
  const address = url.replace(/^mailto:/, '');
  return label === address || `${label}/` === address ? label : `${label} (${address})`;
}

/** The words alone. */
export function plainText(nodes: readonly MarkdownInline[], lineBreak = ' '): string {
  return nodes
    .map((node) =>
      'children' in node ? plainText(node.children, lineBreak) : 'value' in node ? node.value : lineBreak,
    )
    .join('');
}

function styled(marker: Marker | undefined, pieces: Piece[]): Piece[] {
  return marker === undefined ? pieces : mark(marker, pieces);
}
