import { exactJson, type Fault, TocsinError } from '@tocsin/core';

/** Nesting that no vendor comes near, far below what would exhaust a stack. */
const deepest = 100;

/** Digits of the shortest integer that a number may round. */
const longInteger = 16;
/** Beyond what programs write of one. */
const longestFraction = 1000;

/** Values in one body, counting keys' ones and list elements: more than fit into a body that says something with them. */
const mostValues = 50_000;

/**
 * The JSON of a request; integers that a number would round are texts. Throws a TocsinError `payload` that says where it stops being JSON, where it is nested too
 * deep, holds too many values, or where a key would reach an object's prototype.
 */
export function parseBody(text: string, origin: string, checksKeys = true): unknown {
  const fail = (faults: Fault[], remedy: string): never => {
    throw new TocsinError('payload', 'the body can’t be read', { origin, faults, remedy });
  };
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const { depth, values, digits } = sizeOf(body);
  if (depth > deepest) {
    fail(
      [{ path: '', message: `nested ${depth} levels deep; at most ${deepest} are read` }],
      'Send less deeply nested JSON.',
    );
  }
  if (values > mostValues) {
    const message = `has about ${values} values; at most ${mostValues} are read`;
    fail([{ path: '', message }], 'Send fewer alerts in one request.');
  }
  let value: unknown;
  try {
    value = digits < longInteger ? JSON.parse(body) : exactJson(body);
  } catch (error) {
    const message = body.trim() === '' ? 'the body is empty' : error instanceof Error ? error.message : String(error);
    fail([{ path: '', message }], 'Send JSON, with the header content-type: application/json.');
  }
  // Any of its letters may be written as an escape; a body that can't hide the key is not looked at.
  if (checksKeys && (body.includes('__proto__') || /\\u00(5f|6f|7[024])/i.test(body))) {
    const path = protoPath(value, '');
    if (path) fail([{ path, message: 'a key named __proto__ is not accepted' }], 'Rename the key.');
  }
  return value;
}

/** Outside strings: the deepest nesting of brackets, a bound of how many values there are, digits of the longest integer. */
function sizeOf(text: string): { depth: number; values: number; digits: number } {
  let depth = 0;
  let most = 0;
  let values = 1;
  let digits = 0;
  let longest = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) {
      if (++digits > longest) longest = digits;
      continue;
    }
    // Those of a fraction don't count.
    digits = code === 0x2e ? -longestFraction : 0;
    if (code === 0x22) index = endOfString(text, index + 1);
    else if (code === 0x7b || code === 0x5b) {
      most = Math.max(most, ++depth);
      values++;
    } else if (code === 0x2c) values++;
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: most, values, digits: longest };
}

/** Where the quote is that ends the string; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (end - escapes > start && text.charCodeAt(end - escapes - 1) === 0x5c) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function protoPath(value: unknown, path: string): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return `${path}${path ? '.' : ''}__proto__`;
  for (const [key, inner] of Object.entries(value)) {
    const found = protoPath(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}${path ? '.' : ''}${key}`);
    if (found) return found;
  }
  return undefined;
}
