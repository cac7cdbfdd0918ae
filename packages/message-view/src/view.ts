/** The only elements that a message can become; the page's script knows no others. */
export const VIEW_TAGS = [
  'a',
  'blockquote',
  'code',
  'dd',
  'del',
  'div',
  'dl',
  'dt',
  'em',
  'h4',
  'hr',
  'li',
  'ol',
  'p',
  'pre',
  'span',
  'strong',
  'table',
  'tbody',
  'td',
  'time',
  'tr',
  'ul',
] as const;

export type ViewTag = (typeof VIEW_TAGS)[number];

/** How an element looks; names of the style sheet, never of a payload. */
export const VIEW_STYLES = [
  'attachment',
  'author',
  'button',
  'button danger',
  'button primary',
  'columns',
  'context',
  'field',
  'field short',
  'footer',
  'heading',
  'image',
  'mention',
  'mention maybe',
  'placeholder',
  'section',
  'source',
  'text',
  'title',
  'with-accessory',
] as const;

export type ViewStyle = (typeof VIEW_STYLES)[number];

/** Text, or an element. Text is always text: the page makes text nodes of it, never markup. */
export type ViewNode = string | ViewElement;

export interface ViewElement {
  tag: ViewTag;
  children: ViewNode[];
  style?: ViewStyle;
  /** An address with http, https or mailto. */
  link?: string;
  /** Shown on hovering, and read out where the element has no text. */
  hint?: string;
  /** ISO 8601, of a `time`. */
  moment?: string;
  /** The first number of an `ol`, where it isn't 1. */
  start?: number;
  /** `#rrggbb`, of an attachment's bar. */
  colour?: string;
  /** What a page may let people do with it; where it doesn't, the element only looks so. */
  action?: ViewAction;
}

/** A button or menu of a message, by the names that its service knows it by. */
export interface ViewAction {
  id: string;
  block: string;
  /** Of a button. */
  value?: string;
  /** Of a menu. */
  choices?: { label: string; value: string }[];
  /** Asked before anything happens. */
  confirm?: string;
}

/** Shorthand for an element. */
export function view(
  tag: ViewTag,
  children: ViewNode[],
  rest: Omit<ViewElement, 'tag' | 'children'> = {},
): ViewElement {
  return { tag, children, ...rest };
}

/** A link where the address is one that a page may link to; its children alone where it isn't. */
export function linked(address: unknown, children: ViewNode[], style?: ViewStyle): ViewNode {
  const link = safeLink(address);
  if (link) return view('a', children, { link, hint: link, ...(style && { style }) });
  return view('span', children, style && { style });
}

/** The address, if it is one with http, https or mailto. */
export function safeLink(address: unknown): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' || protocol === 'mailto:' ? href : undefined;
}

/** The text that a reader sees, without markup. */
export function plainText(nodes: ViewNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : plainText(node.children))).join('');
}

/** Whom the text would notify (`mention`), or might (`mention maybe`), in its order, each once. */
export function mentionsIn(nodes: ViewNode[], style: 'mention' | 'mention maybe'): string[] {
  const names = nodes.flatMap((node) => {
    if (typeof node === 'string') return [];
    return node.style === style ? [plainText(node.children)] : mentionsIn(node.children, style);
  });
  return [...new Set(names)].filter((name) => name.startsWith('@'));
}
