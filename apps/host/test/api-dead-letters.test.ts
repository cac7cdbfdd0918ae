import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestHost, type TestHost, tokens } from './api-host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
  for (const name of ['a', 'b', 'c']) {
    await host.alert({ group: name, fingerprint: name, labels: { alertname: name } });
    await host.deliver({ outcome: 'refused', reason: name === 'c' ? 'no_service: gone' : 'HTTP 404: no' });
  }
});
afterAll(() => host.close());

async function call(method: 'GET' | 'POST', path: string, body?: object, token: { value: string } = tokens.oli) {
  const answer = await host.app.inject({
    method,
    url: `/api/v1/dead-letters${path}`,
    headers: { authorization: `Bearer ${token.value}` },
    ...(body ? { payload: body } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}

it('lists what was given up, filtered and by its cause', async () => {
  const { body } = await call('GET', '', undefined, tokens.vic);
  expect(body.items.map(({ cause }: { cause: string }) => cause)).toEqual(['no_service', 'HTTP 404', 'HTTP 404']);
  const [newest] = body.items;
  expect(newest).toMatchObject({ target: 'ops', event: 1, reason: 'no_service: gone', retriedAt: null });
  expect((await call('GET', `?from=${newest.id}`)).body.items).toEqual([newest]);
  expect((await call('GET', '?cause=HTTP%20404&limit=1')).body).toMatchObject({
    items: [{}],
    next: expect.any(String),
  });
  const { body: causes } = await call('GET', '/causes');
  expect(causes.items).toMatchObject([
    { target: 'ops', cause: 'HTTP 404', count: 2 },
    { target: 'ops', cause: 'no_service', count: 1 },
  ]);
});

it('has some of it tried again, never all of it by mistake', async () => {
  expect(await call('POST', '/retry')).toMatchObject({ status: 400, body: { error: { faults: [{ path: 'body' }] } } });
  expect((await call('POST', '/retry', { cause: 'HTTP 404' }, tokens.vic)).status).toBe(403);
  expect((await call('POST', '/retry', { cause: 'HTTP 404' })).body).toEqual({ retried: 2, more: false });
  expect(await host.deliver({ outcome: 'delivered' })).toBe(2);
  expect((await call('GET', '/causes')).body.items).toMatchObject([{ cause: 'no_service' }]);
  expect((await call('GET', '?all=true')).body.items).toHaveLength(3);
  expect((await call('POST', '/retry', { all: true })).body).toEqual({ retried: 1, more: false });
});
