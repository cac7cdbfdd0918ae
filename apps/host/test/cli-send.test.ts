import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';

// `tocsin send` to sources that take nothing but what their vendor signed.

const key = 'key-of-the-send-test-0123456789';
const token = 'token-of-the-send-test';
let folder: string;
let file: string;
let host: Host;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-send-'));
  file = join(folder, 'tocsin.yaml');
  const signed = 'required';
  const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['webhook', 'grafana', 'sentry', 'fluxcd', 'cloudwatch'].map((id) => `@tocsin/source-${id}`),
    sources: [
      { id: 'plain', use: 'webhook', key },
      { id: 'scripts', use: 'webhook', key: `whsec_${randomBytes(32).toString('base64')}`, signed },
      { id: 'grafana', use: 'grafana', key, signed },
      { id: 'sentry', use: 'sentry', key, signed },
      { id: 'flux', use: 'fluxcd', key, signed },
      { id: 'alarms', use: 'cloudwatch', key, signed, settings: { topic } },
    ],
    unrouted: 'drop',
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
});

afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

const send = (...words: string[]) => printedBy(['send', ...words, '--config', file, '--url', host.address], token);

test.each(['plain', 'scripts', 'grafana', 'sentry', 'flux'])('an example reaches the source %s', async (id) => {
  expect(await send(id)).toMatch(/^accepted: group \w+ is firing/);
});

test('what one types reaches a source that takes signed requests alone', async () => {
  expect(await send('scripts', '--title', 'Disk full', '--label', 'host=db-1')).toMatch(/^accepted: group/);
});

test('what its vendor alone can sign says so', async () => {
  await expect(send('alarms')).rejects.toThrow(/signed requests alone, and its vendor alone can sign/);
});
