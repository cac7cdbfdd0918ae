import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';

// A sender that dribbles gets its time and no more; here that is a second instead of fifteen.

const key = 'key-of-the-slow-sender';
let folder: string;
let host: Host;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-slow-'));
  const file = join(folder, 'tocsin.yaml');
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook'],
    sources: [{ id: 'any', use: 'webhook', key }],
    unrouted: 'drop',
  };
  writeFileSync(file, JSON.stringify(config));
  host = await startHostHere(file, 'token-of-the-slow-test', { requestTimeout: 1_000 });
});

afterAll(async () => {
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.concurrent.each([
  ['body', `POST /in/any/${key} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`],
  ['head', `POST /in/any/${key} HTTP/1.1\r\n`],
])('a %s that comes too slowly is answered with 408 and cut off, and delays nobody', async (_, start) => {
  const socket = connect(Number(new URL(host.address).port), '127.0.0.1');
  const dribble = setInterval(() => socket.write('a'), 100);
  socket.write(start);
  const ended = read(socket);
  const began = performance.now();
  const beside = await fetch(`${host.address}/in/any/${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"title":"Beside it"}',
  });
  expect(beside.status).toBe(202);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(await ended).toMatch(/^HTTP\/1\.1 408 /);
  clearInterval(dribble);
  expect(performance.now() - began).toBeLessThan(4_000);
});

async function read(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  // The next byte after the end meets a closed door, which says so; `once` would take that for the outcome.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}
