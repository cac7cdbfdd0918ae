/**
 * The value of an object's own, enumerable data property, or undefined. Prototypes are never read, functions (getters
 * among them) never called or handed out; of lists only elements and `length`.
 */
export function readProperty(value: unknown, key: string): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value) && key === 'length') return value.length;
  if (key === '__proto__') return undefined;
  const property = Object.getOwnPropertyDescriptor(value, key);
  if (property?.enumerable !== true || typeof property.value === 'function') return undefined;
  return property.value;
}

/** The keys that `readProperty` can read, in the object's order. */
export function readableKeys(value: object): string[] {
  return Object.keys(value).filter((key) => key !== '__proto__');
}

/** An object with named fields, not a list. */
export function isRecord(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
