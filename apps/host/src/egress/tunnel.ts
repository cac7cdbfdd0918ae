import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { ProxyAddress } from '../config/proxy-address.ts';
import { Failure } from './failure.ts';

/** Asks the proxy on this socket for a connection to an address: `192.0.2.7:443`. The socket leads there then. */
export function askForTunnel(socket: Socket, { host, port, authorization }: ProxyAddress, to: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      path: to,
      headers: { host: to, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
      createConnection: () => socket,
    });
    asked.on('error', reject);
    asked.on('connect', (answer: IncomingMessage, tunnel: Socket, head: Buffer) => {
      const { statusCode: status = 0 } = answer; // an answer that was read has one
      if (status >= 200 && status < 300) {
        tunnel.on('error', () => {}); // whoever uses it hears of it
        if (head.length === 0) return resolve(tunnel);
        // A target says nothing before it is asked: this is a web server that answers CONNECT like any request.
        tunnel.destroy();
        reject(chatter(`${host}:${port}`, to));
      } else {
        tunnel.destroy();
        reject(refusal(status, `${host}:${port}`, to));
      }
    });
    asked.end();
  });
}

function chatter(proxy: string, to: string): Failure {
  const message = `the proxy ${proxy} gives no way to ${to}: it answers with a text of its own`;
  return new Failure(message, 'See that this is the address of a proxy, and not of a web server.');
}

function refusal(status: number, proxy: string, to: string): Failure {
  const message = `the proxy ${proxy} gives no way to ${to}: HTTP ${status}`;
  if (status === 407)
    return new Failure(message, 'Write the user and password that it knows into the address: `proxy`.');
  if (status === 403 || status === 405) {
    return new Failure(message, 'Have it allow CONNECT to this address and port, or reach the target without it.');
  }
  return new Failure(message, 'Look at the log of the proxy; the hub tries again.');
}
