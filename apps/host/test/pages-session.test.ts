import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isOwnOrigin, localPage } from '../src/pages/address.ts';
import { Sessions } from '../src/pages/session.ts';
import { signInPage } from '../src/pages/sign-in.ts';
import { noon, openTestHost, type TestHost, tokens } from './api-host.ts';
import { dangers, elementsOf, lacks } from './pages-structure.ts';

const origin = 'http://127.0.0.1:8080';
const hour = 3_600_000;

let host: TestHost;
let secure: TestHost;
beforeAll(async () => {
  [host, secure] = await Promise.all([openTestHost(), openTestHost('https://alerts.example.com/hub')]);
  await host.alert();
});
afterAll(() => Promise.all([host.close(), secure.close()]));
afterEach(() => host.at(0));

function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}, on = host) {
  return on.app.inject({
    method: 'POST',
    url,
    headers: { origin, 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
}

const open = (url: string, headers: Record<string, string> = {}) =>
  host.app.inject({ url, headers: { accept: 'text/html', ...headers } });

describe('signing in', () => {
  it('is asked for first, and leads back to the page', async () => {
    const asked = await open('/g/1001?members=5');
    expect(asked.statusCode).toBe(303);
    expect(asked.headers.location).toBe('/sign-in?return=%2Fg%2F1001%3Fmembers%3D5');
    const form = await open(asked.headers.location ?? '');
    expect(lacks(form.body)).toEqual([]);
    expect(dangers(form.body)).toEqual([]);
    const page = elementsOf(form.body).find(({ attributes }) => attributes.name === 'return')?.attributes.value ?? '';
    const signedIn = await post('/sign-in', { token: tokens.vic.value, return: page });
    expect(signedIn.statusCode).toBe(303);
    expect(signedIn.headers.location).toBe('/g/1001?members=5');
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    expect((await open('/g/1001', { cookie })).statusCode).toBe(200);
    expect((await open('/')).headers.location).toBe('/sign-in');
  });

  it('takes whoever is signed in straight on', async () => {
    const cookie = await host.signIn(tokens.vic);
    expect((await open('/sign-in?return=/g/1001', { cookie })).headers.location).toBe('/g/1001');
  });

  it('says what is wrong with a token, beside the field', async () => {
    const { statusCode, body, headers } = await post('/sign-in', { token: 'wrong', return: '/g/1001' });
    expect(statusCode).toBe(401);
    expect(headers['set-cookie']).toBeUndefined();
    expect(body).not.toContain('wrong');
    const elements = elementsOf(body);
    expect(elements.find(({ attributes }) => attributes.role === 'alert')?.text).toContain('not known');
    const field = elements.find(({ attributes }) => attributes.name === 'token');
    expect(field?.attributes).toMatchObject({
      'aria-invalid': 'true',
      'aria-describedby': 'fault hint',
      type: 'password',
    });
    expect(field?.attributes.value).toBeUndefined();
    expect(elements.find(({ attributes }) => attributes.name === 'return')?.attributes.value).toBe('/g/1001');
    expect(lacks(body)).toEqual([]);
  });

  it('is not for the role metrics, nor for nothing at all', async () => {
    expect((await post('/sign-in', { token: tokens.met.value })).statusCode).toBe(403);
    expect((await post('/sign-in', {})).statusCode).toBe(401);
    expect((await post('/sign-in', { token: '' })).statusCode).toBe(401);
  });

  it('ends', async () => {
    const cookie = await host.signIn(tokens.vic);
    const out = await post('/sign-out', {}, { cookie });
    expect(out.headers.location).toBe('/sign-in?signedout=1');
    expect(out.headers['set-cookie']).toBe('tocsin=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict');
    expect((await open('/sign-in?signedout=1')).body).toContain('You are signed out in this browser.');
  });
});

describe('the cookie', () => {
  it('is __Host-, Secure, HttpOnly and Strict over https, and holds no token', async () => {
    const answer = await post(
      '/sign-in',
      { token: tokens.ann.value },
      { origin: 'https://alerts.example.com' },
      secure,
    );
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^__Host-tocsin=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/);
    expect(cookie).not.toContain(tokens.ann.value);
    expect(cookie).not.toContain(Buffer.from(tokens.ann.value).toString('base64url').slice(0, 12));
    // A path in front of everything comes from the config.
    expect(answer.headers.location).toBe('/hub/');
  });

  it('has a plain name over http, where browsers would refuse the other', async () => {
    const answer = await post('/sign-in', { token: tokens.ann.value });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^tocsin=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
  });

  it('warns where others on the way could read the token', () => {
    const pageAt = (url: string) => signInPage({ page: '/' }, { ...host.context, url }).main.toString();
    expect(pageAt('http://alerts.example.com')).toContain('others on the way can read the token');
    for (const url of ['https://alerts.example.com', 'http://127.0.0.1:8080', 'http://[::1]:8080']) {
      expect(pageAt(url)).not.toContain('others on the way');
    }
  });
});

describe('a session', () => {
  const context = () => ({ ...host.context });
  const sessionsOf = (changed: object = {}, at = noon) => new Sessions({ ...context(), ...changed }, () => at);
  const start = (sessions = sessionsOf()) => sessions.start(tokens.oli).split(';')[0] ?? '';

  it('survives a restart', () => {
    expect(sessionsOf().read(start())).toEqual(tokens.oli);
    expect(sessionsOf().read(`other=1; ${start()}; more=2`)).toEqual(tokens.oli);
  });

  it('ends after twelve hours', () => {
    expect(sessionsOf({}, noon + 12 * hour - 1000).read(start())).toEqual(tokens.oli);
    expect(sessionsOf({}, noon + 12 * hour).read(start())).toBeUndefined();
  });

  it('ends when its token changes or goes away, and keeps no role of its own', () => {
    const changed = [{ ...tokens.oli, value: 'oli-another-value-0001' }];
    expect(sessionsOf({ tokens: changed }).read(start())).toBeUndefined();
    expect(sessionsOf({ tokens: [tokens.ann] }).read(start())).toBeUndefined();
    const lesser = { ...tokens.oli, role: 'viewer' };
    expect(sessionsOf({ tokens: [lesser] }).read(start())?.role).toBe('viewer');
  });

  it('is of one host', () => {
    expect(sessionsOf({ url: 'http://127.0.0.1:9090' }).read(start())).toBeUndefined();
  });

  it('is of one name, even where two tokens have one value', () => {
    const twin = { ...tokens.oli, name: 'root', role: 'admin' };
    const sessions = sessionsOf({ tokens: [tokens.oli, twin] });
    const [, end, mac] = start(sessions).split('.');
    expect(sessions.read(`tocsin=${Buffer.from('root').toString('base64url')}.${end}.${mac}`)).toBeUndefined();
  });

  it('can’t be forged', () => {
    const [name = '', end = '', mac = ''] = start().replace('tocsin=', '').split('.');
    const ann = Buffer.from('ann').toString('base64url');
    const later = String(Number(end) + 3600);
    const guessed = (key: string) =>
      createHmac('sha256', key)
        .update(JSON.stringify([origin, 'ann', Number(end)]))
        .digest('base64url');
    for (const forged of [
      `${ann}.${end}.${mac}`,
      `${name}.${later}.${mac}`,
      `${name}.${end}.${mac.slice(0, -2)}AA`,
      `${name}.${end}.`,
      `${name}.${end}`,
      `${ann}.${end}.${guessed('')}`,
      `${ann}.${end}.${guessed('ann')}`,
      `${ann}.${end}.${'A'.repeat(43)}`,
      `${name}.${end}.${mac}.${mac}`,
      ` .${end}.${mac}`,
      tokens.oli.value,
      '',
      'x'.repeat(100_000),
    ]) {
      expect(sessionsOf().read(`tocsin=${forged}`)).toBeUndefined();
    }
    expect(sessionsOf().read(undefined)).toBeUndefined();
  });
});

describe('a form from elsewhere', () => {
  it.each([
    ['another site', 'https://evil.example'],
    ['another port', 'http://127.0.0.1:8081'],
    ['another scheme', 'https://127.0.0.1:8080'],
    ['a page without an origin', 'null'],
    ['nowhere', ''],
    ['a name that only begins alike', 'http://127.0.0.1:8080.evil.example'],
  ])('from %s is refused', async (_what, from) => {
    const cookie = await host.signIn(tokens.oli);
    const answer = await host.app.inject({
      method: 'POST',
      url: '/g/1001/acknowledge',
      headers: {
        ...(from === '' ? {} : { origin: from }),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'text/html',
        cookie,
        // Neither of these is believed.
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
      },
      payload: 'incarnation=1',
    });
    expect(answer.statusCode).toBe(403);
    expect(lacks(answer.body)).toEqual([]);
    expect(await host.store.query.group('1001')).toMatchObject({ status: 'firing' });
  });

  it.each(['/sign-in', '/sign-out'])('is refused at %s too', async (url) => {
    const answer = await post(url, { token: tokens.ann.value }, { origin: 'https://evil.example' });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('a loopback address has several names, any other has one', () => {
    for (const own of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080']) {
      expect(isOwnOrigin(own, 'http://127.0.0.1:8080')).toBe(true);
    }
    expect(isOwnOrigin('https://alerts.example.com', 'https://alerts.example.com/hub')).toBe(true);
    expect(isOwnOrigin('http://localhost', 'https://alerts.example.com')).toBe(false);
    expect(isOwnOrigin('http://alerts.example.com', 'https://alerts.example.com')).toBe(false);
  });
});

describe('the way back after signing in', () => {
  it.each(['/', '/g/1001', '/g/1001?members=5', '/?status=firing'])('leads to %s', (page) => {
    expect(localPage(page)).toBe(page);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '//evil.example/sign-out',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/g/../../evil',
    '/.//evil.example',
    'javascript:alert(1)',
    '/sign-out',
    '/api/v1/groups',
    '/g/1001/resolve',
    '/g/<b>',
    'g/1001',
    '',
    `/?${'x'.repeat(3000)}`,
    undefined,
    ['/g/1'],
  ])('never leads to %s', async (page) => {
    expect(localPage(page)).toBe('/');
    if (typeof page !== 'string') return;
    const answer = await post('/sign-in', { token: tokens.ann.value, return: page });
    expect(answer.headers.location).toBe('/');
    expect(answer.body).toBe('');
  });
});

describe('a link from a chat or a mailbox', () => {
  const fromElsewhere = { 'sec-fetch-site': 'cross-site' };

  it('is opened once more by our own page, so that the browser sends its cookie', async () => {
    const first = await open('/g/1001', fromElsewhere);
    expect(first.statusCode).toBe(200);
    expect(first.body).toContain('<meta http-equiv="refresh" content="0;url=/g/1001?opened=1">');
    expect(lacks(first.body)).toEqual([]);
    const cookie = await host.signIn(tokens.vic);
    expect((await open('/g/1001?opened=1', { cookie })).statusCode).toBe(200);
  });

  it('goes to the sign-in where there is no cookie, and never round and round', async () => {
    for (const headers of [{}, fromElsewhere]) {
      const second = await open('/g/1001?opened=1', headers);
      expect(second.headers.location).toBe('/sign-in?return=%2Fg%2F1001');
    }
    const withQuery = await open('/g/1001?members=5', fromElsewhere);
    expect(withQuery.body).toContain('content="0;url=/g/1001?members=5&amp;opened=1"');
  });
});

describe('every answer to a browser', () => {
  it('allows nothing but our stylesheet, pictures and forms', async () => {
    const cookie = await host.signIn(tokens.oli);
    for (const url of ['/', '/g/1001', '/sign-in', '/nowhere', '/g/zzzz']) {
      const { headers } = await open(url, url === '/sign-in' ? {} : { cookie });
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        // `no-referrer` would make the Origin of our own forms `null`.
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
      });
    }
  });

  it('brings its stylesheet and icon from here', async () => {
    const { body } = await open('/sign-in');
    const links = elementsOf(body).filter(({ tag }) => tag === 'link');
    expect(links).toHaveLength(2);
    for (const { attributes } of links) {
      const { statusCode, headers } = await open(attributes.href ?? '');
      expect(statusCode).toBe(200);
      expect(headers['cache-control']).toContain('immutable');
      expect(headers['content-type']).toMatch(/^(text\/css|image\/svg)/);
    }
  });

  it('finds everything under the path that the config’s url has', async () => {
    const { body } = await secure.app.inject({ url: '/sign-in', headers: { accept: 'text/html' } });
    const addresses = elementsOf(body).flatMap(({ attributes }) => [
      attributes.href,
      attributes.src,
      attributes.action,
    ]);
    const paths = addresses.filter((address) => address !== undefined && !address.startsWith('#'));
    expect(paths.length).toBeGreaterThan(4);
    for (const path of paths) expect(path).toMatch(/^\/hub\//);
    expect((await secure.app.inject('/g/1001')).headers.location).toBe('/hub/sign-in?return=%2Fg%2F1001');
  });
});

describe('what isn’t there or goes wrong', () => {
  it('is a page for a browser and JSON for a program', async () => {
    const page = await open('/nowhere');
    expect(page.statusCode).toBe(404);
    expect(lacks(page.body)).toEqual([]);
    const json = await host.app.inject({ url: '/nowhere' });
    expect(json.statusCode).toBe(404);
    expect(json.json().error).toMatchObject({ code: 'not-found', remedy: expect.any(String) });
  });

  it('repeats nothing of the address as markup', async () => {
    const { body } = await open('/<script>alert(1)</script>?q="><b>');
    expect(dangers(body)).toEqual([]);
    expect(body).not.toContain('alert(1)');
  });

  it.each(['text/html', 'application/json'])('keeps its inner workings to the log, in %s', async (accept) => {
    const broken = vi.spyOn(host.store.query, 'groups').mockRejectedValue(new Error('inner secret'));
    const answer = await open('/', { accept, cookie: await host.signIn(tokens.vic) });
    broken.mockRestore();
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('inner');
    expect(answer.headers['content-type']).toContain(accept);
  });

  it('answers an address that is no address', async () => {
    const answer = await open('/%zz');
    expect(answer.statusCode).toBe(400);
  });
});
