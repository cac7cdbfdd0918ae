import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defineSource,
  defineTarget,
  type Installed,
  type Place,
  type Source,
  type SourceIntegration,
  secret,
  sourceTemplatesOf,
  type Target,
  type TargetIntegration,
  z,
} from '@tocsin/core';
import {
  type AlertSignal,
  type AttemptRecord,
  packSignals,
  parseMatchers,
  type SendResult,
  type Store,
  usualLimits,
  usualRetention,
} from '@tocsin/engine';
import { openSqliteStore } from '@tocsin/store-sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerApi } from '../src/api/api.ts';
import { ChannelDesk } from '../src/channels/desk.ts';
import type { LoadedConfig } from '../src/config/config.ts';
import type { HostContext } from '../src/context.ts';
import type { Attempted, Letter, Sender } from '../src/deliver/sender.ts';
import { Vault } from '../src/egress/vault.ts';
import { InstallationDesk } from '../src/installations/desk.ts';
import { Installations } from '../src/installations/installations.ts';
import type { Job, Preview, Results } from '../src/integrations/jobs.ts';
import type { IntegrationPool } from '../src/integrations/pool.ts';
import { HostMetrics } from '../src/metrics/host-metrics.ts';
import { registerMetrics } from '../src/metrics/route.ts';
import { registerPages } from '../src/pages/pages.ts';
import { PressDesk } from '../src/presses/desk.ts';
import { Handles } from '../src/presses/handles.ts';
import { secretUsers } from '../src/registry.ts';
import { MasterKeys } from '../src/secrets/master-keys.ts';
import { SecretStore } from '../src/secrets/secret-store.ts';
import { TemplateDesk } from '../src/templates/desk.ts';
import { Echoes } from '../src/write-back/echoes.ts';

export const tokens = {
  ann: { name: 'ann', role: 'admin', value: 'ann-7f3c9a11d0e24b68' },
  oli: { name: 'oli', role: 'operator', value: 'oli-55aa03b7c9f14e02' },
  vic: { name: 'vic', role: 'viewer', value: 'vic-90d1e5f2a3b84c77' },
  met: { name: 'met', role: 'metrics', value: 'met-1b2c3d4e5f607182' },
} as const;

/** The value of `${env:CANARY}` in the config: it must appear in no answer. */
export const canary = 'canary/9+Q "xyz" &= ñ-secret-value';

/** The time of the store and of the host, in UTC, in Berlin an hour later. */
export const noon = Date.parse('2026-03-01T11:00:00.000Z');

export interface TestHost {
  app: FastifyInstance;
  store: Store;
  context: HostContext;
  metrics: HostMetrics;
  /** Moves the store's and the host's clock to so many milliseconds after `noon`. */
  at(offset: number): void;
  /** Commits one alert; what isn't said is a firing alert of source `prod`. Returns its group's id. */
  alert(alert?: Partial<AlertSignal>): Promise<string>;
  /** From here on the target `ops` is an app, and it is in this workspace, which has these places. */
  installInOps(workspace: Installed, places: Place[]): Promise<void>;
  /** Claims everything that is due for target `ops` and settles it. Returns how many that were. */
  deliver(result: SendResult, attempt?: Partial<AttemptRecord>): Promise<number>;
  /** Signs in on the pages; returns the cookie. */
  signIn(token: { value: string }): Promise<string>;
  close(): Promise<void>;
}

/** The API and the pages over a real store in a temporary folder. */
export async function openTestHost(url = 'http://127.0.0.1:8080'): Promise<TestHost> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
  const clock = new BigInt64Array(new SharedArrayBuffer(8));
  clock[0] = BigInt(noon);
  const now = () => Number(Atomics.load(clock, 0));
  const store = await openSqliteStore({ file: join(folder, 'tocsin.db'), clock, synchronous: 'OFF' });
  const app = Fastify({ logger: false });
  const registry = registryOf(folder);
  const config = configOf(folder);
  const keys = new MasterKeys({ config, env: {}, print: () => {} });
  const handles = await Handles.open(store, now);
  const origins = new Map<string, string>();
  const installed = await Installations.open({ store, keys, origins });
  let places: Place[] = [];
  const secrets = await SecretStore.open({ store, keys, users: secretUsers(registry), others: installed });
  const vault = new Vault(config.secrets, { stored: secrets, tokens: installed });
  const context: HostContext = {
    config,
    store,
    registry,
    channels: await ChannelDesk.open({ store, config, registry, log: app.log }),
    secrets,
    handles,
    presses: await PressDesk.open({
      store,
      handles,
      pool,
      egress: { send: async () => ({ error: 'nothing is sent here' }) },
      writeBacks: { concerns: () => false, perform: async () => undefined },
      log: app.log,
      now,
    }),
    echoes: new Echoes(now),
    installations: new InstallationDesk({
      installations: installed,
      vendor: {
        authorizeAddress: async () => 'https://herald.example/authorize',
        exchange: async () => ({ refused: 'nobody asks here' }),
        revoke: async () => undefined,
        places: async () => ({ places, isCut: false }),
      },
      store,
      troubles: { installationMissing: () => {}, installed: () => {} },
      log: app.log,
      told: () => [],
      url: () => url,
      now,
    }),
    templates: new TemplateDesk({ store, registry, reading: pool, writing: pool, vault, url: () => url, now }),
    log: app.log,
    url,
    tokens: Object.values(tokens),
    sender,
    notReady: () => undefined,
    quarantined: () => new Map([['source lab', `its templates took 1.2 s at ${canary}`]]),
  };
  await registerApi(app, context, { now, zone: 'Europe/Berlin' });
  await registerPages(app, context, { now, zone: 'Europe/Berlin' });
  const metrics = new HostMetrics({ sources: ['prod', 'lab'], targets: ['ops'] });
  await registerMetrics(app, context, metrics, { now });
  return {
    metrics,
    app,
    store,
    context,
    at: (offset) => void Atomics.store(clock, 0, BigInt(noon + offset)),
    async installInOps(workspace, there) {
      origins.set('ops', 'https://herald.example');
      places = there;
      await installed.save('ops', workspace, 'ann', now());
    },
    async alert(alert = {}) {
      const [outcome] = await store.commit([{ ...firing, ...alert }]);
      if (outcome?.result !== 'grouped') throw new Error(`the alert was ${JSON.stringify(outcome)}`);
      return outcome.group;
    },
    async deliver(result, attempt = {}) {
      const due = await store.claim([{ target: 'ops', most: 50 }], { owner: 'test', duration: 60_000, patience: 0 });
      const sent = { startedAt: now(), duration: 12, request: null, response: null, error: null, ...attempt };
      await store.settle(
        due.map(({ delivery, cursor, telling }) => {
          const { group, subscription, fence } = delivery;
          return { group, subscription, fence, cursor, telling, result, random: 0.5, attempt: sent };
        }),
      );
      return due.length;
    },
    async signIn({ value }) {
      const answer = await app.inject({
        method: 'POST',
        url: '/sign-in',
        headers: { origin: new URL(url).origin, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token: value }).toString(),
      });
      return String(answer.headers['set-cookie']).split(';')[0] ?? '';
    },
    async close() {
      await app.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const firing: AlertSignal = {
  kind: 'alert',
  source: 'prod',
  fingerprint: 'disk-1',
  group: '{"alertname":"DiskFull"}',
  status: 'firing',
  severity: 'critical',
  labels: { alertname: 'DiskFull', instance: 'db-1', severity: 'page' },
  data: '{"annotations":{"summary":"Disk full on db-1"}}',
};

/** Reads every request as the same alert and says the same of it: templates-host.test.ts has a real host do that. */
const pool = {
  run: async ({ kind }: Job): Promise<Results['normalise'] | Preview> =>
    kind === 'normalise' ? { signals: packSignals([firing]), rejected: [], problems: [] } : preview,
  pin: () => {},
} as unknown as IntegrationPool; // as much of it as the API uses

/** Says that everything got there: delivery-answers.test.ts has a real one. */
const sender = {
  send: async ({ input }: Letter): Promise<Attempted> => ({
    result: { outcome: 'delivered' },
    says: 'delivered',
    problems: [],
    attempt: {
      startedAt: noon,
      duration: 3,
      request: { method: 'POST', url: 'https://x.example', headers: { a: canary }, body: JSON.stringify(input) },
      response: { status: 200, headers: {}, body: 'ok' },
      error: null,
    },
  }),
} as unknown as Sender; // as much of it as the API uses

const preview: Preview = {
  medium: 'text',
  texts: { headline: 'Firing', title: `Disk full ${canary}`, message: '', link: 'https://beacon.example/1' },
  from: { title: 'title.hbs' },
  request: { method: 'POST', url: 'https://x.example', headers: { a: canary }, body: JSON.stringify({ canary }) },
  problems: [],
};

function configOf(folder: string): LoadedConfig {
  return {
    file: join(folder, 'tocsin.yaml'),
    folder,
    url: undefined,
    listen: { host: '127.0.0.1', port: 8080, loopback: true },
    store: { kind: 'sqlite', path: join(folder, 'tocsin.db') },
    tokens: [],
    integrations: [],
    sources: [],
    targets: [],
    routes: [
      { match: parseMatchers('team="nobody"'), to: [] },
      { match: [], to: [{ target: 'ops' }] },
    ],
    channels: [],
    defaults: { states: {} },
    wordings: [],
    timeIntervals: {},
    inhibit: [],
    limits: usualLimits,
    retention: usualRetention,
    unrouted: 'raise',
    egress: {
      allow: [],
      deny: [],
      proxy: {},
      noProxy: [],
      resolver: [],
      timeouts: { connect: 5_000, headers: 15_000, body: 15_000 },
    },
    warnings: [],
    secrets: new Map([['${env:CANARY}', canary]]),
    at: () => ({ line: 1, column: 1 }),
  };
}

function registryOf(folder: string): HostContext['registry'] {
  const source: SourceIntegration = {
    ...packaged(folder, 'source'),
    kind: 'source',
    definition: defineSource({
      title: 'Beacon <b>Monitor</b>',
      summary: 'Alerts of Beacon',
      docs: 'https://beacon.example/docs/webhooks',
      payload: z.looseObject({}),
      status: () => 'firing',
      group: () => 'all',
      fingerprint: () => 'all',
    }) as Source, // as the loader gives it
    templates: sourceTemplatesOf(
      ['title', 'message', 'link'].map((name) => ({ name, file: `${name}.hbs`, source: '{{payload.what}}' })),
      'source-beacon',
    ),
  };
  const target: TargetIntegration = {
    ...packaged(folder, 'target'),
    kind: 'target',
    definition: defineTarget({
      title: 'Herald',
      summary: 'Messages in Herald',
      docs: 'https://herald.example/docs/api',
      settings: z.object({ url: secret(), channel: z.string().optional() }),
      medium: 'text',
      mode: 'latest',
      limits: {},
      request: () => undefined,
    }) as Target, // as the loader gives it
  };
  return {
    config: configOf(folder),
    integrations: [source, target],
    sources: new Map(
      ['prod', 'lab'].map((id) => [
        id,
        {
          config: { id, integration: source.name, keys: [], labels: {}, severity: {}, settings: {} },
          integration: source,
          settings: {},
        },
      ]),
    ),
    templates: { sources: new Map(), targets: new Map(), wordings: new Map() },
    targets: new Map([
      [
        'ops',
        {
          config: { id: 'ops', integration: target.name, keys: [], links: false, settings: {} },
          integration: target,
          settings: {},
          secrets: ['${secret:herald/ops}'],
        },
      ],
    ]),
  };
}

/** One pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);

function packaged(parent: string, kind: 'source' | 'target') {
  const id = kind === 'source' ? 'beacon' : 'herald';
  const folder = join(parent, id);
  mkdirSync(join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, 'howto'));
  writeFileSync(join(folder, 'package.json'), '{"private":"not a picture"}');
  writeFileSync(join(folder, 'howto', 'step-1.png'), picture);
  if (kind === 'source')
    writeFileSync(join(folder, 'examples', 'firing.json'), '{"state":"DOWN","what":"it\'s <here>"}');
  const howto = '<h2>How to connect</h2><p>Post to <code>{{url}}/{{key}}</code></p>';
  return { id, name: `@tocsin/${kind}-${id}`, version: '1.2.3', folder, howto };
}
