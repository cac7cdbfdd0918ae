import type { HostContext } from '../context.ts';

/**
 * A cookie of the pages, for this host alone. Over https it is a `__Host-` cookie. Over http, as on a loopback address,
 * browsers refuse `Secure` and with it the prefix: there the cookie has a plain name.
 */
export class OwnCookie {
  readonly #plainName: string;
  readonly #context: Pick<HostContext, 'url'>;

  constructor(name: string, context: Pick<HostContext, 'url'>) {
    this.#plainName = name;
    this.#context = context;
  }

  get name(): string {
    return this.#isSecure ? `__Host-${this.#plainName}` : this.#plainName;
  }

  /** The `Set-Cookie` that keeps a value for so many seconds; none at all takes it away. */
  set(value: string, age: number): string {
    const secure = this.#isSecure ? '; Secure' : '';
    return `${this.name}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
  }

  /** Its values in a request's `Cookie`: of several with one name, any may be ours. */
  read(cookies: string | undefined): string[] {
    const prefix = `${this.name}=`;
    const texts = (cookies ?? '').split(';').map((cookie) => cookie.trim());
    return texts.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
  }

  get #isSecure(): boolean {
    return this.#context.url.startsWith('https:');
  }
}
