import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DroppingProxy {
  url: string;
  /** The bodies that came through, with what the other side answered. */
  passed: { body: string; status: number; dropped: boolean }[];
  /** The next answer doesn't reach the one who asked: the connection breaks instead. */
  dropNextAnswer(): void;
  close(): Promise<void>;
}

/** Passes requests on to `target`, and breaks a connection before its answer where it was asked to. */
export async function startDroppingProxy(target: string): Promise<DroppingProxy> {
  const passed: DroppingProxy['passed'] = [];
  let drops = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method, url = '', headers } = incoming;
      const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
        answer.resume();
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const dropped = drops > 0;
          passed.push({ body: body.toString('utf8'), status, dropped });
          if (dropped) {
            drops--;
            incoming.socket.destroy();
          } else outgoing.writeHead(status).end();
        });
      });
      onward.on('error', () => incoming.socket.destroy());
      onward.end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    dropNextAnswer() {
      drops++;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
