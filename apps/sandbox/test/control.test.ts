import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';
import { MessageLog } from '../src/message-log.ts';

const slack = '/slack/services/ops/B1/secret';
let app: ReturnType<typeof buildSandbox>;
beforeEach(() => {
  app = buildSandbox({ capacity: 3 });
});
afterEach(() => app.close());

const post = (url: string, payload: object = { text: 'hello' }) => app.inject({ method: 'POST', url, payload });
const demand = (body: object) => post('/control/next', body);
const messages = async (query = '') => (await app.inject(`/messages${query}`)).json<Message[]>();
const statuses = async () => (await messages()).map(({ status }) => status);

describe('the messages', () => {
  it('are listed from an id on, and by channel', async () => {
    await post('/slack/ops');
    await post('/slack/noc');
    await post('/webhook/noc?x=1');
    expect((await messages('?since=1')).map(({ id }) => id)).toEqual([2, 3]);
    expect((await messages('?channel=%23noc')).map(({ id }) => id)).toEqual([2]);
    expect((await messages('?channel=/webhook/noc')).map(({ id }) => id)).toEqual([3]);
    expect((await app.inject('/messages?since=x')).statusCode).toBe(400);
  });

  it('are bounded by number, the oldest leave first', async () => {
    for (let count = 0; count < 5; count += 1) await post('/slack/ops');
    expect((await messages()).map(({ id }) => id)).toEqual([3, 4, 5]);
  });

  it('are bounded by bytes', () => {
    const log = new MessageLog(100, 1_000);
    const message = {
      at: '',
      kind: 'webhook',
      channel: '',
      method: 'POST',
      path: '',
      headers: {},
      status: 204,
      answer: '',
    } as const;
    for (let count = 0; count < 5; count += 1) log.add({ ...message, body: 'x'.repeat(400) });
    expect(log.list().map(({ id }) => id)).toEqual([4, 5]);
    log.add({ ...message, body: 'x'.repeat(5_000) });
    expect(log.list().map(({ id }) => id)).toEqual([6]);
  });

  it('are gone after deletion, and ids count on', async () => {
    await post('/slack/ops');
    expect((await app.inject({ method: 'DELETE', url: '/messages' })).statusCode).toBe(204);
    expect(await messages()).toEqual([]);
    await post('/slack/ops');
    expect((await messages()).map(({ id }) => id)).toEqual([2]);
  });
});

describe('a demanded answer', () => {
  it('holds for as many requests as it says, then the service is itself again', async () => {
    await demand({ status: 429, retryAfter: 2, count: 2 });
    const first = await post(slack);
    expect([first.statusCode, first.headers['retry-after'], first.body]).toEqual([429, '2', 'rate_limited']);
    await post(slack);
    expect((await post(slack)).body).toBe('ok');
    expect(await statuses()).toEqual([429, 429, 200]);
    expect((await messages()).map(({ demanded }) => demanded)).toEqual([true, true, undefined]);
  });

  it('comes with Retry-After from Slack even where none was named', async () => {
    await demand({ status: 429 });
    expect((await post(slack)).headers['retry-after']).toBe('1');
  });

  it.each([
    [500, 'rollup_error'],
    [503, 'service_unavailable'],
  ])('can be %i', async (status, words) => {
    await demand({ status });
    const answer = await post(slack);
    expect([answer.statusCode, answer.body, answer.headers['retry-after']]).toEqual([status, words, undefined]);
  });

  it('holds only for its path, and waits for it', async () => {
    await demand({ status: 503, path: '/webhook/b', body: 'later' });
    expect((await post('/webhook/a')).statusCode).toBe(204);
    const answer = await post('/webhook/b/c');
    expect([answer.statusCode, answer.body]).toEqual([503, 'later']);
    expect((await post('/webhook/b')).statusCode).toBe(204);
  });

  it('can be listed and forgotten', async () => {
    await demand({ status: 500 });
    expect((await app.inject('/control')).json()).toEqual([{ status: 500, count: 1 }]);
    await app.inject({ method: 'DELETE', url: '/control' });
    expect((await app.inject('/control')).json()).toEqual([]);
    expect((await post(slack)).statusCode).toBe(200);
  });

  it.each([
    { status: 100 },
    { status: 'slow' },
    { status: 500, count: 0 },
    { status: 500, oops: 1 },
    { status: 500, path: 'x' },
  ])('is refused when it makes no sense: %j', async (body) => {
    const answer = await demand(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toBeTypeOf('string');
  });

  it('is refused beyond a hundred outstanding ones', async () => {
    for (let count = 0; count < 100; count += 1) await demand({ status: 500 });
    expect((await demand({ status: 500 })).statusCode).toBe(409);
  });

  describe('over a real connection', () => {
    const patience = { timeout: 10_000 };
    const send = (url: string, signal?: AbortSignal) =>
      fetch(url, { method: 'POST', body: 'hello', ...(signal && { signal }) });

    it('can be none: the connection hangs', async () => {
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      await demand({ status: 'hang', count: 2 });
      const impatience = new AbortController();
      const given = send(`${url}/webhook/a`, impatience.signal);
      await expect.poll(statuses, patience).toEqual(['hang']);
      impatience.abort();
      await expect(given).rejects.toThrow('aborted');
      const hanging = send(`${url}/webhook/a`);
      await expect.poll(statuses, patience).toEqual(['hang', 'hang']);
      await app.inject({ method: 'DELETE', url: '/control' });
      await expect(hanging).rejects.toThrow('fetch failed');
    });

    it('can be none: the connection is reset', async () => {
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      await demand({ status: 'reset' });
      const error: Error = await send(`${url}/webhook/a`).catch((caught) => caught);
      expect(error.cause).toMatchObject({ code: 'ECONNRESET' });
      expect(await statuses()).toEqual(['reset']);
    });

    it('doesn’t keep the sandbox from closing', async () => {
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      await demand({ status: 'hang' });
      const hanging = send(`${url}/webhook/a`).catch((error: Error) => error.message);
      await expect.poll(statuses, patience).toEqual(['hang']);
      const before = Date.now();
      await app.close();
      expect(Date.now() - before).toBeLessThan(1_000);
      expect(await hanging).toBe('fetch failed');
    });
  });
});
