import { emojiOf } from './emoji.ts';
import type { Reader } from './moment.ts';
import { controlNode, decodeEntities } from './mrkdwn-control.ts';
import { linked, type ViewElement, type ViewNode, view } from './view.ts';

export interface MrkdwnOptions extends Reader {
  /** Off for text that Slack doesn't format; `<…>` and entities hold there too. Default on. */
  formatting?: boolean;
  /**
   * What becomes of a bare `@here`: `yes` where the message asks Slack to parse names (`link_names`, `parse: full`),
   * `maybe` where Slack says that it parses “certain mentions” (a text object without `verbatim`). Default `no`.
   */
  names?: 'yes' | 'maybe' | 'no';
  /** Slack makes no link of a bare address: a text object with `verbatim`. Default off. */
  verbatim?: boolean;
}

/**
 * What a reader sees of text in Slack's mrkdwn.
 * https://docs.slack.dev/messaging/formatting-message-text
 *
 * The page doesn't say where exactly a `*` opens and closes; here, as in Slack's own clients, at the edges of words.
 */
export function renderMrkdwn(text: string, options: MrkdwnOptions): ViewNode[] {
  if (options.formatting === false) return renderInline(text, options);
  const nodes: ViewNode[] = [];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('```', position);
    const close = open === -1 ? -1 : text.indexOf('```', open + 3);
    if (close === -1) break;
    nodes.push(...renderLines(trimEnd(text.slice(position, open)), options));
    nodes.push(view('pre', renderCode(text.slice(open + 3, close).replace(/^\n/, ''), options)));
    position = text[close + 3] === '\n' ? close + 4 : close + 3;
  }
  nodes.push(...renderLines(text.slice(position), options));
  return nodes;
}

/**
 * Text in which nothing but emoji and entities is special: `plain_text`. Slack asks for entities in every text object.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function renderPlain(text: string, emoji = true): ViewNode[] {
  const shown = emoji
    ? text.replace(/:([a-z0-9_+'-]{1,60}):/g, (whole, shortcode: string) => emojiOf(shortcode) ?? whole)
    : text;
  return [decodeEntities(shown)];
}

/** Lines that start with `>` are quoted, everything after `>>>` is. */
function renderLines(text: string, options: MrkdwnOptions): ViewNode[] {
  if (text === '') return [];
  const nodes: ViewNode[] = [];
  const lines = text.split('\n');
  let index = 0;
  while (index < lines.length) {
    if (isQuoted(lines[index]!)) {
      const deep = isQuoted(unquote(lines[index]!)) && isQuoted(unquote(unquote(lines[index]!)));
      const end = deep ? lines.length : index + countWhile(lines, index, isQuoted);
      const quoted = lines.slice(index, end).map((line) => (deep ? line.replace(/^(&gt;|>){3}/, '') : unquote(line)));
      nodes.push(view('blockquote', renderInline(quoted.map((line) => line.replace(/^ /, '')).join('\n'), options)));
      index = end;
    } else {
      const end = index + countWhile(lines, index, (line) => !isQuoted(line));
      nodes.push(...renderInline(lines.slice(index, end).join('\n'), options));
      index = end;
    }
  }
  return nodes;
}

const SPANS: Record<string, 'strong' | 'em' | 'del'> = { '*': 'strong', _: 'em', '~': 'del' };

/** Text with none of the characters that could start something. */
const PLAIN = /[^<`:&*_~h@\n]+/y;
const EMOJI = /:([a-z0-9_+'-]{1,60}):(?::skin-tone-[2-6]:)?/y;
const ENTITY = /&(?:amp|lt|gt);/y;
const ADDRESS = /https?:\/\/[^\s<>|]+/y;
const NAME = /@(?:here|channel|everyone)\b/y;

/** One pass over the text; what is open lies on a stack, and falls back to its character if it never closes. */
function renderInline(text: string, options: MrkdwnOptions): ViewNode[] {
  const formatting = options.formatting !== false;
  const open: { mark: string; children: ViewNode[] }[] = [{ mark: '', children: [] }];
  const top = () => open.at(-1)!;
  const unwind = (depth: number): void => {
    while (open.length > depth) {
      const { mark, children } = open.pop()!;
      addNodes(top().children, [mark, ...children]);
    }
  };
  let position = 0;
  /** Each is called in turn; the first that takes something moves the position. */
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(text);
  };
  const take = (length: number, node: ViewNode): void => {
    addNodes(top().children, [node]);
    position += length;
  };

  while (position < text.length) {
    const plain = match(PLAIN);
    if (plain) {
      take(plain[0].length, plain[0]);
      continue;
    }
    const character = text[position]!;
    if (character === '\n') unwind(1);
    if (character === '<') {
      const control = controlAt(text, position, options);
      if (control) {
        take(control.length, control.node);
        continue;
      }
    }
    if (character === '&') {
      const entity = match(ENTITY);
      if (entity) {
        take(entity[0].length, decodeEntities(entity[0]));
        continue;
      }
    }
    if (formatting && character === '`') {
      const close = text.indexOf('`', position + 1);
      const code = close === -1 ? '' : text.slice(position + 1, close);
      if (code.trim() !== '' && !code.includes('\n')) {
        take(code.length + 2, view('code', renderCode(code, options)));
        continue;
      }
    }
    if (formatting && character === ':') {
      const found = match(EMOJI);
      const emoji = found && emojiOf(found[1]!);
      if (emoji) {
        take(found[0].length, emoji);
        continue;
      }
    }
    if (formatting && character in SPANS) {
      const depth = open.findIndex(({ mark }) => mark === character);
      if (depth > 0 && canClose(text, position) && (top().children.length > 0 || open.length > depth + 1)) {
        unwind(depth + 1);
        const { children } = open.pop()!;
        take(1, view(SPANS[character]!, children));
        continue;
      }
      if (depth === -1 && canOpen(text, position)) {
        open.push({ mark: character, children: [] });
        position += 1;
        continue;
      }
    }
    if (formatting && !options.verbatim && character === 'h' && !isWord(text[position - 1])) {
      const address = match(ADDRESS)?.[0].replace(/[.,;:!?'")\]*_~`]+$/, '');
      if (address) {
        take(address.length, linked(decodeEntities(address), [decodeEntities(address)]));
        continue;
      }
    }
    if (character === '@' && options.names && options.names !== 'no' && !isWord(text[position - 1])) {
      const name = match(NAME)?.[0];
      if (name) {
        take(name.length, bareName(name, options.names));
        continue;
      }
    }
    take(1, character);
  }
  unwind(1);
  return open[0]!.children;
}

/** In code only `<…>` and entities are special. */
function renderCode(text: string, options: MrkdwnOptions): ViewNode[] {
  return renderInline(text, { ...options, formatting: false, names: 'no' });
}

function bareName(name: string, names: 'yes' | 'maybe'): ViewElement {
  if (names === 'yes') return view('span', [name], { style: 'mention' });
  return view('span', [name], {
    style: 'mention maybe',
    hint: 'Slack may take this for a mention: verbatim is not set',
  });
}

/** `<…>` on one line, with nothing of its kind inside. */
function controlAt(text: string, position: number, reader: Reader): { length: number; node: ViewNode } | undefined {
  const end = /[<>\n]/g;
  end.lastIndex = position + 1;
  const close = end.exec(text);
  if (close?.[0] !== '>') return undefined;
  const node = controlNode(text.slice(position + 1, close.index), reader);
  return node === undefined ? undefined : { length: close.index + 1 - position, node };
}

function canOpen(text: string, position: number): boolean {
  const next = text[position + 1];
  return !isWord(text[position - 1]) && next !== undefined && !/\s/.test(next) && next !== text[position];
}

function canClose(text: string, position: number): boolean {
  return !/\s/.test(text[position - 1] ?? ' ') && !isWord(text[position + 1]);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

/** Adds nodes, joining text to text. */
function addNodes(list: ViewNode[], nodes: ViewNode[]): void {
  for (const node of nodes) {
    const last = list.at(-1);
    if (typeof node === 'string' && typeof last === 'string') list[list.length - 1] = last + node;
    else if (node !== '') list.push(node);
  }
}

function isQuoted(line: string): boolean {
  return line.startsWith('&gt;') || line.startsWith('>');
}

function unquote(line: string): string {
  return line.replace(/^(&gt;|>)/, '');
}

function countWhile(lines: string[], from: number, holds: (line: string) => boolean): number {
  let index = from;
  while (index < lines.length && holds(lines[index]!)) index += 1;
  return index - from;
}

function trimEnd(text: string): string {
  return text.replace(/\n$/, '');
}
