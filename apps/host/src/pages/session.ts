import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { AccessToken, HostContext } from '../context.ts';
import { OwnCookie } from './cookie.ts';

/** Seconds that a sign-in lasts. */
const lifetime = 12 * 60 * 60;

/**
 * Who is signed in on the pages. The cookie holds the token's name, an end and a MAC keyed from the token: it can't be
 * made without the token nor turned back into it, it survives a restart, and it ends when the token changes. Nothing
 * is kept here, so signing out takes the cookie away from this browser; a copy of it ends with its time or the token.
 *
 * Where others could listen to a cookie, the sign-in page says so.
 */
export class Sessions {
  readonly #context: HostContext;
  readonly #cookie: OwnCookie;
  readonly #now: () => number;

  constructor(context: HostContext, now: () => number) {
    this.#context = context;
    this.#cookie = new OwnCookie('tocsin', context);
    this.#now = now;
  }

  /** The `Set-Cookie` that signs a person in. */
  start(token: AccessToken): string {
    const end = Math.floor(this.#now() / 1000) + lifetime;
    const name = Buffer.from(token.name).toString('base64url');
    return this.#cookie.set(`${name}.${end}.${this.#mac(token, end).toString('base64url')}`, lifetime);
  }

  /** The `Set-Cookie` that signs out. */
  end(): string {
    return this.#cookie.set('', 0);
  }

  /** Whose session the request's cookies hold, if it is valid. */
  read(cookies: string | undefined): AccessToken | undefined {
    for (const value of this.#cookie.read(cookies)) {
      const token = this.#verify(value);
      if (token) return token;
    }
    return undefined;
  }

  #verify(value: string): AccessToken | undefined {
    const parts = /^([\w-]{1,400})\.(\d{1,12})\.([\w-]{43})$/.exec(value);
    if (!parts) return undefined;
    const [, encoded = '', seconds = '', mac = ''] = parts;
    const name = Buffer.from(encoded, 'base64url').toString();
    const end = Number(seconds);
    const token = this.#context.tokens.find((candidate) => candidate.name === name);
    if (!token || end * 1000 <= this.#now()) return undefined;
    return timingSafeEqual(this.#mac(token, end), Buffer.from(mac, 'base64url')) ? token : undefined;
  }

  /** The host's own address is part of it: a token that serves two hosts has a session on each. */
  #mac({ name, value }: AccessToken, end: number): Buffer {
    const key = Buffer.from(hkdfSync('sha256', value, 'tocsin', 'session', 32));
    return createHmac('sha256', key)
      .update(JSON.stringify([this.#context.url, name, end]))
      .digest();
  }
}

/** Who is signed in: the hook that checks the session runs before every handler of a page that needs a role. */
export function tokenOf({ token }: FastifyRequest): AccessToken {
  if (!token) throw new Error('a page without a session');
  return token;
}
