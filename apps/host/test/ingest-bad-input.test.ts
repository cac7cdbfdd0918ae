import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess, token } from './support/host-process.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What a host takes from strangers and from senders that are broken: each gets the 4xx that says what is wrong.

let host: HostProcess;
let witness: Witness;

beforeAll(async () => {
  witness = await startWitness();
  host = await startHostProcess({
    config: {
      integrations: ['@tocsin/source-webhook', '@tocsin/source-alertmanager', '@tocsin/target-webhook'],
      sources: [
        { id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } },
        { id: 'prod', use: 'alertmanager', key },
      ],
      targets: [{ id: 'witness', use: 'webhook', settings: { url: `${witness.url}/told` } }],
      routes: [{ to: ['witness'] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

const json = { 'content-type': 'application/json' };
const alert = JSON.stringify({ id: 'good', title: 'Disk full' });

describe('A request that can’t be read is refused with what is wrong', () => {
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  const alertmanagers = JSON.stringify({ version: '4', groupLabels: {}, alerts: [{ status: 'firing', labels: {} }] });
  test.each<
    [
      what: string,
      source: string,
      headers: Record<string, string>,
      body: string | Uint8Array<ArrayBuffer> | undefined,
      status: number,
      says: RegExp,
    ]
  >([
    ['not JSON', 'any', json, '{"title": disk}', 422, /JSON/],
    ['cut off', 'any', json, '{"title": "disk', 422, /JSON/],
    ['no body', 'any', json, '', 422, /the body is empty/],
    ['neither body nor type', 'any', {}, undefined, 415, /content-type/],
    ['text/plain', 'any', { 'content-type': 'text/plain' }, alert, 415, /text\/plain.*is not JSON/],
    ['a form', 'any', { 'content-type': 'application/x-www-form-urlencoded' }, 'title=disk', 415, /is not JSON/],
    ['a broken type', 'any', { 'content-type': ';;' }, alert, 415, /./],
    ['2 MB', 'any', json, JSON.stringify({ title: 'x'.repeat(2 * 1024 * 1024) }), 413, /1048576|too large/],
    ['15 MB', 'any', json, JSON.stringify({ title: 'x'.repeat(15 * 1024 * 1024) }), 413, /1048576|too large/],
    ['a number', 'any', json, '42', 422, /"faults"/],
    ['null', 'any', json, 'null', 422, /"faults"/],
    ['10,000 levels', 'any', json, deep, 422, /nested 10000 levels deep/],
    ['10,000 lists', 'any', json, `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 422, /nested 10000 levels deep/],
    ['a key __proto__', 'any', json, '{"id":"p","labels":{"__proto__":{"polluted":1}}}', 422, /"labels\.__proto__"/],
    ['the same, its underscore escaped', 'any', json, '{"\\u005F_proto__":{"polluted":1}}', 422, /"__proto__"/],
    [
      'the same, a letter escaped',
      'any',
      json,
      '{"a":[{"__pr\\u006fto__":{"polluted":1}}]}',
      422,
      /"a\[0\]\.__proto__"/,
    ],
    ['an unknown encoding', 'any', { ...json, 'content-encoding': 'zstd' }, alert, 415, /\\"zstd\\" is not supported/],
    ['no gzip', 'any', { ...json, 'content-encoding': 'gzip' }, alert, 422, /is not gzip/],
    ['a cut gzip', 'any', { ...json, 'content-encoding': 'gzip' }, gzipSync(alert).subarray(0, 20), 422, /is not gzip/],
    ['another vendor’s payload', 'prod', json, '{"title":"disk","ok":false}', 422, /"groupLabels".*"alerts"/],
    ['an alert without its fingerprint', 'prod', json, alertmanagers, 422, /"alerts\[0\]".*fingerprint is empty/],
  ])('%s', async (_, source, headers, body, status, says) => {
    const response = await fetch(`${host.address}/in/${source}/${key}`, { method: 'POST', headers, body });
    const text = await response.text();
    expect({ status: response.status, text }).toEqual({ status, text: expect.stringMatching(says) });
    const { error } = JSON.parse(text);
    expect(error).toEqual(expect.objectContaining({ code: expect.any(String), message: expect.any(String) }));
    expect(text).not.toMatch(/node_modules|\.ts:\d/);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('the method %s', async (method) => {
    const response = await fetch(`${host.address}/in/any/${key}`, { method, headers: json, body: alert });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  test('and no prototype was reached', async () => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const response = await host.post('any', { id: 'after-pollution', title: 'Clean' });
    expect(await response.text()).not.toContain('polluted');
  });

  test('and what was readable enough is kept for the operator, with the reason', async () => {
    const { items } = await host.get<{ items: { reason: string; body: string }[] }>('requests?source=prod');
    expect(items.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('alerts[0]: fingerprint is empty'),
    );
  });
});

describe('Every encoding that senders use is read', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', Buffer.from],
  ])('%s', async (encoding, encode) => {
    const body = encode(JSON.stringify({ id: `as-${encoding}`, title: 'Disk full' }) as never);
    const headers = { ...json, 'content-encoding': encoding };
    const response = await fetch(`${host.address}/in/any/${key}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    expect([response.status, await response.json()]).toEqual([202, expect.objectContaining({ rejected: [] })]);
  });
});

describe('Who has no key learns nothing', () => {
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${host.address}/in/${path}`, {
      method: 'POST',
      headers: { ...json, ...headers },
      body: alert,
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };

  test('a wrong key and an unknown source look the same, wherever the key stands', async () => {
    const answers = await Promise.all([
      ask('any/wrong-key-of-some-length'),
      ask('nobody/wrong-key-of-some-length'),
      ask(`nobody/${key}`),
      ask('any'),
      ask('nobody'),
      ask('any', { authorization: 'Bearer wrong' }),
      ask('any', { authorization: `Basic ${Buffer.from('any:wrong').toString('base64')}` }),
      ask('any', { 'x-tocsin-key': `${key}x` }),
      ask(`any/${token}`),
      ask('__proto__/constructor'),
    ]);
    expect(answers[0]?.status).toBe(404);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('the key is taken from each of its places', async () => {
    const basic = Buffer.from(`whoever:${key}`).toString('base64');
    const answers = await Promise.all([
      ask(`any/${key}`),
      ask(`any/${key}/a/vendors/own/path?with=query`),
      ask('any', { authorization: `Bearer ${key}` }),
      ask('any', { authorization: `Basic ${basic}` }),
      ask('any', { 'x-tocsin-key': key }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  });

  test('the refusal comes before the body is read', async () => {
    const socket = connect(Number(new URL(host.address).port), '127.0.0.1');
    socket.write(
      'POST /in/any/wrong HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('no line of the log has a key or the text of an alert', async () => {
    await ask(`any/${key}`);
    expect(host.output()).not.toContain(key);
    expect(host.output()).not.toContain('Disk full');
  });
});

describe('Text that no store holds', () => {
  test('NUL and lone surrogates are accepted, kept as U+FFFD and told', async () => {
    const body =
      '{"id":"odd\\u0000id","title":"lone \\ud800 and nul \\u0000 end","labels":{"ho\\udfffst":"a\\u0000b"}}';
    const response = await fetch(`${host.address}/in/any/${key}`, { method: 'POST', headers: json, body });
    expect(response.status).toBe(202);
    const { groups } = (await response.json()) as { groups: { id: string }[] };
    const group = await host.get<{ key: string; labels: Record<string, string> }>(`groups/${groups[0]?.id}`);
    expect(group.key).toBe('odd\uFFFDid');
    expect(group.labels).toEqual(expect.objectContaining({ 'ho\uFFFDst': 'a\uFFFDb' }));
    const told = await until(
      () => witness.told('/told').find(({ body }) => body.includes('lone')),
      'the witness is told of it',
    );
    expect(JSON.parse(told.body).text).toContain('lone \uFFFD and nul \uFFFD end');
  });
});

describe('One bad one does not take its neighbours along', () => {
  test('in one payload: the others are grouped, and the answer names the path', async () => {
    const one = (name: string) => ({ status: 'firing', labels: { alertname: name }, fingerprint: `f-${name}` });
    const payload = {
      groupLabels: { case: 'one-bad' },
      alerts: [one('A'), { ...one('B'), labels: { n: 1 } }, one('C')],
    };
    const response = await host.post('prod', payload);
    expect(response.status).toBe(202);
    const answer = (await response.json()) as { groups: { id: string }[]; rejected: { path: string }[] };
    expect(answer.rejected.map(({ path }) => path)).toEqual(['alerts[1].labels.n']);
    const group = await host.get<{ firing: number }>(`groups/${answer.groups[0]?.id}`);
    expect(group.firing).toBe(2);
  });

  test('among 100 requests at once: 99 are accepted and one is refused', async () => {
    const posts = Array.from({ length: 100 }, (_, index) =>
      host.post('prod', {
        groupLabels: { case: 'poison', index: `${index}` },
        alerts: [{ status: index === 57 ? 'exploded' : 'firing', labels: {}, fingerprint: `poison-${index}` }],
      }),
    );
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.map((status, index) => [index, status]).filter(([, status]) => status !== 202)).toEqual([
      [57, 422],
    ]);
  });
});

test('Of the requests that could be read a sample is kept, one in ten seconds of each source', async () => {
  const alertOf = (name: string) => ({ status: 'firing', labels: { alertname: name }, fingerprint: `sample-${name}` });
  for (const name of ['first', 'second']) {
    await host.post('prod', { groupLabels: { case: 'sample' }, alerts: [alertOf(name)] });
  }
  const { items } = await host.get<{ items: { reason: null; body: string }[] }>('requests?source=prod&rejected=false');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reason: null });
  expect(JSON.parse(items[0]?.body ?? '')).toHaveProperty('alerts');
});

describe('What is made to exhaust the host', () => {
  /** Almost 1 GB of spaces in 1 MB: gzip members may follow each other. https://www.rfc-editor.org/rfc/rfc1952#section-2.2 */
  const bomb = Buffer.concat(Array(980).fill(gzipSync(Buffer.alloc(1024 * 1024, ' '))));
  const keys = `{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":0`).join()}}`;

  test('costs neither memory nor the others’ time, and is answered with a 4xx', async () => {
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(keys.length).toBeLessThan(1024 * 1024);
    const before = host.memory().now;
    const attack = (body: string | Uint8Array<ArrayBuffer>, encoding = 'identity') =>
      fetch(`${host.address}/in/any/${key}`, {
        method: 'POST',
        headers: { ...json, 'content-encoding': encoding },
        body,
      });
    const attacks = Promise.all([
      ...Array.from({ length: 12 }, () => attack(new Uint8Array(bomb), 'gzip')),
      ...Array.from({ length: 4 }, () => attack(keys)),
      attack(gzipSync(`{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`).join()}}`) as never, 'gzip'),
    ]);
    let isOver = false;
    void attacks.finally(() => {
      isOver = true;
    });
    const times: number[] = [];
    while (!isOver || times.length < 5) {
      const began = performance.now();
      const response = await host.post('prod', {
        groupLabels: { case: 'beside' },
        alerts: [{ status: 'firing', labels: {}, fingerprint: `beside-${times.length}` }],
      });
      expect(response.status).toBe(202);
      times.push(performance.now() - began);
    }
    const statuses = (await attacks).map(({ status }) => status);
    expect(statuses.slice(0, 12)).toEqual(Array(12).fill(413));
    for (const status of statuses.slice(12)) expect(status).toBeLessThan(500);
    expect(statuses.at(-1)).toBe(413);
    expect(Math.max(...times)).toBeLessThan(1_000);
    expect(host.memory().most - before).toBeLessThan(250 * 1024 * 1024);
  });
});
