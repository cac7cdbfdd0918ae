import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';

const data = new URL('./data/', import.meta.url);
const captured = readdirSync(data).map((file) => ({
  file,
  ...(JSON.parse(readFileSync(new URL(file, data), 'utf8')) as { headers: Record<string, string>; body: string }),
}));

let app: ReturnType<typeof buildSandbox>;
beforeEach(() => {
  app = buildSandbox({ now: () => new Date('2026-03-01T10:00:00Z') });
});
afterEach(() => app.close());

function post(url: string, payload: string | Buffer, contentType = 'application/json') {
  return app.inject({ method: 'POST', url, payload, headers: { 'content-type': contentType } });
}

async function messages(query = ''): Promise<Message[]> {
  return (await app.inject(`/messages${query}`)).json();
}

describe('a Slack incoming webhook', () => {
  it('has requests of other programs to try', () => {
    expect(captured.length).toBeGreaterThanOrEqual(4);
  });

  it.each(captured)('takes what another program sends: $file', async ({ headers, body }) => {
    for (const path of ['/slack/ops', '/slack/services/ops/B1/secret']) {
      const answer = await post(path, body, headers['content-type']);
      expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([
        200,
        'ok',
        'text/plain; charset=utf-8',
      ]);
    }
    const [first] = await messages();
    expect(first).toMatchObject({ kind: 'slack', channel: '#ops', status: 200, body });
    expect(first?.payload).toHaveProperty('attachments');
  });

  it('keeps what arrived and what it answered', async () => {
    await post('/slack/services/ops/B1/secret?x=1', '{"text":"hello"}');
    expect(await messages()).toEqual([
      {
        id: 1,
        at: '2026-03-01T10:00:00.000Z',
        kind: 'slack',
        channel: '#ops',
        method: 'POST',
        path: '/slack/services/ops/B1/secret?x=1',
        headers: expect.objectContaining({ 'content-type': 'application/json' }),
        body: '{"text":"hello"}',
        payload: { text: 'hello' },
        status: 200,
        answer: 'ok',
      },
    ]);
  });

  it('reads the field payload of a form', async () => {
    const form = new URLSearchParams({ payload: '{"text":"a & b + c"}' }).toString();
    expect((await post('/slack/ops', form, 'application/x-www-form-urlencoded')).body).toBe('ok');
    expect((await messages())[0]?.payload).toEqual({ text: 'a & b + c' });
  });

  it.each([
    ['an empty body', ''],
    ['JSON that isn’t an object', '["text"]'],
    ['JSON deeper than any message', `{"text":"x","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['bytes that aren’t UTF-8', Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
    ['a form without payload', 'text=hello', 'application/x-www-form-urlencoded'],
  ])('answers invalid_payload to %s', async (_, body, contentType?: string) => {
    const answer = await post('/slack/ops', body, contentType);
    expect([answer.statusCode, answer.body]).toEqual([400, 'invalid_payload']);
    expect((await messages())[0]).toMatchObject({ status: 400, answer: 'invalid_payload' });
  });

  it('takes keys like __proto__ for keys', async () => {
    const answer = await post('/slack/ops', '{"text":"x","__proto__":{"text":"y"},"constructor":1}');
    expect(answer.body).toBe('ok');
    expect(Object.hasOwn((await messages())[0]?.payload as object, '__proto__')).toBe(true);
  });

  it('refuses a body over 1 MiB without keeping it', async () => {
    expect((await post('/slack/ops', JSON.stringify({ text: 'x'.repeat(2_000_000) }))).statusCode).toBe(413);
    expect(await messages()).toEqual([]);
  });

  it('is a webhook for POST only', async () => {
    expect((await app.inject('/slack/services/ops/B1/secret')).statusCode).toBe(404);
  });
});

describe('a webhook', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('takes anything by %s', async (method) => {
    const headers = { 'content-type': 'application/vnd.acme+json', 'x-signature': 'v1,abc' };
    const answer = await app.inject({ method, url: '/webhook/a/b?c=d', headers, payload: '{"text":"é"}' });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await messages())[0]).toMatchObject({
      kind: 'webhook',
      channel: '/webhook/a/b',
      method,
      path: '/webhook/a/b?c=d',
      headers,
      body: '{"text":"é"}',
      payload: { text: 'é' },
      status: 204,
    });
  });

  it('takes a request without body or type', async () => {
    expect((await app.inject('/webhook/a')).statusCode).toBe(204);
    expect((await messages())[0]).toMatchObject({ method: 'GET', body: '' });
  });

  it('keeps the exact text of what isn’t JSON', async () => {
    await app.inject({
      method: 'POST',
      url: '/webhook/a',
      payload: '{"text":',
      headers: { 'content-type': 'application/json' },
    });
    const [message] = await messages();
    expect(message?.body).toBe('{"text":');
    expect(message).not.toHaveProperty('payload');
  });
});
