import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { faultsWith, openDoor } from './support/door.ts';
import { type NameServer, startNameServer } from './support/name-server.ts';
import { startWitness, type Witness } from './support/witness.ts';

// The one door for outgoing connections, towards real servers: 127.0.0.2 is allowed, the witness on 127.0.0.3 is not.

let names: NameServer;
let open: Witness;
let denied: Witness;

beforeAll(async () => {
  names = await startNameServer();
  open = await startWitness(0, '127.0.0.2');
  denied = await startWitness(open.port, '127.0.0.3');
});

afterAll(async () => {
  await Promise.all([names?.close(), open?.close(), denied?.close()]);
});

/** Towards one host name at the port of both witnesses. */
const at = (host: string, path = '/') => `http://${host}:${open.port}${path}`;
const egress = (more: object = {}) => ({ resolver: names.address, allow: ['127.0.0.2'], ...more });

describe('What the hub itself asks for', () => {
  test('comes through the same door: addresses are held against the guard, and redirects are not followed', async () => {
    names.name('certificates.test', ['127.0.0.2']);
    names.name('inside.test', ['127.0.0.3']);
    open.answer('/x.pem', { body: 'PEM' });
    open.answer('/moved.pem', { status: 302, headers: { location: at('inside.test', '/x.pem') } });
    const door = openDoor({ egress: egress() });
    expect(await door.ask(at('certificates.test', '/x.pem'))).toMatchObject({ response: { status: 200, body: 'PEM' } });
    expect(await door.ask(at('certificates.test', '/moved.pem'))).toMatchObject({ response: { status: 302 } });
    const { error } = await door.ask(at('inside.test', '/x.pem'));
    expect(error).toMatch(/^no connection to inside\.test \(127\.0\.0\.3\): its address is loopback, not public/);
    expect(denied.told('/')).toEqual([]);
  });
});

describe('The guard', () => {
  test('lets a name through whose address is allowed, and keeps the connection for what follows', async () => {
    names.name('open.test', ['127.0.0.2']);
    const door = openDoor({ egress: egress() });
    for (let index = 0; index < 8; index++) {
      expect(await door.get(at('open.test'))).toMatchObject({ response: { status: 200, body: 'ok' } });
    }
    // Each connection looks the name up. undici may open a second one while the first is still busy with its last answer.
    expect(names.asked('open.test')).toBeLessThan(3);
  });

  test('asks once for a name that many connections want at a time', async () => {
    names.name('busy.test', ['127.0.0.2']);
    const door = openDoor({ egress: egress() });
    const sent = await Promise.all(Array.from({ length: 8 }, () => door.get(at('busy.test'))));
    expect(sent.map(({ response }) => response?.status)).toEqual(Array(8).fill(200));
    expect(names.asked('busy.test')).toBe(1);
  });

  test.each([
    ['one address', [['127.0.0.3']]],
    ['a denied address beside an allowed one', [['127.0.0.2', '127.0.0.3']]],
    ['the same in the other order', [['127.0.0.3', '127.0.0.2']]],
    ['an IPv4 address in IPv6', [['::ffff:127.0.0.3']]],
    ['an IPv4 address in NAT64', [['64:ff9b::7f00:3']]],
  ])('denies a name with %s', async (what, answers) => {
    const name = `denied-${what.length}.test`;
    names.name(name, ...answers);
    const sent = await openDoor({ egress: egress() }).get(at(name));
    expect(sent).toEqual({
      error: expect.stringMatching(
        new RegExp(`^no connection to ${name} \\(.+\\): its address is \\w+, not public\n.*egress: { allow: \\["`),
      ),
      isFinal: true,
    });
    expect(denied.told('/')).toEqual([]);
  });

  test.each(['kubernetes.default.svc.cluster.local', 'cluster.local', 'shipyard-controller', 'localhost'])(
    'seed-K16 denies a service of the cluster by its address: %s',
    async (name) => {
      names.name(name, ['127.0.0.3']);
      expect(await openDoor({ egress: egress() }).get(at(name))).toMatchObject({ isFinal: true });
      expect(denied.told('/')).toEqual([]);
    },
  );

  test.each(['mykubernetes-tool.test', 'api.localhost-tools.test', 'cluster.local.test'])(
    'seed-K16 takes no offence at a part of a name: %s',
    async (name) => {
      names.name(name, ['127.0.0.2']);
      const body = '{"text":"127.0.0.1 of kubernetes"}';
      const sent = await openDoor({ egress: egress() }).get(at(name, '/localhost'), { method: 'POST', body });
      expect(sent).toMatchObject({ response: { status: 200 } });
    },
  );

  test('is not led elsewhere by a second answer', async () => {
    names.name('rebound.test', ['127.0.0.2'], ['127.0.0.3']);
    open.answer('/close', { headers: { connection: 'close' } });
    const door = openDoor({ egress: egress() });
    expect(await door.get(at('rebound.test', '/close'))).toMatchObject({ response: { status: 200 } });
    expect(names.asked('rebound.test')).toBe(1);
    expect(await door.get(at('rebound.test', '/close'))).toMatchObject({ isFinal: true });
    expect(denied.told('/')).toEqual([]);
  });

  test.each([
    '127.0.0.3',
    '2130706435',
    '0x7f.0.0.3',
    '0177.0.0.3',
    '127.3',
    '0.0.0.0',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.3]',
    '[64:ff9b::7f00:3]',
    '[2002:7f00:3::]',
    '[fd00::3]',
    '[fe80::3]',
    '10.0.0.3',
    '100.64.0.3',
    '169.254.0.3',
    '169.254.169.254',
    '240.0.0.3',
  ])('denies %s however it is written', async (host) => {
    expect(await openDoor({ egress: egress() }).get(at(host))).toEqual({
      error: expect.stringContaining('no connection to '),
      isFinal: true,
    });
    expect(denied.told('/')).toEqual([]);
  });

  test('looks at where it got to, not only at where it wanted to go', async () => {
    const here = await startWitness();
    onTestFinished(() => here.close());
    const door = openDoor({ egress: { allow: ['0.0.0.0'] } });
    const { error } = await door.get(`http://0.0.0.0:${here.port}/`);
    expect(error).toContain('no connection to 0.0.0.0 (127.0.0.1): its address is loopback');
    expect(here.told('/')).toEqual([]);
  });

  test('never lets us talk to ourselves', async () => {
    const own = { address: '127.0.0.2', port: open.port };
    const before = open.told('/').length;
    const { error, isFinal } = await openDoor({ egress: egress(), own }).get(at('127.0.0.2'));
    expect({ error, isFinal }).toEqual({ error: expect.stringContaining('it is this hub itself'), isFinal: true });
    expect(open.told('/')).toHaveLength(before);
  });

  test('denies what a rule denies, by address and by name, and says which rule', async () => {
    names.name('shut.test', ['127.0.0.2']);
    const byRange = await openDoor({ egress: egress({ deny: ['127.0.0.0/30'] }) }).get(at('shut.test'));
    expect(byRange.error).toContain('no connection to shut.test (127.0.0.2): `egress.deny` has 127.0.0.0/30');
    const byName = await openDoor({ egress: egress({ deny: ['Shut.test'] }) }).get(at('shut.test.'));
    expect(byName.error).toContain('`egress.deny` has shut.test');
    const mapped = await openDoor({ egress: egress({ deny: ['::ffff:127.0.0.0/126'] }) }).get(at('shut.test'));
    expect(mapped.error).toContain('`egress.deny` has 127.0.0.0/30');
  });

  test('opens a name that is allowed as such', async () => {
    names.name('named.test', ['127.0.0.2']);
    const door = openDoor({ egress: { resolver: [names.address], allow: ['named.test'] } });
    expect(await door.get(at('named.test'))).toMatchObject({ response: { status: 200 } });
    expect(await door.get(at('127.0.0.2'))).toMatchObject({ isFinal: true });
  });

  test('follows nobody who points elsewhere', async () => {
    open.answer('/moved', { status: 307, headers: { location: at('127.0.0.3', '/landed') } });
    const sent = await openDoor({ egress: egress() }).get(at('127.0.0.2', '/moved'));
    expect(sent).toMatchObject({ response: { status: 307 } });
    expect(denied.told('/')).toEqual([]);
  });

  test.each(['file:///etc/passwd', 'gopher://127.0.0.2/', 'http://user@127.0.0.2/', 'nothing'])(
    'takes no such URL: %s',
    async (url) => {
      expect(await openDoor({ egress: egress() }).get(url)).toMatchObject({
        error: expect.stringContaining('not a plain http or https address'),
        isFinal: true,
      });
    },
  );
});

describe('A failure that may pass is one that is tried again, and says what to do:', () => {
  test('a name that nobody knows', async () => {
    const sent = await openDoor({ egress: egress() }).get('http://unknown.test/');
    expect(sent).toEqual({
      error: expect.stringMatching(
        /^no answer from unknown\.test:80: nothing is known of this name.*\n.*egress\.resolver/,
      ),
    });
  });

  test('a port where nobody listens', async () => {
    const sent = await openDoor({ egress: egress() }).get('http://127.0.0.2:1/');
    expect(sent).toEqual({
      error: expect.stringMatching(
        /^no answer from 127\.0\.0\.2:1: nobody listens there \(ECONNREFUSED\)\n.*Check host/,
      ),
    });
  });

  test('a connection that ends before the answer', async () => {
    const { port } = await serve((socket) => socket.destroy());
    expect(await openDoor({ egress: egress() }).get(`http://127.0.0.2:${port}/`)).toEqual({
      error: expect.stringContaining('it closed the connection before its answer was complete'),
    });
  });
});

describe('seed-K23 Time is bounded', () => {
  const timeouts = { connect: '200ms', headers: '200ms', body: '200ms' };

  test('for a connection that nobody takes', async () => {
    const port = await startBlackHole();
    await endsInTime(`http://127.0.0.2:${port}/`, {}, `no connection to 127.0.0.2:${port} within 0.2 s`);
  });

  test('for a TLS that never begins', async () => {
    const { port } = await serve(() => {});
    await endsInTime(`https://127.0.0.2:${port}/`, {}, `no connection to 127.0.0.2:${port} within 0.2 s`);
  });

  test('for a proxy that says nothing', async () => {
    const { port } = await serve(() => {});
    await endsInTime(at('127.0.0.2'), { proxy: `127.0.0.2:${port}` }, `no connection to 127.0.0.2:${open.port} within`);
  });

  test('for headers that come in drops', async () => {
    const { port } = await serve((socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: ', 'x'));
    const target = `127.0.0.2:${port}`;
    await endsInTime(`http://${target}/`, {}, `no answer from ${target}: it took too long (UND_ERR_HEADERS_TIMEOUT)`, {
      ...timeouts,
      body: '5s',
    });
  });

  test('for an answer that is announced for ever', async () => {
    const { port } = await serve((socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\n\r\n'));
    await endsInTime(
      `http://127.0.0.2:${port}/`,
      {},
      `no answer from 127.0.0.2:${port}: it took too long (TimeoutError)`,
      {
        ...timeouts,
        headers: '1s',
      },
    );
  });

  test('for a body that comes in drops', async () => {
    const { port } = await serve((socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n', 'x'));
    await endsInTime(`http://127.0.0.2:${port}/`, {}, `the answer of 127.0.0.2:${port} did not end within 0.2 s`);
  });

  test.each([{ connect: '0s' }, { headers: '20s', body: '20s' }])('no longer than a lease allows: not %j', (given) => {
    expect(faultsWith({ egress: { timeouts: given } })).toContain(
      'egress.timeouts: this must be more than `0s` each, and `40s` at most together',
    );
  });

  async function endsInTime(url: string, target: object, error: string, given: object = timeouts): Promise<void> {
    const door = openDoor({ egress: egress({ timeouts: given }), target });
    const began = performance.now();
    const sent = await door.get(url);
    expect(sent).toEqual({ error: expect.stringContaining(error) });
    expect(performance.now() - began).toBeLessThan(3_000);
  }
});

describe('An answer is read up to 64 KiB', () => {
  test('where it has no end', async () => {
    const { port, closed } = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const write = () => {
        while (socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
      };
      socket.on('drain', write);
      write();
    });
    const { response } = await openDoor({ egress: egress() }).get(`http://127.0.0.2:${port}/`);
    expect(response?.body).toBe('x'.repeat(64 * 1024));
    await closed;
  });

  test('also when it is packed', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024, 'x'));
    const { port } = await serve((socket) => answerPacked(socket, bomb));
    const { response } = await openDoor({ egress: egress() }).get(`http://127.0.0.2:${port}/`);
    expect(response?.body).toBe('x'.repeat(64 * 1024));
  });

  test('unpacked as it is meant', async () => {
    const { port } = await serve((socket) => answerPacked(socket, gzipSync('no such room')));
    const { response } = await openDoor({ egress: egress() }).get(`http://127.0.0.2:${port}/`);
    expect(response).toMatchObject({ status: 200, body: 'no such room' });
  });

  function answerPacked(socket: Socket, body: Buffer): void {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body);
  }
});

/** A TCP server on 127.0.0.2 that answers whatever it is sent first. `closed`: a connection has ended. */
async function serve(answer: (socket: Socket) => void): Promise<{ port: number; closed: Promise<void> }> {
  const sockets = new Set<Socket>();
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', close);
    socket.once('data', () => answer(socket));
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, closed }; // a TCP server that listens has no other kind
}

/** The start at once, and then a little more now and then. */
function drip(socket: Socket, start: string, drop: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(drop), 100);
  socket.on('close', () => clearInterval(timer));
}

/** A port where the kernel drops who knocks: its queue is full, and its thread takes nobody out of it. */
async function startBlackHole(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.2').on('error', () => {}));
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, 'connect')));
  onTestFinished(async () => {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  });
  return port;
}
