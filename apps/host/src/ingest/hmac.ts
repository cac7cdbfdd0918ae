import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacVerification } from '@tocsin/core';
import { type Claim, headerOf, type Proof, type Verifier } from './proof.ts';

/** Seconds that a signed time may lie before or after ours, where the source says nothing. */
const usualTolerance = 300;

/** Signatures that one header may hold. */
const mostSignatures = 16;

const bytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** Checks an HMAC under any of the keys, as the source says that its vendor makes it. */
export function hmacVerifier(verification: HmacVerification, keys: readonly string[]): Verifier {
  const { header, algorithm = 'sha256', timestamp } = verification;
  return {
    header,
    verify({ headers, body, now }: Claim): Proof {
      const time = timestamp && headerOf(headers, timestamp.header);
      if (timestamp && time === undefined && !timestamp.optional) return { outcome: 'invalid' };
      if (time !== undefined && !isNear(time, now, timestamp?.tolerance ?? usualTolerance))
        return { outcome: 'invalid' };
      const given = readSignatures(headerOf(headers, header) ?? '', verification);
      let isValid = false;
      for (const key of keys) {
        const hmac = createHmac(algorithm, key);
        for (const part of signedParts(verification, time)) {
          hmac.update(part === 'body' ? body : part === 'timestamp' ? (time ?? '') : part.text);
        }
        const expected = hmac.digest();
        for (const signature of given) isValid = timingSafeEqual(signature, expected) || isValid;
      }
      return { outcome: isValid ? 'valid' : 'invalid' };
    },
  };
}

/** What is signed, in its order. */
export function signedParts(
  { signed }: HmacVerification,
  time: string | undefined,
): HmacVerification['signed'] & object {
  // Where the time may be missing and is, nothing stands around the body either.
  return signed === undefined || (time === undefined && signed.includes('timestamp')) ? ['body'] : signed;
}

/** Those that can be one at all: with the prefix, of the right length. */
function readSignatures(text: string, { prefix = '', encoding = 'hex', algorithm = 'sha256' }: HmacVerification) {
  const isWritten = encoding === 'hex' ? /^[0-9a-f]+$/i : /^[A-Za-z0-9+/]+={0,2}$/;
  return text
    .split(',', mostSignatures)
    .map((one) => one.trim())
    .filter((one) => one.startsWith(prefix) && isWritten.test(one.slice(prefix.length)))
    .map((one) => Buffer.from(one.slice(prefix.length), encoding))
    .filter(({ length }) => length === bytes[algorithm]);
}

/** Seconds, milliseconds, or ISO 8601 with a zone; what is none of these is far away. */
function isNear(text: string, now: number, tolerance: number): boolean {
  const time = /^\d{1,15}$/.test(text) ? Number(text) * (text.length > 11 ? 1 : 1000) : isoTime(text);
  return Math.abs(time - now) <= tolerance * 1000;
}

function isoTime(text: string): number {
  return /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}
