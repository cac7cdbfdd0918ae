/** Where a value stands in JSON: `data.items[0].name`, `["a key"].b`; each part is a key or an index. */
export type Path = readonly (string | number)[];

const part = /(?:^|(?<!^)\.)([^.[\]"]+)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Undefined if the text is no path. */
export function parsePath(text: string): Path | undefined {
  const parts: (string | number)[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) return undefined;
    const [, key, index, quoted] = found;
    if (quoted !== undefined) parts.push(JSON.parse(quoted) as string);
    else parts.push(index === undefined ? (key as string) : Number(index));
  }
  return parts.length > 0 ? parts : undefined;
}

/** The value at the path: own fields and elements only, so that no payload reaches a prototype. */
export function readPath(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}
