import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import type { Issued } from './certificates.ts';

export interface ConnectProxy {
  port: number;
  /** What it was asked for: `127.0.0.2:8443`, and with which credentials. */
  asked: { to: string; authorization: string | undefined }[];
  /** Connections that reached it. */
  connections(): number;
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  address?: string;
  /** Makes it an https proxy. */
  identity?: Issued;
  /** What it answers; 200 leads to where it was asked for. */
  status?: number;
}

/** A proxy that knows CONNECT and nothing else. */
export async function startConnectProxy({
  address = '127.0.0.2',
  identity,
  status = 200,
}: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = identity ? createTlsServer(identity) : createServer();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const to = request.url ?? '';
    asked.push({ to, authorization: request.headers['proxy-authorization'] });
    client.on('error', () => {});
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const [host, port] = to.split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has no other kind
    asked,
    connections: () => connections,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
