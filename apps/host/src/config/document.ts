import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Finding, type Place, quote } from './finding.ts';
import { formatPath, type Path } from './path.ts';
import { syntaxFaults } from './syntax.ts';

/** Line and column in the config file, both from 1. */
export interface Position {
  line: number;
  column: number;
}

/** The config file as plain values that know where they were written. */
export interface ConfigDocument {
  /** Objects, lists, texts, numbers, true, false, null; nothing at all if the syntax is broken, the file is no map or too big. */
  value: Record<string, unknown> | undefined;
  findings: Finding[];
  /** The place of a path; of its nearest parent where the file has no such key. */
  at(path: Path | string, place?: Place): Position;
}

const noMap = 'the config is no map of keys; begin with `version: 1`';
const mostValues = 100_000;
const deepest = 64;

/** Reads YAML 1.2 without merge keys and tags. Never throws. */
export function readDocument(source: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const reader = new Reader();
  const syntax = syntaxFaults(document);
  const value = syntax.length === 0 && isMap(document.contents) ? reader.read(document.contents, []) : undefined;
  if (syntax.length === 0 && value === undefined) syntax.push({ path: [], message: noMap });
  return {
    value: reader.isComplete ? (value as Record<string, unknown> | undefined) : undefined, // what a map is read as
    findings: [...syntax, ...reader.findings],
    at: (path, place = {}) => {
      const { line, col } = lines.linePos(place.offset ?? offsetOf(path, place, reader.spans, source));
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
  };
}

/** Where a value and its key are written, as offsets into the source. */
interface Span {
  key: number;
  start: number;
  end: number;
}

/** Turns nodes into plain values, and remembers the span of each path. */
class Reader {
  readonly spans = new Map<string, Span>();
  readonly findings: Finding[] = [];
  /** False once a bound was passed. */
  isComplete = true;
  readonly #anchors = new Map<string, Node>();
  /** The anchored nodes around the present one. */
  readonly #open = new Set<Node>();
  /** The outermost alias that is being followed. */
  #alias: { path: Path; offset?: number } | undefined;
  #values = 0;

  read(node: Node | null, path: Path, key?: Scalar): unknown {
    const [start, end] = node?.range ?? [0, 0];
    const keyStart = key?.range?.[0] ?? start;
    // An empty value is written nowhere; its key stands for it.
    this.spans.set(formatPath(path), { key: keyStart, start: start === end ? keyStart : start, end });
    return this.#valueOf(node, path);
  }

  #valueOf(node: Node | null, path: Path): unknown {
    this.#values += 1;
    if (this.#values > mostValues) return this.#stop(path, `more than ${mostValues} values, those of aliases included`);
    if (path.length > deepest) return this.#stop(path, `nested more than ${deepest} levels deep`);
    if (isAlias(node)) return this.#follow(node, path);
    // Any node but an alias may carry an anchor.
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (!node || !anchor) return this.#readNode(node, path);
    this.#anchors.set(anchor, node);
    this.#open.add(node);
    const value = this.#readNode(node, path);
    this.#open.delete(node);
    return value;
  }

  #readNode(node: Node | null, path: Path): unknown {
    if (isMap(node)) return this.#readMap(node.items as Pair<Scalar<string>, Node | null>[], path); // `stringKeys` refuses any other key
    if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node, [...path, index])); // parsed lists hold nodes
    return isScalar(node) ? this.#readScalar(node.value, path) : null;
  }

  #readScalar(value: unknown, path: Path): unknown {
    if (typeof value !== 'number') return value;
    const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (!isExact) this.#report({ path, message: 'this number cannot be kept exactly; put it in quotes' });
    return value;
  }

  #readMap(pairs: Pair<Scalar<string>, Node | null>[], path: Path): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const { key, value: node } of pairs) {
      const refuse = (message: string) => this.#report({ path, message, offset: key.range?.[0] });
      if (key.value === '__proto__') refuse('`__proto__` is no key; choose another name');
      else if (key.value === '<<') refuse('merge keys (`<<`) are not read; repeat the keys');
      else if (Object.hasOwn(value, key.value)) refuse(`the key ${quote(key.value)} stands here twice; remove one`);
      else value[key.value] = this.read(node, [...path, key.value], key);
    }
    return value;
  }

  #follow(alias: Alias, path: Path): unknown {
    const anchored = this.#anchors.get(alias.source);
    const name = quote(`&${alias.source}`);
    if (!anchored || this.#open.has(anchored)) {
      const message = anchored ? `lies inside ${name} itself` : `nothing before this place has the anchor ${name}`;
      this.#report({ path, message: `${message}; correct the name, or write the value`, offset: alias.range?.[0] });
      return null;
    }
    const outermost = this.#alias;
    this.#alias ??= { path, offset: alias.range?.[0] };
    const value = this.#valueOf(anchored, path);
    this.#alias = outermost;
    return value;
  }

  /** What an alias repeats was told at its anchor. */
  #report(finding: Finding): void {
    if (!this.#alias) this.findings.push(finding);
  }

  /** A bound is told once, however often it is passed. */
  #stop(path: Path, message: string): null {
    if (this.isComplete) this.findings.push({ path, ...this.#alias, message });
    this.isComplete = false;
    return null;
  }
}

function offsetOf(path: Path | string, place: Place, spans: ReadonlyMap<string, Span>, source: string): number {
  const span = spans.get(typeof path === 'string' ? path : formatPath(path));
  if (!span) return path.length === 0 ? 0 : offsetOf(parentOf(path), {}, spans, source);
  if (place.at === 'key') return span.key;
  const found = place.within === undefined ? -1 : indexOf(source.slice(span.start, span.end), place.within, place.skip);
  return span.start + Math.max(found, 0);
}

function indexOf(text: string, part: string, skip = 0): number {
  let found = text.indexOf(part);
  for (let left = skip; left > 0 && found >= 0; left--) found = text.indexOf(part, found + 1);
  return found;
}

function parentOf(path: Path | string): Path | string {
  if (typeof path !== 'string') return path.slice(0, -1);
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));
}
