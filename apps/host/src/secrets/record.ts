import type { StoredRecord } from '@tocsin/engine';
import { z } from 'zod';
import { isSecretId } from '../config/secret-id.ts';
import type { MasterKey } from './master-key.ts';
import type { MasterKeys } from './master-keys.ts';
import type { Reach } from './reach.ts';
import { openValue, type Sealed, sealValue } from './sealing.ts';

/** The kind of its records. */
export const secretKind = 'secret';

/** Everything about a secret but its value. */
export interface SecretInfo extends Reach {
  /** `name/key` */
  id: string;
  /** Who set it last. */
  author: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
}

/** A secret as it lies in the store. */
export interface StoredSecret extends SecretInfo {
  sealed: Sealed;
  /** Nothing where it doesn't open. */
  value: string | undefined;
}

const shape = z.object({
  targets: z.array(z.string()),
  hosts: z.array(z.string()),
  createdAt: z.number(),
  updatedAt: z.number(),
  sealed: z.object({ key: z.string(), nonce: z.string(), text: z.string() }),
});

export function sealSecret(info: SecretInfo, value: string, key: MasterKey): StoredSecret {
  return { ...info, sealed: sealValue(value, aboutOf(info), key), value };
}

export function writeSecret({ id, author, value: _, ...rest }: StoredSecret): Omit<StoredRecord, 'writtenAt'> {
  return { kind: secretKind, id, author, value: JSON.stringify(rest) };
}

/** A record that no hub wrote so is one that doesn't open. */
export function readSecret(
  { id, author, value: text, writtenAt }: StoredRecord,
  keys: Pick<MasterKeys, 'find'>,
): StoredSecret {
  const read = shape.safeParse(parsed(text));
  if (!read.success || !isSecretId(id)) {
    const sealed = { key: '', nonce: '', text: '' };
    return { id, author, targets: [], hosts: [], createdAt: writtenAt, updatedAt: writtenAt, sealed, value: undefined };
  }
  const info = { id, author, ...read.data };
  const key = keys.find(info.sealed.key);
  return { ...info, value: key && openValue(info.sealed, aboutOf(info), key) };
}

/** A value opens as this secret's alone, and only with the reach that it was given. */
function aboutOf({ id, targets, hosts }: Pick<SecretInfo, 'id' | keyof Reach>): unknown[] {
  return [secretKind, id, targets, hosts];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
