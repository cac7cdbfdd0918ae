/** A way into the config: `['routes', 0, 'match']`. */
export type Path = readonly (string | number)[];

/** `routes[0].match`, `sources[1].labels["a b"]`; empty for the whole file. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** What lies at the path in a plain value; nothing where the way ends. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, step) => {
    if (inside === null || typeof inside !== 'object' || !Object.hasOwn(inside, step)) return undefined;
    return (inside as Record<string | number, unknown>)[step]; // an object that has this step of its own, seen just above
  }, value);
}

/** The same value with the text at one path replaced. The path must lead to something. */
export function withValueAt<Value>(value: Value, path: Path, text: unknown): Value {
  const [step, ...rest] = path;
  if (step === undefined) return text as Value; // the caller replaces a leaf by one of the same kind
  const inside = valueAt(value, [step]);
  const replaced = withValueAt(inside, rest, text);
  if (Array.isArray(value)) return value.with(step as number, replaced) as Value; // a list's steps are its indexes
  return { ...value, [step]: replaced };
}
