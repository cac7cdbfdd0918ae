import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What a target's answers do to everything that goes to it, through the whole host.

const key = 'key-of-the-answers-test';
const token = 'token-of-the-answers-test';
let folder: string;
let host: Host;
let witness: Witness;

const ids = ['busy', 'dated', 'gone', 'closed', 'frail'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-answers-'));
  witness = await startWitness();
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/source-tocsin', '@tocsin/target-webhook'],
    sources: [
      { id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } },
      { id: 'hub', use: 'tocsin' },
    ],
    targets: [...ids, 'operators'].map((id) => ({
      id,
      use: 'webhook',
      settings: { url: `${witness.url}/${id}`, headers: { authorization: '${file:./secret}' } },
    })),
    routes: [
      { match: 'tocsin_source="hub"', to: ['operators'] },
      ...ids.map((id) => ({ match: `to="${id}"`, to: [id] })),
    ],
    unrouted: 'raise',
    egress: { allow: ['127.0.0.0/8'] },
  };
  writeFileSync(join(folder, 'secret'), 'canary-7c1e');
  writeFileSync(join(folder, 'tocsin.yaml'), JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(join(folder, 'tocsin.yaml'), token);
});

afterAll(async () => {
  await host.stop();
  await witness.close();
  rmSync(folder, { recursive: true });
});

async function raise(to: string, id: string): Promise<void> {
  const body = JSON.stringify({ id: `${to}-${id}`, title: `${id} of ${to}`, labels: { to } });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${host.address}/in/any/${key}`, { method: 'POST', headers, body });
  expect(response.status).toBe(202);
}

// biome-ignore lint/suspicious/noExplicitAny: the document of the API is held by its own test
async function api(path: string, method = 'GET'): Promise<any> {
  const response = await fetch(`${host.address}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  return response.json();
}

const stateOf = async (id: string) => (await api('targets')).items.find((target: { id: string }) => target.id === id);

test('Retry-After in seconds holds everything that goes to the target, and nothing comes early', async () => {
  witness.answer('/busy', { status: 429, headers: { 'retry-after': '1' } }, { status: 200 });
  await raise('busy', 'first');
  const [limited] = await witness.untilTold('/busy', 1);
  await until(async () => (await stateOf('busy')).state === 'paused', 'paused');
  await raise('busy', 'second');
  await raise('frail', 'first');
  await witness.untilTold('/frail', 1);
  expect(witness.told('/busy')).toHaveLength(1);
  const told = await witness.untilTold('/busy', 3);
  expect((told[1]?.at ?? 0) - (limited?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test('Retry-After as a date counts from the answer’s own', async () => {
  const [now, later] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 0, 1)].map((time) =>
    new Date(time).toUTCString(),
  );
  witness.answer('/dated', { status: 503, headers: { date: `${now}`, 'retry-after': `${later}` } }, { status: 200 });
  await raise('dated', 'first');
  const told = await witness.untilTold('/dated', 2);
  expect((told[1]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test('410 switches the target off with an alarm, and what it is owed goes out once it is enabled', async () => {
  witness.answer('/gone', { status: 410 });
  await raise('gone', 'first');
  await until(async () => (await stateOf('gone')).state === 'disabled', 'disabled');
  await raise('gone', 'second');
  await until(() => alarms().some((text) => text.includes('disabled-target') || /gone/.test(text)), 'the alarm');
  expect(alarms().find((text) => text.includes('gone'))).toContain('tocsin deliveries enable gone');
  expect(witness.told('/gone')).toHaveLength(1);
  witness.answer('/gone', { status: 200 });
  expect(await api('targets/gone/enable', 'POST')).toEqual({ changed: true });
  await witness.untilTold('/gone', 3);
});

test('what refuses who we are raises an alarm that names the target and the secret, never its value', async () => {
  witness.answer('/closed', { status: 401, body: 'canary-of-the-answer' });
  await raise('closed', 'first');
  await until(() => alarms().some((text) => text.includes('closed')), 'the alarm');
  const alarm = alarms().find((text) => text.includes('closed') && text.includes('secrets'));
  expect(alarm).toContain('${file:./secret}');
  expect(alarms().join()).not.toContain('canary');
});

test('a test of a target goes the way of any message, says what it is, and leaves nothing behind', async () => {
  const before = witness.told('/closed').length;
  const tested = await api('targets/closed/test', 'POST');
  expect(tested).toMatchObject({
    outcome: 'refused',
    response: { status: 401 },
    setUp: expect.stringContaining('credentials'),
  });
  expect(tested.request.headers.authorization).toBe('${file:./secret}');
  const told = await witness.untilTold('/closed', before + 1);
  expect(told.at(-1)?.headers.authorization).toBe('canary-7c1e');
  expect(JSON.parse(told.at(-1)?.body ?? '').text).toMatch(/^Test · .*A test of the way to you/);
  expect((await api('attempts?target=closed')).items).toHaveLength(1);
});

test('a target is tried from the file alone, too', async () => {
  witness.answer('/busy', { status: 200 });
  const before = witness.told('/busy').length;
  const printed = await printedBy(['notify', 'busy', '--config', join(folder, 'tocsin.yaml')], token);
  expect(printed).toMatch(/^busy took it in \d+ ms\n\nPOST /);
  expect(printed).not.toContain('canary');
  await witness.untilTold('/busy', before + 1);
  process.exitCode = 0;
  witness.answer('/closed', { status: 401, body: 'no\u009b2J\u202e\nbusy took it' });
  const refused = await printedBy(['notify', 'closed', '--config', join(folder, 'tocsin.yaml')], token);
  expect(refused).toContain('closed did not take it');
  expect(refused).toContain('→ it does not know who we are');
  expect(refused).toContain('HTTP 401\nno\\u{9b}2J\\u{202e}\\nbusy took it');
  expect(refused).not.toMatch(/[\u009b\u202e]|^busy took it/m);
  expect(process.exitCode).toBe(1);
  process.exitCode = 0;
});

/** What the operators were told. */
function alarms(): string[] {
  return witness.told('/operators').map(({ body }) => JSON.parse(body).text);
}

test('seed-Q15 a target that is well again has what it is owed at once, not when its retries come', async () => {
  const failed = { status: 500 };
  witness.answer('/frail', failed, failed, failed, failed, failed, { status: 200 });
  for (const number of ['1', '2', '3', '4', '5', '6', '7', '8']) await raise('frail', number);
  // Each would wait for its own retry; the first that gets through brings the others.
  await until(async () => {
    const { items } = await api('deliveries?target=frail');
    return items.every(({ state }: { state: string }) => state === 'told');
  }, 'all told');
});
