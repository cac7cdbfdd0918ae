import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxSlackApp as app, buildSandbox, type SlackState } from '@tocsin/sandbox';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';

// From an alert to a message of an app in Slack, to a press, to everybody who was told.

const token = 'token-of-the-slack-app-test';
const callbackKey = 'key-of-the-callbacks-of-the-test';
const second = 'C0SANDALERTS';
let folder: string;
let sandbox: FastifyInstance;
let address: string;
let host: Host;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-slack-app-'));
  sandbox = buildSandbox();
  await sandbox.listen({ port: 0, host: '127.0.0.1' });
  address = `http://127.0.0.1:${(sandbox.server.address() as AddressInfo).port}`;
  await start();
});

async function start(): Promise<void> {
  const settings = { token: app.botToken, signingSecret: app.signingSecret, apiUrl: `${address}/slack/api` };
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-slack'],
    sources: [
      {
        id: 'scripts',
        use: 'webhook',
        key: 'key-of-the-slack-app-test',
        settings: { key: 'group', fingerprint: 'id' },
      },
    ],
    targets: [
      { id: 'chat', use: 'slack', settings: { ...settings, channel: app.channel }, keys: { one: callbackKey } },
    ],
    routes: [{ to: [{ target: 'chat', interval: '0s' }] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
  await control('app', { interactivityUrl: `${host.address}/callbacks/chat/${callbackKey}` });
}

afterAll(async () => {
  await host?.stop();
  await sandbox?.close();
  rmSync(folder, { recursive: true });
});

async function control(what: string, body: object): Promise<Record<string, unknown>> {
  const response = await sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload: body });
  expect(response.statusCode, response.body).toBeLessThan(300);
  return response.json();
}

async function say(body: object): Promise<string> {
  const response = await fetch(`${host.address}/in/scripts`, {
    method: 'POST',
    headers: { 'x-tocsin-key': 'key-of-the-slack-app-test', 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Disk', status: 'firing', ...body }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { groups: { id: string }[] }).groups[0]?.id ?? '';
}

async function state(): Promise<SlackState> {
  return (await sandbox.inject('/slack/state')).json();
}

test('prints the state', async () => {
  const group = await say({ id: `a-${++count}`, group: `g-${count}` });
  await until(async () => JSON.stringify(await state()).includes(group), 'a message');
  console.log(JSON.stringify(await state(), null, 1).slice(0, 6000));
});
