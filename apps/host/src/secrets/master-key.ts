import { createHash, randomBytes } from 'node:crypto';

/** The key that secrets lie under. */
export interface MasterKey {
  /** Names it beside what lies under it; nothing can be learned of the key by it. */
  id: string;
  bytes: Buffer;
}

/** 32 bytes, in base64 or hex; nothing where the text is none. */
export function readMasterKey(text: string): MasterKey | undefined {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  if (!isHex && !/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64');
  return bytes.length === 32 ? { id: idOf(bytes), bytes } : undefined;
}

export function newMasterKey(): MasterKey {
  const bytes = randomBytes(32);
  return { id: idOf(bytes), bytes };
}

/** What a key must be, for whoever has written another. */
export const masterKeyRemedy = 'Write 32 random bytes in base64 or hex: `openssl rand -base64 32`.';

function idOf(bytes: Buffer): string {
  return createHash('sha256').update('tocsin secrets key ').update(bytes).digest('hex').slice(0, 12);
}
