import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firing, noon, openTestHost, type TestHost, tokens } from './api-host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(() => host.close());

async function get(path: string, token: { value: string } = tokens.vic) {
  const answer = await host.app.inject({ url: `/api${path}`, headers: { authorization: `Bearer ${token.value}` } });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

async function post(path: string, body?: unknown, token: { value: string } = tokens.oli) {
  const answer = await host.app.inject({
    method: 'POST',
    url: `/api/v1/groups/${path}`,
    headers: { authorization: `Bearer ${token.value}` },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('reading groups', () => {
  it('shows one with its events, its members and its deliveries', async () => {
    const id = await host.alert();
    await host.alert({
      fingerprint: 'disk-2',
      labels: { alertname: 'DiskFull', instance: 'db-2' },
      startedAt: noon - 90_000,
    });
    await host.deliver({ outcome: 'delivered', ref: 'message-7' });
    const { status, body } = await get(`/v1/groups/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      source: 'prod',
      status: 'firing',
      severity: 'critical',
      firing: 2,
      firingBySeverity: { critical: 2, warning: 0 },
      memberCount: 2,
      incarnation: 1,
      startedAt: '2026-03-01T11:00:00.000Z',
      resolvedAt: null,
      acknowledged: null,
      silenced: null,
      url: `http://127.0.0.1:8080/g/${id}`,
    });
    expect(body.events.items[0]).toMatchObject({ number: 1, kind: 'firing', actor: null, after: { firing: 1 } });
    expect(body.members.items).toHaveLength(2);
    expect(body.members.items[0]).toMatchObject({
      fingerprint: 'disk-1',
      labels: firing.labels,
      startedAt: null,
      data: { annotations: { summary: 'Disk full on db-1' } },
    });
    expect(body.members.items[1].startedAt).toBe('2026-03-01T10:58:30.000Z');
    expect(body.deliveries.items[0]).toMatchObject({
      target: 'ops',
      state: 'told',
      ref: 'message-7',
      told: { status: 'firing', at: '2026-03-01T11:00:00.000Z' },
    });
  });

  it('lists by status, source and severity, newest first, page by page', async () => {
    const made: string[] = [];
    for (let number = 0; number < 5; number++) {
      made.unshift(
        await host.alert({ source: 'lab', group: `page-${number}`, fingerprint: `page-${number}`, severity: 'info' }),
      );
    }
    const first = await get('/v1/groups?source=lab&limit=2');
    expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    const second = await get(`/v1/groups?source=lab&limit=2&after=${first.body.next}`);
    expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual(made.slice(2, 4));
    const last = await get(`/v1/groups?source=lab&limit=2&after=${second.body.next}`);
    expect(last.body.items.map(({ id }: { id: string }) => id)).toEqual(made.slice(4));
    expect(last.body.next).toBeNull();
    expect((await get('/v1/groups?source=lab&status=resolved')).body.items).toEqual([]);
    expect((await get('/v1/groups?source=lab&severity=critical')).body.items).toEqual([]);
    expect((await get('/v1/groups?source=lab&severity=info&status=firing')).body.items).toHaveLength(5);
  });

  it('pages members and events of a group', async () => {
    const id = await host.alert({ group: 'many', fingerprint: 'many-0' });
    for (let number = 1; number < 4; number++) {
      // Within a second of each other they would be one event.
      host.at(number * 2_000);
      await host.alert({ group: 'many', fingerprint: `many-${number}` });
    }
    host.at(0);
    const first = await get(`/v1/groups/${id}/members?limit=3`);
    const rest = await get(`/v1/groups/${id}/members?limit=3&after=${first.body.next}`);
    const fingerprints = [...first.body.items, ...rest.body.items].map(({ fingerprint }) => fingerprint);
    expect(fingerprints).toEqual(['many-0', 'many-1', 'many-2', 'many-3']);
    const events = await get(`/v1/groups/${id}/events?limit=3`);
    const later = await get(`/v1/groups/${id}/events?limit=3&after=${events.body.next}`);
    expect([...events.body.items, ...later.body.items].map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it('leaves out data that is long, and says how long it is', async () => {
    const data = JSON.stringify({ log: 'x'.repeat(20_000) });
    const id = await host.alert({ group: 'long', fingerprint: 'long', data });
    const { body } = await get(`/v1/groups/${id}/members`);
    expect(body.items[0]).toMatchObject({ data: null, dataLength: data.length });
  });

  it('tells times of any vendor as ISO 8601', async () => {
    const id = await host.alert({ group: 'odd-time', fingerprint: 'odd-time', startedAt: 9e15 });
    const { status, body } = await get(`/v1/groups/${id}/members`);
    expect(status).toBe(200);
    expect(body.items[0].startedAt).toBe('9999-12-31T23:59:59.999Z');
  });

  it.each(['', '/events', '/members'])('says which group there is not (%s)', async (part) => {
    const { status, body } = await get(`/v1/groups/zzzz${part}`);
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'not-found', message: 'there is no group "zzzz"' });
    expect(body.error.remedy).toBeTruthy();
  });
});

describe('acting on a group', () => {
  let number = 0;
  const fresh = () => {
    number++;
    return host.alert({ group: `act-${number}`, fingerprint: `act-${number}` });
  };
  const lastEvent = async (id: string) => (await get(`/v1/groups/${id}`)).body.events.items.at(-1);

  it('acknowledges as the token’s name, and says when nothing changed', async () => {
    const id = await fresh();
    const first = await post(`${id}/acknowledge`, { comment: '  on it  ' });
    expect(first).toMatchObject({ status: 200, body: { changed: true, group: { status: 'acknowledged' } } });
    expect(first.body.group.acknowledged).toEqual({ by: 'oli', at: '2026-03-01T11:00:00.000Z' });
    expect(await lastEvent(id)).toMatchObject({ kind: 'acknowledged', actor: 'oli', comment: 'on it' });
    expect(await post(`${id}/acknowledge`)).toMatchObject({ status: 200, body: { changed: false } });
  });

  it('acknowledges for a second person too, once', async () => {
    const id = await fresh();
    const first = await post(`${id}/acknowledge`);
    const second = await post(`${id}/acknowledge`, {}, tokens.ann);
    const acknowledged = { by: 'oli, ann', at: first.body.group.acknowledged.at };
    expect(second).toMatchObject({ status: 200, body: { changed: true, group: { acknowledged } } });
    expect(await post(`${id}/acknowledge`, {}, tokens.ann)).toMatchObject({ body: { changed: false } });
    expect(await post(`${id}/acknowledge`)).toMatchObject({ body: { changed: false } });
  });

  it('takes an acknowledgement back', async () => {
    const id = await fresh();
    await post(`${id}/acknowledge`);
    expect(await post(`${id}/unacknowledge`)).toMatchObject({ body: { changed: true, group: { acknowledged: null } } });
    expect(await post(`${id}/unacknowledge`)).toMatchObject({ body: { changed: false } });
  });

  it('needs no body, whatever the content type', async () => {
    const id = await fresh();
    const answer = await host.app.inject({
      method: 'POST',
      url: `/api/v1/groups/${id}/acknowledge`,
      headers: { authorization: `Bearer ${tokens.oli.value}`, 'content-type': 'application/json' },
    });
    expect(answer.json()).toMatchObject({ changed: true });
    expect((await lastEvent(id)).comment).toBeNull();
  });

  it.each([
    ['2h', '2026-03-01T13:00:00.000Z'],
    ['1d12h', '2026-03-02T23:00:00.000Z'],
    ['2026-03-02T09:00:00+01:00', '2026-03-02T08:00:00.000Z'],
  ])('silences until %s', async (until, end) => {
    const id = await fresh();
    const { status, body } = await post(`${id}/silence`, { until });
    expect(status).toBe(200);
    expect(body).toMatchObject({ changed: true, group: { status: 'silenced', silenced: { by: 'oli', until: end } } });
    expect(await post(`${id}/unsilence`)).toMatchObject({ body: { changed: true, group: { status: 'firing' } } });
  });

  it.each([
    ['soon', 'neither a duration'],
    ['0s', 'not in the future'],
    ['2026-03-01T10:59:00Z', 'not in the future'],
    ['2026-02-30T10:00:00Z', 'neither a duration'],
    ['2027-03-03T10:00:00Z', 'more than a year'],
    ['999999999w', 'more than a year'],
  ])('refuses a silence until %s', async (until, fault) => {
    const id = await fresh();
    const { status, body } = await post(`${id}/silence`, { until });
    expect(status).toBe(400);
    expect(body.error.faults).toEqual([{ path: 'body.until', message: expect.stringContaining(fault) }]);
    expect((await get(`/v1/groups/${id}`)).body.status).toBe('firing');
  });

  it('shows a vendor’s silence without an end as one', async () => {
    const id = await fresh();
    await host.store.commit([{ ...firing, group: `act-${number}`, fingerprint: `act-${number}`, status: 'silenced' }]);
    expect((await get(`/v1/groups/${id}`)).body.silenced).toEqual({ by: 'prod', until: null });
  });

  it('refuses what came too late, and says so', async () => {
    const id = await fresh();
    expect(await post(`${id}/resolve`)).toMatchObject({
      status: 200,
      body: { changed: true, group: { status: 'resolved' } },
    });
    const again = await post(`${id}/acknowledge`);
    expect(again.status).toBe(409);
    expect(again.body.error).toMatchObject({
      code: 'resolved',
      message: expect.stringContaining('nothing was changed'),
    });
  });

  it('refuses what was decided about an older firing', async () => {
    const id = await fresh();
    const older = await post(`${id}/acknowledge`, { incarnation: 0 });
    expect(older.status).toBe(409);
    expect(older.body.error.code).toBe('older-incarnation');
    expect(await post(`${id}/acknowledge`, { incarnation: 1 })).toMatchObject({ status: 200, body: { changed: true } });
  });

  it('refuses an unknown group', async () => {
    expect(await post('zzzz/resolve')).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } });
  });

  it.each([
    [{ coment: 'x' }, 'body', 'unknown: coment; known: comment, incarnation'],
    [{ comment: 5 }, 'body.comment', 'string'],
    [{ incarnation: 'one' }, 'body.incarnation', 'number'],
    [{ comment: 'x'.repeat(2001) }, 'body.comment', '2000'],
  ])('names the fault in %j', async (body, path, message) => {
    const answer = await post(`${await fresh()}/acknowledge`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.faults).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('stores a comment with NUL and lone surrogates in a form that every store holds', async () => {
    const id = await fresh();
    expect((await post(`${id}/acknowledge`, { comment: 'a\0b\ud800c' })).status).toBe(200);
    expect((await lastEvent(id)).comment).toBe('a\uFFFDb\uFFFDc');
  });

  it.each([
    ['not JSON', '{"comment":', 'application/json', 400],
    ['a form', 'comment=x', 'application/x-www-form-urlencoded', 415],
    ['a prototype', '{"__proto__":{"comment":"x"}}', 'application/json', 400],
    ['too much', `{"comment":"${'x'.repeat(20_000)}"}`, 'application/json', 413],
  ])('refuses %s', async (_what, payload, contentType, status) => {
    const answer = await host.app.inject({
      method: 'POST',
      url: `/api/v1/groups/${await fresh()}/acknowledge`,
      headers: { authorization: `Bearer ${tokens.oli.value}`, 'content-type': contentType },
      payload,
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error).toMatchObject({ code: 'invalid-request', message: expect.any(String) });
  });
});

describe('the other lists', () => {
  beforeAll(async () => {
    // So many groups are owed that some wait to be told together.
    for (const offset of [60_000, 75_000, 0]) {
      host.at(offset);
      await host.deliver({ outcome: 'delivered' });
    }
  });

  it('names a fault in the query, and what is known', async () => {
    const { status, body } = await get('/v1/groups?stauts=firing&limit=0');
    expect(status).toBe(400);
    expect(body.error.faults).toEqual([
      { path: 'query.limit', message: expect.stringContaining('>=1') },
      { path: 'query', message: 'unknown: stauts; known: status, source, severity, limit, after' },
    ]);
    expect((await get('/v1/groups?after=x')).body.error.faults[0]).toEqual({
      path: 'query.after',
      message: 'is no `next` of a page before',
    });
  });

  it('lists deliveries by group and target', async () => {
    const id = await host.alert({ group: 'told', fingerprint: 'told' });
    const { body } = await get(`/v1/deliveries?group=${id}&target=ops`);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ group: id, state: 'waiting', due: '2026-03-01T11:00:00.000Z' });
    expect((await get(`/v1/deliveries?group=${id}&target=other`)).body.items).toEqual([]);
    await host.deliver({ outcome: 'retry', reason: 'HTTP 503' });
    expect((await get(`/v1/deliveries?group=${id}`)).body.items[0]).toMatchObject({ state: 'retrying', attempt: 1 });
    const attempts = await get(`/v1/attempts?group=${id}`);
    expect(attempts.body.items).toMatchObject([{ target: 'ops', outcome: 'retry', reason: 'HTTP 503', event: 1 }]);
  });

  it('shows what a target gave up on', async () => {
    const id = await host.alert({ group: 'dead', fingerprint: 'dead' });
    await host.deliver({ outcome: 'refused', reason: 'HTTP 404: no_service' });
    expect((await get(`/v1/deliveries?group=${id}`)).body.items[0]).toMatchObject({
      state: 'given-up',
      dead: 'HTTP 404: no_service',
    });
  });

  it('lists requests that could not be read, and a sample of the others', async () => {
    const request = { kind: 'request', source: 'prod', path: '/x', contentType: 'application/json' } as const;
    await host.store.commit([{ ...request, reason: 'alerts[0]: no status', body: '{"a":1}' }]);
    await host.store.commit([{ ...request, reason: null, body: '{"a":2}' }]);
    expect((await get('/v1/requests?source=prod&rejected=false')).body.items).toMatchObject([
      { reason: null, body: '{"a":2}' },
    ]);
    expect((await get('/v1/requests?source=prod')).body.items).toHaveLength(2);
    expect((await get('/v1/requests?source=prod&rejected=true')).body.items).toEqual([
      {
        id: expect.any(Number),
        source: 'prod',
        receivedAt: '2026-03-01T11:00:00.000Z',
        reason: 'alerts[0]: no status',
        path: '/x',
        contentType: 'application/json',
        body: '{"a":1}',
      },
    ]);
    expect((await get('/v1/requests?source=lab')).body.items).toEqual([]);
  });

  it('accounts for everything', async () => {
    const { counters } = (await get('/v1/accounting')).body;
    expect(counters.received).toBe(counters.grouped + counters.rejected);
  });
});

describe('integrations', () => {
  it('lists what is installed and configured, with secrets marked and keys nowhere', async () => {
    const { body } = await get('/v1/integrations');
    expect(body.installed).toMatchObject([
      { kind: 'source', id: 'beacon', package: '@tocsin/source-beacon', version: '1.2.3', settings: null },
      { kind: 'target', id: 'herald', title: 'Herald', docs: 'https://herald.example/docs/api' },
    ]);
    const { properties, required } = body.installed[1].settings;
    expect(properties.url).toMatchObject({ type: 'string', secret: true, writeOnly: true, format: 'password' });
    expect(properties.channel.writeOnly).toBeUndefined();
    expect(required).toEqual(['url']);
    expect(body.sources[0]).toEqual({
      id: 'prod',
      integration: 'beacon',
      url: 'http://127.0.0.1:8080/in/prod',
      howToUrl: 'http://127.0.0.1:8080/in/prod/{key}',
      quarantined: null,
    });
    expect(body.sources[1].quarantined).toContain('its templates took 1.2 s');
    expect(body.targets).toEqual([{ id: 'ops', integration: 'herald', quarantined: null }]);
  });

  it('gives the demo alert of a source', async () => {
    expect((await get('/v1/integrations/source/beacon/demo')).body.payload.state).toBe('DOWN');
    for (const path of ['target/herald', 'source/nothing', 'source/..%2f..']) {
      expect((await get(`/v1/integrations/${path}/demo`)).status).toBe(404);
    }
  });
});
