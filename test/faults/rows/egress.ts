import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeAuthority } from '../../../apps/host/test/support/certificates.ts';
import { startNameServer } from '../../../apps/host/test/support/name-server.ts';
import { refusedAddresses } from '../../../apps/host/test/support/refused-addresses.ts';
import { until } from '../../evidence/support/until.ts';
import type { Bench } from '../bench.ts';
import { type Row, without } from '../row.ts';
import { attemptsAt, deliveriesTo } from '../support/attempts.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { startForbidden } from '../support/forbidden.ts';

export const egress: Row[] = [
  {
    id: 'D15',
    title: 'certificates that are not good',
    method:
      'https targets: of an unknown authority, expired, for another name, with TLS 1.1 at most; and a good one beside them',
    bar: '0 requests behind a bad certificate; each is tried again, never without the check; the good one is told',
    seconds: { full: 30, quick: 20 },
    protection: {
      what: 'when certificates are not checked',
      reddens: ['requests behind bad ones'],
      env: without('any-certificate'),
    },
    async run(bench) {
      const names = await startNameServer();
      bench.onEnd(() => names.close());
      for (const name of ['chat.test', 'other.test']) names.name(name, ['127.0.0.2']);
      const authority = makeAuthority('Authority of the faults');
      const stranger = makeAuthority('Another authority');
      writeFileSync(join(bench.folder, 'ca.pem'), authority.cert);
      const good = authority.issue(['chat.test']);
      const servers = {
        unknown: await serve(bench, stranger.issue(['chat.test'])),
        expired: await serve(bench, authority.issue(['chat.test'], new Date(Date.now() - 60_000))),
        'wrong-name': await serve(bench, good),
        old: await serve(bench, { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
        good: await serve(bench, good),
      };
      const urls = Object.fromEntries(
        Object.entries(servers).map(([id, { port }]) => [
          id,
          `https://${id === 'wrong-name' ? 'other.test' : 'chat.test'}:${port}/`,
        ]),
      );
      const config = webhooks(urls, { egress: { resolver: names.address, ca: './ca.pem' } });
      const hub = await bench.hub({ config });
      const bad = Object.keys(servers).filter((name) => name !== 'good');
      for (const id of Object.keys(servers)) await hub.post('any', alertFor(id, id));
      await until('each is tried twice, or told', async () => {
        const lists = await Promise.all(bad.map((id) => attemptsAt(hub, id)));
        return lists.every((list) => list.length >= 2 || list.some(({ outcome }) => outcome === 'delivered'));
      });
      const requests = Object.entries(servers)
        .filter(([id]) => id !== 'good')
        .reduce((sum, [, { requests }]) => sum + requests(), 0);
      const retried = (await Promise.all(bad.map((id) => deliveriesTo(hub, id)))).filter(
        ([delivery]) => delivery?.state !== 'given-up' && delivery?.state !== 'told',
      );
      bench.none('requests behind bad ones', requests);
      bench.judge('tried again', `${retried.length} of ${bad.length}`, retried.length === bad.length);
      bench.judge('behind the good one', servers.good.requests(), servers.good.requests() === 1);
    },
  },
  {
    id: 'D35',
    title: 'targets at addresses that are not allowed',
    method:
      'every spelling of a local address, in the config and in the environment, names that lead there, a name that changes its mind, other schemes, proxies; a witness listens on all addresses of the machine',
    bar: '0 connections at the witness; each is given up with the rule that denied it; the one that is allowed is told',
    seconds: { full: 60, quick: 40 },
    protection: { what: 'when the guard is off', reddens: ['connections'], env: without('no-egress-guard') },
    async run(bench) {
      const names = await startNameServer();
      bench.onEnd(() => names.close());
      const target = await bench.target();
      const witness = await startForbidden();
      bench.onEnd(() => witness.close());
      names.name('private.test', ['127.0.0.3']);
      names.name('both.test', ['127.0.0.2', '127.0.0.3']);
      names.name('six.test', ['::1']);
      names.name('rebinds.test', ['127.0.0.2'], ['127.0.0.3']);
      names.name('allowed.test', ['127.0.0.2']);
      names.name('localhost', ['127.0.0.1']);
      const { port } = witness;
      const hosts = [
        '127.0.0.3',
        '127.1',
        '127.3',
        '0x7f.3',
        '0x7f000003',
        '2130706435',
        '017700000003',
        '127.0.0.3.',
        '0.0.0.0',
        '0',
        '[::1]',
        '[::]',
        '[::ffff:127.0.0.3]',
        '[::ffff:7f00:3]',
        '[0:0:0:0:0:ffff:7f00:0003]',
        '[64:ff9b::7f00:3]',
        '[2002:7f00:3::]',
        '[::127.0.0.3]',
        '[fd00::3]',
        '[fe80::1]',
        '１２７.0.0.3',
        '127。0。0。3',
        '①②⑦.0.0.3',
      ];
      const named = ['localhost', 'localhost.', 'private.test', 'both.test', 'six.test'];
      const numbers = [
        ...hosts.map((host) => `http://${host}:${port}/x`),
        `https://127.0.0.3:${port}/x`,
        `http://127.0.0.3:${port}#@allowed.test/`,
        `http://127.0.0.3:${port}\\@allowed.test/`,
        'http://169.254.169.254/latest/meta-data/',
        'http://[fd00:ec2::254]/latest/meta-data/',
      ].filter((url) => !bench.isWeakened || url.includes(`:${port}`)); // nothing leaves this machine
      const urls = [...numbers, ...named.map((host) => `http://${host}:${port}/x`)];
      const refused = [
        `http://user:password@127.0.0.3:${port}/x`,
        `http://allowed.test@127.0.0.3:${port}/x`,
        'file:///etc/passwd',
        'unix:/tmp/socket',
        `gopher://127.0.0.3:${port}/x`,
        `ftp://127.0.0.3:${port}/x`,
        `ws://127.0.0.3:${port}/x`,
        'data:text/plain,x',
        ...numbers,
      ];
      const reasons = await refusedAddresses(bench.folder, refused);
      bench.judge('refused by check', `${reasons} of ${refused.length}`, reasons === refused.length);
      // In the environment, where `check` leaves them to the guard.
      const env = Object.fromEntries(urls.map((url, index) => [`URL_${index}`, url]));
      const settings = urls.map((_, index) => ({
        id: `t${index}`,
        use: 'webhook',
        settings: { url: `\${env:URL_${index}}`, body: 'notification' },
      }));
      const more = [
        {
          id: 'proxied',
          use: 'webhook',
          settings: { url: 'http://allowed.test:1/x' },
          proxy: `http://127.0.0.3:${port}`,
        },
        { id: 'rebinds', use: 'webhook', settings: { url: `http://rebinds.test:${port}/x`, body: 'notification' } },
        {
          id: 'allowed',
          use: 'webhook',
          settings: { url: `http://allowed.test:${target.port}/ok`, body: 'notification' },
        },
      ];
      const targets = [...settings, ...more];
      const hub = await bench.hub({
        config: webhooks(
          {},
          {
            targets,
            routes: targets.map(({ id }) => ({ match: `to="${id}"`, to: [id] })),
            egress: { resolver: names.address },
          },
        ),
        env,
        patience: 40_000,
      });
      for (const { id } of targets) await hub.post('any', alertFor(id, id));
      // The name that changes its mind is asked again each time.
      for (let index = 0; index < 10; index++) await hub.post('any', alertFor('rebinds', `again-${index}`));
      const states = () => hub.list<{ target: string; state: string; dead: string | null }>('deliveries');
      const isOver = ({ state }: { state: string }) => ['told', 'given-up', 'retrying'].includes(state);
      await until('each is tried', async () => (await states()).every(isOver), 20_000).catch(() => {});
      await delay(500);
      const literal = (await states()).filter(({ target: id }) => /^t\d+$/.test(id));
      const denied = literal.filter(({ state }) => state === 'given-up').length;
      bench.judge('connections', witness.connections(), witness.connections() === 0);
      if (witness.connections() > 0) bench.note('at', witness.reached().join(' '));
      bench.judge('denied for good', `${denied} of ${urls.length}`, denied === urls.length);
      const others = literal
        .filter(({ state }) => state !== 'given-up')
        .map(({ target: id }) => urls[Number(id.slice(1))]);
      if (others.length > 0) bench.note('others', others.join(' '));
      bench.judge('allowed', target.received('/ok').length, target.received('/ok').length === 1);
    },
  },
];

async function serve(bench: Bench, options: ServerOptions): Promise<{ port: number; requests(): number }> {
  let requests = 0;
  const server = createServer(options, (_request, response) => {
    requests++;
    response.end('ok');
  }).listen(0, '127.0.0.2');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  bench.onEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  return { port, requests: () => requests };
}
