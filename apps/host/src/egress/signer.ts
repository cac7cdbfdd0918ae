import { type Authentication, basicLogin, type HttpRequest, signingSecrets, TocsinError } from '@tocsin/core';
import { resolveSecrets } from '../config/reference.ts';
import type { Registry } from '../registry.ts';
import { readSigningSecret, signMessage } from '../standard-webhooks.ts';

/** Proves to a target who sends, in the request exactly as it leaves; `now` in milliseconds is the time of the attempt. */
export type Signer = (request: HttpRequest, now: number) => HttpRequest;

/** Those of the targets that declare a proof and have secrets for it. */
export function signersOf({ config, targets }: Pick<Registry, 'config' | 'targets'>): Map<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const [id, { integration, settings }] of targets) {
    const { auth } = integration.definition;
    const signer = auth && signerOf(auth, settings, (text) => resolveSecrets(text, config.secrets), id);
    if (signer) signers.set(id, signer);
  }
  return signers;
}

function signerOf(
  auth: Authentication,
  settings: unknown,
  resolve: (text: string) => string,
  target: string,
): Signer | undefined {
  if (auth.kind === 'basic') {
    const login = basicLogin(auth, settings);
    if (!login) return undefined;
    const authorization = basicHeader(resolve(login.user), resolve(login.password));
    return (request) => ({ ...request, headers: { ...request.headers, authorization } });
  }
  const secrets = signingSecrets(auth, settings).map(({ text }) => secretOf(resolve(text), target));
  return secrets.length === 0 ? undefined : (request, now) => signed(request, secrets, now, target);
}

/** https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
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
