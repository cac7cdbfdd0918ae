import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { HostContext } from '../src/context.ts';
import { registerIngest } from '../src/ingest/ingest.ts';
import { OwnerKeys } from '../src/ingest/keys.ts';
import type { IntegrationPool } from '../src/integrations/pool.ts';
import { HostMetrics } from '../src/metrics/host-metrics.ts';
import { Troubles } from '../src/troubles/troubles.ts';
import { Echoes } from '../src/write-back/echoes.ts';
import {
  amazon,
  certUrl,
  confirmation,
  type Message,
  notification,
  sign,
  subscription,
  topic,
} from './support/amazon.ts';

// How requests of Amazon SNS are answered, and what of them reaches the source.

const key = 'key-of-the-topic';
const pages = { [certUrl]: amazon.cert, [confirmation]: '<ok/>' };

/** A source of one topic, for which these pages can be fetched. */
async function open(known: Record<string, string> = pages) {
  const config = { id: 'aws', keys: [{ name: 'key', value: key }] };
  const integration = { definition: { verify: { kind: 'sns', topic: 'topic' } } };
  const sources = new Map([['aws', { config, integration, settings: { topic } }]]);
  const registry = { config: { sources: [config], secrets: new Map() }, sources };
  const [handed, stored, warned, fetched]: [unknown[], unknown[], unknown[], string[]] = [[], [], [], []];
  const app = Fastify();
  onTestFinished(() => app.close());
  const commit = async (signals: unknown) => {
    stored.push(signals);
    return [];
  };
  const log = { warn: (line: object) => warned.push(line), info: () => {} };
  const context = {
    registry,
    notReady: () => undefined,
    store: { commit },
    echoes: new Echoes(),
    log,
  } as unknown as HostContext;
  const run = async ({ request, deliveryId }: { request: { rawBody: string }; deliveryId?: string }) => {
    handed.push([request.rawBody, deliveryId]);
    return { signals: '[]', rejected: [], problems: [] };
  };
  const pool = { run } as unknown as IntegrationPool; // as much of both as ingest looks at
  const keys = new OwnerKeys(registry.config.sources, new Map());
  const fetchText = async (url: string) => {
    fetched.push(url);
    return known[url];
  };
  const metrics = new HostMetrics({ sources: ['aws'], targets: [] });
  await registerIngest(app, context, keys, pool, new Troubles(context.registry, app.log), fetchText, metrics);
  return {
    handed,
    stored,
    warned,
    fetched,
    async post(message: Message, path = 'aws', headers: Record<string, string> = snsHeaders(message)) {
      const payload = JSON.stringify(message);
      const { statusCode, body } = await app.inject({ method: 'POST', url: `/in/${path}`, headers, payload });
      return { status: statusCode, body };
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/http-header.html */
function snsHeaders({ Type = '' }: Message): Record<string, string> {
  return { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': Type };
}

const taken = { status: 202, body: '{"groups":[],"rejected":[]}' };
const tampered = { ...sign(notification), Message: '{"AlarmName":"Nothing is wrong"}' };

test('A notification reaches the source as it came, without a key, and is known by its id', async () => {
  const { post, handed } = await open();
  const message = sign(notification);
  expect(await post(message)).toEqual(taken);
  expect(handed).toEqual([[JSON.stringify(message), notification.MessageId]]);
});

test.each<[string, Message]>([
  ['changed on its way', tampered],
  ['not signed', notification],
  ['of another topic', sign({ ...notification, TopicArn: `${topic}s` })],
  ['a subscription to another topic', sign({ ...subscription, TopicArn: `${topic}s` })],
])('One that is %s is refused, also beside the key, and nothing of it is stored', async (_, message) => {
  const { post, handed, stored, fetched } = await open();
  const alone = await post(message);
  expect(alone).toEqual({ status: 401, body: expect.stringContaining('no such source, or a wrong signature') });
  // A source that there is not says the same.
  expect(await post(message, 'azure')).toEqual(alone);
  expect(await post(message, `aws/${key}`)).toEqual({
    status: 401,
    body: expect.stringContaining('the key is right, and the signature is not'),
  });
  expect([handed, stored, fetched.includes(confirmation)]).toEqual([[], [], false]);
});

test('One whose certificate can’t be had is asked for again, and not stored', async () => {
  const { post, handed, stored } = await open({});
  const { status, body } = await post(sign(notification));
  expect([status, JSON.parse(body).error.code]).toEqual([503, 'unavailable']);
  expect([handed, stored]).toEqual([[], []]);
});

test('The log says why one was refused, once in ten seconds, with nothing of the request', async () => {
  const { post, warned } = await open();
  for (let index = 0; index < 3; index++) await post(sign({ ...notification, TopicArn: `${topic}s` }));
  await post(sign(notification), 'nobody');
  expect(warned).toEqual([{ source: 'aws', reason: 'it is of another topic than the settings say' }]);
});

test('A subscription is confirmed, and is no alert', async () => {
  const { post, handed, stored, fetched } = await open();
  expect(await post(sign(subscription))).toEqual(taken);
  expect(fetched).toEqual([certUrl, confirmation]);
  expect([handed, stored]).toEqual([[], []]);
});

test('Who has the key may try it without Amazon', async () => {
  const { post, handed } = await open();
  const json = { 'content-type': 'application/json' };
  expect(await post(notification, `aws/${key}`, json)).toEqual(taken);
  expect(await post(notification, 'aws', json)).toMatchObject({ status: 404 });
  expect(handed).toEqual([[JSON.stringify(notification), undefined]]);
});
