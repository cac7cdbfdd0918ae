import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess, token } from './support/host-process.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { freePort, startWitness, type Witness } from './support/witness.ts';

// Alerts that come in over HTTP and what is told over HTTP, with everything real between.

let host: HostProcess;
let witness: Witness;
let port: number;
let deadPort: number;

const canary = 'canary-b6f1d2/with-a-slash';

/** Writes titles into a header. */
const loud = `
  export default defineTarget({
    title: 'Loud', summary: 'Has titles in a header', docs: 'https://example.com/loud',
    settings: z.strictObject({ url: z.string() }), medium: 'text', mode: 'latest', limits: {},
    request: ({ title }, { url }) => ({ method: 'POST', url, headers: { 'x-title': title }, body: '' }),
  });`;

/** Each target has a route of its own: alerts with the label `to` of that name go there. */
const routed = (targets: { id: string; use: string; settings: object }[]) => ({
  targets,
  routes: targets.map(({ id }) => ({ match: `to="${id}"`, to: [id] })),
  unrouted: 'drop',
});

beforeAll(async () => {
  witness = await startWitness();
  [port, deadPort] = [await freePort(), await freePort()];
  const webhook = (id: string, url = `${witness.url}/${id}`) => ({ id, use: 'webhook', settings: { url } });
  const slack = (id: string, url = `${witness.url}/${id}`) => ({ id, use: 'slack', settings: { webhookUrl: url } });
  host = await startHostProcess({
    env: { CANARY: canary },
    prepare: (folder) => writeIntegration(folder, 'target-loud', loud),
    config: {
      listen: `127.0.0.1:${port}`,
      integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', '@tocsin/target-slack', './target-loud'],
      sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
      ...routed([
        webhook('every'),
        slack('latest'),
        webhook('flaky'),
        webhook('picky'),
        slack('down', `http://127.0.0.1:${deadPort}/down`),
        webhook('slow'),
        webhook('fast'),
        webhook('moved'),
        webhook('secret', `${witness.url}/secret/\${env:CANARY}`),
        { id: 'loud', use: './target-loud', settings: { url: `${witness.url}/loud` } },
        webhook('itself', `http://127.0.0.1:${port}/in/any/${key}`),
        webhook('itself-by-name', `http://localhost:${port}/in/any/${key}`),
      ]),
      egress: { allow: ['127.0.0.0/8', '::1'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

/** Sends an alert for the target `to`, in a group of its own, and gives the group. */
async function send(to: string, id = `${to}-1`, more: object = {}, from = host): Promise<string> {
  const response = await from.post('any', {
    id,
    title: `Disk of ${id} is full`,
    severity: 'critical',
    labels: { to },
    ...more,
  });
  expect(response.status).toBe(202);
  const { groups } = (await response.json()) as { groups: { id: string }[] };
  return groups[0]?.id ?? '';
}

interface Delivery {
  state: string;
  dead: string | null;
  attempt: number;
}

/** The one delivery of a target, once it is as wanted. */
function delivery(target: string, isSo: (delivery: Delivery) => boolean, from = host): Promise<Delivery> {
  return until(async () => {
    const { items } = await from.get<{ items: Delivery[] }>(`deliveries?target=${target}`);
    return items[0] && isSo(items[0]) ? items[0] : undefined;
  }, `the delivery to ${target} is as it should be`);
}

const texts = (path: string) => witness.told(path).map(({ body }) => (JSON.parse(body) as { text: string }).text);

describe.concurrent('What happens to a group is told', () => {
  test('each change in its order, to a target of mode `every`, however fast they come', async () => {
    const group = await send('every');
    expect((await host.act(`groups/${group}/acknowledge`, { comment: 'on it' })).status).toBe(200);
    await send('every', 'every-1', { status: 'resolved' });
    await witness.untilTold('/every', 3);
    const [firing, acknowledged, resolved] = texts('/every');
    expect(firing).toMatch(/^Firing · critical: Disk of every-1 is full/);
    expect(firing).toContain(`${host.address}/g/${group}`);
    expect(acknowledged).toMatch(/^Acknowledged by ann.*Disk of every-1 is full\s+“on it”/s);
    expect(resolved).toMatch(/^Resolved.*Disk of every-1 is full/s);
    await delay(300);
    expect(witness.told('/every')).toHaveLength(3);
  });

  test('the present state, to a target of mode `latest`', async () => {
    const group = await send('latest');
    await witness.untilTold('/latest', 1);
    await host.act(`groups/${group}/acknowledge`);
    await witness.untilTold('/latest', 2);
    await send('latest', 'latest-1', { status: 'resolved' });
    await witness.untilTold('/latest', 3);
    expect(texts('/latest')).toEqual([
      expect.stringMatching(/^Firing/),
      expect.stringMatching(/^Acknowledged by ann/),
      expect.stringMatching(/^Resolved/),
    ]);
  });

  test('with a key that is the same on every attempt', async () => {
    witness.answer('/flaky', { status: 500 }, { status: 503, body: 'later' }, { status: 200 });
    await send('flaky');
    const told = await witness.untilTold('/flaky', 3);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(told.map(({ body }) => body)).size).toBe(1);
    expect(await delivery('flaky', ({ state }) => state === 'told')).toEqual(expect.objectContaining({ attempt: 0 }));
    const { items } = await host.get<{ items: { outcome: string; reason: string | null }[] }>('attempts?target=flaky');
    expect(items.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['delivered', null],
      ['retry', 'HTTP 503: later'],
      ['retry', expect.stringContaining('HTTP 500')],
    ]);
  });
});

describe.concurrent('A target that fails', () => {
  test('is not tried again after a 400, and the operator sees why', async () => {
    witness.answer('/picky', { status: 400, body: 'no such room' });
    await send('picky');
    const { dead } = await delivery('picky', ({ state }) => state === 'given-up');
    expect(dead).toBe('HTTP 400: no such room');
    await delay(1_500);
    expect(witness.told('/picky')).toHaveLength(1);
  });

  test('by a text in a header that can’t hold it is not called, and the operator sees why', async () => {
    await send('loud', 'loud-1', { title: 'Disk → full' });
    const { dead } = await delivery('loud', ({ state }) => state === 'given-up');
    expect(dead).toBe('loud: the request can’t be sent: what stands in "x-title" may not stand in a header');
    expect(witness.told('/loud')).toEqual([]);
  });

  test('for the whole life of an alert is told once, when it is over', async () => {
    await send('down');
    await delivery('down', ({ state }) => state === 'retrying');
    await send('down', 'down-1', { status: 'resolved' });
    const risen = await startWitness(deadPort);
    const [message] = await risen.untilTold('/down', 1);
    expect(JSON.parse(message?.body ?? '').text).toMatch(/^Resolved.*Disk of down-1 is full/);
    await delivery('down', ({ state }) => state === 'told');
    await delay(500);
    expect(risen.told('/down')).toHaveLength(1);
    await risen.close();
  });

  test('slowly delays no other', async () => {
    witness.answer('/slow', { after: 3_000 });
    for (let index = 0; index < 20; index++) await send('slow', `slow-${index}`);
    await witness.untilTold('/slow', 1);
    const began = Date.now();
    await send('fast');
    const [told] = await witness.untilTold('/fast', 1);
    expect((told?.at ?? 0) - began).toBeLessThan(1_000);
    expect(witness.told('/slow').length).toBeLessThan(20);
  });

  test('by pointing elsewhere is not followed', async () => {
    witness.answer('/moved', { status: 302, headers: { location: `${witness.url}/landed` } });
    await send('moved');
    const { dead } = await delivery('moved', ({ state }) => state === 'given-up');
    expect(dead).toContain('HTTP 302');
    expect(witness.told('/landed')).toEqual([]);
  });
});

describe.concurrent('A secret of the config', () => {
  test('seed-Q16 reaches its target and nothing else: no log, no answer, no page', async () => {
    // The target repeats what it was sent, as error pages do.
    witness.answer('/secret', { status: 500, body: `no route for /secret/${canary}` }, {});
    const group = await send('secret', 'secret-1', { title: 'Look: ${env:CANARY} and ${file:/etc/passwd}' });
    const [first, second] = await witness.untilTold('/secret', 2);
    expect(first?.path).toBe(`/secret/${canary}`);
    expect(second?.path).toBe(first?.path);
    await delivery('secret', ({ state }) => state === 'told');

    const cookie = await signIn();
    const shown = await Promise.all(
      [
        ...['groups', `groups/${group}`, 'deliveries', 'attempts?target=secret', 'requests', 'integrations'].map(
          (path) => `/api/v1/${path}`,
        ),
        `/g/${group}`,
        '/',
        `/in/any/${key}`,
        '/api/openapi.json',
      ].map(async (path) => {
        const response = await fetch(`${host.address}${path}`, {
          headers: { authorization: `Bearer ${token}`, cookie },
        });
        return { path, status: response.status, text: await response.text() };
      }),
    );
    for (const { path, status, text } of shown) {
      expect({ path, status }).toEqual({ path, status: 200 });
      expect({ path, canary: text.includes('canary-b6f1d2') }).toEqual({ path, canary: false });
    }
    expect(host.output()).not.toContain('canary-b6f1d2');
    // What was masked is there as its reference.
    expect(shown.find(({ path }) => path.includes('attempts'))?.text).toContain('${env:CANARY}');
    // And none is filled into the text of an alert.
    expect(texts('/secret').at(-1)).toContain('Look: ${env:CANARY} and ${file:/etc/passwd}');
  });

  async function signIn(): Promise<string> {
    const response = await fetch(`${host.address}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: host.address, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }),
    });
    expect(response.status).toBe(303);
    return response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  }
});

describe.concurrent('The guard of outgoing connections', () => {
  test.each(['itself', 'itself-by-name'])('lets nobody make the hub talk to itself: %s', async (to) => {
    await send(to);
    const { dead } = await delivery(to, ({ state }) => state === 'given-up');
    expect(dead).toContain('it is this hub itself');
  });

  test('opens private addresses only by the config, however they are written', async () => {
    const spellings = [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '127.1',
      '0.0.0.0',
    ];
    // Written in the config, `check` refuses them.
    const env = Object.fromEntries(
      spellings.map((name, index) => [`PRIVATE_${index}`, `http://${name}:${witness.port}/private`]),
    );
    const targets = spellings.map((_, index) => ({
      id: `private-${index}`,
      use: 'webhook',
      settings: { url: `\${env:PRIVATE_${index}}` },
    }));
    const closed = await startHostProcess({
      env,
      config: {
        integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
        sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
        ...routed(targets),
      },
    });
    try {
      for (const { id } of targets) await send(id, id, {}, closed);
      for (const [index, { id }] of targets.entries()) {
        const { dead } = await delivery(id, ({ state }) => state === 'given-up', closed);
        expect({ name: spellings[index], dead }).toEqual({
          name: spellings[index],
          dead: expect.stringMatching(/^no connection to .*not public.*egress: \{ allow: \["/s),
        });
      }
      expect(witness.told('/private')).toEqual([]);
    } finally {
      await closed.remove();
    }
  });
});
