import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// Links in messages without buttons: whoever has the message can acknowledge, and no program does by looking.

const token = 'token-of-the-links-test';
let folder: string;
let witness: Witness;
let host: Host;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-links-'));
  witness = await startWitness();
  const target = (id: string, more: object = {}) => ({
    id,
    use: 'webhook',
    settings: { url: `${witness.url}/${id}`, body: 'notification' },
    ...more,
  });
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [
      { id: 'scripts', use: 'webhook', key: 'key-of-the-links-test', settings: { key: 'id', fingerprint: 'id' } },
    ],
    targets: [target('linked', { links: true }), target('plain')],
    routes: [{ to: ['linked', 'plain'] }],
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

async function say(id: string, status: string): Promise<string> {
  const response = await fetch(`${host.address}/in/scripts`, {
    method: 'POST',
    headers: { 'x-tocsin-key': 'key-of-the-links-test', 'content-type': 'application/json' },
    body: JSON.stringify({ id, title: 'Disk', status }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { groups: { id: string }[] }).groups[0]?.id ?? '';
}

/** A new group, and the link in what was told of it. */
async function fresh(): Promise<{ id: string; group: string; link: string }> {
  const id = `disk-${++count}`;
  const group = await say(id, 'firing');
  const told = await until(
    () => witness.told('/linked').find(({ body }) => JSON.parse(body).group.id === group),
    'a message',
  );
  return { id, group, link: JSON.parse(told.body).acknowledgeUrl };
}

const page = async (url: string, form?: Record<string, string>, origin = host.url) => {
  const response = await fetch(url, {
    headers: { accept: 'text/html', ...(form ? { origin } : {}) },
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  });
  return { status: response.status, text: await response.text() };
};

async function groupOf(id: string) {
  const response = await fetch(`${host.address}/api/v1/groups/${id}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as { status: string; acknowledged: { by: string } | null };
}

test('looking at it changes nothing, and its form acknowledges for a name that nobody checked', async () => {
  const { group, link } = await fresh();
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a\/[\w-]+$/);
  expect(witness.told('/linked').at(-1)?.body).toContain('Acknowledge');
  for (let look = 0; look < 3; look++) expect(await page(link)).toMatchObject({ status: 200 });
  await fetch(link, { method: 'HEAD' });
  expect((await groupOf(group)).status).toBe('firing');
  const done = await page(link, { name: ' Ann <b>\u202e ' });
  expect(done).toMatchObject({ status: 200, text: expect.stringContaining('You have it') });
  expect(await groupOf(group)).toMatchObject({
    status: 'acknowledged',
    acknowledged: { by: 'Ann <b> (by link, not verified)' },
  });
  expect((await page(link)).text).not.toContain('Ann <b>');
});

test('it does nothing for another site, without a name, for an older incarnation, or once it is over', async () => {
  const { id, group, link } = await fresh();
  expect(await page(link, { name: 'Ann' }, 'https://evil.example')).toMatchObject({ status: 403 });
  expect(await page(link, { name: '  ' })).toMatchObject({ status: 422 });
  expect(await page(link, { name: 'x'.repeat(61) })).toMatchObject({ status: 422 });
  expect((await groupOf(group)).status).toBe('firing');
  await say(id, 'ok');
  expect(await page(link, { name: 'Ann' })).toMatchObject({ status: 409 });
  await say(id, 'firing');
  expect(await page(link, { name: 'Ann' })).toMatchObject({
    status: 409,
    text: expect.stringContaining('fired again'),
  });
  expect((await groupOf(group)).status).toBe('firing');
});

test('no other than a whole one of this hub is good', async () => {
  const { group, link } = await fresh();
  const [, handle = ''] = link.split('/a/');
  const at = (text: string) => page(link.replace(handle, text), { name: 'Ann' });
  const flipped = [...handle].map(
    (sign, index) => `${handle.slice(0, index)}${sign === 'A' ? 'B' : 'A'}${handle.slice(index + 1)}`,
  );
  for (const text of [...flipped, handle.slice(1), `${handle}A`, `${handle}%00`, '%F0%9F%98%80', 'x'.repeat(500), 'a'])
    expect(await at(text)).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 404 || status === 400),
    });
  expect((await groupOf(group)).status).toBe('firing');
});

test('only who is to have it has it', async () => {
  const { group } = await fresh();
  const told = await until(() => witness.told('/plain').find(({ body }) => body.includes(`/g/${group}`)), 'a message');
  expect(told.body).not.toContain('/a/');
});
