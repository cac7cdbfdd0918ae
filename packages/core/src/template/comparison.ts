/** Handlebars' truth: false, null, undefined, "", 0, NaN and empty lists are not true. */
export function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Plain values are the same when their texts are (a label's "5" and the number 5); null is undefined. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left === null || left === undefined) return right === null || right === undefined;
  if (right === null || right === undefined) return false;
  return typeof left !== 'object' && typeof right !== 'object' && String(left) === String(right);
}

/** Negative, 0 or positive: by number when both are numbers or their texts, else by text; undefined if neither fits. */
export function order(left: unknown, right: unknown): number | undefined {
  const [leftNumber, rightNumber] = [readNumber(left), readNumber(right)];
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A finite number, or the text of one. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
