import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess, token } from './support/host-process.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// One value, used, echoed, refused and replaced in every way: nobody may see it anywhere afterwards.

const canary = 'canary/5F+q "x" <y> &=%\\\' zed';
const replaced = 'replaced/7G+r "x" <y> &=%\\\' zed';

/** How somebody may repeat a value. */
const echoesOf = (value: string): string[] => {
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    value.split('/').map(encodeURIComponent).join('/'),
    new URLSearchParams({ '': value }).toString().slice(1),
    html,
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('base64url'),
    Buffer.from(`user:${value}`).toString('base64'),
  ];
};

/** What shows that it was seen: each of these, or a piece of one. */
const forms = [canary, replaced].flatMap((value) => [
  ...echoesOf(value).map((form) => form.slice(8, -4)),
  value.slice(0, 10),
]);

let host: HostProcess;
let witness: Witness;
const heard: string[] = [];

const config = () => ({
  integrations: ['@tocsin/source-webhook', '@tocsin/source-tocsin', '@tocsin/target-webhook'],
  sources: [
    { id: 'any', use: 'webhook', key },
    { id: 'hub', use: 'tocsin' },
  ],
  targets: [
    { id: 'operators', use: 'webhook', settings: { url: `${witness.url}/operators` } },
    ...['loud', 'deaf', 'picky'].map((id) => ({
      id,
      use: 'webhook',
      settings: {
        url: `${witness.url}/${id}/\${secret:can/ary}?q=\${secret:can/ary}`,
        headers: { Authorization: 'Basic ${secret:can/ary}' },
      },
    })),
    { id: 'lost', use: 'webhook', settings: { url: 'http://${secret:can/ary}.invalid/' } },
    { id: 'other', use: 'webhook', settings: { url: 'http://localhost:1/${secret:can/ary}' } },
  ],
  routes: [
    { match: 'tocsin_source="hub"', to: ['operators'] },
    ...['loud', 'deaf', 'picky', 'lost', 'other'].map((id) => ({ match: `to="${id}"`, to: [id] })),
  ],
  unrouted: 'drop',
  egress: { allow: ['127.0.0.0/8', '::1'] },
});

beforeAll(async () => {
  witness = await startWitness();
  echo(canary);
  host = await startHostProcess({ config: config(), env: { LOG_LEVEL: 'trace' } });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

/** What these targets answer from now on. */
function echo(value: string): void {
  const answer = { headers: { 'x-echo': encodeURIComponent(value) }, body: echoesOf(value).join('\n') };
  witness.answer('/loud', answer);
  witness.answer('/deaf', { status: 503, ...answer });
  witness.answer('/picky', { status: 403, ...answer });
}

/** Asks, and keeps what was answered, headers too. */
async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${host.address}${path}`, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body } : {}),
  });
  heard.push(`${method} ${path} ${JSON.stringify([...response.headers])} ${await response.text()}`);
  return response.status;
}

const put = (id: string, body: object) => ask('PUT', `/api/v1/secrets/${id}`, JSON.stringify(body));

function expectNone(where: string, text: string): void {
  expect([where, ...forms.filter((form) => text.includes(form))]).toEqual([where]);
}

describe('seed-K12 The value of a secret', () => {
  test('reaches those whom it is for', async () => {
    expect(await put('can/ary', { value: canary })).toBe(200);
    for (const to of ['loud', 'deaf', 'picky', 'lost', 'other']) {
      await host.post('any', { title: `Tell ${to}`, labels: { to } });
    }
    const [told] = await witness.untilTold('/loud', 1);
    expect(told?.headers.authorization).toBe(`Basic ${canary}`);
    await until(async () => {
      const { items } = await host.get<{ items: { target: string }[] }>('attempts?limit=50');
      return new Set(items.map(({ target }) => target)).size >= 5;
    }, 'an attempt at each');
    await witness.untilTold('/deaf', 2);
  });

  test('is in no answer of the API, whatever it is asked', async () => {
    expect(await put('can/ary', { value: replaced, hosts: ['127.0.0.1', '*.invalid'] })).toBe(200);
    echo(`${replaced} ${canary}`);
    for (const to of ['loud', 'picky']) await host.post('any', { title: `Tell ${to} again`, labels: { to } });
    await witness.untilTold('/picky', 2);
    await host.post('any', { title: 'Tell other again', labels: { to: 'other' } });
    const broken = [
      `{"value": ${canary}`,
      `{"value": "${encodeURIComponent(canary)}"`,
      JSON.stringify({ value: { deep: canary } }),
      JSON.stringify({ value: [canary] }),
      JSON.stringify({ value: `${canary}\0` }),
      JSON.stringify({ value: canary.repeat(400) }),
      JSON.stringify({ value: canary.repeat(4000) }),
      JSON.stringify({ value: canary, hosts: [] }),
      JSON.stringify({ value: canary, targets: ['picky'] }),
      JSON.stringify(canary),
    ];
    for (const body of broken) expect(await ask('PUT', '/api/v1/secrets/can/ary', body)).toBeGreaterThanOrEqual(400);
    expect(await ask('DELETE', '/api/v1/secrets/can/ary')).toBe(409);
    expect(await ask('POST', '/api/v1/secrets/rotate')).toBe(200);
    for (const to of ['loud', 'deaf', 'picky', 'lost', 'other']) {
      expect(await ask('POST', `/api/v1/targets/${to}/test`, '{}')).toBe(200);
    }
    const document = (await (
      await fetch(`${host.address}/api/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { paths: Record<string, Record<string, unknown>> };
    const reads = Object.entries(document.paths).filter(([, methods]) => 'get' in methods);
    expect(reads.length).toBeGreaterThan(15);
    const groups = await host.get<{ items: { id: string }[] }>('groups?limit=100');
    for (const [path] of reads) {
      for (const { id } of groups.items) {
        const asked = path.replace('{id}', id).replace('{source}', 'any').replace('{kind}', 'source');
        const query = path.endsWith('/why')
          ? `?group=${id}`
          : path.endsWith('/render')
            ? `?target=loud&group=${id}`
            : '';
        await ask('GET', `${asked}${query}`);
      }
    }
    expect(heard.some((text) => text.startsWith('GET /api/v1/attempts') && text.includes('${secret:can/ary}'))).toBe(
      true,
    );
    for (const text of heard) expectNone('an answer', text);
  });

  test('is on no page and in no metric', async () => {
    const signIn = await fetch(`${host.address}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: host.address, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString(),
    });
    const cookie = String(signIn.headers.get('set-cookie')).split(';')[0] ?? '';
    const groups = await host.get<{ items: { id: string }[] }>('groups?limit=100');
    const pages = groups.items.flatMap(({ id }) => [`/g/${id}`, `/g/${id}/why`]);
    const before = heard.length;
    for (const path of ['/', '/accounting', ...pages]) expect(await ask('GET', path, undefined, { cookie })).toBe(200);
    expect(await ask('GET', '/metrics')).toBe(200);
    expect(heard.length).toBeGreaterThan(before + 10);
    for (const text of heard.slice(before)) expectNone('a page', text);
  });

  test('is in no alarm, and not in the log', async () => {
    await until(() => witness.told('/operators').length > 0, 'an alarm');
    for (const { body } of witness.told('/operators')) expectNone('an alarm', body);
    expect(host.output()).toContain('secret set');
    expectNone('the log', host.output());
  });

  test('is in no file, of a host that runs and of one that has ended', async () => {
    const look = () => {
      const files = readdirSync(host.folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(host.folder, name))
        .filter((path) => statSync(path).isFile());
      expect(files.some((path) => path.endsWith('tocsin.db-redo'))).toBe(true);
      for (const path of files) expectNone(path, readFileSync(path).toString('latin1'));
    };
    look();
    host.signal('SIGTERM');
    expect(await host.ended).toBe(0);
    look();
  });

  test('is known to the next host, which goes on where this one was', async () => {
    const { folder } = host;
    host = await startHostProcess({ config: config(), folder });
    const before = witness.told('/loud').length;
    await host.post('any', { title: 'Tell loud after a restart', labels: { to: 'loud' } });
    const told = await witness.untilTold('/loud', before + 1);
    expect(told.at(-1)?.headers.authorization).toBe(`Basic ${replaced}`);
  });

  test('seed-K9 keeps a host from its start that has another key, and says what to do', async () => {
    const { folder } = host;
    host.signal('SIGTERM');
    await host.ended;
    const env = { TOCSIN_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') };
    const refusal = await startHostProcess({ config: config(), folder, env }).then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(
      /can\/ary: lies under another key \([0-9a-f]{12}\); it is used by loud, deaf, picky, lost, other/,
    );
    expect(refusal).toContain('→ Give the hub the key that it had');
  });
});
