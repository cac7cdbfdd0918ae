import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Forbidden {
  port: number;
  /** Connections to any address of this machine but 127.0.0.2. */
  connections(): number;
  /** The addresses that they came to. */
  reached(): string[];
  close(): Promise<void>;
}

/** Listens on every address of this machine, by both protocols, and answers nobody but with a 200. */
export async function startForbidden(): Promise<Forbidden> {
  const reached: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
    if (address !== '127.0.0.2') reached.push(address);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'));
  }).listen({ port: 0, host: '::', ipv6Only: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  return {
    port,
    connections: () => reached.length,
    reached: () => [...new Set(reached)],
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
