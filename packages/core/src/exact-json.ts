/** Shorter integers are exact in any case. */
const roundedFrom = /\d{16}/;

/**
 * The value of a text of JSON, in which an integer that a number would round, such as a 64-bit hash or id, is the text
 * of its digits. Throws a SyntaxError for what is no JSON.
 */
export function exactJson(text: string): unknown {
  return roundedFrom.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source = '' } = context ?? {};
  return /^-?\d+$/.test(source) && String(value) !== source ? source : value;
}
