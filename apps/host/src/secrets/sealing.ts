import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { MasterKey } from './master-key.ts';

/** A value as it lies in the store. */
export interface Sealed {
  /** The id of the key that it lies under. */
  key: string;
  /** Base64, as the next. */
  nonce: string;
  /** The ciphertext, and 16 bytes that show whether anything was changed. */
  text: string;
}

const algorithm = 'aes-256-gcm';
/** Bytes. https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf, sections 5.2.1 and 8.2.2 */
const nonceLength = 12;
const tagLength = 16;

/** Puts a value under a key. `about` is what it belongs to: with anything else it doesn't open. */
export function sealValue(value: string, about: readonly unknown[], key: MasterKey): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv(algorithm, key.bytes, nonce, { authTagLength: tagLength }).setAAD(bytesOf(about));
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { key: key.id, nonce: nonce.toString('base64'), text: text.toString('base64') };
}

/** The value; nothing where it is another's, was changed, or lies under another key. */
export function openValue(sealed: Sealed, about: readonly unknown[], key: MasterKey): string | undefined {
  const [nonce, whole] = [Buffer.from(sealed.nonce, 'base64'), Buffer.from(sealed.text, 'base64')];
  if (nonce.length !== nonceLength || whole.length < tagLength) return undefined;
  const decipher = createDecipheriv(algorithm, key.bytes, nonce, { authTagLength: tagLength })
    .setAAD(bytesOf(about))
    .setAuthTag(whole.subarray(-tagLength));
  try {
    return decipher.update(whole.subarray(0, -tagLength), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}

function bytesOf(about: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(about));
}
