import { randomBytes } from 'node:crypto';
import { type HttpRequest, TocsinError } from '@tocsin/core';
import { mapReferences, replaceReferences } from '../config/reference.ts';
import type { Failpoints } from '../failpoints.ts';
import { type ChangingSecrets, SecretMask } from '../secret-forms.ts';

/** The secrets whose values change while the host runs. Each method throws where it says no. */
export interface StoredSecrets extends ChangingSecrets {
  /** The value, if this target may use it. */
  read(id: string, target: string): string;
  checkHost(id: string, host: string): void;
}

export interface VaultOptions {
  stored?: StoredSecrets;
  /** What else is masked. */
  tokens?: ChangingSecrets;
  failpoints?: Pick<Failpoints, 'has'>;
}

/** Gives the value of a reference, for one request. */
type Take = (reference: string) => string;

/**
 * Keeps the secrets' values away from everything but the door. Settings get stand-ins that nobody outside this process
 * can guess, so that a `${env:NAME}` in a payload stays the plain text that it is.
 */
export class Vault {
  readonly #values: ReadonlyMap<string, string>;
  readonly #stored: StoredSecrets | undefined;
  /** What every stand-in starts with; the number of its reference and an `x` follow. */
  readonly #prefix = `tocsin${randomBytes(16).toString('hex')}x`;
  readonly #references: string[];
  /** From the references to secrets of the store that settings have, to their ids. */
  readonly #ids = new Map<string, string>();
  readonly #mask: SecretMask;
  readonly #showsValues: boolean;

  constructor(values: ReadonlyMap<string, string>, { stored, tokens, failpoints }: VaultOptions = {}) {
    this.#showsValues = failpoints?.has('no-mask') ?? false;
    this.#values = values;
    this.#stored = stored;
    this.#references = [...values.keys()];
    this.#mask = new SecretMask(values, stored, tokens);
  }

  /** Settings with a stand-in for every reference. */
  seal(settings: unknown): unknown {
    return mapReferences(settings, ({ text, kind, name }) => {
      if (kind === 'secret' && !this.#ids.has(text)) {
        this.#ids.set(text, name);
        this.#references.push(text);
      }
      const index = this.#references.indexOf(text);
      if (index >= 0) return `${this.#prefix}${index}x`;
      throw new TocsinError('config', `${text} has no value`, { remedy: 'Write it in the config file, and restart.' });
    });
  }

  /**
   * The request of a target with the values, each encoded for its place. Throws where the target may not use one, or the
   * host of the address that comes out may not get it. Only the door calls this.
   */
  open(request: HttpRequest, target: string): HttpRequest {
    const taken = new Set<string>();
    const take: Take = (reference) => this.#valueOf(reference, target, taken);
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name, this.#fill(value, plain, take)]),
    );
    const type = headerOf(headers, 'content-type');
    const encode = type.includes('json') ? jsonText : type.includes('urlencoded') ? encodeURIComponent : plain;
    const opened = {
      ...request,
      url: this.#openUrl(request.url, take),
      headers,
      ...(request.body === undefined ? {} : { body: this.#fill(request.body, encode, take) }),
    };
    this.#checkHost(taken, opened.url);
    return opened;
  }

  /** An address for the browser of an admin, with the values in its query. */
  openAddress(url: string, target: string): string {
    return this.open({ method: 'GET', url }, target).url;
  }

  /** The same of a text of the config, for what is made of a secret on its way to this address. */
  reveal(text: string, { target, url }: { target: string; url: string }): string {
    const taken = new Set<string>();
    const revealed = replaceReferences(text, ({ text: reference, kind, name }) => {
      if (kind === 'secret') this.#ids.set(reference, name);
      return this.#valueOf(reference, target, taken);
    });
    this.#checkHost(taken, url);
    return revealed;
  }

  /** Text for people: stand-ins become the references again, and known values their references, however they are encoded. */
  mask(text: string): string {
    if (this.#showsValues) return this.#fill(text, plain, (reference) => this.#values.get(reference) ?? reference);
    return this.#mask.text(this.#replace(text, (reference) => reference));
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

  /** Those that are taken from the store are written down. */
  #valueOf(reference: string, target: string, taken: Set<string>): string {
    const value = this.#values.get(reference);
    if (value !== undefined) return value;
    const id = this.#ids.get(reference);
    if (id === undefined || !this.#stored) {
      throw new TocsinError('config', `${reference} has no value here`, { remedy: 'Ask the running hub to send it.' });
    }
    taken.add(id);
    return this.#stored.read(id, target);
  }

  /** An address that is none goes nowhere. */
  #checkHost(taken: ReadonlySet<string>, url: string): void {
    if (taken.size === 0 || !URL.canParse(url)) return;
    const { hostname } = new URL(url);
    for (const id of taken) this.#stored?.checkHost(id, hostname);
  }

  #openUrl(url: string, take: Take): string {
    if (url.startsWith(this.#prefix)) {
      const end = url.indexOf('x', this.#prefix.length) + 1;
      return this.#fill(url.slice(0, end), plain, take) + this.#openUrl(url.slice(end), take);
    }
    const query = url.indexOf('?');
    if (query < 0) return this.#fill(url, pathText, take);
    return this.#fill(url.slice(0, query), pathText, take) + this.#fill(url.slice(query), encodeURIComponent, take);
  }

  #fill(text: string, encode: (value: string) => string, take: Take): string {
    return this.#replace(text, (reference) => encode(take(reference)));
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
