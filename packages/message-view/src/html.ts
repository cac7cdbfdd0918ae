import { linked, type ViewElement, type ViewNode, type ViewTag, view } from './view.ts';

/** What the elements of a message look like; any other tag stands there as its text, so that nobody overlooks it. */
const known: Record<string, ViewTag> = {
  a: 'a',
  b: 'strong',
  blockquote: 'blockquote',
  caption: 'p',
  code: 'code',
  dd: 'dd',
  del: 'del',
  details: 'div',
  dl: 'dl',
  dt: 'dt',
  em: 'em',
  figcaption: 'p',
  figure: 'div',
  h1: 'h4',
  h2: 'h4',
  h3: 'h4',
  h4: 'h4',
  h5: 'h4',
  h6: 'h4',
  hr: 'hr',
  i: 'em',
  kbd: 'code',
  li: 'li',
  ol: 'ol',
  p: 'p',
  pre: 'pre',
  s: 'del',
  samp: 'code',
  strong: 'strong',
  summary: 'p',
  table: 'table',
  tbody: 'tbody',
  td: 'td',
  th: 'td',
  thead: 'tbody',
  tr: 'tr',
  ul: 'ul',
  var: 'em',
};

/** Beside these, white space means nothing. */
const blocks: ReadonlySet<ViewTag> = new Set<ViewTag>([
  ...(['blockquote', 'dd', 'div', 'dl', 'dt', 'h4', 'hr', 'li', 'ol', 'p', 'pre'] as const),
  ...(['table', 'tbody', 'td', 'tr', 'ul'] as const),
]);

export interface HtmlViewOptions {
  /** Whether white space is shown as it is. Default: as in a browser, many are one. */
  keepsSpaces?: boolean;
}

const token = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>|[^<]+|</gi;

/**
 * What a reader sees of HTML with few elements: of the medium `html`, of Telegram's
 * (https://core.telegram.org/bots/api#html-style), of a how-to page. Only ever nodes of a view: no element, attribute or address that
 * a view doesn't have.
 */
export function viewHtml(markup: string, options: HtmlViewOptions = {}): ViewNode[] {
  const open: { name: string; attributes: string; children: ViewNode[] }[] = [
    { name: '', attributes: '', children: [] },
  ];
  const top = () => open.at(-1) as (typeof open)[number];
  const addText = (text: string) => {
    const { children } = top();
    const isExact = options.keepsSpaces || open.some(({ name }) => name === 'pre');
    const seen = isExact ? text : text.replace(/\s+/g, ' ');
    if (isExact || seen !== ' ' || isInline(children.at(-1))) children.push(decodeCharacters(seen));
  };
  const close = () => {
    const { name, attributes, children } = open.pop() as (typeof open)[number];
    top().children.push(elementOf(name, attributes, children));
  };
  for (const [whole, slash, tag, attributes = ''] of markup.matchAll(token)) {
    const name = tag?.toLowerCase() ?? '';
    if (name === 'br' && !slash) top().children.push('\n');
    else if (name === 'hr' && !slash) top().children.push(view('hr', []));
    else if (name === 'img' && !slash) top().children.push(picture(attributes));
    else if (!Object.hasOwn(known, name)) addText(whole);
    else if (!slash) open.push({ name, attributes, children: [] });
    else if (!open.some((element) => element.name === name)) top().children.push(whole);
    else {
      while (top().name !== name) close();
      close();
    }
  }
  while (open.length > 1) close();
  return top().children;
}

function isInline(node: ViewNode | undefined): boolean {
  return node !== undefined && (typeof node === 'string' || !blocks.has(node.tag));
}

function elementOf(name: string, attributes: string, children: ViewNode[]): ViewNode {
  const tag = known[name] as ViewTag;
  if (tag === 'a') return linked(decodeCharacters(attributeOf(attributes, 'href')), children);
  if (tag === 'h4') return view('h4', children, { style: 'heading' });
  const start = tag === 'ol' ? Number(attributeOf(attributes, 'start')) : 0;
  return view(tag, children, start > 0 ? { start } : {}) satisfies ViewElement;
}

/** A view fetches nothing: a picture is its description. */
function picture(attributes: string): ViewNode {
  return view('span', [`🖼 ${decodeCharacters(attributeOf(attributes, 'alt')) || 'picture'}`], { style: 'image' });
}

function attributeOf(attributes: string, name: string): string {
  const found = [...attributes.matchAll(/([a-z-]+)="([^"]*)"/gi)].find(([, key]) => key?.toLowerCase() === name);
  return found?.[2] ?? '';
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decodeCharacters(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
