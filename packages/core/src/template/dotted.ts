import type { Fault } from '../errors.ts';
import { unusable } from './fault.ts';
import type { TemplateNode } from './nodes.ts';
import { readNodes } from './parse.ts';
import { withoutSentinels } from './sentinel.ts';
import { readSegments, type Token } from './tags.ts';
import { type Piece, parseWritten, Written } from './written.ts';

/** What a dotted path begins at, and the names that are the whole context's. */
export interface DottedNames {
  /** `.data.stage` is `<dot>.data.stage`. */
  dot: string;
  names: readonly string[];
  /** Why a dotted path can't be read, if it can't. */
  refuse: (path: string) => string | undefined;
}

/**
 * Nodes of a source in which tags may be written as in Go's text/template too: `{{.data.stage}}`,
 * `{{if eq .a "b"}}…{{else}}…{{end}}`, `{{range .list}}{{.name}}{{end}}`, `{{index .list 0}}`. Only tokens inside of
 * tags are rewritten; text around them never reaches the parser.
 * https://pkg.go.dev/text/template
 */
export function readDotted(source: string, file: string, names: DottedNames): TemplateNode[] {
  const writer = new Writer(source, file, names);
  for (const segment of readSegments(source, file)) {
    if (segment.kind === 'text') writer.written.writeHidden(segment);
    else writer.tag(segment.sigil, segment.tokens, segment.from);
  }
  const [first, ...rest] = writer.faults;
  if (first) throw unusable(file, [first, ...rest], 'Write what is said there.');
  return readNodes(parseWritten(writer.written, file), file);
}

/** A block that is open, and whether a dot means something of its own in it. */
interface OpenBlock {
  name: string;
  isGo: boolean;
  isInner: boolean;
}

class Writer {
  readonly written: Written;
  readonly faults: Fault[] = [];
  readonly #file: string;
  readonly #names: DottedNames;
  readonly #open: OpenBlock[] = [];

  constructor(source: string, file: string, names: DottedNames) {
    this.written = new Written(source);
    this.#file = file;
    this.#names = names;
  }

  tag(sigil: string, tokens: readonly Token[], from: number): void {
    if (tokens.filter(({ text }) => text === '(').length > mostBrackets) {
      this.#fault(from, `a tag has more than ${mostBrackets} opening brackets`);
      return;
    }
    const values = valuesOf(tokens);
    const [head] = values;
    const word = head?.[0]?.kind === 'word' ? head[0].text : '';
    const only = values.length === 1 && head?.length === 1 ? head[0] : undefined;
    if (sigil === '' && only?.kind === 'string')
      this.written.writeHidden({ text: unquoted(only.text), from: only.from });
    else if (sigil === '' && word === 'end') this.#end(from);
    else if (sigil === '' && word === 'else')
      this.#else(values.slice(1), head as Token[], from); // it has the word
    else if (sigil === '' && Object.hasOwn(goBlocks, word) && values.length > 1)
      this.#begin(word, values.slice(1), from);
    else this.#plain(sigil, tokens, from);
  }

  #begin(word: string, values: Token[][], from: number): void {
    const { name, isInner } = goBlocks[word] as { name: string; isInner: boolean }; // it was looked for
    this.written.write([{ text: `{{#${name} `, from }, ...this.#subject(values), { text: '}}', from }]);
    this.#open.push({ name, isGo: true, isInner });
  }

  #else(values: Token[][], head: Token[], from: number): void {
    const block = this.#open.at(-1);
    // Where there was nothing to step into, a dot means what it does around the block.
    if (block) block.isInner = false;
    const [condition, ...rest] = values;
    const isChain = condition?.[0]?.text === 'if' && rest.length > 0;
    const tail = isChain
      ? [{ text: ' if ', from }, ...this.#subject(rest)]
      : values.flatMap((value) => [space(value), ...this.#value(value)]);
    this.written.write([{ text: '{{', from }, ...head, ...tail, { text: '}}', from }]);
  }

  #end(from: number): void {
    const block = this.#open.pop();
    if (block?.isGo) this.written.write([{ text: `{{/${block.name}}}`, from }]);
    else this.#fault(from, block ? `{{#${block.name}}} ends with {{/${block.name}}}` : '{{end}} ends nothing');
  }

  #plain(sigil: string, tokens: readonly Token[], from: number): void {
    const values = valuesOf(tokens);
    const word = values[0]?.[0]?.text ?? '';
    // A triple mustache means the same as a double one.
    const sign = sigil === '{' || sigil === '&' ? '' : sigil;
    const pieces = sign === '' ? this.#call(values) : values.flatMap((value) => [space(value), ...this.#value(value)]);
    this.written.write([{ text: `{{${sign}`, from }, ...pieces, { text: '}}', from }]);
    if (sign === '#' || (sign === '^' && word !== ''))
      this.#open.push({ name: word, isGo: false, isInner: word === 'each' || word === 'with' });
    else if (sign === '/') this.#open.pop();
    else if (sign === '^' && this.#open.length > 0) (this.#open.at(-1) as OpenBlock).isInner = false;
  }

  /** What a block is about: a value, or a call that Go writes without brackets. */
  #subject(values: Token[][]): Piece[] {
    const from = values[0]?.[0]?.from ?? 0;
    if (values.length === 1) return this.#value(values[0] as Token[]);
    return [{ text: '(', from }, ...this.#call(values), { text: ')', from }];
  }

  /** A helper with its values, or a value alone. */
  #call(values: readonly Token[][]): Piece[] {
    const [head, ...rest] = values;
    const first = head?.[0];
    if (!head || !first) return [];
    if (rest.length === 0) return this.#value(head);
    const given = rest.map((value) => this.#value(value));
    if (first.text === 'index') return lookups(given, first.from);
    const name = Object.hasOwn(goHelpers, first.text) ? (goHelpers[first.text] as string) : first.text;
    return [{ text: name, from: first.from }, ...given.flatMap((value) => [space(value), ...value])];
  }

  #value(tokens: readonly Token[]): Piece[] {
    const [first, ...rest] = tokens;
    const last = rest.at(-1);
    if (first?.text === '(' && last?.text === ')') return [first, ...this.#call(valuesOf(rest.slice(0, -1))), last];
    const equals = tokens.findIndex(({ text }) => text === '=');
    if (equals > 0) return [...tokens.slice(0, equals + 1), ...this.#value(tokens.slice(equals + 1))];
    return tokens.map((token) => ({ text: this.#rewritten(token), from: token.from }));
  }

  #rewritten({ kind, text, from }: Token): string {
    const plain = withoutSentinels(text);
    if (kind === 'string') return plain.startsWith('`') ? quoted(plain.slice(1, -1)) : plain;
    if (kind !== 'word') return plain;
    const [, dollar, path] = /^(\$?)(\.(?![./]).*|)$/s.exec(plain) ?? [];
    const isInner = this.#open.some((block) => block.isInner);
    if (path !== undefined) {
      const fault = isInner && dollar === '' ? undefined : this.#names.refuse(path);
      if (fault) this.#fault(from, fault);
      const start = dollar ? `@root.${this.#names.dot}` : isInner ? 'this' : this.#names.dot;
      return path.length > 1 ? start + path : start;
    }
    // Inside of a block of Go's a name without a dot is no field of what the block is about.
    const isOurs = this.#names.names.includes(/^[^.[/]*/.exec(plain)?.[0] ?? '');
    const isInGo = this.#open.findLast((block) => block.isInner)?.isGo === true;
    return isOurs && isInGo ? `@root.${plain}` : plain;
  }

  #fault(offset: number, message: string): void {
    this.faults.push({ path: '', message, file: this.#file, ...this.written.positionAt(offset) });
  }
}

const mostBrackets = 100;

const goBlocks: Record<string, { name: string; isInner: boolean }> = {
  if: { name: 'if', isInner: false },
  range: { name: 'each', isInner: true },
  with: { name: 'with', isInner: true },
};

const goHelpers: Record<string, string> = { le: 'lte', ge: 'gte', len: 'length' };

/** The tokens between white space; brackets hold theirs together. */
function valuesOf(tokens: readonly Token[]): Token[][] {
  const values: Token[][] = [];
  let open: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (token.kind === 'space' && depth <= 0) {
      if (open.length > 0) values.push(open);
      open = [];
    } else open.push(token);
  }
  return open.length > 0 ? [...values, open] : values;
}

/** `index list 1 "name"`: what is in the list, and what is in that. */
function lookups([list = [], ...keys]: Piece[][], from: number): Piece[] {
  const [first, ...rest] = keys;
  if (!first) return list;
  const start: Piece[] = rest.flatMap(() => [{ text: 'lookup (', from }]);
  const innermost: Piece[] = [{ text: 'lookup ', from }, ...list, { text: ' ', from }, ...first];
  return [...start, ...innermost, ...rest.flatMap((key): Piece[] => [{ text: ') ', from }, ...key])];
}

function space(before: readonly Piece[]): Piece {
  return { text: ' ', from: before[0]?.from ?? 0 };
}

/** In quotes that it doesn't hold. */
function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

function unquoted(literal: string): string {
  const inside = literal.slice(1, -1);
  if (literal.startsWith('`')) return inside;
  return literal.startsWith('"') ? inside.replaceAll('\\"', '"') : inside.replaceAll("\\'", "'");
}
