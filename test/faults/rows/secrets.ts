import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../evidence/support/witness.ts';
import { type Row, without } from '../row.ts';
import { attemptsAt } from '../support/attempts.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { adminToken, sourceKey } from '../support/hub.ts';
import { formsOf } from '../support/secret-forms.ts';

const viewer = 'token-of-a-viewer-only';

/** Values that look different in every encoding; those of keys must fit into an address. */
const canaries = {
  CANARY_KEY: 'canary-key-4f1c9b7e',
  CANARY_TOKEN: 'canary-token-8a2d"<&>5e',
  CANARY_PATH: 'canary-path-T00/B&0<7"e3',
  CANARY_HEADER: `canary-header-"<&>'\\6b19`,
  CANARY_PROXY: 'canary-proxy-52d8e0a7',
};

export const secrets: Row[] = [
  {
    id: 'D32',
    title: 'secrets where they don’t belong',
    method:
      'canaries in a key, a token, a URL, a header and a proxy’s password; a target that echoes them in each encoding, refusals, bad requests, a wrong proxy; then log, API and pages are searched',
    bar: '0 canaries outside of the store’s file: raw, percent, base64, JSON- and HTML-escaped; the target itself got them',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when attempts are not masked', reddens: ['canaries found'], env: without('no-mask') },
    async run(bench) {
      const target = await bench.target();
      const header = canaries.CANARY_HEADER;
      const echo = [header, canaries.CANARY_PATH].flatMap((secret) => Object.values(formsOf(secret))).join(' | ');
      target.at('/echo', (response) => response.writeHead(400, { 'x-echo': encodeURIComponent(header) }).end(echo));
      const closed = await freePort();
      const hub = await bench.hub({
        logLevel: 'trace',
        env: canaries,
        config: webhooks(
          {},
          {
            tokens: [
              { name: 'runner', role: 'admin', value: adminToken },
              { name: 'canary', role: 'admin', value: '${env:CANARY_TOKEN}' },
              { name: 'wall', role: 'viewer', value: viewer },
            ],
            sources: [
              {
                id: 'any',
                use: 'webhook',
                keys: { one: sourceKey, two: '${env:CANARY_KEY}' },
                settings: { key: 'id', fingerprint: 'id' },
              },
            ],
            targets: [
              ...['echo', 'ok'].map((id) => ({
                id,
                use: 'webhook',
                settings: {
                  url: `${target.url}/${id}/\${env:CANARY_PATH}`,
                  headers: { 'x-secret': '${env:CANARY_HEADER}' },
                  body: 'notification',
                },
              })),
              {
                id: 'proxied',
                use: 'webhook',
                settings: { url: 'https://192.0.2.1/x' },
                proxy: `http://hub:\${env:CANARY_PROXY}@127.0.0.2:${closed}`,
              },
            ],
            routes: ['echo', 'ok', 'proxied'].map((id) => ({ match: `to="${id}"`, to: [id] })),
            // An address of documentation; nobody but the proxy, which isn't there, would be asked for it.
            egress: { allow: ['127.0.0.2', '192.0.2.1'] },
          },
        ),
      });
      for (const to of ['echo', 'ok', 'proxied']) await hub.post('any', alertFor(to, to));
      await hub.postRaw('any', '{"broken', { 'x-tocsin-key': canaries.CANARY_KEY });
      await hub.postRaw(`any/${canaries.CANARY_KEY}`, '{"id":1,', { 'x-tocsin-key': '' });
      await hub.postRaw(`nobody/${canaries.CANARY_KEY}`, '{}', { 'x-tocsin-key': '' });
      await target.untilReceived('/echo', 1);
      await target.untilReceived('/ok', 1);
      await delay(1_000);
      const [got] = target.received('/ok');
      const isUsed = got?.headers['x-secret'] === header && (got?.path ?? '').includes(encodeURIComponent('B&0<7"e3'));
      bench.judge('the target got them', String(isUsed), isUsed);
      const tries = (await attemptsAt(hub, 'proxied')).length + (await attemptsAt(hub, 'echo')).length;
      bench.judge('attempts', tries, tries >= 2);
      const places: Record<string, string> = { log: hub.output() };
      const paths = [
        'groups',
        'deliveries',
        'attempts',
        'requests',
        'accounting',
        'integrations',
        'groups/1001',
        'groups/1002',
      ];
      for (const path of paths) {
        places[`api ${path}`] = JSON.stringify(await hub.get(path).catch((error: Error) => error.message));
      }
      for (const path of [
        '/',
        '/g/1001',
        '/g/1002',
        '/g/1003',
        '/api/openapi.json',
        '/sign-in',
        '/metrics',
        '/healthz',
        '/readyz',
      ]) {
        places[path] = await page(hub.address, path);
      }
      const found = Object.entries(places).flatMap(([place, text]) =>
        Object.entries(canaries).flatMap(([name, secret]) =>
          Object.entries(formsOf(secret))
            .filter(([, form]) => contains(text, form))
            .map(([kind]) => `${name} ${kind} in ${place}`),
        ),
      );
      bench.none('canaries found', found.length);
      if (found.length > 0) bench.note('such as', found.slice(0, 12).join('; '));
      bench.judge(
        'places',
        Object.keys(places).length,
        Object.values(places).every((text) => text !== ''),
      );
    },
  },
];

/** Also where the text around it is JSON or HTML itself. */
function contains(text: string, form: string): boolean {
  return Object.values(formsOf(form)).some((outer) => outer.length >= form.length && text.includes(outer));
}

async function page(address: string, path: string): Promise<string> {
  const form = new URLSearchParams({ token: viewer });
  const headers = { origin: address, 'content-type': 'application/x-www-form-urlencoded' };
  const signIn = await fetch(`${address}/sign-in`, { method: 'POST', headers, body: form, redirect: 'manual' });
  const cookie = signIn.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const response = await fetch(`${address}${path}`, { headers: { cookie } });
  return `${[...response.headers].join('\n')}\n${await response.text()}`;
}
