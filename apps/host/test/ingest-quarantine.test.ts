import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// One slow, broken or hostile source or target delays no other.

let host: HostProcess;
let witness: Witness;

/** Loops for the payload `{"loop": true}`. */
const source = `
  export default defineSource({
    title: 'Loop', summary: 'Loops when it is told to', docs: 'https://example.com/loop',
    payload: z.looseObject({ id: z.string() }),
    status: ({ payload }) => { while (payload.loop); return 'firing'; },
    group: ({ payload }) => payload.id,
    fingerprint: ({ payload }) => payload.id,
  });`;

/** Loops in `request` for every notification. */
const target = `
  export default defineTarget({
    title: 'Loop', summary: 'Loops always', docs: 'https://example.com/loop',
    settings: z.strictObject({}), medium: 'text', mode: 'latest', limits: {},
    request: () => { for (;;); },
  });`;

beforeAll(async () => {
  witness = await startWitness();
  host = await startHostProcess({
    prepare(folder) {
      writeIntegration(folder, 'source-loop', source);
      writeIntegration(folder, 'target-loop', target);
    },
    config: {
      integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', './source-loop', './target-loop'],
      sources: [
        { id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } },
        { id: 'loop', use: './source-loop', key },
      ],
      targets: [
        { id: 'witness', use: 'webhook', settings: { url: `${witness.url}/told` } },
        { id: 'loop', use: './target-loop' },
      ],
      routes: [{ match: 'to="both"', to: ['loop', 'witness'] }, { to: ['witness'] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

interface Integrations {
  sources: { id: string; quarantined: string | null }[];
  targets: { id: string; quarantined: string | null }[];
}

describe('A source whose function never ends', () => {
  test('answers 503 with Retry-After, and the others don’t wait for its end', async () => {
    expect((await host.post('loop', { id: 'calm' })).status).toBe(202);
    const times: number[] = [];
    let isOver = false;
    const beside = (async () => {
      while (!isOver || times.length < 10) {
        const began = performance.now();
        expect((await host.post('any', { id: `beside-${times.length}`, title: 'Fine' })).status).toBe(202);
        times.push(performance.now() - began);
      }
    })();
    const looping = await Promise.all(
      Array.from({ length: 10 }, (_, id) => host.post('loop', { id: `${id}`, loop: true })),
    );
    isOver = true;
    await beside;
    for (const answer of looping) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await answer.text()).toContain('source loop is switched off for a while');
    }
    expect(Math.max(...times)).toBeLessThan(5_000);
  });

  test('is switched off for a while, for everyone to see, and alone', async () => {
    expect((await host.post('loop', { id: 'calm again' })).status).toBe(503);
    const { sources } = await host.get<Integrations>('integrations');
    expect(sources).toEqual([
      expect.objectContaining({ id: 'any', quarantined: null }),
      expect.objectContaining({ id: 'loop', quarantined: expect.stringContaining('longer than') }),
    ]);
    expect(host.output()).toMatch(/"level":50.*source loop/);
  });
});

describe('A target whose function never ends', () => {
  test('is switched off, and the others are told all the same', async () => {
    expect((await host.post('any', { id: 'to-both', title: 'To both', labels: { to: 'both' } })).status).toBe(202);
    await until(() => witness.told('/told').some(({ body }) => body.includes('To both')), 'the witness is told');
    await until(
      async () => (await host.get<Integrations>('integrations')).targets.find(({ id }) => id === 'loop')?.quarantined,
      'the target is switched off',
    );
    const began = Date.now();
    expect((await host.post('any', { id: 'after', title: 'After it', labels: { to: 'both' } })).status).toBe(202);
    const told = await until(() => witness.told('/told').find(({ body }) => body.includes('After it')), 'told again');
    expect(told.at - began).toBeLessThan(4_000);
    const { targets } = await host.get<Integrations>('integrations');
    expect(targets.find(({ id }) => id === 'witness')?.quarantined).toBeNull();
  });

  test('keeps what it is owed, to be tried again', async () => {
    const deliveries = () =>
      host.get<{ items: { state: string; dead: string | null; attempt: number }[] }>('deliveries?target=loop');
    const { items } = await until(async () => {
      const page = await deliveries();
      return page.items.every(({ attempt }) => attempt > 0) ? page : undefined;
    }, 'each has been tried');
    for (const item of items) expect(item).toEqual(expect.objectContaining({ state: 'retrying', dead: null }));
  });
});
