import { X509Certificate } from 'node:crypto';

/** Gets an address by the one door for outgoing connections: the body of a 2xx, or nothing. Never rejects. */
export type FetchText = (url: string) => Promise<string | undefined>;

/** Milliseconds that a certificate is kept, and that one is not asked for again which could not be had. */
const kept = 24 * 60 * 60_000;
const pause = 60_000;
const mostKept = 16;
const mostAtOnce = 4;

interface Entry {
  certificate: X509Certificate | 'unavailable';
  until: number;
}

/** The certificates by which one host signs. What strangers make up is fetched at most four at a time, and soon forgotten. */
export class Certificates {
  readonly #host: string;
  readonly #fetchText: FetchText;
  readonly #entries = new Map<string, Entry>();
  readonly #fetching = new Map<string, Promise<Entry['certificate']>>();

  constructor(host: string, fetchText: FetchText) {
    this.#host = host;
    this.#fetchText = fetchText;
  }

  /** `foreign` where it isn't an address of this host's certificates. `now` in milliseconds. */
  async get(url: string, now: number): Promise<X509Certificate | 'foreign' | 'unavailable'> {
    // The text itself is compared: no two readers of addresses can take it for two hosts.
    const path = url.startsWith(`https://${this.#host}/`) ? url.slice(`https://${this.#host}/`.length) : '';
    if (!/^[A-Za-z0-9_-]{1,128}\.pem$/.test(path)) return 'foreign';
    const known = this.#entries.get(url);
    if (known && known.until > now) return known.certificate;
    const fetching = this.#fetching.get(url);
    if (fetching) return fetching;
    if (this.#fetching.size >= mostAtOnce) return 'unavailable';
    const asked = this.#fetch(url, now).finally(() => this.#fetching.delete(url));
    this.#fetching.set(url, asked);
    return asked;
  }

  async #fetch(url: string, now: number): Promise<Entry['certificate']> {
    const certificate = readCertificate(await this.#fetchText(url));
    this.#entries.delete(url);
    if (this.#entries.size >= mostKept) this.#forgetOne();
    this.#entries.set(url, { certificate, until: now + (certificate === 'unavailable' ? pause : kept) });
    return certificate;
  }

  /** What could not be had goes before what could, and the oldest first. */
  #forgetOne(): void {
    const entries = [...this.#entries];
    const [url] = entries.find(([, { certificate }]) => certificate === 'unavailable') ?? entries[0] ?? [];
    if (url !== undefined) this.#entries.delete(url);
  }
}

function readCertificate(pem: string | undefined): Entry['certificate'] {
  try {
    const certificate = new X509Certificate(pem ?? '');
    return certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : 'unavailable';
  } catch {
    return 'unavailable';
  }
}
