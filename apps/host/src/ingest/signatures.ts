import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Verification } from '@tocsin/core';
import { resolveSecrets } from '../config/reference.ts';
import type { Registry } from '../registry.ts';

/** Milliseconds that a signed time may lie before or after ours. */
const timeTolerance = 5 * 60_000;

type Hmac = Extract<Verification, { kind: 'hmac' }>;

/** The signatures that requests may have in place of their source's key. */
export class Signatures {
  readonly #sources = new Map<string, { verify: Hmac; keys: string[] }>();
  readonly #headers = new Set<string>();

  constructor({ config, sources }: Pick<Registry, 'config' | 'sources'>) {
    for (const [id, { integration, config: source }] of sources) {
      const { verify } = integration.definition;
      if (verify?.kind !== 'hmac') continue;
      this.#sources.set(id, { verify, keys: source.keys.map(({ value }) => resolveSecrets(value, config.secrets)) });
      this.#headers.add(verify.header);
    }
  }

  /** Whether it has a header of any source's signature: so nobody learns which source has which. */
  isClaimed(headers: IncomingHttpHeaders): boolean {
    for (const name of this.#headers) if (headers[name] !== undefined) return true;
    return false;
  }

  /** What the signature over the bytes of a body is worth; `none` where there is none, or the source knows of none. */
  check(source: string, headers: IncomingHttpHeaders, body: Buffer, now: number): 'valid' | 'invalid' | 'none' {
    const known = this.#sources.get(source);
    const given = known && headers[known.verify.header];
    if (!known || given === undefined) return 'none';
    const timestamp = known.verify.timestampHeader && headers[known.verify.timestampHeader];
    // `now` is in milliseconds, and what is signed is in seconds.
    if (timestamp && !(Math.abs(Number(timestamp) * 1000 - now) <= timeTolerance)) return 'invalid';
    const signature = Buffer.from(String(given).toLowerCase());
    let isValid = false;
    for (const key of known.keys) {
      const expected = Buffer.from(signatureOf(key, timestamp ? String(timestamp) : undefined, body));
      isValid = (signature.length === expected.length && timingSafeEqual(signature, expected)) || isValid;
    }
    return isValid ? 'valid' : 'invalid';
  }
}

function signatureOf(key: string, timestamp: string | undefined, body: Buffer): string {
  const hmac = createHmac('sha256', key);
  if (timestamp !== undefined) hmac.update(`${timestamp}:`);
  return hmac.update(body).digest('hex');
}
