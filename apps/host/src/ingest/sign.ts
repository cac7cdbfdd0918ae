import { createHmac, randomBytes } from 'node:crypto';
import { type HmacVerification, TocsinError, type Verification } from '@tocsin/core';
import { readSigningSecret, signMessage } from '../standard-webhooks.ts';
import { signedParts } from './hmac.ts';

/**
 * The headers by which a request proves that its sender has the key, as the source's vendor makes them: what `send` does
 * for a source that takes nothing else. Throws a TocsinError `config` where nobody but the vendor can.
 */
export function signatureHeaders(
  verification: Verification | undefined,
  key: string,
  body: string,
  now: number,
): Record<string, string> {
  switch (verification?.kind) {
    case 'hmac':
      return hmacHeaders(verification, key, body, now);
    case 'standard-webhooks': {
      const secret = readSigningSecret(key);
      if (!secret) throw notSignable('its key is no secret of Standard Webhooks');
      const message = { id: `msg_${randomBytes(12).toString('hex')}`, timestamp: String(Math.floor(now / 1000)) };
      return {
        'webhook-id': message.id,
        'webhook-timestamp': message.timestamp,
        'webhook-signature': signMessage(secret, message, body),
      };
    }
    default:
      throw notSignable('its vendor alone can sign');
  }
}

function hmacHeaders(verification: HmacVerification, key: string, body: string, now: number): Record<string, string> {
  const { header, algorithm = 'sha256', encoding = 'hex', prefix = '', timestamp } = verification;
  const time = timestamp && String(Math.floor(now / 1000));
  const hmac = createHmac(algorithm, key);
  for (const part of signedParts(verification, time)) {
    hmac.update(part === 'body' ? body : part === 'timestamp' ? (time ?? '') : part.text);
  }
  return {
    [header]: `${prefix}${hmac.digest(encoding)}`,
    ...(timestamp && time !== undefined ? { [timestamp.header]: time } : {}),
  };
}

function notSignable(why: string): TocsinError {
  return new TocsinError('config', `the source takes signed requests alone, and ${why}`, {
    remedy: 'Have its vendor send a test, or try without `signed: required`.',
  });
}
