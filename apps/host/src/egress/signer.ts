import { type Authentication, basicLogin, type HttpRequest, signingSecrets, TocsinError } from '@tocsin/core';
import { resolveSecrets } from '../config/reference.ts';
import { storedSecrets } from '../config/secret-id.ts';
import type { Registry } from '../registry.ts';
import { readSigningSecret, signMessage } from '../standard-webhooks.ts';
import { monitorOf } from '../write-back/settings.ts';
import { Failure } from './failure.ts';
import type { Vault } from './vault.ts';

/** Proves to a target who sends, in the request exactly as it leaves; `now` in milliseconds is the time of the attempt. */
export type Signer = (request: HttpRequest, now: number) => HttpRequest;

/** Those of the targets that declare a proof and have secrets for it. */
export function signersOf(
  { config, targets, sources }: Pick<Registry, 'config' | 'targets' | 'sources'>,
  vault: Pick<Vault, 'reveal'>,
): Map<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const [id, { integration, settings }] of targets) {
    const { auth } = integration.definition;
    // The store's may be another at each attempt.
    const isLive = (text: string) => storedSecrets([text]).length > 0;
    const reveal = (text: string, url: string) =>
      isLive(text) ? vault.reveal(text, { target: id, url }) : resolveSecrets(text, config.secrets);
    const signer = auth && signerOf(auth, settings, { id, isLive, reveal });
    if (signer) signers.set(id, signer);
  }
  for (const [source, { integration, writeBack: settings }] of sources) {
    const { writeBack } = integration.definition;
    if (writeBack?.kind !== 'http' || !writeBack.auth || settings === undefined) continue;
    const reveal = (text: string) => resolveSecrets(text, config.secrets);
    const id = monitorOf(source);
    const signer = signerOf(writeBack.auth, settings, { id, isLive: () => false, reveal });
    if (signer) signers.set(id, signer);
  }
  return signers;
}

/** How a target's texts become secrets. */
interface Reading {
  id: string;
  isLive: (text: string) => boolean;
  reveal: (text: string, url: string) => string;
}

function signerOf(auth: Authentication, settings: unknown, { id, isLive, reveal }: Reading): Signer | undefined {
  if (auth.kind === 'basic') {
    const login = basicLogin(auth, settings);
    if (!login) return undefined;
    return (request) => {
      const authorization = basicHeader(reveal(login.user, request.url), reveal(login.password, request.url));
      return { ...request, headers: { ...request.headers, authorization } };
    };
  }
  const secrets = signingSecrets(auth, settings).map(({ text }): ((url: string) => Buffer) => {
    if (isLive(text)) return (url) => liveSecretOf(reveal(text, url), id);
    const secret = secretOf(reveal(text, ''), id);
    return () => secret;
  });
  return secrets.length === 0 ? undefined : (request, now) => signed(request, secrets, now, id);
}

/** https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
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
