import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the app says to a callback; undefined: nothing, ever. */
export type Answering = (heard: Heard) => { status: number; body?: string; location?: string } | undefined;

/** An app that Slack calls back, as far as Slack sees of it. */
export class FakeApp {
  heard: Heard[] = [];
  answer: Answering = () => ({ status: 200 });
  readonly #server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const heard = { headers: request.headers, body: Buffer.concat(parts).toString('utf8') };
      this.heard.push(heard);
      const said = this.answer(heard);
      if (said) response.writeHead(said.status, said.location ? { location: said.location } : {}).end(said.body ?? '');
    });
  });

  /** Its address for callbacks. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo; // a TCP server that listens has no other kind
    return `http://127.0.0.1:${port}/callbacks/chat`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The payload of a press. */
export function payloadOf(heard: Heard | undefined) {
  return JSON.parse(new URLSearchParams(heard?.body).get('payload') ?? 'null');
}
