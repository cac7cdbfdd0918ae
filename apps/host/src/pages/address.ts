/** The path in front of every page's, without a slash at its end: empty, or where a proxy puts this host. */
export function basePath(hostUrl: string): string {
  return new URL(hostUrl).pathname.replace(/\/$/, '');
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether a form came from a page of ours, by the `Origin` that browsers put on every POST. The host's own address
 * comes from the config, never from the request; on a loopback address its other names count too.
 */
export function isOwnOrigin(origin: string | undefined, hostUrl: string): boolean {
  const own = new URL(hostUrl);
  if (origin === own.origin) return true;
  const port = own.port === '' ? '' : `:${own.port}`;
  return isLoopback(own) && loopback.some((name) => origin === `${own.protocol}//${name}${port}`);
}

/** Whether nobody but this machine can listen to what is typed into a page. */
export function isPrivate(hostUrl: string): boolean {
  const own = new URL(hostUrl);
  return own.protocol === 'https:' || isLoopback(own);
}

/** A page of this host to go on with after the sign-in: the list, a group or the installations. Anything else becomes the list. */
export function localPage(path: unknown): string {
  if (typeof path !== 'string' || path.length > 2048 || !path.startsWith('/')) return '/';
  // Only path and query are taken over, so that no other host can come of it.
  const url = URL.parse(path, 'http://host.invalid');
  return url && /^\/(g\/[a-z0-9]{1,40}|installations)?$/.test(url.pathname) ? url.pathname + url.search : '/';
}

function isLoopback({ hostname }: URL): boolean {
  return loopback.includes(hostname);
}
