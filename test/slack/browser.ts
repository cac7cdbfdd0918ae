/** A browser of the tests: it keeps cookies as real ones do, and holds SameSite=Strict ones back on the way from elsewhere. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  /** Everything that it was shown, with its headers. */
  readonly seen: string[] = [];
  /** Where it is. */
  address = '';
  status = 0;
  text = '';
  /** Where it was led, step by step, since the last visit. */
  way: string[] = [];

  /** Goes to an address as a person does who types it. */
  visit(address: string): Promise<this> {
    this.way = [];
    return this.#go(new URL(address), { isCrossSite: false });
  }

  /** Sends a form of the page. */
  submit(address: string, fields: Record<string, string>): Promise<this> {
    this.way = [];
    return this.#go(new URL(address, this.address), { isCrossSite: false, fields });
  }

  /** A link or a redirect of another site leads here. */
  comeFromElsewhere(address: string): Promise<this> {
    this.way = [];
    return this.#go(new URL(address), { isCrossSite: true });
  }

  async #go(
    url: URL,
    { isCrossSite, fields }: { isCrossSite: boolean; fields?: Record<string, string> },
  ): Promise<this> {
    this.way.push(url.href);
    if (this.way.length > 12) throw new Error(`it goes round: ${this.way.join(' ')}`);
    const cookies = isCrossSite ? '' : [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      method: fields ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'sec-fetch-site': isCrossSite ? 'cross-site' : 'same-origin',
        ...(cookies && { cookie: `${cookies}` }),
        ...(fields && { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(fields && { body: new URLSearchParams(fields).toString() }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, pair.slice(name.length + 1));
    }
    this.address = url.href;
    this.status = response.status;
    this.text = await response.text();
    this.seen.push(`${url.pathname} ${JSON.stringify([...response.headers])} ${this.text}`);
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      // All of a test is on one machine; the port is what tells our pages from others'.
      return this.#go(next, { isCrossSite: isCrossSite || next.port !== url.port });
    }
    const refresh = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(this.text)?.[1];
    return refresh === undefined
      ? this
      : this.#go(new URL(refresh.replaceAll('&amp;', '&'), url), { isCrossSite: false });
  }
}
