import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { LoadedConfig, SourceConfig } from '../config/config.ts';
import { resolveSecrets } from '../config/reference.ts';
import type { ConfiguredSource } from '../registry.ts';

/** The digests of the keys of every source, or of every target. */
export class OwnerKeys {
  readonly #digests = new Map<string, Buffer[]>();
  readonly #nobody = [digest('nobody has this key')];

  constructor(owners: readonly Pick<SourceConfig, 'id' | 'keys'>[], secrets: LoadedConfig['secrets']) {
    for (const { id, keys } of owners) {
      // One that nobody posts to is as unknown as any.
      if (keys.length === 0) continue;
      this.#digests.set(
        id,
        keys.map(({ value }) => digest(resolveSecrets(value, secrets))),
      );
    }
  }

  has(id: string): boolean {
    return this.#digests.has(id);
  }

  /** Takes as long for an unknown one as for a wrong key. */
  isValid(id: string, key: string): boolean {
    const given = digest(key);
    const known = this.#digests.get(id);
    let valid = false;
    for (const expected of known ?? this.#nobody) valid = timingSafeEqual(given, expected) || valid;
    return valid && known !== undefined;
  }
}

/** A key as a request shows it. */
export interface ShownKey {
  key: string;
  place: 'address' | 'own header' | 'bearer' | 'basic';
  /** Of basic authentication. */
  user?: string;
}

/** The key in the headers: Bearer, the basic password, or X-Tocsin-Key. */
export function keyInHeaders(headers: IncomingHttpHeaders): ShownKey | undefined {
  const own = headers['x-tocsin-key'];
  if (typeof own === 'string') return { key: own, place: 'own header' };
  const [scheme, value] = (headers.authorization ?? '').split(' ', 2);
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return { key: value, place: 'bearer' };
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return { key: pair.slice(colon + 1), place: 'basic', user: pair.slice(0, Math.max(colon, 0)) };
}

/** Whether a source's integration has its vendor show the key in this way. The hub's own header is for people and tests. */
export function isRightPlace(source: ConfiguredSource | undefined, { place, user }: ShownKey): boolean {
  const { verify } = source?.integration.definition ?? {};
  if (place === 'own header') return true;
  if (verify?.kind === 'bearer') return place === 'bearer';
  if (verify?.kind !== 'basic') return true;
  const wanted =
    verify.user === undefined ? undefined : (Object(source?.settings) as Record<string, unknown>)[verify.user];
  return place === 'basic' && (wanted === undefined || wanted === user);
}

/**
 * The key at the start of what follows a source's id, and the vendor's own path after it. A key is one segment; only
 * the base64 of a `whsec_` may hold slashes.
 */
export function splitKey(rest: string, isValid: (key: string) => boolean): { key: string; path: string } | undefined {
  const segments = rest.split('/');
  const most = rest.startsWith('whsec_') ? Math.min(segments.length, mostSegments) : 1;
  for (let count = 1; count <= most; count++) {
    const key = segments.slice(0, count).join('/');
    const others = segments.slice(count);
    if (isValid(key)) return { key, path: others.length > 0 ? `/${others.join('/')}` : '' };
  }
  return undefined;
}

/** The base64 of 64 bytes has 88 characters, each of which may be a slash. */
const mostSegments = 89;

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
