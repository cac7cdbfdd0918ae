import { TocsinError } from '@tocsin/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allows, findToken } from '../src/api/access.ts';
import { openTestHost, type TestHost, tokens } from './api-host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(() => host.close());

const ask = (url: string, authorization?: string, method: 'GET' | 'POST' = 'GET') =>
  host.app.inject({ method, url, headers: authorization === undefined ? {} : { authorization } });

const reads = [
  '/api/openapi.json',
  '/api/v1/groups',
  '/api/v1/groups/1001',
  '/api/v1/groups/1001/events',
  '/api/v1/groups/1001/members',
  '/api/v1/deliveries',
  '/api/v1/attempts',
  '/api/v1/requests',
  '/api/v1/accounting',
  '/api/v1/integrations',
  '/api/v1/integrations/source/beacon/demo',
];
const acts = ['acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'];

describe('without a right token', () => {
  it.each([...reads])('GET %s is 401', async (url) => {
    const answer = await ask(url);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="tocsin"');
    expect(answer.json().error).toMatchObject({ code: 'unauthorized', remedy: expect.stringContaining('Bearer') });
  });

  it.each([
    ['an unknown token', 'Bearer not-a-token'],
    ['a beginning of one', `Bearer ${tokens.ann.value.slice(0, -1)}`],
    ['nothing after Bearer', 'Bearer '],
    ['two tokens', `Bearer ${tokens.ann.value} ${tokens.ann.value}`],
    ['basic', `Basic ${Buffer.from(`ann:${tokens.ann.value}`).toString('base64')}`],
    ['the digest', 'Bearer 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'],
  ])('%s is 401', async (_what, header) => {
    expect((await ask('/api/v1/groups', header)).statusCode).toBe(401);
  });

  it('a wrong one is told apart from none, as RFC 6750 says', async () => {
    const { headers } = await ask('/api/v1/groups', 'Bearer wrong');
    expect(headers['www-authenticate']).toBe('Bearer realm="tocsin", error="invalid_token"');
  });

  it('a session cookie is no token', async () => {
    const cookie = await host.signIn(tokens.ann);
    expect((await host.app.inject({ url: '/api/v1/groups', headers: { cookie } })).statusCode).toBe(401);
  });

  it('refuses before it looks at the body', async () => {
    const answer = await host.app.inject({ method: 'POST', url: '/api/v1/groups/1/resolve', payload: { wrong: true } });
    expect(answer.statusCode).toBe(401);
  });
});

describe('roles', () => {
  it.each(reads)('a viewer, an operator and an admin read %s', async (url) => {
    for (const token of [tokens.vic, tokens.oli, tokens.ann]) {
      expect([200, 404]).toContain((await ask(url, `Bearer ${token.value}`)).statusCode);
    }
  });

  it.each(reads)('the role metrics does not read %s', async (url) => {
    const answer = await ask(url, `Bearer ${tokens.met.value}`);
    expect(answer.statusCode).toBe(403);
    expect(answer.json().error.message).toBe(
      'this needs the role viewer or higher; the token met has the role metrics',
    );
  });

  it.each(acts)('a viewer may not %s', async (action) => {
    const answer = await ask(`/api/v1/groups/1001/${action}`, `Bearer ${tokens.vic.value}`, 'POST');
    expect(answer.statusCode).toBe(403);
    expect(answer.json().error.message).toContain('needs the role operator or higher');
    expect(answer.headers['www-authenticate']).toContain('insufficient_scope');
  });

  it('each may what the ones below it may', () => {
    expect(allows('admin', 'operator') && allows('operator', 'viewer') && allows('admin', 'admin')).toBe(true);
    expect(allows('viewer', 'operator') || allows('operator', 'admin') || allows('metrics', 'viewer')).toBe(false);
  });

  it('the scheme’s name may be written in any case', async () => {
    expect((await ask('/api/v1/groups', `bearer ${tokens.vic.value}`)).statusCode).toBe(200);
  });
});

describe('findToken', () => {
  it('compares every token, whichever is the right one', () => {
    const all = [tokens.ann, tokens.oli, tokens.vic];
    for (const token of all) expect(findToken(all, token.value)).toBe(token);
    expect(findToken(all, '')).toBeUndefined();
    expect(findToken([], 'x')).toBeUndefined();
  });
});

describe('what goes wrong here', () => {
  it('says that the store has no time, and when to come back', async () => {
    const broken = vi
      .spyOn(host.store.query, 'groups')
      .mockRejectedValue(new TocsinError('store', 'the disk is full', { remedy: 'Make room.' }));
    const answer = await ask('/api/v1/groups', `Bearer ${tokens.vic.value}`);
    broken.mockRestore();
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toEqual({ error: { code: 'store', message: 'the disk is full', remedy: 'Make room.' } });
  });

  it('keeps its inner workings to the log', async () => {
    const broken = vi.spyOn(host.store.query, 'groups').mockRejectedValue(new Error('at /srv/inner.ts:12'));
    const answer = await ask('/api/v1/groups', `Bearer ${tokens.vic.value}`);
    broken.mockRestore();
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('inner');
    expect(answer.json().error.code).toBe('internal');
  });

  it('answers JSON where the API has nothing, even to a browser', async () => {
    const answer = await host.app.inject({ url: '/api/v1/nothing', headers: { accept: 'text/html' } });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error.remedy).toContain('/api/openapi.json');
  });

  it('is kept by no cache', async () => {
    const { headers } = await ask('/api/v1/groups', `Bearer ${tokens.vic.value}`);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});
