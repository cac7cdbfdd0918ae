import { createHmac } from 'node:crypto';
import { PassThrough } from 'node:stream';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostContext } from '../src/context.ts';
import { registerIngest } from '../src/ingest/ingest.ts';
import { OwnerKeys } from '../src/ingest/keys.ts';
import type { IntegrationPool } from '../src/integrations/pool.ts';
import { HostMetrics } from '../src/metrics/host-metrics.ts';
import { Troubles } from '../src/troubles/troubles.ts';
import { Echoes } from '../src/write-back/echoes.ts';

// A signature under the source's key is as good as the key, and nothing else is.

const keys = { old: 'old-key-of-grafana-1', new: 'new-key-of-grafana-2' };
const body = JSON.stringify({ alerts: [] });
const handed: string[] = [];
const app = Fastify();

beforeAll(async () => {
  const sourceOf = (id: string, verify: object) => [
    id,
    {
      config: { id, keys: Object.entries(keys).map(([name, value]) => ({ name, value })) },
      integration: { definition: { verify } },
    },
  ];
  const sources = [
    sourceOf('signed', {
      kind: 'hmac',
      header: 'x-signature',
      signed: ['timestamp', { text: ':' }, 'body'],
      timestamp: { header: 'x-time', optional: true },
    }),
    sourceOf('plain', { kind: 'key' }),
  ] as const;
  const config = { sources: sources.map(([, source]) => (source as { config: object }).config), secrets: new Map() };
  const context = {
    registry: { config, sources: new Map(sources as never) },
    notReady: () => undefined,
    store: { commit: async () => [] },
    echoes: new Echoes(),
    log: app.log,
  } as unknown as HostContext; // as much of it as ingest looks at
  const pool = {
    run: async ({ request }: { request: { rawBody: string } }) => {
      handed.push(request.rawBody);
      return { signals: '[]', rejected: [], problems: [] };
    },
  } as unknown as IntegrationPool; // as much of it as ingest looks at
  const troubles = new Troubles(context.registry, app.log);
  const metrics = new HostMetrics({ sources: ['prod'], targets: [] });
  const fetchText = async () => undefined;
  const ownerKeys = new OwnerKeys(config.sources as never, new Map()); // reads the keys alone
  await registerIngest(app, context, ownerKeys, pool, troubles, fetchText, metrics);
});

afterAll(() => app.close());

function sign(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

async function post(path: string, headers: Record<string, string>) {
  handed.length = 0;
  const response = await app.inject({
    method: 'POST',
    url: `/in/${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });
  return { status: response.statusCode, read: handed.length, answer: response.json() };
}

const seconds = (offset: number) => `${Math.floor(Date.now() / 1000) + offset}`;
const stamped = (time: string, key = keys.new) => ({ 'x-time': time, 'x-signature': sign(`${time}:${body}`, key) });

test.each([
  ['under any key of the source', 'signed', { 'x-signature': sign(body, keys.old) }],
  ['under the other one', 'signed', { 'x-signature': sign(body, keys.new) }],
  ['in capitals', 'signed', { 'x-signature': sign(body, keys.new).toUpperCase() }],
  ['with a time', 'signed', stamped(seconds(0))],
  ["with a time of a clock that isn't quite right", 'signed', stamped(seconds(-280))],
  ['beside the key', `signed/${keys.new}`, { 'x-signature': sign(body, keys.old) }],
])('a signature %s is taken', async (_, path, headers) => {
  expect(await post(path, headers)).toMatchObject({ status: 202, read: 1 });
});

test('the key alone is enough', async () => {
  expect(await post(`signed/${keys.new}`, {})).toMatchObject({ status: 202, read: 1 });
});

describe('who has no key learns nothing from', () => {
  test.each<[string, string, Record<string, string>]>([
    ['no signature', 'signed', {}],
    ['a signature under another key', 'signed', { 'x-signature': sign(body, 'key-of-somebody-else') }],
    ['a signature of another body', 'signed', { 'x-signature': sign(`${body} `, keys.new) }],
    ['an empty signature', 'signed', { 'x-signature': '' }],
    ['a time that is not signed', 'signed', { 'x-signature': sign(body, keys.new), 'x-time': seconds(0) }],
    ['a request of ten minutes ago', 'signed', stamped(seconds(-600))],
    ['a request of tomorrow', 'signed', stamped(seconds(86_400))],
    ['a time that is none', 'signed', stamped('now')],
    ['a source that knows of no signatures', 'plain', { 'x-signature': sign(body, keys.new) }],
    ['a source that there is not', 'nobody', { 'x-signature': sign(body, keys.new) }],
  ])('%s', async (_, path, headers) => {
    const { status, read, answer } = await post(path, headers);
    expect({ status, read, message: answer.error.message }).toEqual(
      'x-signature' in headers
        ? { status: 401, read: 0, message: 'no such source, or a wrong signature' }
        : { status: 404, read: 0, message: 'no such source, or a wrong key' },
    );
  });
});

test('a wrong signature beside the key is refused, and the sender told', async () => {
  const { status, read, answer } = await post(`signed/${keys.new}`, { 'x-signature': sign('other', keys.new) });
  expect({ status, read }).toEqual({ status: 401, read: 0 });
  expect(answer.error.message).toBe('the key is right, and the signature is not');
});

test('strangers fill no more than their share of what is under way', async () => {
  const bodies = Array.from({ length: 16 }, () => new PassThrough());
  const headers = { 'content-type': 'application/json', 'content-length': `${1024 * 1024}`, 'x-signature': 'x' };
  // Without `then` it would wait to be awaited.
  const waiting = bodies.map((payload) =>
    app.inject({ method: 'POST', url: '/in/signed', headers, payload }).then(({ statusCode }) => statusCode),
  );
  const [stranger, known] = [await post('signed', { 'x-signature': 'x' }), await post(`signed/${keys.new}`, {})];
  expect([stranger.status, known.status]).toEqual([503, 202]);
  for (const one of bodies) one.end('x'.repeat(1024 * 1024));
  expect(await Promise.all(waiting)).toEqual(Array(16).fill(401));
});
