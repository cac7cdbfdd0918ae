import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from './until.ts';

/** One request that reached the witness. */
export interface Told {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds before it, or what it waits for. */
  after?: number | Promise<unknown>;
}

export interface Witness {
  url: string;
  port: number;
  /** Everything that arrived on paths that start so. */
  told(path: string): Told[];
  /** Waits until so much has arrived there. */
  untilTold(path: string, count: number, patience?: number): Promise<Told[]>;
  /** How it answers on a path: the first, the second, … and then always the last. `hang` never answers. */
  answer(path: string, ...replies: (Reply | 'hang')[]): void;
  close(): Promise<void>;
}

/** An HTTP server that writes down what it is told, and answers 200 unless it was asked to answer otherwise. */
export async function startWitness(port = 0, address = '127.0.0.1'): Promise<Witness> {
  const told: Told[] = [];
  const replies = new Map<string, (Reply | 'hang')[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      told.push({
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: Date.now(),
      });
      const planned = [...replies].find(([start]) => path.startsWith(start))?.[1] ?? [];
      void send(response, (planned.length > 1 ? planned.shift() : planned[0]) ?? {});
    });
  }).listen(port, address);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo; // a TCP server that listens has no other kind
  const at = (path: string) => told.filter((one) => one.path.startsWith(path));
  return {
    url: `http://${address}:${bound.port}`,
    port: bound.port,
    told: at,
    async untilTold(path, count, patience) {
      await until(() => at(path).length >= count, `${count} requests to ${path}`, patience);
      return at(path);
    },
    answer: (path, ...planned) => void replies.set(path, planned),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function send(response: ServerResponse, reply: Reply | 'hang'): Promise<void> {
  if (reply === 'hang') return;
  const { status = 200, headers = {}, body = 'ok', after = 0 } = reply;
  await (typeof after === 'number' ? delay(after) : after);
  response.writeHead(status, headers).end(body);
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  server.close();
  await once(server, 'close');
  return port;
}
