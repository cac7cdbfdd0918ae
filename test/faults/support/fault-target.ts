import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { until } from '../../evidence/support/until.ts';

/** A request that the target has received to its last byte. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  /** The same for each try of a notification. */
  id: string;
  body: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** How a path answers; `nth` counts its requests from 1. */
export type Mode = (response: ServerResponse, nth: number) => unknown;

export interface FaultTarget {
  url: string;
  port: number;
  /** Paths answer 200 until they are given a mode; the first that begins the path counts. */
  at(path: string, mode: Mode): void;
  received(path: string): Received[];
  /** From now on it keeps nothing of what it receives, but its number. */
  forgets(): void;
  /** How many it received, kept or not. */
  counted(path: string): number;
  /** Waits until so many have come. */
  untilReceived(path: string, count: number, patience?: number): Promise<Received[]>;
  /** Connections that are open, and how many there ever were. */
  sockets(): { open: number; ever: number };
  close(): Promise<void>;
}

/** Stands for everything that is told. On 127.0.0.2 hubs may reach it, on 127.0.0.3 they may not. */
export async function startFaultTarget(address = '127.0.0.2', port = 0): Promise<FaultTarget> {
  const received: Received[] = [];
  let keeps = true;
  const plans: [path: string, mode: Mode][] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const id = String(request.headers['webhook-id'] ?? '');
      const body = Buffer.concat(chunks).toString('utf8');
      if (keeps) received.push({ path, headers: request.headers, id, body, at: Date.now() });
      const nth = (counts.get(path) ?? 0) + 1;
      counts.set(path, nth);
      const mode = plans.find(([start]) => path.startsWith(start))?.[1] ?? answer(200);
      mode(response, nth);
    });
  });
  const open = new Set<unknown>();
  let ever = 0;
  server.on('connection', (socket) => {
    ever++;
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  server.listen(port, address);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo; // a TCP server that listens has no other kind
  const at = (path: string) => received.filter((one) => one.path.startsWith(path));
  return {
    url: `http://${address}:${bound.port}`,
    port: bound.port,
    at: (path, mode) => void plans.unshift([path, mode]),
    received: at,
    forgets: () => {
      keeps = false;
    },
    counted: (path) => counts.get(path) ?? 0,
    async untilReceived(path, count, patience) {
      await until(`${count} requests to ${path}`, () => at(path).length >= count, patience);
      return at(path);
    },
    sockets: () => ({ open: open.size, ever }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function answer(status: number, headers: Record<string, string> = {}, body = 'ok'): Mode {
  return (response) => response.writeHead(status, headers).end(body);
}

/** These answers in turn, and then always the last. */
export function inTurn(...modes: [Mode, ...Mode[]]): Mode {
  return (response, nth) => (modes[Math.min(nth, modes.length) - 1] as Mode)(response, nth);
}

/** After so many milliseconds. */
export function after(milliseconds: number, mode: Mode): Mode {
  return async (response, nth) => {
    await delay(milliseconds);
    return mode(response, nth);
  };
}

export const hang: Mode = () => {};

/** In the middle of its answer the connection is reset. */
export const reset: Mode = (response) => {
  response.writeHead(200, { 'content-length': '100' }).write('half');
  setTimeout(() => response.socket?.resetAndDestroy(), 20);
};

/** A byte a while, of the head or of the body, for ever. */
export function drip(part: 'head' | 'body', pause = 200): Mode {
  return (response) => {
    const { socket } = response;
    socket?.write(
      part === 'head' ? 'HTTP/1.1 200 OK\r\nx-slow: ' : 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n',
    );
    const timer = setInterval(() => socket?.write('a'), pause);
    socket?.on('close', () => clearInterval(timer));
  };
}

/** 25 MB a second, for as long as it is read. */
export const endless: Mode = (response) => {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  response.writeHead(200, { 'content-type': 'text/plain' });
  const timer = setInterval(() => response.write(chunk), 10);
  response.on('close', () => clearInterval(timer));
};

/** 50 KB of which become 50 MB. */
export const bomb: Mode = (response) => {
  const packed = Buffer.concat(Array(5).fill(gzipSync(Buffer.alloc(10 * 1024 * 1024, ' '))));
  response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(packed.length) }).end(packed);
};
