import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chooseProxy } from '../src/egress/proxies.ts';
import { makeAuthority } from './support/certificates.ts';
import { type ConnectProxyOptions, startConnectProxy } from './support/connect-proxy.ts';
import { configWith, type DoorOptions, faultsWith, openDoor } from './support/door.ts';
import { type NameServer, startNameServer } from './support/name-server.ts';
import { startWitness, type Witness } from './support/witness.ts';

// Targets behind a proxy. It is asked for an address that the guard has seen, never for a name.

const authority = makeAuthority('Example Authority');
const files = { 'ca.pem': authority.cert };

let names: NameServer;
let open: Witness;
let denied: Witness;

beforeAll(async () => {
  names = await startNameServer();
  for (const name of ['chat.test', 'proxy.test']) names.name(name, ['127.0.0.2']);
  names.name('denied.test', ['127.0.0.3']);
  open = await startWitness(0, '127.0.0.2');
  denied = await startWitness(open.port, '127.0.0.3');
});

afterAll(async () => {
  await Promise.all([names?.close(), open?.close(), denied?.close()]);
});

const egress = (more: object = {}) => ({ resolver: names.address, allow: ['127.0.0.2'], ...more });

async function proxyWith(options?: ConnectProxyOptions) {
  const proxy = await startConnectProxy(options);
  onTestFinished(() => proxy.close());
  return proxy;
}

describe('Through a proxy', () => {
  test('goes a request to a target of http', async () => {
    const proxy = await proxyWith();
    const door = openDoor({ egress: egress({ proxy: `http://127.0.0.2:${proxy.port}` }) });
    expect(await door.get(`http://chat.test:${open.port}/`)).toMatchObject({ response: { status: 200, body: 'ok' } });
    expect(proxy.asked).toEqual([{ to: `127.0.0.2:${open.port}`, authorization: undefined }]);
  });

  test('seed-O3 goes nothing to a target that goes without it, whatever the others do', async () => {
    const proxy = await proxyWith();
    const common = egress({ proxy: `http://127.0.0.2:${proxy.port}` });
    const direct = openDoor({ egress: common, target: { proxy: 'none' } });
    expect(await direct.get(`http://chat.test:${open.port}/`)).toMatchObject({ response: { status: 200 } });
    expect([proxy.asked, proxy.connections()]).toEqual([[], 0]);
    await openDoor({ egress: common }).get(`http://chat.test:${open.port}/`);
    expect(proxy.asked).toHaveLength(1);
  });

  test('goes a request to a target of https, whose certificate is checked for its name', async () => {
    const port = await serveTls('chat.test');
    const proxy = await proxyWith();
    const target = { proxy: `http://proxy.test:${proxy.port}`, ca: 'ca.pem' };
    const door = openDoor({ egress: egress(), target, files });
    expect(await door.get(`https://chat.test:${port}/`)).toMatchObject({ response: { body: 'to chat.test' } });
    expect(await door.get(`https://proxy.test:${port}/`)).toEqual({
      error: expect.stringContaining('its certificate is for another name'),
    });
    expect(proxy.asked.map(({ to }) => to)).toEqual(Array(2).fill(`127.0.0.2:${port}`));
  });

  test('of https goes a request, if the certificate of the proxy is good', async () => {
    const port = await serveTls('chat.test');
    const proxy = await proxyWith({ identity: authority.issue(['proxy.test']) });
    const common = (ca: object) => egress({ proxy: `https://proxy.test:${proxy.port}`, ...ca });
    const trusting = openDoor({ egress: common({ ca: 'ca.pem' }), files });
    expect(await trusting.get(`https://chat.test:${port}/`)).toMatchObject({ response: { body: 'to chat.test' } });
    // What is trusted for the target is not trusted for the proxy.
    const strict = openDoor({ egress: common({}), target: { ca: 'ca.pem' }, files });
    expect(await strict.get(`https://chat.test:${port}/`)).toEqual({
      error: expect.stringMatching(/^no answer from the proxy proxy\.test:\d+: no authority .*`egress\.ca`/s),
    });
    expect(proxy.asked).toHaveLength(1);
  });

  test('no denied address is reached, and the proxy hears nothing of it', async () => {
    const proxy = await proxyWith();
    const door = openDoor({ egress: egress({ proxy: `127.0.0.2:${proxy.port}` }) });
    for (const host of ['denied.test', '127.0.0.3', '2130706435']) {
      expect(await door.get(`http://${host}:${open.port}/`)).toMatchObject({ isFinal: true });
    }
    expect(proxy.asked).toEqual([]);
    expect(denied.told('/')).toEqual([]);
  });

  test('at a denied address nothing goes', async () => {
    const proxy = await proxyWith({ address: '127.0.0.3' });
    const door = openDoor({ egress: egress({ proxy: `http://denied.test:${proxy.port}` }) });
    expect(await door.get(`http://chat.test:${open.port}/`)).toEqual({
      error: expect.stringContaining('no connection to denied.test (127.0.0.3): its address is loopback, not public'),
      isFinal: true,
    });
    expect(proxy.connections()).toBe(0);
  });
});

describe('A proxy that wants to know us', () => {
  const env = { PROXY_PASSWORD: 'canary/with a slash' };

  test('is told user and password', async () => {
    const proxy = await proxyWith();
    const target = { proxy: `http://hub:canary%2Fpass@127.0.0.2:${proxy.port}` };
    await openDoor({ egress: egress(), target }).get(`http://chat.test:${open.port}/`);
    const authorization = `Basic ${Buffer.from('hub:canary/pass').toString('base64')}`;
    expect(proxy.asked).toEqual([{ to: `127.0.0.2:${open.port}`, authorization }]);
  });

  test.each([
    [407, /gives no way to 127\.0\.0\.2:\d+: HTTP 407\n.*user and password/],
    [403, /HTTP 403\n.*allow CONNECT/],
    [502, /HTTP 502\n.*log of the proxy/],
  ])('or has other reasons answers %i, and is asked again later', async (status, error) => {
    const proxy = await proxyWith({ status });
    const target = { proxy: `http://hub:canary@127.0.0.2:${proxy.port}` };
    const sent = await openDoor({ egress: egress(), target, env }).get(`http://chat.test:${open.port}/`);
    expect(sent).toEqual({ error: expect.stringMatching(error) });
    expect(sent.error).toMatch(`the proxy 127.0.0.2:${proxy.port} gives`);
    expect(sent.error).not.toContain('canary');
  });

  test('or is a web server that answers CONNECT with a text is asked once, and not again and again', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    }).listen(0, '127.0.0.2');
    let connections = 0;
    server.on('connection', () => connections++);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
    const door = openDoor({ egress: egress({ proxy: `http://127.0.0.2:${port}` }) });
    expect(await door.get(`http://chat.test:${open.port}/`)).toEqual({
      error: expect.stringMatching(/answers with a text of its own\n.*not of a web server/),
    });
    expect(connections).toBe(1);
  });

  test('has a password that is no part of the config, and is told nowhere', () => {
    const written = configWith({ egress: { proxy: 'http://hub:canary@proxy.test' } });
    expect(written.egress.proxy).toEqual({ http: '${config:egress/proxy}', https: '${config:egress/proxy}' });
    expect(written.warnings).toMatchObject([{ path: 'egress.proxy', message: expect.stringContaining('written out') }]);
    const open = configWith({ egress: { proxy: 'http://proxy.test' } });
    expect(open).toMatchObject({ egress: { proxy: { http: 'http://proxy.test' } }, warnings: [] });
    for (const proxy of ['socks5://hub:canary@proxy.test', 'http://hub:%canary@proxy.test', 'http://canary/path']) {
      const faults = faultsWith({ target: { proxy } });
      expect(faults).toMatch(/targets\[0\]\.proxy: this (is no address of a proxy|has a `%`)/);
      expect(faults).not.toContain('canary');
    }
  });
});

describe('seed-O3 Which proxy is taken', () => {
  const env = {
    https_proxy: 'secure.test:1',
    HTTP_PROXY: 'http://plain.test:2',
    NO_PROXY: '.internal.test, 10.0.0.0/8',
  };

  /** The host of the proxy on the way to this address, or nothing. */
  function taken(options: DoorOptions, url: string, addresses = ['192.0.43.8']): string | undefined {
    const { egress, targets, secrets } = configWith(options);
    const { hostname, port, protocol } = new URL(url);
    const isSecure = protocol === 'https:';
    const destination = { host: hostname, port: Number(port) || (isSecure ? 443 : 80), isSecure };
    return chooseProxy(targets[0]?.proxy, egress, secrets)(destination, addresses)?.host;
  }

  test.each<[string, DoorOptions, string, string | undefined]>([
    ['that of the environment, for https', { env }, 'https://chat.test', 'secure.test'],
    ['that of the environment, for http', { env }, 'http://chat.test', 'plain.test'],
    ['none that the environment excepts', { env }, 'https://a.internal.test', undefined],
    ['none for this machine itself', { env }, 'http://localhost:9093', undefined],
    ['that of the config', { env, egress: { proxy: 'common.test' } }, 'https://a.internal.test', 'common.test'],
    ['none, whatever the environment says', { env, egress: { proxy: 'none' } }, 'https://chat.test', undefined],
    ['none for this target', { env, target: { proxy: 'none' } }, 'https://chat.test', undefined],
    [
      'the target’s own, whatever is excepted for all',
      { egress: { proxy: 'none', noProxy: ['*'] }, target: { proxy: 'own.test' } },
      'https://chat.test',
      'own.test',
    ],
  ])('%s', (_what, options, url, proxy) => {
    expect(taken(options, url)).toBe(proxy);
  });

  test.each([
    ['chat.test', 'http://chat.test', true],
    ['chat.test', 'http://room.chat.test', true],
    ['.Chat.test', 'http://chat.test', true],
    ['*.chat.test', 'http://room.chat.test', true],
    ['chat.test', 'http://otherchat.test', false],
    ['chat.test:8080', 'http://chat.test:8080', true],
    ['chat.test:8080', 'http://chat.test', false],
    ['192.0.43.0/24', 'http://chat.test', true],
    ['192.0.43.8:443', 'https://chat.test', true],
    ['192.0.44.0/24', 'http://chat.test', false],
    ['[2001:db8::]:80', 'http://chat.test', false],
    ['fd00::/8', 'http://chat.test', false],
    ['*', 'http://chat.test', true],
  ])('with `noProxy: [%s]`, to %s: direct is %s', (entry, url, isDirect) => {
    const options = { egress: { proxy: 'common.test', noProxy: [entry] } };
    expect(taken(options, url)).toBe(isDirect ? undefined : 'common.test');
  });

  test('a range excepts a name only if all its addresses are in it', () => {
    const options = { egress: { proxy: 'common.test', noProxy: ['10.0.0.0/8'] } };
    expect(taken(options, 'http://chat.test', ['10.0.0.1', '10.0.0.2'])).toBeUndefined();
    expect(taken(options, 'http://chat.test', ['10.0.0.1', '192.0.43.8'])).toBe('common.test');
  });

  test('a variable that names none is a fault, an exception that is none a warning', () => {
    expect(faultsWith({ env: { HTTPS_PROXY: 'socks5://canary' } })).toMatch(
      /egress: the environment variable HTTPS_PROXY is no address of a proxy; (?!.*canary)/,
    );
    expect(faultsWith({ env: { HTTPS_PROXY: 'socks5://canary' }, egress: { proxy: 'none' } })).toBe('');
    const { warnings } = configWith({ env: { ...env, NO_PROXY: 'chat.test,10.*' } });
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('`10.*` in the environment variable NO_PROXY') },
    ]);
  });
});

/** An https server on 127.0.0.2 that says by which name it was asked for. */
async function serveTls(name: string): Promise<number> {
  const server = createServer(authority.issue([name]), ({ headers }, response) => {
    response.end(`to ${headers.host?.split(':')[0]}`);
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port; // a TCP server that listens has no other kind
}
