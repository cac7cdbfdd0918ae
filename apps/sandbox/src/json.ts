/** Deeper JSON than this is taken for text: no service documents such messages, and walking them costs stack. */
const DEEPEST = 100;

/** The parsed text, or undefined where it isn't JSON or nests deeper than a message ever does. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, DEEPEST) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Level by level, so that depth costs no stack. */
function isDeeperThan(value: unknown, depth: number): boolean {
  let level = [value];
  for (let deep = 0; level.length > 0; deep += 1) {
    if (deep > depth) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** The text of bytes, and whether they were UTF-8 all through. */
export function decodeText(bytes: Buffer): { text: string; valid: boolean } {
  const text = bytes.toString('utf8');
  return { text, valid: Buffer.byteLength(text) === bytes.length && Buffer.from(text).equals(bytes) };
}
