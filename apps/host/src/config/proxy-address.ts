/** Where a proxy listens, and as whom it is asked. */
export interface ProxyAddress {
  /** A name or an address, without brackets. */
  host: string;
  port: number;
  /** The way to the proxy itself is TLS. */
  isSecure: boolean;
  /** What `Proxy-Authorization` says. */
  authorization?: string;
}

/** `http://user:password@proxy.example.com:3128`, or what is wrong with it: words that hold none of it. */
export function parseProxyAddress(text: string): ProxyAddress | { fault: string } {
  const written = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { fault: 'is no address of a proxy; write `http://proxy.example.com:3128`, `https://…` or `none`' };
  }
  const isSecure = url.protocol === 'https:';
  const user = decode(url.username);
  const password = decode(url.password);
  if (user === undefined || password === undefined) {
    return { fault: 'has a `%` in its user or password that starts no code; write it as `%25`' };
  }
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
    ...(url.username === '' ? {} : { authorization: `Basic ${credentials}` }),
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
