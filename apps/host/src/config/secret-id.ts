import { parseReferences } from './reference.ts';

/** A name, or a key under it, as `slack` and `ops` of `slack/ops`. No two that differ are ever read as the same. */
export const secretIdPart = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/** `name/key`: how the store knows a secret. */
export function isSecretId(text: string): boolean {
  const parts = text.split('/');
  return parts.length === 2 && parts.every((part) => secretIdPart.test(part));
}

/** How settings refer to it. */
export function secretReference(id: string): string {
  return `\${secret:${id}}`;
}

/** The ids of the store's secrets among references as they are written. */
export function storedSecrets(references: readonly string[]): string[] {
  return references.flatMap((text) =>
    parseReferences(text).flatMap((part) => (typeof part !== 'string' && part.kind === 'secret' ? [part.name] : [])),
  );
}
