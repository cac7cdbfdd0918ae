import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What people do reaches the system that raised the alert, and is done in the hub only once it is done there.

const token = 'token-of-the-write-back-test';
const password = 'canary-password-of-icinga';
let folder: string;
let witness: Witness;
let host: Host;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-write-back-'));
  witness = await startWitness();
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/source-icinga2', '@tocsin/target-webhook'],
    sources: [
      {
        id: 'scripts',
        use: 'webhook',
        key: 'key-of-the-write-back-test',
        settings: { key: 'group', fingerprint: 'id' },
        writeBack: { url: `${witness.url}/done`, headers: { authorization: `Bearer ${password}` } },
      },
      { id: 'quiet', use: 'webhook', key: 'key-of-the-write-back-test', settings: { key: 'id' } },
      {
        id: 'icinga',
        use: 'icinga2',
        key: 'key-of-the-write-back-test',
        writeBack: { url: `${witness.url}/icinga`, user: 'tocsin', password },
      },
    ],
    targets: [{ id: 'chat', use: 'webhook', settings: { url: `${witness.url}/chat` } }],
    routes: [{ to: ['chat'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
});

afterAll(async () => {
  await host?.stop();
  await witness?.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  witness.answer('/done', { status: 200 });
  witness.answer('/icinga', { status: 200, body: '{}' });
});

async function post(source: string, body: object): Promise<string> {
  const response = await fetch(`${host.address}/in/${source}`, {
    method: 'POST',
    headers: { 'x-tocsin-key': 'key-of-the-write-back-test', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { groups } = (await response.json()) as { groups: { id: string }[] };
  expect(response.status).toBe(202);
  return groups[0]?.id ?? '';
}

const fresh = (source: string) =>
  post(source, { id: `a-${++count}`, group: `g-${count}`, title: 'Disk', status: 'firing' });

async function act(group: string, action: string, body: object = {}) {
  const response = await fetch(`${host.address}/api/v1/groups/${group}/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function statusOf(group: string): Promise<string> {
  const response = await fetch(`${host.address}/api/v1/groups/${group}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { status: string }).status;
}

describe('a webhook', () => {
  test('is told of each firing alert before the group changes', async () => {
    const group = await post('scripts', { id: 'x-1', group: 'several', title: 'Disk', status: 'firing' });
    await post('scripts', { id: 'x-2', group: 'several', title: 'Disk', status: 'firing' });
    const before = witness.told('/done').length;
    const acted = await act(group, 'acknowledge', { comment: ' on\nit ' });
    expect(acted).toMatchObject({ status: 200, body: { changed: true, group: { status: 'acknowledged' } } });
    const told = witness.told('/done').slice(before);
    expect(told.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${password}`, `Bearer ${password}`]);
    expect(told.map(({ body }) => JSON.parse(body))).toEqual([
      expect.objectContaining({
        action: 'acknowledge',
        actor: 'admin',
        comment: 'on it',
        url: `${host.url}/g/${group}`,
      }),
      expect.objectContaining({ alert: expect.objectContaining({ fingerprint: 'x-2' }) }),
    ]);
  });

  test('that refuses leaves everything as it was, and who acted reads why', async () => {
    const group = await fresh('scripts');
    witness.answer('/done', { status: 409, body: 'not yours' });
    const acted = await act(group, 'resolve');
    expect(acted).toMatchObject({
      status: 502,
      body: { error: { code: 'write-back', message: expect.stringContaining('HTTP 409: not yours') } },
    });
    expect(JSON.stringify(acted)).not.toContain(password);
    expect(await statusOf(group)).toBe('firing');
  });

  test('that fails for a while is asked again', async () => {
    const group = await fresh('scripts');
    witness.answer('/done', { status: 503 }, { status: 200 });
    expect(await act(group, 'acknowledge')).toMatchObject({ status: 200 });
  });

  test('isn’t told where nobody turned it on, nor of what is refused before', async () => {
    const before = witness.told('/done').length;
    expect(await act(await fresh('quiet'), 'acknowledge')).toMatchObject({ status: 200 });
    const group = await fresh('scripts');
    expect(await act(group, 'acknowledge', { incarnation: 7 })).toMatchObject({ status: 409 });
    expect(await act('1000000', 'acknowledge')).toMatchObject({ status: 404 });
    expect(witness.told('/done').length).toBe(before);
  });
});

describe('Icinga 2', () => {
  const notification = (hostname: string, NOTIFICATIONTYPE: string, HOSTSTATE: string) =>
    post('icinga', {
      HOSTNAME: hostname,
      NOTIFICATIONTYPE,
      HOSTSTATE,
      HOSTOUTPUT: 'no answer',
      TIMET: `${Math.floor(Date.now() / 1000)}`,
    });

  test('acknowledges, and is asked whether it holds', async () => {
    const group = await notification('db-1', 'PROBLEM', 'DOWN');
    witness.answer(
      '/icinga',
      {
        body: JSON.stringify({
          results: [{ code: 200, status: "Successfully acknowledged problem for object 'db-1'." }],
        }),
      },
      {
        body: JSON.stringify({
          results: [{ attrs: { __name: 'db-1', state: 1, acknowledgement: 2, acknowledgement_last_change: 1 } }],
        }),
      },
    );
    expect(await act(group, 'acknowledge')).toMatchObject({ status: 200, body: { changed: true } });
    const [asked, read] = witness.told('/icinga/v1/').slice(-2);
    expect(asked?.path).toBe('/icinga/v1/actions/acknowledge-problem');
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from(`tocsin:${password}`).toString('base64')}`);
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ author: 'admin', sticky: true, notify: false });
    expect(read?.path).toBe('/icinga/v1/objects/hosts');
    // Its echo changes nothing, and nobody is told twice.
    await until(() => witness.told('/chat').some(({ body }) => body.includes('Acknowledged')), 'an acknowledgement');
    const told = witness.told('/chat').length;
    await notification('db-1', 'ACKNOWLEDGEMENT', 'DOWN');
    expect(await statusOf(group)).toBe('acknowledged');
    await fresh('quiet');
    await witness.untilTold('/chat', told + 1);
    expect(witness.told('/chat')).toHaveLength(told + 1);
  });

  test('that shows it otherwise is not believed', async () => {
    const group = await notification('db-2', 'PROBLEM', 'DOWN');
    witness.answer(
      '/icinga',
      { body: JSON.stringify({ results: [{ code: 200, status: 'ok' }] }) },
      { body: JSON.stringify({ results: [{ attrs: { __name: 'db-2', state: 1, acknowledgement: 0 } }] }) },
    );
    expect(await act(group, 'acknowledge')).toMatchObject({
      status: 502,
      body: { error: { message: expect.stringContaining('shows it not acknowledged') } },
    });
    expect(await statusOf(group)).toBe('firing');
  });
});
