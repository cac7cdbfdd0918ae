import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firing, openTestHost, type TestHost, tokens } from './api-host.ts';

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
}

interface OpenApi {
  openapi: string;
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

let host: TestHost;
let document: OpenApi;
let operations: { method: string; path: string; operation: Operation }[];

beforeAll(async () => {
  host = await openTestHost('https://alerts.example.com/hub');
  const answer = await host.app.inject({
    url: '/api/openapi.json',
    headers: { authorization: `Bearer ${tokens.vic.value}` },
  });
  document = answer.json();
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
});
afterAll(() => host.close());

function operationOf(method: string, path: string): Operation {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${method} ${path} is not in the document`);
  return operation;
}

function roleFor(method: string, { operationId, tags }: Operation): string {
  if (tags.includes('secrets') || operationId === 'deleteInstallation') return 'admin';
  // It asks the vendor.
  if (operationId === 'listPlaces') return 'operator';
  return method === 'get' ? 'viewer' : tags.includes('templates') ? 'admin' : 'operator';
}

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: 'https://alerts.example.com/hub' }]);
  });

  it('has every route of the API and no other', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'delete /api/v1/channels/{id}',
      'delete /api/v1/secrets/{name}/{key}',
      'delete /api/v1/targets/{id}/installations/{workspace}',
      'get /api/v1/accounting',
      'get /api/v1/attempts',
      'get /api/v1/channels',
      'get /api/v1/channels/{id}',
      'get /api/v1/dead-letters',
      'get /api/v1/dead-letters/causes',
      'get /api/v1/deliveries',
      'get /api/v1/groups',
      'get /api/v1/groups/{id}',
      'get /api/v1/groups/{id}/events',
      'get /api/v1/groups/{id}/members',
      'get /api/v1/integrations',
      'get /api/v1/integrations/{kind}/{id}/demo',
      'get /api/v1/render',
      'get /api/v1/requests',
      'get /api/v1/secrets',
      'get /api/v1/silences',
      'get /api/v1/targets',
      'get /api/v1/targets/{id}/installations',
      'get /api/v1/targets/{id}/places',
      'get /api/v1/templates',
      'get /api/v1/templates/{source}/diff',
      'get /api/v1/why',
      'post /api/v1/dead-letters/retry',
      'post /api/v1/groups/{id}/acknowledge',
      'post /api/v1/groups/{id}/resolve',
      'post /api/v1/groups/{id}/silence',
      'post /api/v1/groups/{id}/unacknowledge',
      'post /api/v1/groups/{id}/unsilence',
      'post /api/v1/secrets/rotate',
      'post /api/v1/silences',
      'post /api/v1/silences/{id}/end',
      'post /api/v1/targets/{id}/enable',
      'post /api/v1/targets/{id}/test',
      'post /api/v1/templates/{source}/upgrade',
      'put /api/v1/channels/{id}',
      'put /api/v1/secrets/{name}/{key}',
    ]);
  });

  it('gives a generator what it needs: names, parameters, schemas that can be found', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { method, path, operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary).toBeTruthy();
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags));
      expect(operation.security).toEqual([{ token: [roleFor(method, operation)] }]);
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['200', '400', '401', '403', '500', '503']),
      );
      for (const { description } of Object.values(operation.responses)) expect(description).not.toContain('Default');
    }
    const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(references.length).toBeGreaterThan(20);
    const known = Object.keys(document.components.schemas).map((name) => `"$ref":"#/components/schemas/${name}"`);
    expect(known).toEqual(expect.arrayContaining(references));
    expect(references).toEqual(expect.arrayContaining(known));
  });

  it('leaves room for fields that a later version adds to an answer, and none in a body', () => {
    const { requestBody, responses } = operationOf('post', '/api/v1/groups/{id}/silence');
    expect(JSON.stringify([responses, document.components])).not.toContain('"additionalProperties":false');
    expect(requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { additionalProperties: false, required: ['until'] } } },
    });
    expect(operationOf('post', '/api/v1/groups/{id}/resolve').requestBody?.required).toBe(false);
  });
});

describe('every real answer is what the document says', () => {
  const asked = new Set<string>();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  const validators = new Map<string, ValidateFunction>();

  /** Asks, and holds status and body against the operation's schema, by a validator that knows nothing of zod. */
  async function hold(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    values: Record<string, string>,
    status: number,
    rest: { body?: object; query?: string; token?: string } = {},
  ) {
    const operation = operationOf(method, path);
    const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '') + (rest.query ?? '');
    const answer = await host.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${rest.token ?? tokens.ann.value}` },
      ...(rest.body ? { payload: rest.body } : {}),
    });
    expect(`${url} ${answer.statusCode} ${answer.body}`).toContain(`${url} ${status} `);
    const key = `${operation.operationId} ${status}`;
    const schema = operation.responses[status]?.content['application/json']?.schema;
    const validate = validators.get(key) ?? ajv.compile({ ...schema, components: document.components });
    validators.set(key, validate);
    validate(answer.json());
    expect(validate.errors ?? []).toEqual([]);
    asked.add(key);
    return answer.json();
  }

  it('with groups in every state, deliveries that failed, and requests that were rejected', async () => {
    const group = '/api/v1/groups/{id}';
    const id = await host.alert();
    await host.alert({ fingerprint: 'disk-2', at: 5, startedAt: 6, actor: 'vendor', comment: 'why' });
    const request = { method: 'POST', url: 'https://x.example', headers: { a: 'b' }, body: '{}' };
    await host.deliver(
      { outcome: 'retry', reason: 'HTTP 503' },
      { request, response: { status: 503, headers: {}, body: '' } },
    );
    await host.deliver({ outcome: 'delivered', ref: 'm1' }, { error: 'none' });
    await hold('POST', `${group}/acknowledge`, { id }, 200, { body: { comment: 'mine', incarnation: 1 } });
    await hold('POST', `${group}/acknowledge`, { id }, 200);
    await hold('GET', group, { id }, 200);
    await hold('POST', `${group}/unacknowledge`, { id }, 200);
    await hold('POST', `${group}/silence`, { id }, 200, { body: { until: '1h' } });
    await hold('GET', group, { id }, 200);
    await hold('POST', `${group}/unsilence`, { id }, 200);
    await hold('GET', `${group}/events`, { id }, 200, { query: '?limit=2' });
    await hold('GET', `${group}/members`, { id }, 200, { query: '?limit=1' });
    await hold('POST', `${group}/silence`, { id }, 409, { body: { until: '1h', incarnation: 7 } });
    await hold('POST', `${group}/resolve`, { id }, 200);
    for (const action of ['acknowledge', 'unacknowledge', 'resolve', 'unsilence']) {
      await hold('POST', `${group}/${action}`, { id }, 409);
      await hold('POST', `${group}/${action}`, { id: 'zzzz' }, 404);
      await hold('POST', `${group}/${action}`, { id }, 400, { body: { more: 1 } });
    }
    await hold('POST', `${group}/silence`, { id: 'zzzz' }, 404, { body: { until: '1h' } });
    await hold('POST', `${group}/silence`, { id }, 400, { body: { until: 'never' } });
    for (const part of ['', '/events', '/members']) await hold('GET', `${group}${part}`, { id: 'zzzz' }, 404);
    await host.store.commit([
      { ...firing, status: 'notice', group: 'n', fingerprint: 'n', labels: {} },
      { kind: 'request', source: 'prod', reason: 'r', path: '', body: 'b', contentType: 'c' },
      { kind: 'request', source: 'prod', reason: null, path: '/a', body: 'b', contentType: 'c' },
    ]);
    await hold('GET', '/api/v1/groups', {}, 200, { query: '?limit=1' });
    await hold('GET', '/api/v1/groups', {}, 400, { query: '?limit=x' });
    await hold('GET', '/api/v1/groups', {}, 401, { token: 'wrong' });
    await hold('GET', '/api/v1/groups', {}, 403, { token: tokens.met.value });
    for (const list of ['deliveries', 'attempts', 'requests']) {
      const { items } = await hold('GET', `/api/v1/${list}`, {}, 200);
      expect(items.length).toBeGreaterThan(0);
    }
    const made = { matchers: ['a=b'], until: '1h', comment: 'work' };
    const silence = await hold('POST', '/api/v1/silences', {}, 200, { body: made });
    await hold('POST', '/api/v1/silences', {}, 400, { body: { ...made, matchers: 'a=~"("' } });
    expect((await hold('GET', '/api/v1/silences', {}, 200)).items).toEqual([silence]);
    await hold('POST', '/api/v1/silences/{id}/end', { id: silence.id }, 200);
    await hold('POST', '/api/v1/silences/{id}/end', { id: 'nobody' }, 404);
    host.context.config.channels = [{ id: 'fixed', match: [], subscriptions: [] }];
    const channel = '/api/v1/channels/{id}';
    const subscriptions = [{ name: 'on call', target: 'ops', events: ['firing'] }];
    await hold('PUT', channel, { id: 'noc' }, 200, { body: { match: ['a="b"'], subscriptions } });
    await hold('PUT', channel, { id: 'noc' }, 422, { body: { match: [7] } });
    await hold('PUT', channel, { id: 'fixed' }, 409, { body: { subscriptions } });
    expect((await hold('GET', '/api/v1/channels', {}, 200)).items).toHaveLength(2);
    for (const id of ['noc', 'fixed']) await hold('GET', channel, { id }, 200);
    await hold('GET', channel, { id: 'nobody' }, 404);
    await hold('DELETE', channel, { id: 'noc' }, 200);
    await hold('DELETE', channel, { id: 'fixed' }, 409);
    await hold('DELETE', channel, { id: 'nobody' }, 404);
    await hold('POST', '/api/v1/dead-letters/retry', {}, 400);
    expect(await hold('POST', '/api/v1/dead-letters/retry', {}, 200, { body: { all: true } })).toEqual({
      retried: 0,
      more: false,
    });
    await hold('GET', '/api/v1/dead-letters', {}, 200);
    await hold('GET', '/api/v1/dead-letters/causes', {}, 200);
    expect((await hold('GET', '/api/v1/targets', {}, 200)).items.length).toBeGreaterThan(0);
    await hold('POST', '/api/v1/targets/{id}/enable', { id: 'ops' }, 200);
    await hold('POST', '/api/v1/targets/{id}/enable', { id: 'nobody' }, 404);
    await hold('POST', '/api/v1/targets/{id}/test', { id: 'ops' }, 200);
    await hold('POST', '/api/v1/targets/{id}/test', { id: 'nobody' }, 404);
    const installations = '/api/v1/targets/{id}/installations';
    await hold('GET', installations, { id: 'nobody' }, 404);
    await hold('GET', installations, { id: 'ops' }, 409);
    await hold('GET', '/api/v1/targets/{id}/places', { id: 'nobody' }, 404);
    await hold('GET', '/api/v1/targets/{id}/places', { id: 'ops' }, 409);
    await hold('DELETE', `${installations}/{workspace}`, { id: 'nobody', workspace: 'T1' }, 404);
    await hold('DELETE', `${installations}/{workspace}`, { id: 'ops', workspace: 'T1' }, 409);
    const place = { id: 'C1', name: 'noc', isPrivate: true, isMember: false, isArchived: false };
    await host.installInOps({ id: 'T1', name: 'First', token: 'token-of-a-test', scopes: ['chat'] }, [place]);
    expect((await hold('GET', installations, { id: 'ops' }, 200)).items).toHaveLength(1);
    expect((await hold('GET', '/api/v1/targets/{id}/places', { id: 'ops' }, 200)).items).toMatchObject([
      { address: 'T1/C1', hint: 'private: invite the bot there first' },
    ]);
    await hold('DELETE', `${installations}/{workspace}`, { id: 'ops', workspace: 'T1' }, 200);
    expect((await hold('GET', '/api/v1/accounting', {}, 200)).notifications.holds).toBe(true);
    const owed = await host.alert({ group: 'owed', fingerprint: 'owed' });
    host.context.config.routes = [
      { match: [{ name: 'team', op: '=', value: 'db' }], to: [{ target: 'ops' }] },
      { match: [], to: [{ target: 'ops' }] },
    ];
    expect((await hold('GET', '/api/v1/accounting', {}, 200)).oldestOwed).not.toBeNull();
    await hold('POST', '/api/v1/silences', {}, 200, { body: { ...made, matchers: 'alertname="DiskFull"' } });
    await host.deliver({ outcome: 'delivered' });
    const why = await hold('GET', '/api/v1/why', {}, 200, { query: `?group=${owed}` });
    expect([why.silences.length, why.request.rejected.length, why.ways.length]).toEqual([1, 1, 1]);
    expect((await hold('GET', '/api/v1/why', {}, 200, { query: `?group=${id}` })).tellings[0].attempts).not.toEqual([]);
    expect(
      (await hold('GET', '/api/v1/why', {}, 200, { query: '?fingerprint=owed&source=prod' })).alert,
    ).not.toBeNull();
    await hold('GET', '/api/v1/why', {}, 404, { query: '?group=zzzz' });
    await hold('GET', '/api/v1/why', {}, 400);
    await hold('GET', '/api/v1/integrations', {}, 200);
    await hold('GET', '/api/v1/integrations/{kind}/{id}/demo', { kind: 'source', id: 'beacon' }, 200);
    await hold('GET', '/api/v1/integrations/{kind}/{id}/demo', { kind: 'target', id: 'herald' }, 404);
    await hold('GET', '/api/v1/integrations/{kind}/{id}/demo', { kind: 'channel', id: 'herald' }, 400);

    const { name: beacon } = host.context.registry.integrations[0] ?? {};
    const old = { source: 'prod', package: beacon ?? '', version: '1.0.0', templates: { title: 'Old', image: 'Old' } };
    await host.store.pin([old], 'first');
    const { items: words } = await hold('GET', '/api/v1/templates', {}, 200);
    expect(words[0].changes).toHaveLength(4);
    const compared = await hold('GET', '/api/v1/templates/{source}/diff', { source: 'prod' }, 200);
    expect(compared.messages.length).toBeGreaterThan(0);
    await hold('GET', '/api/v1/templates/{source}/diff', { source: 'nobody' }, 404);
    await hold('GET', '/api/v1/templates/{source}/diff', { source: 'prod' }, 400, { query: '?medium=fax' });
    const upgrade = '/api/v1/templates/{source}/upgrade';
    await hold('POST', upgrade, { source: 'prod' }, 403, { token: tokens.oli.value });
    expect((await hold('POST', upgrade, { source: 'prod' }, 200)).changes).toEqual([]);
    await hold('POST', upgrade, { source: 'nobody' }, 404);
    const { items: requests } = await hold('GET', '/api/v1/requests', {}, 200);
    for (const one of [`group=${id}`, `request=${requests[0].id}`]) {
      const { items } = await hold('GET', '/api/v1/render', {}, 200, { query: `?target=ops&${one}` });
      expect(items).toHaveLength(1);
    }
    await hold('GET', '/api/v1/render', {}, 404, { query: `?target=nobody&group=${id}` });
    await hold('GET', '/api/v1/render', {}, 404, { query: '?target=ops&group=zzzz' });
    await hold('GET', '/api/v1/render', {}, 404, { query: '?target=ops&request=999' });
    await hold('GET', '/api/v1/render', {}, 400, { query: `?target=ops&group=${id}&request=1` });

    const secret = '/api/v1/secrets/{name}/{key}';
    const names = { name: 'herald', key: 'ops' };
    expect((await hold('GET', '/api/v1/secrets', {}, 200)).missing).toHaveLength(1);
    await hold('PUT', secret, names, 404, { body: { hosts: ['*'] } });
    await hold('PUT', secret, names, 200, { body: { value: 'value-of-a-test', hosts: ['Herald.Example.'] } });
    await hold('PUT', secret, names, 400, { body: { value: '' } });
    await hold('PUT', secret, names, 409, { body: { targets: ['other'] } });
    await hold('PUT', secret, names, 403, { body: {}, token: tokens.oli.value });
    await hold('PUT', secret, { name: 'other', key: 'one' }, 200, { body: { value: 'value-of-a-test' } });
    expect((await hold('GET', '/api/v1/secrets', {}, 200)).items).toHaveLength(2);
    await hold('GET', '/api/v1/secrets', {}, 403, { token: tokens.oli.value });
    expect(await hold('POST', '/api/v1/secrets/rotate', {}, 200)).toEqual({ resealed: 2, total: 2, unreadable: [] });
    await hold('DELETE', secret, names, 409);
    await hold('DELETE', secret, { name: 'other', key: 'one' }, 200);
    await hold('DELETE', secret, { name: 'other', key: 'one' }, 404);

    const all = operations.flatMap(({ operation }) =>
      Object.keys(operation.responses)
        .filter((status) => ['200', '404', '409'].includes(status))
        .map((status) => `${operation.operationId} ${status}`),
    );
    expect(all.filter((answer) => !asked.has(answer))).toEqual([]);
  });
});
