import { once } from 'node:events';
import { connect, isIP, isIPv4, isIPv6, type LookupFunction, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { TocsinError } from '@tocsin/core';
import { buildConnector } from 'undici';
import type { ProxyAddress } from '../config/proxy-address.ts';
import { explain, Failure } from './failure.ts';
import type { Guard } from './guard.ts';
import type { Names } from './names.ts';
import type { ChooseProxy, Destination } from './proxies.ts';
import { askForTunnel } from './tunnel.ts';

export interface ConnectorOptions {
  guard: Pick<Guard, 'check'>;
  names: Names;
  proxyFor: ChooseProxy;
  /** Authorities of the target's certificate, and our own; the public ones where it isn't given. */
  trust: SecureContext | undefined;
  /** The same for an https proxy. */
  proxyTrust: SecureContext | undefined;
  /** Milliseconds for the whole: name, proxy and TLS. */
  timeout: number;
  isAnyCertificateGood: boolean;
}

/**
 * How undici gets its connections. An address is checked as it was written or looked up, and again once it is
 * connected. What was checked is what is connected: a second answer of a DNS server changes nothing. Through a proxy
 * the target is looked up and checked all the same, and the proxy is asked for that address.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { guard, names, proxyFor, timeout } = options;
  const secureTarget = tlsOver(options.trust, options.isAnyCertificateGood);
  const secureProxy = tlsOver(options.proxyTrust, options.isAnyCertificateGood);

  const addressesOf = async ({ host, port }: Place): Promise<string[]> => {
    const addresses = isIP(host) ? [host] : await names.lookUp(host);
    for (const address of addresses) guard.check(address, port, host);
    return addresses;
  };

  const dial = async ({ host, port }: Place, addresses: readonly string[], signal: AbortSignal): Promise<Socket> => {
    signal.throwIfAborted();
    const socket = connect({ host, port, lookup: answerWith(addresses), signal, ...socketOptions });
    socket.on('error', () => {}); // whoever uses it hears of it
    await once(socket, 'connect');
    try {
      guard.check(socket.remoteAddress ?? '', port, host);
      return socket;
    } catch (denied) {
      socket.destroy();
      throw denied;
    }
  };

  const tunnel = async (proxy: ProxyAddress, to: string, signal: AbortSignal): Promise<Socket> => {
    try {
      const socket = await dial(proxy, await addressesOf(proxy), signal);
      return await askForTunnel(proxy.isSecure ? await secureProxy(socket, proxy.host) : socket, proxy, to);
    } catch (error) {
      throw error instanceof TocsinError ? error : explain(error, `the proxy ${proxy.host}:${proxy.port}`);
    }
  };

  const open = async (destination: Destination, signal: AbortSignal): Promise<Socket> => {
    const addresses = await addressesOf(destination);
    const proxy = proxyFor(destination, addresses);
    const socket = proxy
      ? await tunnel(proxy, authority(addresses, destination.port), signal)
      : await dial(destination, addresses, signal);
    return destination.isSecure ? secureTarget(socket, destination.host) : socket;
  };

  return ({ hostname, port, protocol }, callback) => {
    const isSecure = protocol === 'https:';
    const destination = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (isSecure ? 443 : 80),
      isSecure,
    };
    const cut = new AbortController();
    const late = new Promise<never>((_, reject) => {
      cut.signal.addEventListener('abort', () => reject(cut.signal.reason));
    });
    const timer = setTimeout(() => cut.abort(tooLate(destination, timeout)), timeout);
    Promise.race([open(destination, cut.signal), late])
      .finally(() => clearTimeout(timer))
      .then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
  };
}

type Place = Pick<Destination, 'host' | 'port'>;

/** Those that undici gives its own sockets. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, highWaterMark: 64 * 1024 };

/** Node tries these addresses in turn; it doesn't look the name up again. */
function answerWith(addresses: readonly string[]): LookupFunction {
  const answer = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all }, callback) => {
    const [first] = answer;
    if (all) callback(null, answer);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** Many a proxy has no IPv6 of its own. */
function authority(addresses: readonly string[], port: number): string {
  const [first = ''] = addresses.toSorted((left, right) => isIP(left) - isIP(right));
  return isIPv4(first) ? `${first}:${port}` : `[${first}]:${port}`;
}

/** TLS over a socket that leads to this host, whose name the certificate must have. */
function tlsOver(
  secureContext: SecureContext | undefined,
  isAnyCertificateGood: boolean,
): (socket: Socket, host: string) => Promise<Socket> {
  const rejectUnauthorized = !isAnyCertificateGood;
  const secure = buildConnector({ timeout: 0, rejectUnauthorized, ...(secureContext ? { secureContext } : {}) });
  return (socket, host) =>
    new Promise((resolve, reject) => {
      const servername = isIP(host) ? '' : host.replace(/\.$/, '');
      const place = { hostname: host, host, servername, protocol: 'https:', port: '443', httpSocket: socket };
      secure(place, (error, secured) => (error ? reject(error) : resolve(secured as Socket))); // there is one without the other
    });
}

function tooLate({ host, port }: Place, timeout: number): Failure {
  const message = `no connection to ${isIPv6(host) ? `[${host}]` : host}:${port} within ${timeout / 1000} s`;
  return new Failure(message, 'Check host, port and network; if it may take longer, raise `egress.timeouts.connect`.');
}
