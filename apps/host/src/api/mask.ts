import type { LoadedConfig } from '../config/config.ts';
import type { AccessToken } from '../context.ts';
import { escapeHtml } from '../pages/html.ts';

/** Shorter values would mask ordinary words. */
const shortestMasked = 6;

/**
 * The second line against secrets in answers: what is stored holds references only, and should a value come back in
 * some vendor's answer, in whatever encoding, it is replaced by its reference here.
 */
export class Mask {
  /** From what a value looks like to what stands in its place, the longest first. */
  readonly #forms: [form: string, reference: string][];

  constructor({ config, tokens }: { config: Pick<LoadedConfig, 'secrets'>; tokens: readonly AccessToken[] }) {
    const secrets: [string, string][] = [
      ...config.secrets,
      ...tokens.map(({ name, value }): [string, string] => [
        `\${token:${encodeURIComponent(name.toWellFormed())}}`,
        value,
      ]),
    ];
    const forms = new Map<string, string>();
    for (const [reference, value] of secrets) {
      if (value.length < shortestMasked) continue;
      for (const form of formsOf(value)) if (!forms.has(form)) forms.set(form, reference);
    }
    this.#forms = [...forms].sort(([left], [right]) => right.length - left.length);
  }

  text(text: string): string {
    let masked = text;
    for (const [form, reference] of this.#forms) {
      if (masked.includes(form)) masked = masked.replaceAll(form, () => reference);
    }
    return masked;
  }

  /** The same JSON value with every text in it masked; keys stay as they are. */
  deep<Value>(value: Value): Value {
    // Only texts change, never the shape.
    return this.#deep(value) as Value;
  }

  #deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#deep(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, this.#deep(inside)]));
  }
}

/** As it is, and as it looks inside JSON (of any writer), an address, a form, HTML, and Base64 (a basic or other header). */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].map((offset) => insideBase64(bytes, offset)).filter((form) => form.length >= 8);
  return [
    value,
    json,
    json.replaceAll('/', '\\/'),
    inAscii(json),
    inAscii(json).replaceAll('/', '\\/'),
    encodeURIComponent(value),
    value.split('/').map(encodeURIComponent).join('/'),
    new URLSearchParams({ '': value }).toString().slice(1),
    escapeHtml(value),
    ...encoded,
    ...encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The characters that a value always has in the Base64 of a longer text in which it begins after `offset` bytes (mod 3). */
function insideBase64(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
