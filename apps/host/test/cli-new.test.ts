import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalise, renderNotification, type SourceIntegration } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { checkIntegration, notificationsOf } from '@tocsin/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';

// From what a system posts to a configured source, by way of a running host, to a package that passes the suite.

const key = 'key-of-the-test-source';
const token = 'token-of-the-new-test';
const secret = 'Zx81kQp0Lr7sTq24Wm93';
let folder: string;
let file: string;
let host: Host;

const down = {
  monitor: { name: 'Checkout', host: 'web-1.corp.io', owner: 'Ann Lee' },
  now: 'KAPUTT',
  impact: 'P2',
  text: `Ann Lee was told. It answered 503 to ${secret}.`,
  page: 'https://web-1.corp.io/monitors/184?token=hunter22',
};
const up = { ...down, now: 'WIEDER DA', text: 'It answers again.' };

const config = {
  version: 1,
  listen: '127.0.0.1:0',
  url: 'https://alerts.example.com',
  store: 'sqlite:./tocsin.db',
  integrations: ['@tocsin/source-webhook', '@tocsin/source-alertmanager', '@tocsin/target-webhook'],
  sources: [
    {
      id: 'shop',
      use: 'webhook',
      key,
      labels: { env: 'prod' },
      severity: { P2: 'error' },
      settings: {
        title: 'monitor.name',
        message: 'text',
        link: 'page',
        status: 'now',
        severity: 'impact',
        labels: { host: 'monitor.host', owner: 'monitor.owner' },
        firing: ['kaputt'],
        resolved: ['wieder da'],
      },
      templates: {
        title: '{{payload.title}} on {{alert.labels.host}}',
        'message.slack': '_{{payload.message}}_ ({{payload.body.impact}})',
        resolve: '{{eq payload.body.now "WIEDER DA"}}',
      },
    },
    { id: 'silent', use: 'webhook', key },
    { id: 'prom', use: 'alertmanager', key },
  ],
  targets: [{ id: 'ops', use: 'webhook', settings: { url: 'https://receiver.example.com/ops', medium: 'slack' } }],
  routes: [],
  unrouted: 'drop',
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-new-'));
  for (const name of ['integrations/sources', 'packages/core', 'node_modules/@tocsin']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), '');
  symlinkSync(join(import.meta.dirname, '../../../packages/core'), join(folder, 'node_modules/@tocsin/core'));
  file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config));
  host = await startHostHere(file, token);
}, 60_000);

afterAll(async () => {
  vi.restoreAllMocks();
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let ahead = 0;

/** Of two requests within ten seconds the host keeps one: each is sent at another time. */
async function post(payload: object): Promise<void> {
  ahead += 11_000;
  const headers = { 'content-type': 'application/json', 'x-tocsin-key': key };
  const answer = await fetch(`${host.address}/in/shop`, { method: 'POST', headers, body: JSON.stringify(payload) });
  expect(answer.status).toBe(202);
}

/** What `tocsin new source` prints. */
async function tocsinNew(id: string, ...words: string[]): Promise<string> {
  const here = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  try {
    const common = ['--config', file, '--docs', 'https://vendor.example.com/webhooks'];
    return await printedBy(['new', 'source', id, ...common, ...words], token);
  } finally {
    here.mockRestore();
  }
}

async function get<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(`${host.address}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json() as Promise<Answer>; // the caller names the shape
}

test('seed-D16 what was posted becomes a package that passes the suite, says the same, and has no secret in it', async () => {
  const real = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
  await post(down);
  await post(up);
  const said = await tocsinNew('acme', '--from-source', 'shop', '--url', host.address);

  const made = join(folder, 'integrations/sources/acme');
  expect((await checkIntegration(made)).filter(({ ok }) => !ok)).toEqual([]);
  const files = ['src/index.ts', 'examples/firing.json', 'examples/firing.expected.json', 'templates/title.hbs'];
  const texts = Object.fromEntries(files.map((name) => [name, readFileSync(join(made, name), 'utf8')]));
  expect(texts['templates/title.hbs']).toBe('{{payload.title}} on {{alert.labels.host}}');
  expect(JSON.parse(texts['examples/firing.expected.json'] ?? '').origin).toMatchObject({
    kind: 'captured',
    product: 'unknown',
    version: 'unknown',
  });
  for (const private_ of [secret, 'Ann', 'corp.io', 'hunter22']) expect(JSON.stringify(texts)).not.toContain(private_);
  expect(JSON.parse(texts['examples/firing.json'] ?? '')).toEqual({
    monitor: { name: 'Checkout', host: 'host-1.example.com', owner: 'Person 1' },
    now: 'KAPUTT',
    impact: 'P2',
    text: 'Person 1 was told. It answered 503 to redacted-1.',
    page: 'https://host-1.example.com/monitors/184?token=redacted-2',
  });

  expect(said).toContain('Drafted from shop and request ');
  expect(said).toContain('host: web-1.corp.io → host-1.example.com, in page');
  expect(said).toContain('person: Ann Lee → Person 1, in monitor.owner');
  expect(said).toContain('secret: Zx… (20 characters) → redacted-1, in text');
  expect(said).not.toContain(secret);
  expect(said).toMatch(/(\d+) of \1 messages are said as shop says them/);
  expect(said).toContain('It was captured. Which product sent it, and which version of it?');
  expect(said).toContain('env: shop adds what is true of this one system');

  const integration = (await loadIntegration(made)) as SourceIntegration; // made as one
  const { items } = await get<{ items: { id: number; body: string; receivedAt: string }[] }>('requests?source=shop');
  expect(items).toHaveLength(2);
  for (const { id, body, receivedAt } of items) {
    const [hub] = (await get<{ items: { texts: object }[] }>(`render?target=ops&request=${id}`)).items;
    expect(hub?.texts).toMatchObject(saysOf(integration, body, Date.parse(receivedAt)));
  }
});

/** What the package makes of a request as it was sent, configured as its source was. */
function saysOf({ definition, templates }: SourceIntegration, rawBody: string, receivedAt: number) {
  const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody };
  const options = { source: 'shop', settings: {}, labels: { env: 'prod' }, receivedAt };
  const [input] = notificationsOf(normalise(definition, JSON.parse(rawBody), request, options).alerts, receivedAt);
  if (!input) throw new Error('there is no alert');
  const { headline, title, message, link } = renderNotification(
    input,
    templates,
    { medium: 'slack', limits: {} },
    { now: receivedAt },
  );
  return { headline, title, message, link };
}

test.each([
  ['shopp', 'there is no source shopp', 'Did you mean shop? Its sources: shop, silent, prom'],
  ['prom', 'prom is a source of @tocsin/source-alertmanager, which is a package already', 'integration `webhook`'],
  ['silent', 'there is nothing of silent to draft from: no request is stored that it took', 'tocsin send silent'],
])('of %s nothing is made', async (id, message, remedy) => {
  const made = tocsinNew('other', '--from-source', id, '--url', host.address);
  await expect(made).rejects.toThrow(message);
  await expect(made).rejects.toMatchObject({ remedy: expect.stringContaining(remedy) });
});

test('a host that isn’t there is named, and what to do', async () => {
  const made = tocsinNew('other', '--from-source', 'shop', '--url', 'http://127.0.0.1:9');
  await expect(made).rejects.toThrow('nothing answers at http://127.0.0.1:9/');
  await expect(made).rejects.toMatchObject({ remedy: expect.stringContaining('tocsin start') });
});
