import { isIP } from 'node:net';

export interface Listen {
  /** A name or an address, without brackets. */
  host: string;
  /** 0 lets the system choose one. */
  port: number;
  /** Only this machine reaches it. */
  loopback: boolean;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; nothing if the text is no such thing. */
export function parseListen(text: string): Listen | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = parsePort(parts?.[3]);
  if (!parts || port === undefined) return undefined;
  const [, bracketed, plain] = parts;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  const host = bracketed ?? (plain as string); // one of the two matched
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) return undefined;
  return { host, port, loopback: isLoopback(host) };
}

/** 0 to 65535, nothing else. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/**
 * Where people and systems reach a host that has no `url` in its config; `port` is the one it got. A wildcard address
 * becomes the loopback one.
 */
export function urlOf(listen: Listen, port: number): string {
  const host = listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
