import { randomBytes } from 'node:crypto';
import { type HttpRequest, TocsinError } from '@tocsin/core';
import { mapReferences } from '../config/reference.ts';
import type { Failpoints } from '../failpoints.ts';
import { maskWith, type SecretForm, secretForms } from '../secret-forms.ts';

/**
 * Keeps the secrets' values away from everything but the door. Settings get stand-ins that nobody outside this process
 * can guess, so that a `${env:NAME}` in a payload stays the plain text that it is.
 */
export class Vault {
  readonly #values: ReadonlyMap<string, string>;
  /** What every stand-in starts with; the number of its reference and an `x` follow. */
  readonly #prefix = `tocsin${randomBytes(16).toString('hex')}x`;
  readonly #references: string[];
  readonly #forms: readonly SecretForm[];

  readonly #showsValues: boolean;

  constructor(values: ReadonlyMap<string, string>, failpoints?: Pick<Failpoints, 'has'>) {
    this.#showsValues = failpoints?.has('no-mask') ?? false;
    this.#values = values;
    this.#references = [...values.keys()];
    this.#forms = secretForms(values);
  }

  /** Settings with a stand-in for every reference. */
  seal(settings: unknown): unknown {
    return mapReferences(settings, ({ text }) => {
      const index = this.#references.indexOf(text);
      if (index >= 0) return `${this.#prefix}${index}x`;
      throw new TocsinError('config', `${text} has no value`, { remedy: 'Write it in the config file, and restart.' });
    });
  }

  /** The request with the values, each encoded for its place. Only the door calls this. */
  open(request: HttpRequest): HttpRequest {
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name, this.#fill(value, (secret) => secret)]),
    );
    const type = headerOf(headers, 'content-type');
    const encode = type.includes('json') ? jsonText : type.includes('urlencoded') ? encodeURIComponent : plain;
    return {
      ...request,
      url: this.#openUrl(request.url),
      headers,
      ...(request.body === undefined ? {} : { body: this.#fill(request.body, encode) }),
    };
  }

  /** Text for people: stand-ins become the references again, and known values their references, however they are encoded. */
  mask(text: string): string {
    if (this.#showsValues) return this.#fill(text, plain);
    return maskWith(
      this.#forms,
      this.#replace(text, (reference) => reference),
    );
  }

  /** The request for people. */
  show({ method, url, headers, body }: HttpRequest): HttpRequest {
    const shown = Object.entries(headers ?? {}).map(([name, value]) => [name, this.mask(value)]);
    return {
      method,
      url: this.mask(url),
      ...(headers ? { headers: Object.fromEntries(shown) } : {}),
      ...(body === undefined ? {} : { body: this.mask(body) }),
    };
  }

  #openUrl(url: string): string {
    if (url.startsWith(this.#prefix)) {
      const end = url.indexOf('x', this.#prefix.length) + 1;
      return this.#fill(url.slice(0, end), plain) + this.#openUrl(url.slice(end));
    }
    const query = url.indexOf('?');
    if (query < 0) return this.#fill(url, pathText);
    return this.#fill(url.slice(0, query), pathText) + this.#fill(url.slice(query), encodeURIComponent);
  }

  #fill(text: string, encode: (value: string) => string): string {
    return this.#replace(text, (reference) => encode(this.#values.get(reference) as string));
  }

  #replace(text: string, replacement: (reference: string) => string): string {
    const [first = '', ...rest] = text.split(this.#prefix);
    const filled = rest.map((part) => {
      const end = part.indexOf('x');
      const reference = this.#references[Number(part.slice(0, end))] as string;
      return replacement(reference) + part.slice(end + 1);
    });
    return first + filled.join('');
  }
}

function headerOf(headers: Readonly<Record<string, string>>, name: string): string {
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name);
  return (found?.[1] ?? '').toLowerCase();
}

function plain(value: string): string {
  return value;
}

function jsonText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** A secret may hold several path segments (`T000/B000/XXXX`), never a way up or the start of a query. */
function pathText(value: string): string {
  const segments = value.split('/');
  if (segments.includes('..') || segments.includes('.')) {
    throw new TocsinError('egress', 'a secret in the URL contains `..`', {
      remedy: 'Write the path itself in the config.',
    });
  }
  return segments.map(encodeURIComponent).join('/');
}
