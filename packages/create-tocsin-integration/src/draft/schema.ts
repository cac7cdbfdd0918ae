import { bracketed, keyOf, type Path } from './code.ts';

/** Of a path: a scalar with the types that were seen, an object or a list of others, or an object of any scalars. */
interface Node {
  types: Set<string>;
  isMap: boolean;
  isOptional: boolean;
  isNullable: boolean;
  children: Map<string, Node>;
  /** What is in it, if it is a list. */
  element?: Node;
}

/** The alerts in a payload: where, and the name of their schema; a list of them unless it `isOne`. */
export interface AlertsInside {
  at: readonly string[];
  element: string;
  isOne?: boolean;
}

/** The schema of what a source reads, built up path by path. */
export class Schema {
  readonly #root = newNode();

  /** Whatever a decision needs is `needed`: without it the alert is refused. Anything else may be missing. */
  add({ path, values }: { path: Path; values: readonly unknown[] }, needed: boolean): void {
    const node = this.#at(path, needed);
    for (const value of values) {
      if (value === null) node.isNullable = true;
      else if (value !== undefined) node.types.add(typeof value);
    }
    node.isOptional &&= !needed || values.some((value) => value === undefined);
  }

  /** An object of which every field is read. */
  addMap(path: Path, needed: boolean): void {
    const node = this.#at(path, needed);
    node.isMap = true;
    node.isOptional &&= !needed;
  }

  /** That null stands there in a sample. */
  addNull(path: Path): void {
    this.#at(path, false).isNullable = true;
  }

  /** A text that no sample has. */
  addMissing(path: Path): void {
    this.#at(path, false).types.add('string');
  }

  /** Whether what stands at the path may be missing or null. */
  mayLack(path: Path): boolean {
    let node: Node | undefined = this.#root;
    for (const key of path) node = typeof key === 'number' ? node?.element : node?.children.get(key);
    return node === undefined || node.isOptional || node.isNullable;
  }

  /** `const payload = z.looseObject({…});`, with the list at `listAt` of what `element` names. */
  print(name: string, list?: AlertsInside): string {
    if (list?.at.length === 0) return `const ${name} = z.array(${list.element});`;
    return printed(this.#root, `const ${name} = `, ';', '', list);
  }

  #at(path: Path, needed: boolean): Node {
    let node = this.#root;
    for (const [index, key] of path.entries()) {
      const child = (typeof key === 'number' ? node.element : node.children.get(key)) ?? newNode();
      if (typeof key === 'number') node.element = child;
      else node.children.set(key, child);
      if (needed && index < path.length - 1) child.isOptional = false;
      node = child;
    }
    return node;
  }
}

function newNode(): Node {
  return { types: new Set(), isMap: false, isOptional: true, isNullable: false, children: new Map() };
}

function printed(node: Node, before: string, after: string, indent: string, list?: AlertsInside): string {
  const [listKey, ...rest] = list?.at ?? [];
  const keys = new Set([...node.children.keys(), ...(listKey === undefined ? [] : [listKey])]);
  const entries = [...keys].map((key) => {
    const child = node.children.get(key) ?? { ...newNode(), isOptional: false };
    if (key === listKey && list && rest.length === 0) {
      return `${keyOf(key)}: ${list.isOne ? list.element : `z.array(${list.element})`}`;
    }
    const inner = key === listKey && list ? { ...list, at: rest } : undefined;
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

function typeOf({ types, isMap, element }: Node): string {
  // Of a list any element may be missing.
  if (element) return `z.array(${element.children.size > 0 ? printed(element, '', '', '') : typeOf(element)})`;
  if (isMap) return 'z.record(z.string(), z.unknown())';
  const names = [...types].sort();
  if (names.length === 0 || names.includes('object')) return 'z.unknown()';
  if (names.length === 1) return `z.${names[0]}()`;
  return `z.union([${names.map((name) => `z.${name}()`).join(', ')}])`;
}
