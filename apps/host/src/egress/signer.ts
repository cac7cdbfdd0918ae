import { type HttpRequest, signingSecrets, TocsinError } from '@tocsin/core';
import { resolveSecrets } from '../config/reference.ts';
import type { Registry } from '../registry.ts';
import { readSigningSecret, signMessage } from '../standard-webhooks.ts';

/** Signs a request exactly as it leaves; `now` in milliseconds is the time of the attempt. */
export type Signer = (request: HttpRequest, now: number) => HttpRequest;

/** Those of the targets that declare a signature and have secrets for it. */
export function signersOf({ config, targets }: Pick<Registry, 'config' | 'targets'>): Map<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const [id, { integration, settings }] of targets) {
    const { auth } = integration.definition;
    if (!auth) continue;
    const secrets = signingSecrets(auth, settings).map(({ text }) =>
      secretOf(resolveSecrets(text, config.secrets), id),
    );
    if (secrets.length > 0) signers.set(id, (request, now) => signed(request, secrets, now, id));
  }
  return signers;
}

function signed(request: HttpRequest, secrets: readonly Buffer[], now: number, target: string): HttpRequest {
  const { headers = {}, body = '' } = request;
  const id = headers['webhook-id'];
  if (!id) {
    throw new TocsinError('integration', 'a request that is signed has no header webhook-id', {
      origin: target,
      remedy: 'Tell the author of the integration.',
    });
  }
  const message = { id, timestamp: `${Math.floor(now / 1000)}` };
  const signature = secrets.map((secret) => signMessage(secret, message, body)).join(' ');
  return {
    ...request,
    headers: { ...headers, 'webhook-timestamp': message.timestamp, 'webhook-signature': signature },
  };
}

function secretOf(text: string, target: string): Buffer {
  const secret = readSigningSecret(text);
  if (secret) return secret;
  throw new TocsinError('config', 'its signing secret is none', { origin: target, remedy: signingSecretRemedy });
}

/** What a signing secret must be, for whoever has written another. */
export const signingSecretRemedy = 'Write `whsec_` and 24 to 64 random bytes in base64.';
