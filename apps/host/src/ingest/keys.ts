import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { LoadedConfig } from '../config/config.ts';
import { resolveSecrets } from '../config/reference.ts';

/** The digests of every source's keys. */
export class SourceKeys {
  readonly #digests = new Map<string, Buffer[]>();
  readonly #nobody = [digest('no source has this key')];

  constructor(config: LoadedConfig) {
    for (const { id, keys } of config.sources) {
      // One that nobody posts to is as unknown as any.
      if (keys.length === 0) continue;
      this.#digests.set(
        id,
        keys.map(({ value }) => digest(resolveSecrets(value, config.secrets))),
      );
    }
  }

  /** Takes as long for an unknown source as for a wrong key. */
  isValid(source: string, key: string): boolean {
    const given = digest(key);
    const known = this.#digests.get(source);
    let valid = false;
    for (const expected of known ?? this.#nobody) valid = timingSafeEqual(given, expected) || valid;
    return valid && known !== undefined;
  }
}

/** The key in the headers: Bearer, the basic password, or X-Tocsin-Key. */
export function keyInHeaders(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-tocsin-key'];
  if (typeof own === 'string') return own;
  const [scheme, value] = (headers.authorization ?? '').split(' ', 2);
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
