import { createHmac, timingSafeEqual } from 'node:crypto';

/*
 * Standard Webhooks 1.0, the symmetric scheme `v1`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Seconds that a signed time may lie before or after ours. */
const tolerance = 300;

/** What is signed, beside the body. */
export interface Message {
  /** The same on each attempt. */
  id: string;
  /** Seconds since 1970, of the attempt. */
  timestamp: string;
}

/** The bytes of a secret: base64 of 24 to 64 bytes, with `whsec_` before it or without; nothing where it is none. */
export function readSigningSecret(text: string): Buffer | undefined {
  const encoded = text.replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined;
}

/** `v1,` and the signature in base64. */
export function signMessage(secret: Buffer, { id, timestamp }: Message, body: Buffer | string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/** Whether one of the signatures in the header is of one of the secrets. `now` in milliseconds. */
export function isSignedMessage(
  secrets: readonly Buffer[],
  { id, timestamp }: Message,
  signatures: string,
  body: Buffer,
  now: number,
): boolean {
  // Only digits: what else a number may look like would be another text under the same signature.
  if (id === '' || !/^\d{1,15}$/.test(timestamp)) return false;
  if (!(Math.abs(Number(timestamp) - Math.floor(now / 1000)) <= tolerance)) return false;
  const expected = secrets.map((secret) => Buffer.from(signMessage(secret, { id, timestamp }, body)));
  let isValid = false;
  for (const given of signatures.split(' ').map((text) => Buffer.from(text))) {
    for (const one of expected) isValid = (given.length === one.length && timingSafeEqual(given, one)) || isValid;
  }
  return isValid;
}
