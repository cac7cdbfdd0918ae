import { type HttpRequest, signingSecrets, TocsinError } from '@tocsin/core';
import { resolveSecrets } from '../config/reference.ts';
import { storedSecrets } from '../config/secret-id.ts';
import type { Registry } from '../registry.ts';
import { readSigningSecret, signMessage } from '../standard-webhooks.ts';
import { Failure } from './failure.ts';
import type { Vault } from './vault.ts';

/** Signs a request exactly as it leaves; `now` in milliseconds is the time of the attempt. */
export type Signer = (request: HttpRequest, now: number) => HttpRequest;

/** Those of the targets that declare a signature and have secrets for it. */
export function signersOf(
  { config, targets }: Pick<Registry, 'config' | 'targets'>,
  vault: Pick<Vault, 'reveal'>,
): Map<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const [id, { integration, settings }] of targets) {
    const { auth } = integration.definition;
    if (!auth) continue;
    const secrets = signingSecrets(auth, settings).map(({ text }): ((url: string) => Buffer) => {
      // The store's may be another at each attempt.
      if (storedSecrets([text]).length > 0) return (url) => liveSecretOf(vault.reveal(text, { target: id, url }), id);
      const secret = secretOf(resolveSecrets(text, config.secrets), id);
      return () => secret;
    });
    if (secrets.length > 0) signers.set(id, (request, now) => signed(request, secrets, now, id));
  }
  return signers;
}

function signed(
  request: HttpRequest,
  secrets: readonly ((url: string) => Buffer)[],
  now: number,
  target: string,
): HttpRequest {
  const { headers = {}, body = '' } = request;
  const id = headers['webhook-id'];
  if (!id) {
    throw new TocsinError('integration', 'a request that is signed has no header webhook-id', {
      origin: target,
      remedy: 'Tell the author of the integration.',
    });
  }
  const message = { id, timestamp: `${Math.floor(now / 1000)}` };
  const signature = secrets.map((secretFor) => signMessage(secretFor(request.url), message, body)).join(' ');
  return {
    ...request,
    headers: { ...headers, 'webhook-timestamp': message.timestamp, 'webhook-signature': signature },
  };
}

function secretOf(text: string, target: string): Buffer {
  const secret = readSigningSecret(text);
  if (secret) return secret;
  throw new TocsinError('config', noSecret, { origin: target, remedy: signingSecretRemedy });
}

/** Once it is set to a right one, what is owed can go. */
function liveSecretOf(text: string, target: string): Buffer {
  const secret = text.startsWith('whsec_') ? readSigningSecret(text) : undefined;
  if (secret) return secret;
  throw new Failure(`${target}: ${noSecret}`, `${signingSecretRemedy} Set it with tocsin secrets set.`);
}

const noSecret = 'its signing secret is none';

/** What a signing secret must be, for whoever has written another. */
export const signingSecretRemedy = 'Write `whsec_` and 24 to 64 random bytes in base64.';
