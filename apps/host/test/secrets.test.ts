import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from './support/connect-proxy.ts';
import { type HostProcess, key, startHostProcess, token } from './support/host-process.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { startWitness, type Told, type Witness } from './support/witness.ts';

// Secrets that the API makes, used by a real host towards real servers.

let host: HostProcess;
let witness: Witness;
let proxy: ConnectProxy;

/** Puts a setting into the body that it sends, as JSON or as a form. */
const bodied = `
  export default defineTarget({
    title: 'Bodied', summary: 'Says a token in the body', docs: 'https://example.com/bodied',
    settings: z.strictObject({ url: z.string(), type: z.string(), token: secret() }),
    medium: 'text', mode: 'latest', limits: {},
    request: (notification, { url, type, token }, answers) => answers.length > 0 ? undefined : {
      method: 'POST', url, headers: { 'content-type': type },
      body: type.includes('json') ? JSON.stringify({ token }) : 'token=' + token + '&last=1',
    },
  });`;

/** Proves itself by user and password. */
const login = `
  export default defineTarget({
    title: 'Login', summary: 'Says who sends', docs: 'https://example.com/login',
    settings: z.strictObject({ url: z.string(), login: z.string(), password: secret() }),
    auth: { kind: 'basic', user: 'login', password: 'password' },
    medium: 'text', mode: 'latest', limits: {},
    request: (notification, { url }, answers) => answers.length > 0 ? undefined : { method: 'POST', url, body: 'told' },
  });`;

const signingSecret = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

beforeAll(async () => {
  witness = await startWitness();
  proxy = await startConnectProxy({ address: '127.0.0.1' });
  const webhook = (id: string, settings: object = {}, more: object = {}) => ({
    id,
    use: 'webhook',
    settings: { url: `${witness.url}/${id}`, ...settings },
    ...more,
  });
  const bearer = (id: string) => ({ headers: { Authorization: `Bearer \${secret:${id}}` } });
  const elsewhere = `http://localhost:${witness.port}`;
  const targets = [
    webhook('operators'),
    webhook('path', { url: `${witness.url}/path/\${secret:hooks/path}?t=\${secret:hooks/query}` }),
    webhook('whole', { url: '${secret:hooks/whole}' }),
    webhook('twins', { headers: { One: '${secret:a-b/c}', Two: '${secret:ab/c}', Three: '${secret:a-b.c/x}' } }),
    {
      id: 'json',
      use: './target-bodied',
      settings: { url: `${witness.url}/json`, type: 'application/json', token: '${secret:body/token}' },
    },
    {
      id: 'form',
      use: './target-bodied',
      settings: {
        url: `${witness.url}/form`,
        type: 'application/x-www-form-urlencoded',
        token: '${secret:body/token}',
      },
    },
    {
      id: 'login',
      use: './target-login',
      settings: { url: `${witness.url}/login`, login: 'hub', password: '${secret:login/password}' },
    },
    webhook('replaced', bearer('replaced/token')),
    webhook('late', bearer('late/token')),
    webhook('here', bearer('bound/token')),
    webhook('away', { url: `${elsewhere}/away`, ...bearer('bound/token') }),
    webhook('moved', bearer('moved/token')),
    webhook(
      'proxied',
      { url: `${elsewhere}/proxied`, ...bearer('proxied/token') },
      { proxy: `http://127.0.0.1:${proxy.port}` },
    ),
    webhook('scoped', bearer('scoped/token')),
    webhook('signed', { signingSecret: '${secret:signing/one}' }),
    webhook('gone', bearer('gone/token')),
  ];
  host = await startHostProcess({
    prepare(folder) {
      writeIntegration(folder, 'target-bodied', bodied);
      writeIntegration(folder, 'target-login', login);
    },
    config: {
      integrations: [
        '@tocsin/source-webhook',
        '@tocsin/source-tocsin',
        '@tocsin/target-webhook',
        './target-bodied',
        './target-login',
      ],
      sources: [
        { id: 'any', use: 'webhook', key },
        { id: 'hub', use: 'tocsin' },
      ],
      targets,
      routes: [
        { match: 'tocsin_source="hub"', to: ['operators'] },
        ...targets.map(({ id }) => ({ match: `to="${id}"`, to: [id] })),
      ],
      unrouted: 'drop',
      egress: { allow: ['127.0.0.0/8', '::1'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await Promise.all([witness?.close(), proxy?.close()]);
});

interface Answer {
  items: { reference: string; users: string[] }[];
  missing: object[];
  error: { message: string };
}

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${host.address}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as Answer; // the tests say what they expect of it
  return { status: response.status, body: answer };
}

async function set(id: string, value: string, reach: object = {}): Promise<void> {
  const { status, body } = await call('PUT', `secrets/${id}`, { value, ...reach });
  expect([status, JSON.stringify(body)]).toEqual([200, expect.not.stringContaining(value)]);
}

let alerts = 0;

/** Raises an alert for a target. */
async function raise(to: string): Promise<void> {
  const answer = await host.post('any', { title: `Disk ${alerts++} is full`, labels: { to } });
  expect(answer.status).toBe(202);
}

async function tell(to: string): Promise<Told> {
  const before = witness.told(`/${to}`).length;
  await raise(to);
  return (await witness.untilTold(`/${to}`, before + 1))[before] as Told;
}

interface Attempt {
  outcome: string;
  error: string | null;
  reason: string | null;
}

async function attemptsOf(target: string, count = 1): Promise<Attempt[]> {
  return until(async () => {
    const { items } = await host.get<{ items: Attempt[] }>(`attempts?target=${target}`);
    return items.length >= count ? items : undefined;
  }, `${count} attempts at ${target}`);
}

async function stateOf(target: string): Promise<string | undefined> {
  const { items } = await host.get<{ items: { state: string }[] }>(`deliveries?target=${target}`);
  return items[0]?.state;
}

const troubles = () => witness.told('/operators').map(({ body }) => (JSON.parse(body) as { text: string }).text);

describe('seed-K10 A secret of the store stands', () => {
  test('in the path and the query of an address', async () => {
    await set('hooks/path', 'T0/B0/ä b?c#d');
    await set('hooks/query', 'x&y=z +%');
    const { path } = await tell('path');
    expect(path).toBe(`/path/T0/B0/${encodeURIComponent('ä b?c#d')}?t=${encodeURIComponent('x&y=z +%')}`);
  });

  test('seed-K21 for the whole address, which nobody sees', async () => {
    await set('hooks/whole', `${witness.url}/whole/of/it`);
    expect((await tell('whole')).path).toBe('/whole/of/it');
    const [attempt] = await attemptsOf('whole');
    expect(JSON.stringify(attempt)).toContain('"url":"${secret:hooks/whole}"');
    expect(JSON.stringify(attempt)).not.toContain('/whole/of/it');
  });

  test('in headers, each told from the others: a-b/c is not ab/c', async () => {
    await set('a-b/c', 'value-of-a-b');
    await set('ab/c', 'value-of-ab');
    await set('a-b.c/x', 'value-of-a-b.c');
    await set('ab.c/x', 'value-of-ab.c');
    const { headers } = await tell('twins');
    expect([headers.one, headers.two, headers.three]).toEqual(['value-of-a-b', 'value-of-ab', 'value-of-a-b.c']);
  });

  test('in a body, whatever its signs', async () => {
    const value = `it's "a" \\ <b> & ; | $x\n\tü`;
    await set('body/token', value);
    expect(JSON.parse((await tell('json')).body)).toEqual({ token: value });
    expect([...new URLSearchParams((await tell('form')).body)]).toEqual([
      ['token', value],
      ['last', '1'],
    ]);
  });

  test('for the password of a login, from the next attempt on another', async () => {
    const basic = (password: string) => `Basic ${Buffer.from(`hub:${password}`).toString('base64')}`;
    await set('login/password', 'pass:wörd');
    expect((await tell('login')).headers.authorization).toBe(basic('pass:wörd'));
    await set('login/password', 'another password');
    expect((await tell('login')).headers.authorization).toBe(basic('another password'));
  });

  test('for what signs, from the next attempt on another', async () => {
    const verified = ({ body, headers }: Told, byte: number) => {
      try {
        new Webhook(signingSecret(byte)).verify(body, headers as Record<string, string>); // each is sent once
        return true;
      } catch {
        return false;
      }
    };
    await set('signing/one', 'no-signing-secret');
    await raise('signed');
    expect((await attemptsOf('signed'))[0]?.error).toContain('its signing secret is none');
    await set('signing/one', signingSecret(1));
    const [first] = (await witness.untilTold('/signed', 1)) as [Told];
    await set('signing/one', signingSecret(2));
    const second = await tell('signed');
    expect([verified(first, 1), verified(first, 2), verified(second, 1), verified(second, 2)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('seed-K9 The API', () => {
  test('lists names, reach and users, and no value', async () => {
    await set('team/one', 'value-of-team-one', {
      hosts: ['Chat.example.com', '*.internal.example.com'],
      targets: ['here'],
    });
    const { body } = await call('GET', 'secrets');
    expect(body.items.find(({ reference }) => reference === '${secret:team/one}')).toEqual({
      name: 'team',
      key: 'one',
      reference: '${secret:team/one}',
      hosts: ['chat.example.com', '*.internal.example.com'],
      targets: ['here'],
      users: [],
      isReadable: true,
      author: 'ann',
      createdAt: expect.stringMatching(/^20/),
      updatedAt: expect.stringMatching(/^20/),
    });
    expect(body.items.find(({ reference }) => reference === '${secret:body/token}')?.users).toEqual(['json', 'form']);
    expect(JSON.stringify(body)).not.toContain('value-of-');
  });

  test('changes only what it is given', async () => {
    await set('team/two', 'value-of-team-two', { hosts: ['a.example'] });
    await set('team/two', 'other-value-of-two');
    expect((await call('PUT', 'secrets/team/two', { targets: ['here'] })).body).toMatchObject({
      hosts: ['a.example'],
      targets: ['here'],
    });
  });

  test.each([
    ['an empty value', 'team/three', { value: '' }],
    ['a value of blanks', 'team/three', { value: '        ' }],
    ['one too short to be masked', 'team/three', { value: 'abcde' }],
    ['one with a NUL', 'team/three', { value: 'abcdef\0' }],
    ['one that is too long', 'team/three', { value: 'x'.repeat(8193) }],
    ['no host', 'team/three', { value: 'abcdef', hosts: [] }],
    ['a host that is none', 'team/three', { value: 'abcdef', hosts: ['https://a.example/'] }],
    ['a target that is none', 'team/three', { value: 'abcdef', targets: ['A B'] }],
    ['another key', 'team/three', { value: 'abcdef', scope: 'x' }],
    ['an id with a slash', 'team/thr%2Fee', { value: 'abcdef' }],
    ['an id of signs', '-team/three', { value: 'abcdef' }],
    ['an id that is too long', `${'t'.repeat(254)}/three`, { value: 'abcdef' }],
  ])('refuses %s', async (_, id, body) => {
    expect((await call('PUT', `secrets/${id}`, body)).status).toBe(400);
    expect(JSON.stringify((await call('GET', 'secrets')).body)).not.toContain('three');
  });

  test('needs a value for one that is not there', async () => {
    const { status, body } = await call('PUT', 'secrets/team/none', { hosts: ['*'] });
    expect([status, body.error.message]).toEqual([404, 'there is no secret team/none yet']);
  });

  test('deletes one that nobody uses, once', async () => {
    await set('team/four', 'value-of-team-four');
    expect(await call('DELETE', 'secrets/team/four')).toEqual({ status: 200, body: { deleted: 'team/four' } });
    const { status, body } = await call('DELETE', 'secrets/team/four');
    expect([status, body.error.message]).toEqual([404, 'there is no secret team/four']);
  });

  test('does not delete one in use, and names its users', async () => {
    await set('body/token', 'value-of-body');
    const { status, body } = await call('DELETE', 'secrets/body/token');
    expect(status).toBe(409);
    expect(body.error).toMatchObject({
      code: 'in-use',
      message: 'the secret body/token is in use by the targets json, form',
      faults: [{ path: 'targets.json' }, { path: 'targets.form' }],
    });
    expect(JSON.parse((await tell('json')).body)).toEqual({ token: 'value-of-body' });
  });

  test('seed-K11 does not take one from a target that uses it', async () => {
    await set('scoped/token', 'value-of-scoped', { targets: ['scoped', 'here'] });
    const { status, body } = await call('PUT', 'secrets/scoped/token', { targets: ['here'] });
    expect([status, body.error.message]).toEqual([409, 'the secret scoped/token would not be for the target scoped']);
    expect((await tell('scoped')).headers.authorization).toBe('Bearer value-of-scoped');
  });

  test('writes down who did what, without the value', async () => {
    await set('team/five', 'value-of-team-five', { hosts: ['a.example'] });
    const lineOfIt = () =>
      host
        .output()
        .split('\n')
        .find((one) => one.includes('team/five') && one.endsWith('}'));
    const line = await until(lineOfIt, 'its line in the log');
    expect(JSON.parse(line)).toMatchObject({
      msg: 'secret set',
      actor: 'ann',
      secret: 'team/five',
      hosts: ['a.example'],
    });
    expect(host.output()).not.toContain('value-of-team');
  });
});

test('seed-K22 One that is replaced is used from the next attempt on, with no edit and no restart', async () => {
  witness.answer('/replaced', { status: 503 }, { status: 503 }, {});
  await set('replaced/token', 'the-first-value');
  await raise('replaced');
  await witness.untilTold('/replaced', 1);
  await set('replaced/token', 'the-second-value');
  const told = await witness.untilTold('/replaced', 3);
  expect(told.map(({ headers }) => headers.authorization)[0]).toBe('Bearer the-first-value');
  expect(told.map(({ headers }) => headers.authorization)[2]).toBe('Bearer the-second-value');
});

test('seed-K22 One that is replaced opens a target again that was said to be gone', async () => {
  witness.answer('/gone', { status: 410 }, {});
  await set('gone/token', 'the-first-value');
  await raise('gone');
  await until(async () => {
    const { items } = await host.get<{ items: { id: string; state: string }[] }>('targets');
    return items.some(({ id, state }) => id === 'gone' && state === 'disabled');
  }, 'the target is off');
  await set('gone/token', 'the-second-value');
  const [, second] = await witness.untilTold('/gone', 2);
  expect(second?.headers.authorization).toBe('Bearer the-second-value');
});

describe('seed-K8 One that is missing', () => {
  test('is named by the log and an alarm from the start', async () => {
    expect(host.output()).toContain('the secret ${secret:late/token} is not set: tocsin secrets set late/token');
    await until(
      () => troubles().some((text) => text.includes('late') && text.includes('It is ${secret:late/token}.')),
      'the alarm',
    );
    expect((await call('GET', 'secrets')).body.missing).toContainEqual({
      name: 'late',
      key: 'token',
      reference: '${secret:late/token}',
      users: ['late'],
    });
  });

  test('holds what is owed, sends nothing, and says so by name', async () => {
    await raise('late');
    const [attempt] = await attemptsOf('late');
    expect(attempt?.error).toContain('the secret ${secret:late/token} is not set');
    expect(await stateOf('late')).toBe('retrying');
    expect(witness.told('/late')).toEqual([]);
  });

  test('lets it go once it is set, and ends the alarm', async () => {
    await set('late/token', 'value-of-late');
    const [told] = await witness.untilTold('/late', 1, 5_000);
    expect(told?.headers.authorization).toBe('Bearer value-of-late');
    await until(
      () => troubles().some((text) => text.startsWith('Resolved') && text.includes('late')),
      'the alarm is over',
    );
  });
});

describe('seed-K11 A secret goes to no host but those that it names', () => {
  test('not in a request to another one, and nothing is sent', async () => {
    await set('bound/token', 'value-of-bound', { hosts: ['127.0.0.1'] });
    expect((await tell('here')).headers.authorization).toBe('Bearer value-of-bound');
    await raise('away');
    const [attempt] = await attemptsOf('away');
    expect(attempt?.error).toContain('the secret ${secret:bound/token} is not for the host localhost');
    expect(attempt?.error).not.toContain('value-of-bound');
    expect(await stateOf('away')).toBe('given-up');
    expect(witness.told('/away')).toEqual([]);
  });

  test('not behind a proxy, which is asked for nothing', async () => {
    await set('proxied/token', 'value-of-proxied', { hosts: ['127.0.0.1'] });
    await raise('proxied');
    const [attempt] = await attemptsOf('proxied');
    expect(attempt?.error).toContain('the secret ${secret:proxied/token} is not for the host localhost');
    expect(proxy.connections()).toBe(0);
    await set('proxied/token', 'value-of-proxied', { hosts: ['localhost'] });
    expect((await tell('proxied')).headers.authorization).toBe('Bearer value-of-proxied');
    expect(proxy.connections()).toBeGreaterThan(0);
  });

  test('not by a redirect, which is not followed', async () => {
    await set('moved/token', 'value-of-moved', { hosts: ['127.0.0.1'] });
    witness.answer('/moved', { status: 307, headers: { location: `http://localhost:${witness.port}/landed` } });
    await tell('moved');
    await attemptsOf('moved');
    expect(witness.told('/landed')).toEqual([]);
  });
});
