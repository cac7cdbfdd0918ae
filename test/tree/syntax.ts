import { parseAst } from 'vitest/node';
import type { Place, Tree } from './tree.ts';

/** A node of the syntax tree (ESTree with TypeScript); its other fields depend on its type. */
export interface SyntaxNode {
  type: string;
  start: number;
  [field: string]: unknown;
}

/** One source file with every node of it, in the order of the text. */
export interface SourceFile {
  path: string;
  nodes: SyntaxNode[];
  placeOf(node: SyntaxNode): Place;
}

export interface Import extends Place {
  specifier: string;
}

/** The tree's TypeScript and JavaScript whose path matches. */
export function sourceFiles(tree: Tree, where: RegExp): SourceFile[] {
  return [...tree]
    .filter(([path]) => where.test(path) && /\.(ts|mts|js|mjs)$/.test(path))
    .map(([path, text]) => parse(path, text));
}

/** Whatever a file takes from elsewhere: `import`, `export … from`, `import()`, and `import('…')` in a type. */
export function importsOf(file: SourceFile): Import[] {
  return file.nodes.flatMap((node) => {
    if (!/^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type)) return [];
    const specifier = literal(node.source);
    return specifier === undefined ? [] : [{ ...file.placeOf(node), specifier }];
  });
}

/** `Date.now` for the callee of `Date.now()`, `Date` for that of `Date()` and `new Date()`; undefined for anything longer. */
export function calleeName(node: SyntaxNode): string | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  return nameOf(node.callee);
}

export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return String(value.name);
  if (value.type !== 'MemberExpression') return undefined;
  const object = nameOf(value.object);
  const property = value.computed ? literal(value.property) : nameOf(value.property);
  return object && property ? `${object}.${property}` : undefined;
}

/** The text of a string, or of a template without anything put in. */
export function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value.value === 'string') return value.value;
  if (value.type !== 'TemplateLiteral' || (value.expressions as unknown[]).length > 0) return undefined; // ESTree's shape
  return (value.quasis as { value: { cooked: string } }[])[0]?.value.cooked; // ESTree's shape
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** By text, as several rules look at the same file. */
const parsed = new Map<string, SourceFile>();

function parse(path: string, text: string): SourceFile {
  const known = parsed.get(text);
  if (known?.path === path) return known;
  const file = read(path, text);
  parsed.set(text, file);
  return file;
}

function read(path: string, text: string): SourceFile {
  const nodes: SyntaxNode[] = [];
  const collect = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (isNode(value)) {
      nodes.push(value);
      Object.values(value).forEach(collect);
    }
  };
  collect(parseText(path, text));
  return { path, nodes, placeOf: (node) => ({ path, line: text.slice(0, node.start).split('\n').length }) };
}

function parseText(path: string, text: string): unknown {
  const lang = path.endsWith('.d.ts') ? 'dts' : path.endsWith('ts') ? 'ts' : 'js';
  try {
    return parseAst(text, { lang }, path);
  } catch (cause) {
    throw new Error(`${path}: can't be parsed`, { cause });
  }
}
