import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What leaves for a webhook with a payload and a method of its own, through the whole host.

const key = 'key-of-the-payload-test';
const token = 'token-of-the-payload-test';
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
let folder: string;
let host: Host;
let witness: Witness;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-payload-'));
  witness = await startWitness();
  const target = (id: string, settings: object) => ({
    id,
    use: 'webhook',
    settings: { url: `${witness.url}/${id}`, ...settings },
  });
  const targets = [
    target('keptn', {
      url: `${witness.url}/keptn/\${file:./path-secret}?stage=\${file:./body-secret}`,
      headers: { 'X-Token': 'Key ${file:./path-secret}' },
      payload:
        '{"token": "${file:./body-secret}", "plain": "$${file:./path-secret}", "text": "{{.body.data.stage}}: {{.body.data.say}}"}',
    }),
    ...methods.map((method) => target(method.toLowerCase(), { method })),
    ...[400, 404, 500].map((status) => target(`answers-${status}`, {})),
  ];
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
    targets,
    routes: [
      { match: 'to="methods"', to: methods.map((method) => method.toLowerCase()) },
      ...targets.map(({ id }) => ({ match: `to="${id}"`, to: [id] })),
    ],
    unrouted: 'drop',
    egress: { allow: ['127.0.0.0/8'] },
  };
  writeFileSync(join(folder, 'path-secret'), 'T0/B0/canary "1"');
  writeFileSync(join(folder, 'body-secret'), 'canary "2"\\');
  writeFileSync(join(folder, 'tocsin.yaml'), JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(join(folder, 'tocsin.yaml'), token);
});

afterAll(async () => {
  await host.stop();
  await witness.close();
  rmSync(folder, { recursive: true });
});

async function raise(to: string, id: string, more: object = {}): Promise<void> {
  const body = JSON.stringify({ id: `${to}-${id}`, title: id, labels: { to }, ...more });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${host.address}/in/any/${key}`, { method: 'POST', headers, body });
  expect(response.status).toBe(202);
}

// biome-ignore lint/suspicious/noExplicitAny: the document of the API is held by its own test
async function api(path: string): Promise<any> {
  const response = await fetch(`${host.address}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return response.json();
}

test('seed-K10 seed-K17 secrets stand in address, header and payload, each encoded for its place', async () => {
  const say = `it's <https://example.com|50 > 49>; "\\ $(rm) & \` | \${file:./path-secret} {{.body}}\n' http://localhost:8080 '`;
  await raise('keptn', 'first', { data: { stage: 'staging', say } });
  const [told] = await witness.untilTold('/keptn', 1);
  expect(told?.path).toBe('/keptn/T0/B0/canary%20%221%22?stage=canary%20%222%22%5C');
  expect(told?.headers['x-token']).toBe('Key T0/B0/canary "1"');
  expect(JSON.parse(told?.body ?? '')).toEqual({
    token: 'canary "2"\\',
    plain: '${file:./path-secret}',
    text: `staging: ${say}`,
  });
  await until(async () => (await api('attempts?target=keptn')).items.length === 1, 'the attempt');
  const { items } = await api('attempts?target=keptn');
  expect(JSON.stringify(items)).not.toContain('canary');
  expect(JSON.stringify(items)).toContain('${file:./body-secret}');
});

test('seed-K8 seed-K14 what an alert lacks ends its delivery with the path, and nothing is sent', async () => {
  const before = witness.told('/keptn').length;
  await raise('keptn', 'second', { data: { say: 'hidden' } });
  await until(async () => (await api('dead-letters')).items.length === 1, 'a dead letter');
  const { items } = await api('dead-letters');
  expect(items[0]).toMatchObject({
    target: 'keptn',
    reason: "payload:1 can't be rendered: payload.body.data.stage is missing",
  });
  expect(witness.told('/keptn')).toHaveLength(before);
});

test('seed-K8 the preview shows the request, or what is missing', async () => {
  const groups: { id: string; key: string }[] = (await api('groups')).items;
  const idOf = (key: string) => groups.find((group) => group.key.includes(key))?.id ?? '';
  const words = ['render', '--to', 'keptn', '--url', host.address, '--config', join(folder, 'tocsin.yaml')];
  const first = await printedBy([...words, '--group', idOf('keptn-first')], token);
  const second = await printedBy([...words, '--group', idOf('keptn-second')], token);
  expect(first).toContain('"token": "${file:./body-secret}"');
  expect(second).toContain('payload.body.data.stage is missing');
  expect(`${first}${second}`).not.toContain('canary');
});

test('seed-K6 every method arrives as itself, GET and HEAD without a body', async () => {
  await raise('methods', 'first');
  await until(() => methods.every((method) => witness.told(`/${method.toLowerCase()}`).length > 0), 'all of them');
  const arrived = methods.map((name) => {
    const [told] = witness.told(`/${name.toLowerCase()}`);
    return [
      told?.method,
      told?.body === '' ? '' : Object.keys(JSON.parse(told?.body ?? '')),
      told?.headers['content-type'],
    ];
  });
  expect(arrived).toEqual(
    methods.map((name) => [
      name,
      ...(name === 'GET' || name === 'HEAD' ? ['', undefined] : [['text'], 'application/json']),
    ]),
  );
  await until(async () => {
    const { items } = await api('deliveries?target=head');
    return items.length === 1 && items[0].state === 'told';
  }, 'told by HEAD');
});

test('seed-K15 an answer of 400 and above is a failure, and the source hears nothing of it', async () => {
  for (const status of [400, 404, 500]) {
    witness.answer(`/answers-${status}`, { status });
    await raise(`answers-${status}`, 'first');
    await witness.untilTold(`/answers-${status}`, 1);
    await until(async () => (await api(`attempts?target=answers-${status}`)).items.length > 0, 'the attempt');
    const { items } = await api(`deliveries?target=answers-${status}`);
    expect(items[0].state).not.toBe('told');
  }
});
