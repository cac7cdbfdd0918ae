import { bracketed, keyOf } from './code.ts';
import type { Field } from './fields.ts';

/** Of a path: a scalar with the types that were seen, an object of others, or an object of any scalars. */
interface Node {
  types: Set<string>;
  isMap: boolean;
  isOptional: boolean;
  isNullable: boolean;
  children: Map<string, Node>;
}

/** The schema of what a source reads, built up path by path. */
export class Schema {
  readonly #root = newNode();

  /** Whatever a decision needs is `needed`: without it the alert is refused. Anything else may be missing. */
  add({ path, values }: Field, needed: boolean): void {
    const node = this.#at(path, needed);
    for (const value of values) {
      if (value === null) node.isNullable = true;
      else if (value !== undefined) node.types.add(typeof value);
    }
    node.isOptional &&= !needed || values.some((value) => value === undefined);
  }

  /** An object of which every field is read. */
  addMap(path: readonly string[], needed: boolean): void {
    const node = this.#at(path, needed);
    node.isMap = true;
    node.isOptional &&= !needed;
  }

  /** A text that no sample has. */
  addMissing(path: readonly string[]): void {
    this.#at(path, false).types.add('string');
  }

  /** Whether what stands at the path may be missing or null. */
  mayLack(path: readonly string[]): boolean {
    let node: Node | undefined = this.#root;
    for (const key of path) node = node?.children.get(key);
    return node === undefined || node.isOptional || node.isNullable;
  }

  /** `const payload = z.looseObject({…});`, with the list at `listAt` of what `element` names. */
  print(name: string, list?: { at: readonly string[]; element: string }): string {
    if (list?.at.length === 0) return `const ${name} = z.array(${list.element});`;
    return printed(this.#root, `const ${name} = `, ';', '', list);
  }

  #at(path: readonly string[], needed: boolean): Node {
    let node = this.#root;
    for (const [index, key] of path.entries()) {
      const child = node.children.get(key) ?? newNode();
      node.children.set(key, child);
      if (needed && index < path.length - 1) child.isOptional = false;
      node = child;
    }
    return node;
  }
}

function newNode(): Node {
  return { types: new Set(), isMap: false, isOptional: true, isNullable: false, children: new Map() };
}

function printed(
  node: Node,
  before: string,
  after: string,
  indent: string,
  list?: { at: readonly string[]; element: string },
): string {
  const [listKey, ...rest] = list?.at ?? [];
  const keys = new Set([...node.children.keys(), ...(listKey === undefined ? [] : [listKey])]);
  const entries = [...keys].map((key) => {
    const child = node.children.get(key) ?? { ...newNode(), isOptional: false };
    if (key === listKey && list && rest.length === 0) return `${keyOf(key)}: z.array(${list.element})`;
    const inner = key === listKey && list ? { at: rest, element: list.element } : undefined;
    if (inner) child.isOptional = false;
    if (child.children.size > 0 || inner) return printed(child, `${keyOf(key)}: `, ending(child), `${indent}  `, inner);
    return `${keyOf(key)}: ${typeOf(child)}${ending(child)}`;
  });
  const text = bracketed(before, ['z.looseObject({', '})'], entries, after, indent);
  if (!after.startsWith('.') || !text.includes('\n')) return text;
  // A chain that doesn't fit on a line is broken before each of its calls.
  const inner = `${indent}  `;
  const deeper = entries.map((entry) => entry.replaceAll('\n', '\n  '));
  return `${before}z\n${bracketed(`${inner}.looseObject(`, ['{', '}'], [...deeper], ')', inner)}\n${inner}${after}`;
}

function ending({ isOptional, isNullable }: Node): string {
  if (isOptional) return isNullable ? '.nullish()' : '.optional()';
  return isNullable ? '.nullable()' : '';
}

function typeOf({ types, isMap }: Node): string {
  if (isMap) return 'z.record(z.string(), z.unknown())';
  const names = [...types].sort();
  if (names.length === 0) return 'z.unknown()';
  if (names.length === 1) return `z.${names[0]}()`;
  return `z.union([${names.map((name) => `z.${name}()`).join(', ')}])`;
}
