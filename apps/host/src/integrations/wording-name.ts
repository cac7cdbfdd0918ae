import type { EventKind } from '@tocsin/core';

/** The name of words that depend on the event: `firing=1a2b resolved=3c4d`. */
export function wordingByEvent(names: readonly (readonly [EventKind, string])[]): string | undefined {
  return names.length === 0 ? undefined : names.map(([kind, name]) => `${kind}=${name}`).join(' ');
}

/** The words of a delivery for one of its events; none where it has none for that. */
export function wordingAt(wording: string | null, kind: EventKind): string | null {
  if (wording === null || !wording.includes('=')) return wording;
  const found = wording.split(' ').find((part) => part.startsWith(`${kind}=`));
  return found?.slice(kind.length + 1) ?? null;
}
