import { TocsinError } from '@tocsin/core';

/** `${kind:name}` inside a text. `text` is the whole of it, as written. */
export interface Reference {
  kind: string;
  name: string;
  text: string;
}

/** The plain pieces (with `$${` already read as `${`) and the references of a text, in their order. */
export function parseReferences(text: string): (string | Reference)[] {
  const parts: (string | Reference)[] = [];
  let plain = '';
  let rest = 0;
  while (rest < text.length) {
    const dollar = text.indexOf('$', rest);
    if (dollar < 0) break;
    plain += text.slice(rest, dollar);
    if (text.startsWith('$${', dollar)) {
      plain += '${';
      rest = dollar + 3;
    } else if (text.startsWith('${', dollar)) {
      if (plain !== '') parts.push(plain);
      plain = '';
      const reference = referenceAt(text, dollar);
      parts.push(reference);
      rest = dollar + reference.text.length;
    } else {
      plain += '$';
      rest = dollar + 1;
    }
  }
  plain += text.slice(rest);
  if (plain !== '') parts.push(plain);
  return parts;
}

/** The text with each reference replaced and `$${` read as `${`. What is put in is not looked at again. */
export function replaceReferences(text: string, replace: (reference: Reference) => string): string {
  if (!text.includes('${')) return text;
  return parseReferences(text)
    .map((part) => (typeof part === 'string' ? part : replace(part)))
    .join('');
}

/** The same JSON value with the references in all its texts replaced; keys stay as they are. */
export function mapReferences(value: unknown, replace: (reference: Reference) => string): unknown {
  if (typeof value === 'string') return replaceReferences(value, replace);
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, replace));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, mapReferences(inside, replace)]));
}

/** A text of the config with the values of its references. Only for the door where the value is used. */
export function resolveSecrets(text: string, secrets: ReadonlyMap<string, string>): string {
  return replaceReferences(text, (reference) => {
    const value = secrets.get(reference.text);
    if (value !== undefined) return value;
    throw new TocsinError('config', `${reference.text} has no value`, {
      remedy: 'Write it in the config file, and restart.',
    });
  });
}

/** One that is not closed takes the rest of the text; one without a colon has no kind. */
function referenceAt(text: string, start: number): Reference {
  const end = text.indexOf('}', start);
  const whole = end < 0 ? text.slice(start) : text.slice(start, end + 1);
  const inside = whole.slice(2, end < 0 ? undefined : -1);
  const colon = end < 0 ? -1 : inside.indexOf(':');
  return { kind: inside.slice(0, Math.max(colon, 0)), name: inside.slice(colon + 1), text: whole };
}
