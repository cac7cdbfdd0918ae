import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { startWitness, type Told, type Witness } from './support/witness.ts';

// Who proves what to whom over HTTP, with everything real between.

let host: HostProcess;
let witness: Witness;

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
// Its base64 has slashes: `whsec_////…`.
const [old, fresh, incoming] = [secretOf(1), secretOf(2), secretOf(255)];

const password = 'canary:with a colon, a % and a “quote”';

const sourceWith = (verify: string, more = '') => `
  export default defineSource({
    title: 'Acme', summary: 'Alerts of Acme', docs: 'https://example.com/acme', verify: ${verify}, ${more}
    payload: z.looseObject({ id: z.string(), title: z.string() }),
    status: () => 'firing', group: ({ alert }) => alert.id, fingerprint: ({ alert }) => alert.id,
  });`;

/** Tells by HTTP basic authentication. */
const targetWithLogin = `
  export default defineTarget({
    title: 'Acme', summary: 'Tickets of Acme', docs: 'https://example.com/acme', medium: 'text', mode: 'latest', limits: {},
    settings: z.strictObject({ url: z.string(), login: z.string().optional(), password: secret().optional() }),
    auth: { kind: 'basic', user: 'login', password: 'password' },
    request: (_, { url }, answers) => (answers.length > 0 ? undefined : { method: 'POST', url, body: 'x' }),
  });`;

beforeAll(async () => {
  witness = await startWitness();
  const target = (id: string, settings: object) => ({
    id,
    use: 'webhook',
    settings: { url: `${witness.url}/${id}`, ...settings },
  });
  host = await startHostProcess({
    env: { OLD: old, FRESH: fresh, INCOMING: incoming, PASSWORD: password },
    prepare(folder) {
      writeIntegration(
        folder,
        'source-basic',
        sourceWith("{ kind: 'basic', user: 'name' }", 'settings: z.strictObject({ name: z.string() }),'),
      );
      writeIntegration(folder, 'source-bearer', sourceWith("{ kind: 'bearer' }"));
      writeIntegration(folder, 'target-login', targetWithLogin);
      writeIntegration(folder, 'source-signed', sourceWith("{ kind: 'standard-webhooks' }"));
    },
    config: {
      integrations: [
        '@tocsin/source-webhook',
        '@tocsin/target-webhook',
        './source-basic',
        './source-bearer',
        './source-signed',
        './target-login',
      ],
      sources: [
        { id: 'any', use: 'webhook', keys: { own: key, hub: '${env:INCOMING}' } },
        { id: 'strict', use: './source-signed', key: '${env:INCOMING}', signed: 'required' },
        { id: 'basic', use: './source-basic', key, settings: { name: 'acme' } },
        { id: 'bearer', use: './source-bearer', key },
      ],
      targets: [
        target('plain', {}),
        target('signed', { signingSecret: '${env:FRESH}', headers: { 'X-Token': '${env:OLD}' } }),
        target('rotated', { signingSecret: ['${env:OLD}', '${env:FRESH}'] }),
        { ...target('login', { login: 'ärger', password: '${env:PASSWORD}' }), use: './target-login' },
        { ...target('anonymous', {}), use: './target-login' },
      ],
      routes: ['plain', 'signed', 'rotated', 'login', 'anonymous'].map((id) => ({ match: `to="${id}"`, to: [id] })),
      unrouted: 'drop',
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

let alerts = 0;

/** Has a target told of an alert, and gives what reached it: so many attempts. */
async function tell(to: string, attempts = 1): Promise<Told[]> {
  const before = witness.told(`/${to}`).length;
  const alert = { title: `Disk ${alerts++} of ${to} is full – 97 %`, labels: { to } };
  expect((await host.post('any', alert)).status).toBe(202);
  return (await witness.untilTold(`/${to}`, before + attempts)).slice(before);
}

const verified = (secret: string, { body, headers }: Told) => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>); // each is sent once
    return true;
  } catch {
    return false;
  }
};

describe('What is told', () => {
  test('is signed as it was sent, in a way that others understand', async () => {
    const [told] = (await tell('signed')) as [Told];
    expect([verified(fresh, told), verified(old, told)]).toEqual([true, false]);
    expect(verified(fresh, { ...told, body: `${told.body} ` })).toBe(false);
  });

  test('has the signatures of the old and of the new secret while they change', async () => {
    const [told] = (await tell('rotated')) as [Told];
    expect([verified(fresh, told), verified(old, told), verified(incoming, told)]).toEqual([true, true, false]);
  });

  test('has the same id on each attempt, and the time of that attempt', async () => {
    witness.answer('/signed', { status: 503, after: 1_100 }, {});
    const [first, second] = (await tell('signed', 2)) as [Told, Told];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    for (const told of [first, second]) {
      expect(verified(fresh, told)).toBe(true);
      expect(Math.abs(Number(told.headers['webhook-timestamp']) - told.at / 1000)).toBeLessThan(1.5);
    }
    expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(Number(first.headers['webhook-timestamp']));
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
  });

  test('is not signed where there is no secret', async () => {
    const [{ headers }] = (await tell('plain')) as [Told];
    expect(headers).toHaveProperty('webhook-id');
    expect(headers).not.toHaveProperty('webhook-timestamp');
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  test('has the user and the password where the target takes them so, and nothing without', async () => {
    const [{ headers }] = (await tell('login')) as [Told];
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`ärger:${password}`).toString('base64')}`);
    const [anonymous] = (await tell('anonymous')) as [Told];
    expect(anonymous.headers).not.toHaveProperty('authorization');
  });

  test('is recorded with the names of the user and of the password, even where an answer repeats them', async () => {
    const sent = Buffer.from(`ärger:${password}`).toString('base64');
    witness.answer('/login', { status: 401, body: `who is Basic ${sent}?` });
    await tell('login');
    const recorded = await until(async () => {
      const { items } = await host.get<{ items: { outcome: string }[] }>('attempts?target=login');
      return items.some(({ outcome }) => outcome === 'refused') && JSON.stringify(items);
    }, 'the attempt is written down');
    expect(recorded).toContain('"authorization":"Basic <login>:<password>"');
    for (const text of [sent, password, 'canary']) {
      expect(recorded).not.toContain(text);
      expect(host.output()).not.toContain(text);
    }
  });

  test('is recorded with the name of the secret, not with a signature', async () => {
    const [told] = (await tell('rotated')) as [Told];
    const attempts = await until(async () => {
      const { items } = await host.get<{ items: unknown[] }>('attempts?target=rotated');
      return items.length === witness.told('/rotated').length && JSON.stringify(items);
    }, 'the attempts are written down');
    expect(attempts).toContain('"webhook-signature":"v1,<signingSecret[0]> v1,<signingSecret[1]>"');
    expect(attempts).toContain('"webhook-timestamp":"<time of the attempt>"');
    const signatures = String(told.headers['webhook-signature']).split(' ');
    for (const secret of [...signatures, old, fresh]) {
      expect(attempts).not.toContain(secret);
      expect(host.output()).not.toContain(secret);
    }
  });
});

interface Given {
  path: string;
  headers?: Record<string, string>;
  body?: object;
}

async function post({ path, headers = {}, body = { id: 'a', title: 'Disk is full' } }: Given) {
  const response = await fetch(`${host.address}/in/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

function signedHeaders(secret: string, body: object, id = 'm-1') {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': `${Math.floor(now.getTime() / 1000)}`,
    'webhook-signature': new Webhook(secret).sign(id, now, JSON.stringify(body)),
  };
}

describe('What comes in', () => {
  test('is taken under a signature in place of the key, and once for each id', async () => {
    const body = { title: 'Basket is slow', status: 'firing' };
    const headers = signedHeaders(incoming, body, 'delivery-7');
    const first = await post({ path: 'any', headers, body });
    expect(first).toMatchObject({ status: 202, text: expect.stringContaining('"status":"firing"') });
    expect(await post({ path: `any/${key}`, body: { ...body, status: 'resolved' } })).toMatchObject({ status: 202 });
    // Fired again it would open the group anew; the same delivery does not.
    expect(await post({ path: 'any', headers, body })).toMatchObject({
      text: expect.stringContaining('"status":"resolved"'),
    });
    const again = await post({ path: 'any', headers: signedHeaders(incoming, body, 'delivery-8'), body });
    expect(again.text).toContain('"status":"firing"');
  });

  test('with a wrong signature is 401, whoever it is for, and also beside the key', async () => {
    const headers = signedHeaders(old, { id: 'a', title: 'Disk is full' });
    const answers = await Promise.all(['any', 'strict', 'nobody', 'bearer'].map((path) => post({ path, headers })));
    expect(answers).toEqual(
      Array(4).fill({ status: 401, text: expect.stringContaining('no such source, or a wrong') }),
    );
    expect(await post({ path: `any/${key}`, headers })).toMatchObject({
      status: 401,
      text: expect.stringContaining('the key is right, and the signature is not'),
    });
  });

  test('with the key alone is not enough where the config wants signatures', async () => {
    const body = { id: 'a', title: 'Disk is full' };
    for (const given of [
      { path: `strict/${encodeURIComponent(incoming)}` },
      { path: `strict/${incoming}` },
      { path: 'strict', headers: { authorization: `Bearer ${incoming}` } },
    ]) {
      const { status, text } = await post(given);
      expect({ status, text }).toEqual({ status: 401, text: expect.stringContaining('the signature is missing') });
    }
    expect(await post({ path: 'strict', headers: signedHeaders(incoming, body), body })).toMatchObject({ status: 202 });
    const page = await fetch(`${host.address}/in/strict/${encodeURIComponent(incoming)}`);
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain('curl -X POST');
  });

  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });

  test.each<[string, Given, number]>([
    ['user and password', { path: 'basic', headers: basic('acme', key) }, 202],
    ['the wrong user', { path: 'basic', headers: basic('evil', key) }, 404],
    ['no user', { path: 'basic', headers: basic('', key) }, 404],
    ['the wrong password', { path: 'basic', headers: basic('acme', `${key}x`) }, 404],
    ['a bearer token', { path: 'basic', headers: { authorization: `Bearer ${key}` } }, 404],
    ['the key in the address', { path: `basic/${key}` }, 404],
    ['the header of the hub', { path: 'basic', headers: { 'x-tocsin-key': key } }, 202],
  ])('as basic authentication has %s', async (_, given, status) => {
    expect((await post(given)).status).toBe(status);
  });

  test.each<[string, Given, number]>([
    ['a token', { path: 'bearer', headers: { authorization: `Bearer ${key}` } }, 202],
    ['the wrong token', { path: 'bearer', headers: { authorization: `Bearer ${key}x` } }, 404],
    ['the key in the address', { path: `bearer/${key}` }, 404],
    ['a basic password', { path: 'bearer', headers: basic('acme', key) }, 404],
  ])('as bearer has %s', async (_, given, status) => {
    expect((await post(given)).status).toBe(status);
  });
});
