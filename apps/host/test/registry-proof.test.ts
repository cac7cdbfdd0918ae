import { formatFault, TocsinError } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { loadRegistry } from '../src/registry.ts';

// What a config may ask of proofs, with the integrations that it names; no fault repeats a secret.

const secret = `whsec_${Buffer.from('canary of 24 bytes or so').toString('base64')}`;
const env = {
  GOOD: secret,
  // Its base64 has slashes.
  SLASHES: `whsec_${Buffer.alloc(32, 255).toString('base64')}`,
  LONG: `whsec_${Buffer.from('canary '.repeat(10)).toString('base64')}`,
  SHORT: `whsec_${Buffer.from('canary of 23 bytes long').toString('base64')}`,
  BARE: Buffer.from('canary without its prefix').toString('base64'),
  WORDS: 'whsec_canary, which is no base64 at all',
  KEY: 'canary-of-a-plain-key',
  URL: 'https://canary.example.com/',
  COLON: 'canary:with a colon',
  LINES: 'canary\nin two lines',
};

interface Given {
  source?: object;
  use?: string;
  signingSecret?: unknown;
  target?: string;
  settings?: object;
}

/** Every fault of such a config as a line, or nothing. */
async function faultsOf({
  source = { key: '${env:KEY}' },
  use = 'webhook',
  signingSecret,
  target = 'webhook',
  settings = { url: '${env:URL}', ...(signingSecret === undefined ? {} : { signingSecret }) },
}: Given): Promise<string[]> {
  const text = JSON.stringify({
    version: 1,
    integrations: [
      '@tocsin/source-webhook',
      '@tocsin/source-alertmanager',
      '@tocsin/source-grafana',
      `@tocsin/target-${target}`,
    ],
    sources: [{ id: 'in', use: `@tocsin/source-${use}`, ...source }],
    targets: [{ id: 'out', use: `@tocsin/target-${target}`, settings }],
    routes: [{ to: ['out'] }],
  });
  try {
    const { config } = await loadRegistry(
      loadConfig(`${import.meta.dirname}/tocsin.yaml`, { env, readFile: () => text }),
    );
    return config.warnings.map(({ message }) => `warning: ${message}`);
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const whole = JSON.stringify([error.toText(), error.faults.map(formatFault)]);
    for (const value of Object.values(env)) expect(whole).not.toContain(value.slice(0, 14));
    expect(whole).not.toContain('canary');
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

const remedy = 'Write `whsec_` and 24 to 64 random bytes in base64.';

describe('A signing secret of a target', () => {
  test.each<[string, unknown]>([
    ['none', undefined],
    ['one', '${env:GOOD}'],
    ['the old one and the new one', ['${env:GOOD}', '${env:SLASHES}']],
  ])('is %s', async (_, signingSecret) => {
    expect(await faultsOf({ signingSecret })).toEqual([]);
  });

  test('that is written out works, and is a warning', async () => {
    expect(await faultsOf({ signingSecret: secret })).toEqual([expect.stringMatching(/^warning: /)]);
  });

  test.each(['SHORT', 'LONG', 'BARE', 'WORDS', 'KEY'])('that is none is a fault: %s', async (name) => {
    const fault = `this is no signing secret. ${remedy}`;
    expect(await faultsOf({ signingSecret: `\${env:${name}}` })).toEqual([
      `targets[0].settings.signingSecret: ${fault}`,
    ]);
    expect(await faultsOf({ signingSecret: env[name as keyof typeof env] })).toEqual([
      `targets[0].settings.signingSecret: ${fault}`,
    ]);
    expect(await faultsOf({ signingSecret: ['${env:GOOD}', `\${env:${name}}`] })).toEqual([
      `targets[0].settings.signingSecret[1]: ${fault}`,
    ]);
  });

  test('is no empty list', async () => {
    expect(await faultsOf({ signingSecret: [] })).toEqual([
      expect.stringContaining('targets[0].settings.signingSecret'),
    ]);
  });
});

describe('A login of a target', () => {
  const faultsOfLogin = (login: string, password: string) =>
    faultsOf({ target: 'dutycalls', settings: { login, password, channels: ['Operations'] } });

  test('is a user and a password', async () => {
    expect(await faultsOfLogin('abcdef123456', '${env:COLON}')).toEqual([]);
  });

  test('is a fault where HTTP could not carry it', async () => {
    expect(await faultsOfLogin('${env:COLON}', '${env:LINES}')).toEqual([
      expect.stringMatching(/^targets\[0\]\.settings\.login: it has a colon or a control character/),
      expect.stringMatching(/^targets\[0\]\.settings\.password: it has a control character/),
    ]);
  });
});

describe('`signed: required`', () => {
  test('is for sources whose vendor signs', async () => {
    expect(await faultsOf({ use: 'grafana', source: { key: '${env:KEY}', signed: 'required' } })).toEqual([]);
  });

  test('is refused where nobody signs', async () => {
    expect(await faultsOf({ use: 'alertmanager', source: { key: '${env:KEY}', signed: 'required' } })).toEqual([
      'sources[0].signed: alertmanager knows no signature of its vendor; remove it',
    ]);
  });

  test('wants keys that can sign', async () => {
    expect(await faultsOf({ source: { key: '${env:SLASHES}', signed: 'required' } })).toEqual([]);
    const keys = { own: '${env:KEY}', vendor: '${env:GOOD}' };
    expect(await faultsOf({ source: { keys, signed: 'required' } })).toEqual([
      `sources[0].keys.own: this key is no signing secret. ${remedy}`,
    ]);
    expect(await faultsOf({ source: { keys } })).toEqual([]);
  });

  test('or not, a key that begins as one is one', async () => {
    expect(await faultsOf({ source: { key: '${env:SHORT}' } })).toEqual([
      `sources[0].key: this key is no signing secret. ${remedy}`,
    ]);
  });
});
