import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRoutes } from '@tocsin/engine';
import { describe, expect, it } from 'vitest';
import { faultAt, type LoadedConfig } from '../src/config/config.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { hideLiterals } from '../src/config/literal-secret.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { resolveSecrets } from '../src/config/reference.ts';

const good = readFileSync(join(import.meta.dirname, 'data/config/good.yaml'), 'utf8');

const env = {
  ANN_TOKEN: 'ann-0123456789abcdef',
  PROD_KEY: 'prod-0123456789abcdef',
  SLACK_PATH: 'T0/B0/x',
  STAGE: 'live',
};
const files: Record<string, string> = {
  '/etc/tocsin/secrets/wall': 'wall-0123456789abcdef\r\n',
  '/run/secrets/boiler': 'boiler-0123456789abcdef\n',
};

function load(source: string, more: Record<string, string> = {}): LoadedConfig {
  return loadConfig('/etc/tocsin/tocsin.yaml', {
    env: { ...env, ...more },
    readFile: (path) => (path === '/etc/tocsin/tocsin.yaml' ? source : (files[path] ?? fail(path))),
  });
}

function fail(path: string): never {
  throw new Error(`no ${path}`);
}

const timings = `
version: 1
integrations: ["@tocsin/source-alertmanager", "@tocsin/target-slack"]
timeIntervals:
  night: { times: ["22:00-24:00", "00:00-06:00"], zone: Europe/Berlin }
inhibit:
  - { source: alertname=HostDown, target: [severity=warning], equal: [host] }
sources: [{ id: prod, use: alertmanager, key: "\${env:PROD_KEY}", resolveAfter: 12h }]
targets: [{ id: pager, use: slack, addresses: ["+49*", night] }]
routes:
  - repeat: 4h
    mute: night
    to:
      - { target: pager, address: "{{labels.phone}}", else: night, after: 15m, while: acknowledged, active: [night] }
      - { target: pager, address: "+4930", after: 1h, repeat: 90s }
`;

describe('a good config', () => {
  it('has timings, addresses and what holds alerts back as the engine takes them', () => {
    const { routes, timeIntervals, inhibit, sources, targets } = load(timings);
    expect(timeIntervals.night).toHaveLength(1);
    expect(inhibit).toEqual([
      {
        source: [{ name: 'alertname', op: '=', value: 'HostDown' }],
        target: [{ name: 'severity', op: '=', value: 'warning' }],
        equal: ['host'],
      },
    ]);
    expect(sources[0]).toMatchObject({ resolveAfter: 43_200_000 });
    expect(targets[0]).toMatchObject({ addresses: ['+49*', 'night'] });
    expect(routes[0]).toEqual({
      match: [],
      continue: false,
      repeat: 14_400_000,
      mute: ['night'],
      routes: [],
      to: [
        {
          target: 'pager',
          address: { parts: [{ label: 'phone' }], else: 'night', allowed: ['+49*', 'night'] },
          escalation: { after: 900_000, while: 'acknowledged' },
          active: ['night'],
        },
        { target: 'pager', address: '+4930', escalation: { after: 3_600_000, while: 'firing' }, repeat: 90_000 },
      ],
    });
  });

  it('comes out typed, with durations in milliseconds and matchers parsed', () => {
    const { at, secrets, ...config } = load(good);
    expect(config).toEqual({
      file: '/etc/tocsin/tocsin.yaml',
      folder: '/etc/tocsin',
      url: 'https://alerts.example.com/hub',
      listen: { host: '::1', port: 8080, loopback: true },
      store: { kind: 'sqlite', path: '/etc/tocsin/data/tocsin.db' },
      tokens: [
        { name: 'ann', role: 'admin', value: '${env:ANN_TOKEN}' },
        { name: 'wall', role: 'viewer', value: '${file:secrets/wall}' },
      ],
      integrations: [
        { name: '@tocsin/source-alertmanager', id: 'alertmanager', kind: 'source' },
        { name: '@acme/tocsin-source-boiler', id: 'boiler', kind: 'source' },
        { name: '@tocsin/target-slack', id: 'slack', kind: 'target' },
        { name: './integrations/pager', id: 'pager' },
      ],
      sources: [
        {
          id: 'prod',
          integration: '@tocsin/source-alertmanager',
          keys: [{ name: 'key', value: '${env:PROD_KEY}' }],
          labels: { env: 'live', price: '5 ${ }' },
          severity: { page: 'critical', ticket: 'warning' },
          settings: {},
        },
        {
          id: 'boiler',
          integration: '@acme/tocsin-source-boiler',
          keys: [
            { name: 'old', value: '${env:PROD_KEY}-old' },
            { name: 'new', value: '${file:/run/secrets/boiler}' },
          ],
          labels: {},
          severity: {},
          settings: { paths: { title: '$.name' }, limit: 3 },
        },
      ],
      targets: [
        {
          id: 'ops',
          integration: '@tocsin/target-slack',
          keys: [],
          links: false,
          settings: {
            webhookUrl: 'https://hooks.example.com/services/${env:SLACK_PATH}',
            note: 'costs $${5}',
          },
        },
        { id: 'pager', integration: './integrations/pager', keys: [], links: false, settings: {} },
      ],
      channels: [],
      defaults: { states: {} },
      routes: [
        {
          match: [
            { name: 'severity', op: '=~', value: 'critical|error' },
            { name: 'team', op: '!=', value: 'web' },
          ],
          events: ['firing', 'resolved'],
          wait: 30_000,
          interval: 5_400_000,
          continue: true,
          to: [{ target: 'ops' }, { target: 'pager', events: ['firing'], wait: 0, interval: 259_200_000 }],
          routes: [
            {
              match: [{ name: 'env', op: '=', value: 'test' }],
              continue: false,
              to: [{ target: 'ops' }],
              routes: [],
            },
          ],
        },
        { match: [], continue: false, to: [{ target: 'ops' }], routes: [] },
      ],
      wordings: [],
      unrouted: 'raise',
      timeIntervals: {},
      inhibit: [],
      limits: { groups: 20_000, members: 100_000, stored: 1e9 },
      retention: { attempts: 2_592_000_000, requests: 604_800_000, groups: 7_776_000_000, bytes: 20e9 },
      egress: {
        allow: [
          { kind: 'range', range: '127.0.0.0/8' },
          { kind: 'range', range: '10.1.2.3/32' },
          { kind: 'range', range: 'fd00::/8' },
          { kind: 'host', host: 'mail.example.com' },
        ],
        deny: [{ kind: 'range', range: '169.254.0.0/16' }],
        proxy: {},
        noProxy: [],
        resolver: [],
        timeouts: { connect: 5_000, headers: 15_000, body: 15_000 },
      },
      warnings: [],
    });
    expect(compileRoutes(config.routes).match({ severity: 'error' })).toHaveLength(2);
  });

  it('needs next to nothing', () => {
    const { at, ...config } = load('version: 1\nunrouted: drop\n');
    expect(config).toMatchObject({
      url: undefined,
      listen: { host: '127.0.0.1', port: 8080, loopback: true },
      store: { kind: 'sqlite', path: '/etc/tocsin/data/tocsin.db' },
      sources: [],
      targets: [],
      routes: [],
      unrouted: 'drop',
      egress: { allow: [], deny: [] },
      warnings: [],
    });
  });

  it('may be a folder for one, and take its parts from anchors', () => {
    const config = load(
      'version: 1\nunrouted: drop\nintegrations: [./slack]\n' +
        'targets:\n- { id: a, use: slack, settings: &s { url: x } }\n- { id: b, use: slack, settings: *s }\n',
    );
    expect(config.targets[1]?.settings).toEqual({ url: 'x' });
    expect(config.at(['targets', 1, 'settings'])).toEqual({ line: 6, column: 34 });
    expect(config.at(['targets', 1, 'settings', 'url'])).toEqual({ line: 5, column: 44 });
  });

  it('listens where PORT says', () => {
    expect(load(good, { PORT: '0' }).listen).toEqual({ host: '::1', port: 0, loopback: true });
    expect(load(good, { PORT: '' }).listen.port).toBe(8080);
  });

  it('knows where everything is written, or at least its parent', () => {
    const { at } = load(good);
    expect(at(['sources', 0, 'labels', 'env'])).toEqual({ line: 17, column: 20 });
    expect(at('sources[0].labels.env')).toEqual({ line: 17, column: 20 });
    expect(at('targets[0].settings.channel.name')).toEqual({ line: 27, column: 7 });
    expect(at('targets[9]')).toEqual({ line: 24, column: 3 });
    expect(at([])).toEqual({ line: 1, column: 1 });
    const config = { file: 'tocsin.yaml', at };
    expect(faultAt(config, ['targets', 0, 'settings', 'webhookUrl'], 'is no address')).toEqual({
      path: 'targets[0].settings.webhookUrl',
      message: 'is no address',
      file: 'tocsin.yaml',
      line: 27,
      column: 19,
    });
  });
});

describe('secrets', () => {
  it('are in the map only, never in the settings, and come out where they are used', () => {
    const { at, secrets, ...config } = load(good);
    expect([...secrets]).toEqual([
      ['${env:ANN_TOKEN}', 'ann-0123456789abcdef'],
      ['${file:secrets/wall}', 'wall-0123456789abcdef'],
      ['${env:PROD_KEY}', 'prod-0123456789abcdef'],
      ['${file:/run/secrets/boiler}', 'boiler-0123456789abcdef'],
      ['${env:SLACK_PATH}', 'T0/B0/x'],
    ]);
    const text = JSON.stringify(config);
    for (const value of secrets.values()) expect(text).not.toContain(value);
    const resolved = [config.tokens[1]?.value, config.sources[1]?.keys[0]?.value, config.targets[0]?.settings.note];
    expect(resolved.map((value) => resolveSecrets(String(value), secrets))).toEqual([
      'wall-0123456789abcdef',
      'prod-0123456789abcdef-old',
      'costs ${5}',
    ]);
  });

  const written = `version: 1
unrouted: drop
tokens: [{ name: ann, role: admin, value: "written-0123456789-$\${x}" }]
integrations: ["@tocsin/source-alertmanager", "@tocsin/target-slack"]
sources:
  - { id: prod, use: alertmanager, keys: { first: written-key-0123456789, short: short } }
targets:
  - { id: ops, use: slack, settings: { webhookUrl: "https://hooks.example.com/written", nested: [{ a: written }] } }
`;

  it('that are written out become references too, with a warning', () => {
    const config = load(written);
    expect(config.tokens[0]?.value).toBe('${config:tokens/ann/value}');
    expect(config.sources[0]?.keys[0]?.value).toBe('${config:sources/prod/keys/first}');
    expect(resolveSecrets(config.tokens[0]?.value ?? '', config.secrets)).toBe('written-0123456789-${x}');
    expect(config.warnings).toMatchObject([
      { path: 'tokens[0].value', line: 3, column: 43, message: expect.stringContaining('written out') },
      { path: 'sources[0].keys.first', line: 6 },
      { path: 'sources[0].keys.short', message: expect.stringContaining('written out') },
      { path: 'sources[0].keys.short', message: expect.stringContaining('fewer than 16 characters') },
    ]);
  });

  it('among the settings are hidden once their integration says which they are', () => {
    const config = load(written);
    const hidden = hideLiterals(config, [
      ['targets', 0, 'settings', 'webhookUrl'],
      ['targets', 0, 'settings', 'nested', 0, 'a'],
      ['targets', 0, 'settings', 'missing'],
    ]);
    expect(hidden.targets[0]?.settings).toEqual({
      webhookUrl: '${config:targets/ops/settings/webhookUrl}',
      nested: [{ a: '${config:targets/ops/settings/nested/0/a}' }],
    });
    expect(hidden.secrets.get('${config:targets/ops/settings/webhookUrl}')).toBe('https://hooks.example.com/written');
    expect(hidden.warnings.slice(config.warnings.length)).toMatchObject([
      { path: 'targets[0].settings.webhookUrl', line: 8, column: 52 },
      { path: 'targets[0].settings.nested[0].a', line: 8 },
    ]);
    expect(config.targets[0]?.settings.webhookUrl).toBe('https://hooks.example.com/written');
    expect(hideLiterals(hidden, [['targets', 0, 'settings', 'webhookUrl']]).targets).toEqual(hidden.targets);
  });
});

describe('warnings', () => {
  const messages = (source: string) =>
    load(source).warnings.map(({ path, line, message }) => `${line} ${path}: ${message}`);

  it('a host that others reach wants tokens and a url', () => {
    expect(messages('version: 1\nlisten: 0.0.0.0:8080\nunrouted: drop\n')).toEqual([
      '2 listen: others can reach this address, and no one is named in `tokens`; give each person a token there',
      '2 listen: links in messages lead to this address, as there is no `url`; write the one that people reach',
    ]);
  });

  it('a route after one that takes everything, a guard that is open, a secret that shows', () => {
    const source = good
      .replace('  - to: [ops]\negress', '  - to: [ops]\n  - match: a=b\n    to: [ops]\negress')
      .replace('127.0.0.0/8', '0.0.0.0/0')
      .replace('${env:STAGE}', '${env:PROD_KEY}');
    expect(messages(source)).toEqual([
      '17 sources[0].labels.env: ${env:PROD_KEY} is also used where a secret belongs, but here its value can be seen; use another variable',
      '44 routes[2]: is never reached: the route before it matches everything; move that one to the end',
      '47 egress.allow[0]: lets targets reach every private address; list the ones that they need',
    ]);
  });
});

describe('the JSON Schema', () => {
  const schema = configJsonSchema();
  // The parts of a JSON Schema that are looked at here.
  const { properties, $defs } = schema as {
    properties: Record<string, { items: { properties: Record<string, object>; required: string[] } }>;
    $defs: { route: { properties: Record<string, object>; additionalProperties: boolean } };
  };

  it('knows every key of the file, and no other', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['version'],
      additionalProperties: false,
    });
    expect(Object.keys(properties)).toEqual([
      'version',
      'url',
      'listen',
      'store',
      'tokens',
      'integrations',
      'sources',
      'targets',
      'routes',
      'channels',
      'defaults',
      'unrouted',
      'timeIntervals',
      'inhibit',
      'limits',
      'retention',
      'egress',
      'secrets',
    ]);
    expect(properties.sources?.items.required).toEqual(['id', 'use']);
    expect(Object.keys($defs.route.properties)).toEqual([
      'match',
      'events',
      'wait',
      'interval',
      'repeat',
      'active',
      'mute',
      'continue',
      'to',
      'routes',
    ]);
    expect($defs.route.additionalProperties).toBe(false);
  });

  it('takes a reference wherever a text must have a form', () => {
    expect($defs.route.properties.wait).toMatchObject({
      type: 'string',
      anyOf: [{ pattern: expect.stringContaining('d') }, { pattern: '\\$\\{(env|file):[^}]+\\}' }],
    });
    expect(properties.tokens?.items.properties.role).toMatchObject({
      anyOf: [{ enum: ['admin', 'operator', 'viewer', 'metrics'] }, {}],
    });
  });
});
