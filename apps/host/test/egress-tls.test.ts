import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Issued, makeAuthority } from './support/certificates.ts';
import { configWith, faultsWith, openDoor } from './support/door.ts';
import { type NameServer, startNameServer } from './support/name-server.ts';

// Certificates are always checked: the target's, and ours where the target asks for it.

const { getCACertificates, setDefaultCACertificates } = tls;
const authority = makeAuthority('Example Authority');
const stranger = makeAuthority('Another Authority');
const chat = authority.issue(['chat.test', '127.0.0.2']);
const hub = authority.issue(['hub.test']);
const files = { 'ca.pem': authority.cert, 'other.pem': stranger.cert, 'hub.pem': hub.cert, 'hub.key': hub.key };

let names: NameServer;
let port: number;

beforeAll(async () => {
  names = await startNameServer();
  for (const name of ['chat.test', 'other.test']) names.name(name, ['127.0.0.2']);
});

afterAll(() => names?.close());

const egress = (more: object = {}) => ({ resolver: names.address, allow: ['127.0.0.2'], ...more });

describe('The certificate of a target', () => {
  test.each([
    ['for its name, by a path', 'chat.test', { target: { ca: './ca.pem' } }],
    ['for its name, by a reference', 'chat.test', { target: { ca: '${file:ca.pem}' } }],
    ['for its address', '127.0.0.2', { target: { ca: 'ca.pem' } }],
    ['of an authority for all targets', 'chat.test', { egress: { ca: './ca.pem' } }],
    ['with several authorities in one file', 'chat.test', { target: { ca: 'both.pem' } }],
  ])('is taken: %s', async (_what, host, { target, egress: common }: { target?: object; egress?: object }) => {
    await serve(chat);
    const both = { 'both.pem': `# ours\n${stranger.cert}\n# theirs\n${authority.cert}` };
    const door = openDoor({ egress: egress(common), target, files: { ...files, ...both } });
    expect(await door.get(`https://${host}:${port}/`)).toMatchObject({ response: { status: 200, body: 'as nobody' } });
  });

  // Node has it from 22.19 on.
  test.skipIf(!setDefaultCACertificates)('is taken: of a public authority, beside those for all targets', async () => {
    const usual = getCACertificates('default');
    setDefaultCACertificates([authority.cert]);
    onTestFinished(() => setDefaultCACertificates(usual));
    await serve(chat);
    const door = openDoor({ egress: egress({ ca: 'other.pem' }), files });
    expect(await door.get(`https://chat.test:${port}/`)).toMatchObject({ response: { status: 200 } });
  });

  test.each<[string, Issued, string, { ca?: string }, RegExp]>([
    ['whose authority nobody knows', chat, 'chat.test', {}, /no authority .* signed its certificate.*targets\[\]\.ca/s],
    ['of another authority than the one that is given', chat, 'chat.test', { ca: 'other.pem' }, /no authority/],
    ['for another name', chat, 'other.test', { ca: 'ca.pem' }, /its certificate is for another name .*chat\.test/],
    [
      'that has expired',
      authority.issue(['chat.test'], new Date(Date.now() - 1_000)),
      'chat.test',
      { ca: 'ca.pem' },
      /its certificate has expired \(CERT_HAS_EXPIRED\)\n.*renewed/,
    ],
  ])('is refused, and tried again later: %s', async (_what, identity, host, target, error) => {
    const served = await serve(identity);
    // The authority of one target is the only one for it, whatever all others trust.
    const common = target.ca === 'other.pem' ? { ca: './ca.pem' } : {};
    const door = openDoor({ egress: egress(common), target, files });
    const sent = await door.get(`https://${host}:${port}/`);
    expect(sent).toEqual({ error: expect.stringMatching(error) });
    expect(sent.error).toMatch(`no answer from ${host}:${port}: `);
    expect(served.requests()).toBe(0);
  });

  test('needs TLS 1.2 or newer', async () => {
    await serve({ ...chat, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const sent = await openDoor({ egress: egress(), target: { ca: 'ca.pem' }, files }).get(
      `https://chat.test:${port}/`,
    );
    expect(sent).toEqual({ error: expect.stringMatching(/it and the hub agree on no TLS .*TLS 1\.2/s) });
  });
});

describe('A target that asks for our certificate', () => {
  const asking = { ...chat, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const locked = createPrivateKey(hub.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open-sesame',
  });

  test('hears nothing without it', async () => {
    const served = await serve(asking);
    const sent = await openDoor({ egress: egress(), target: { ca: 'ca.pem' }, files }).get(
      `https://chat.test:${port}/`,
    );
    expect(sent).toEqual({ error: expect.stringContaining('targets[].certificate') });
    expect(served.requests()).toBe(0);
  });

  test.each([
    ['in files', { cert: 'hub.pem', key: 'hub.key' }],
    ['of the environment', { cert: '${env:HUB_CERT}', key: '${env:HUB_KEY}' }],
    ['with a passphrase', { cert: 'hub.pem', key: 'locked.key', passphrase: '${env:PASSPHRASE}' }],
  ])('gets the one %s', async (_what, certificate) => {
    await serve(asking);
    const door = openDoor({
      egress: egress(),
      target: { ca: 'ca.pem', certificate },
      files: { ...files, 'locked.key': String(locked) },
      env: { HUB_CERT: hub.cert, HUB_KEY: hub.key, PASSPHRASE: 'open-sesame' },
    });
    expect(await door.get(`https://chat.test:${port}/`)).toMatchObject({ response: { body: 'as hub.test' } });
  });

  test('gets it although its key is no part of the config', () => {
    const config = configWith({ target: { certificate: { cert: 'hub.pem', key: 'hub.key' } }, files });
    const { secrets, ...told } = config;
    expect(config.targets[0]?.certificate?.key).toBe('${file:hub.key}');
    expect(secrets.get('${file:hub.key}')).toBe(hub.key.trimEnd());
    expect(JSON.stringify(told)).not.toContain('PRIVATE KEY');
  });
});

describe('The check of the config refuses', () => {
  const another = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test.each([
    ['no certificate', { ca: 'hub.key' }, 'targets[0].ca: holds no certificate in PEM'],
    [
      'a file that is not there',
      { ca: 'lost.pem' },
      "targets[0].ca: the file /etc/tocsin/lost.pem can't be read (ENOENT)",
    ],
    ['no key', { certificate: { cert: 'hub.pem', key: 'hub.pem' } }, 'key: holds no private key in PEM, or one that'],
    [
      'the key of another',
      { certificate: { cert: 'hub.pem', key: 'another.key' } },
      'is not the key of the certificate',
    ],
    [
      'a wrong passphrase',
      { certificate: { cert: 'hub.pem', key: 'hub.pem', passphrase: '${env:WORD}' } },
      'or `passphrase` does not open it',
    ],
  ])('%s', (_what, target, fault) => {
    const faults = faultsWith({ target, files: { ...files, 'another.key': another }, env: { WORD: 'canary' } });
    expect(faults).toContain(fault);
    expect(faults).not.toMatch(/canary|PRIVATE/);
  });

  test('an environment that switches the check of certificates off', () => {
    expect(faultsWith({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).toContain(
      'egress: the environment variable NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates; unset it',
    );
  });
});

/** An https server on 127.0.0.2 that says as whom it knows us. */
async function serve(options: ServerOptions): Promise<{ requests: () => number }> {
  let requests = 0;
  const server = createServer(options, ({ socket }, response) => {
    requests += 1;
    const { subject } = (socket as TLSSocket).getPeerCertificate(); // an https server has no other sockets
    response.end(`as ${subject?.CN ?? 'nobody'}`);
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // a TCP server that listens has no other kind
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return { requests: () => requests };
}
