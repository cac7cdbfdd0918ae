import type { IncomingHttpHeaders } from 'node:http';
import { resolveSecrets } from '../config/reference.ts';
import type { ConfiguredSource, Registry } from '../registry.ts';
import { isSignedMessage, readSigningSecret } from '../standard-webhooks.ts';
import { hmacVerifier } from './hmac.ts';
import { type Claim, headerOf, type Proof, type Verifier } from './proof.ts';
import { type FetchText, snsVerifier } from './sns.ts';

/** The signatures that requests may have in place of their source's key. */
export class Signatures {
  readonly #verifiers = new Map<string, Verifier>();
  readonly #headers = new Set<string>();
  readonly #isAnyGood: boolean;

  /** `fetchText` is the way out, for those that need a certificate or a confirmation. */
  constructor({ config, sources }: Pick<Registry, 'config' | 'sources'>, fetchText: FetchText, isAnyGood = false) {
    this.#isAnyGood = isAnyGood;
    for (const [id, source] of sources) {
      const keys = source.config.keys.map(({ value }) => resolveSecrets(value, config.secrets));
      const verifier = verifierOf(source, keys, fetchText);
      if (!verifier) continue;
      this.#verifiers.set(id, verifier);
      this.#headers.add(verifier.header);
    }
  }

  /** Whether it has a header of any source's signature: so nobody learns which source has which. */
  isClaimed(headers: IncomingHttpHeaders): boolean {
    for (const name of this.#headers) if (headers[name] !== undefined) return true;
    return false;
  }

  /** What the signature over the bytes of a body is worth. */
  async check(source: string, claim: Claim): Promise<Proof> {
    const verifier = this.#verifiers.get(source);
    if (!verifier || claim.headers[verifier.header] === undefined) return { outcome: 'none' };
    return this.#isAnyGood ? { outcome: 'valid' } : verifier.verify(claim);
  }
}

function verifierOf(
  { integration, settings }: ConfiguredSource,
  keys: readonly string[],
  fetchText: FetchText,
): Verifier | undefined {
  const { verify } = integration.definition;
  switch (verify?.kind) {
    case 'hmac':
      return hmacVerifier(verify, keys);
    case 'standard-webhooks':
      return standardWebhooksVerifier(keys);
    case 'sns':
      return snsVerifier(String((Object(settings) as Record<string, unknown>)[verify.topic] ?? ''), fetchText);
    default:
      return undefined;
  }
}

function standardWebhooksVerifier(keys: readonly string[]): Verifier {
  const secrets = keys.map(readSigningSecret).filter((secret) => secret !== undefined);
  return {
    header: 'webhook-signature',
    verify({ headers, body, now }): Proof {
      const id = headerOf(headers, 'webhook-id') ?? '';
      const timestamp = headerOf(headers, 'webhook-timestamp') ?? '';
      const signatures = headerOf(headers, 'webhook-signature') ?? '';
      if (!isSignedMessage(secrets, { id, timestamp }, signatures, body, now)) return { outcome: 'invalid' };
      return { outcome: 'valid', deliveryId: id };
    },
  };
}
