import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AccessToken, HostContext } from '../context.ts';

/** Seconds that a sign-in lasts. */
const lifetime = 12 * 60 * 60;

/**
 * Who is signed in on the pages. The cookie holds the token's name, an end and a MAC keyed from the token: it can't be
 * made without the token nor turned back into it, it survives a restart, and it ends when the token changes. Nothing
 * is kept here, so signing out takes the cookie away from this browser; a copy of it ends with its time or the token.
 *
 * Over https it is a `__Host-` cookie. Over http, as on a loopback address, browsers refuse `Secure` and with it the
 * prefix: there the cookie has a plain name, and the sign-in page says so where others could listen.
 */
export class Sessions {
  readonly #context: HostContext;
  readonly #now: () => number;

  constructor(context: HostContext, now: () => number) {
    this.#context = context;
    this.#now = now;
  }

  /** The `Set-Cookie` that signs a person in. */
  start(token: AccessToken): string {
    const end = Math.floor(this.#now() / 1000) + lifetime;
    const name = Buffer.from(token.name).toString('base64url');
    return this.#cookie(`${name}.${end}.${this.#mac(token, end).toString('base64url')}`, lifetime);
  }

  /** The `Set-Cookie` that signs out. */
  end(): string {
    return this.#cookie('', 0);
  }

  /** Whose session the request's cookies hold, if it is valid. */
  read(cookies: string | undefined): AccessToken | undefined {
    const prefix = `${this.#name}=`;
    for (const cookie of (cookies ?? '').split(';')) {
      const text = cookie.trim();
      const token = text.startsWith(prefix) ? this.#verify(text.slice(prefix.length)) : undefined;
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

  #cookie(value: string, age: number): string {
    const secure = this.#isSecure ? '; Secure' : '';
    return `${this.#name}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
  }

  get #name(): string {
    return this.#isSecure ? '__Host-tocsin' : 'tocsin';
  }

  get #isSecure(): boolean {
    return this.#context.url.startsWith('https:');
  }
}
