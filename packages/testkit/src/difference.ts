const most = 5;

/** Where two JSON values differ, as sentences, at most five. */
export function differences(expected: unknown, actual: unknown): string[] {
  const found: string[] = [];
  compare(expected, actual, '', found);
  const rest = found.length - most;
  return rest > 0 ? [...found.slice(0, most), `and ${rest} more`] : found;
}

function compare(expected: unknown, actual: unknown, path: string, found: string[]): void {
  if (Object.is(expected, actual)) return;
  if (!isObject(expected) || !isObject(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    found.push(`${path || 'the whole'} is ${shown(actual)} and should be ${shown(expected)}`);
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const inner = Array.isArray(expected) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    compare(own(expected, key), own(actual, key), inner, found);
  }
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** The lines that go and come, with two lines around them, as `diff` shows them. */
export function lineDifference(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const kept = commonLines(old, fresh);
  const lines: string[] = [];
  let [left, right] = [0, 0];
  for (const [oldIndex, freshIndex] of [...kept, [old.length, fresh.length] as const]) {
    while (left < oldIndex) lines.push(`- ${old[left++]}`);
    while (right < freshIndex) lines.push(`+ ${fresh[right++]}`);
    if (left < old.length) lines.push(`  ${old[left]}`);
    left++;
    right++;
  }
  return lines
    .filter((_, index) => lines.slice(Math.max(0, index - 2), index + 3).some((line) => /^[-+]/.test(line)))
    .join('\n');
}

/** The longest common subsequence, as pairs of indices. */
function commonLines(old: readonly string[], fresh: readonly string[]): [number, number][] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = fresh.length - 1; column >= 0; column--) {
      (lengths[row] as Uint16Array)[column] =
        old[row] === fresh[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: [number, number][] = [];
  let [row, column] = [0, 0];
  while (row < old.length && column < fresh.length) {
    if (old[row] === fresh[column]) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
}
