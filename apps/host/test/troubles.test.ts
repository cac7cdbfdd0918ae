import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What goes wrong in the hub is told by its own source, and nothing about that source is a trouble again.

const key = 'key-of-the-trouble-test';
const token = 'token-of-the-trouble-test';
let folder: string;
let host: Host;
let witness: Witness;

const canary = 'canary-5d1c';

const sources = ['deaf', 'any', 'wordless', 'late', 'removed'];

/** Fails whatever it is given. */
const templates = { title: '{{date "now" "week"}}' };

/** Starts a host in the folder, whose sources of the integration `webhook` are these. */
async function start(webhooks: string[]): Promise<void> {
  const webhook = (id: string, url = `${witness.url}/${id}`) => ({ id, use: 'webhook', settings: { url } });
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: [
      '@tocsin/source-alertmanager',
      '@tocsin/source-webhook',
      '@tocsin/source-tocsin',
      '@tocsin/target-webhook',
    ],
    sources: [
      ...webhooks.map((id) => ({ id, use: 'webhook', key, ...(id === 'wordless' ? { templates } : {}) })),
      { id: 'prod', use: 'alertmanager', key },
      { id: 'hub', use: 'tocsin' },
    ],
    targets: [
      webhook('operators'),
      webhook('chat'),
      { ...webhook('picky'), templates },
      webhook('forbidden', 'http://localhost:9/alerts'),
      webhook('fickle'),
    ],
    // The troubles go to targets that are broken themselves, too.
    routes: [
      { match: ['tocsin_source="hub"', 'subject="fickle"'], to: ['operators', 'fickle'] },
      { match: 'tocsin_source="hub"', to: ['operators', 'picky', 'forbidden'] },
      ...['chat', 'picky', 'forbidden', 'fickle'].map((id) => ({ match: `to="${id}"`, to: [id] })),
    ],
    unrouted: 'raise',
    egress: { allow: ['127.0.0.0/8'], deny: ['localhost'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-troubles-'));
  witness = await startWitness();
  witness.answer('/picky', { status: 403, body: canary });
  witness.answer('/fickle', { status: 400 }, { status: 200 });
  await start(sources);
});

afterAll(async () => {
  await host?.stop();
  await witness?.close();
  rmSync(folder, { recursive: true });
});

function post(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-tocsin-key': key };
  return fetch(`${host.address}/in/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function get<Item>(path: string): Promise<Item[]> {
  const answer = await fetch(`${host.address}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  const { items } = (await answer.json()) as { items: Item[] }; // the caller names the shape
  return items;
}

const texts = () => witness.told('/operators').map(({ body }) => (JSON.parse(body) as { text: string }).text);
const told = (beginning: RegExp) => until(() => texts().find((text) => beginning.test(text)), `${beginning} is told`);

const alertTo = (to: string) => ({ title: `Disk full ${canary}`, severity: 'critical', labels: { to } });

/** The group of a trouble, by its key. */
async function groupOf(trouble: string) {
  const groups = await get<{ id: string; key: string; eventCount: number }>('groups?source=hub&limit=100');
  const found = groups.filter((group) => group.key === trouble);
  expect(found).toHaveLength(1);
  return found[0];
}

test('Rejected requests are told once, however many they are, until the source reads one again', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => post('deaf', `no alert ${canary}`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([422]));
  expect(await told(/^Firing · (warning|error): Source deaf rejects requests/)).toContain(
    'GET /api/v1/requests?source=deaf',
  );
  expect((await post('deaf', alertTo('chat'))).status).toBe(202);
  const over = await told(/^Resolved · was (warning|error): Source deaf can read its requests again/);
  expect(over).toContain('It happened 30 times since');
  expect(await groupOf('rejected-requests deaf')).toMatchObject({ eventCount: 2 });
});

test('A request of which only a part could be read is told', async () => {
  const good = { status: 'firing', labels: { alertname: 'Up', to: 'chat' }, fingerprint: 'f00d' };
  const answer = await post('prod', { status: 'firing', groupLabels: {}, alerts: [good, { status: canary }] });
  expect(answer.status).toBe(202);
  await told(/^Firing · warning: Source prod rejects requests/);
});

test('Alerts that no route matches are told', async () => {
  const answer = await post('any', alertTo('nobody'));
  const { groups: reached } = (await answer.json()) as { groups: { id: string }[] };
  const text = await told(/^Firing · error: Alerts of source any reach nobody/);
  expect(text).toContain(`${host.address}/g/${reached[0]?.id}`);
});

test('A template that fails is told', async () => {
  await post('wordless', alertTo('chat'));
  await told(/^Firing · warning: Templates of source wordless fail/);
});

describe('A message that is given up', () => {
  test('is told with what the target answered, and no word more of it', async () => {
    await post('any', alertTo('picky'));
    expect(await told(/^Firing · error: Messages to target picky are given up/)).toContain(
      'The last answer was HTTP 403.',
    );
  });

  test('is told with what is wrong with the target, if nothing was sent', async () => {
    await post('any', alertTo('forbidden'));
    const text = await told(/^Firing · error: Messages to target forbidden are given up/);
    expect(text).toContain('its address, or a part of it, is not allowed');
    expect(text).not.toContain('localhost');
  });

  test('is over with the next alert that the target takes, not with the trouble itself', async () => {
    await post('any', alertTo('fickle'));
    await witness.untilTold('/fickle', 2);
    await until(async () => {
      const deliveries = await get<{ state: string }>('deliveries?target=fickle');
      return deliveries.some(({ state }) => state === 'told');
    }, 'the target took the trouble');
    // What had ended by then would be told before this, or with it.
    await post('late', 'no alert');
    await told(/^Firing · warning: Source late rejects requests/);
    const over = /^Resolved · was error: Target fickle takes messages again/;
    expect(texts().filter((text) => over.test(text))).toEqual([]);
    await post('any', { ...alertTo('fickle'), title: 'Another' });
    await told(over);
  });
});

test('No text of an alert or of an answer, and no key, is in what is told', () => {
  expect(texts().length).toBeGreaterThan(6);
  for (const text of texts()) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain(key);
  }
});

test('Nobody posts to the source', async () => {
  for (const path of ['hub', `hub/${key}`, 'unknown']) {
    const answer = await post(path, { troubles: [] });
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ error: expect.anything() })]);
  }
});

describe('After a restart', () => {
  beforeAll(async () => {
    await post('removed', 'no alert');
    await told(/^Firing · warning: Source removed rejects requests/);
    const known = await get<{ id: string; key: string }>('groups?source=hub&limit=100');
    const broken = known.filter(({ key }) => key !== 'dead-deliveries fickle');
    await until(async () => {
      const lost = await get<{ group: string; state: string }>('deliveries?target=picky&limit=100');
      const given = new Set(lost.filter(({ state }) => state === 'given-up').map(({ group }) => group));
      return broken.every(({ id }) => given.has(id));
    }, 'every trouble so far is given up at the broken target');
    await host.stop();
    await start(sources.filter((id) => id !== 'removed'));
  });

  test('troubles go on, and end where what they are about is gone', async () => {
    await told(/^Closed · no longer configured · was warning: Source removed rejected requests/);
    expect((await post('prod', { status: 'resolved', groupLabels: {}, alerts: [] })).status).toBe(202);
    await told(/^Resolved · was warning: Source prod can read its requests again/);
  });

  // As it stopped, the host told whatever it had not told by then.
  test('no trouble has brought forth another', async () => {
    const group = await groupOf('dead-deliveries picky');
    const [member] = await get<{ data: { count: number } }>(`groups/${group?.id}/members`);
    expect([group?.eventCount, member?.data.count]).toEqual([1, 1]);
    const keys = (await get<{ key: string }>('groups?source=hub&limit=100')).map(({ key }) => key);
    expect(keys).toContain('failed-templates any');
    expect(keys).not.toContain('failed-templates hub');
  });
});
