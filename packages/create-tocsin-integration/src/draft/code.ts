/** As the repository's formatter leaves it. */
const longestLine = 120;

const plainKey = /^[A-Za-z_$][\w$]*$/;

export function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  const isDouble = escaped.includes("'") && !escaped.includes('"');
  return isDouble ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

export function literal(value: string | number | boolean): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

export function keyOf(name: string): string {
  return plainKey.test(name) ? name : quoted(name);
}

/** Where a value stands in JSON; a number is the index in a list. */
export type Path = readonly (string | number)[];

/** `alert.monitor?.name`, `alert['HOST.NAME']`; `mayLack` says of each prefix of the path whether it may be missing. */
export function access(root: string, path: Path, mayLack: (prefix: Path) => boolean): string {
  return path.reduce<string>((code, key, index) => {
    const isOptional = index > 0 && mayLack(path.slice(0, index));
    const [dot, bracket] = isOptional ? ['?.', '?.'] : ['.', ''];
    if (typeof key === 'number') return `${code}${bracket}[${key}]`;
    return code + (plainKey.test(key) ? `${dot}${key}` : `${bracket}[${quoted(key)}]`);
  }, root);
}

/**
 * `before` followed by a bracketed list and `after`: on one line where it fits, else an entry a line. The lines after
 * the first begin with `indent`.
 */
export function bracketed(
  before: string,
  [open, close]: readonly [string, string],
  entries: readonly string[],
  after: string,
  indent = '',
): string {
  const isObject = open.endsWith('{');
  const inner = entries.join(', ');
  const line = `${before}${open}${isObject ? ` ${inner} ` : inner}${close}${after}`;
  if (entries.every((entry) => !entry.includes('\n')) && indent.length + line.length <= longestLine) return line;
  const lines = entries.map((entry) => `${indent}  ${entry},\n`).join('');
  return `${before}${open}\n${lines}${indent}${close}${after}`;
}

/** `part: <head> expression,` of a definition, broken where the formatter breaks it. */
export function property(part: string, head: string, expression: string): string {
  const line = `  ${part}: ${head} ${expression},`;
  if (line.includes('\n') || line.length <= longestLine) return line;
  return `  ${part}: ${head}\n    ${expression},`;
}
