import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contractVersion, readDefinition, type SourceIntegration, TocsinError } from '@tocsin/core';
import { idOf, loadIntegration } from '@tocsin/core/load';
import { afterAll, describe, expect, test } from 'vitest';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const definition = {
  kind: 'source',
  contract: contractVersion,
  title: 'Acme',
  summary: 'Alerts of Acme',
  docs: 'https://acme.example/',
  payload: {},
};
const functions = 'status: () => "firing", group: () => "g", fingerprint: () => "f"';

/** A package in a folder of its own; a file that is given as undefined is left out. */
function write(changes: Record<string, string | undefined> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-load-'));
  folders.push(folder);
  const files: Record<string, string | undefined> = {
    'package.json': JSON.stringify({
      name: '@acme/tocsin-source-acme',
      version: '1.2.3',
      type: 'module',
      tocsin: { contract: contractVersion },
      exports: { '.': { '@tocsin/source': './src/index.ts', default: './dist/index.js' } },
    }),
    'src/index.ts': `export default { ...${JSON.stringify(definition)}, ${functions} };`,
    'templates/title.hbs': '{{alert.labels.name}}',
    'templates/message.hbs': 'general',
    'templates/link.hbs': '',
    'howto.html': '<ol><li>{{url}}</li></ol>',
    ...changes,
  };
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function failure(folder: string): Promise<TocsinError> {
  try {
    await loadIntegration(folder);
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('it was loaded');
}

test('a package is read with its templates and how-to', async () => {
  const folder = write({ 'templates/message.slack.hbs': 'own', 'templates/.DS_Store': 'x' });
  const loaded = (await loadIntegration(folder)) as SourceIntegration;
  expect(loaded).toMatchObject({
    kind: 'source',
    id: 'acme',
    name: '@acme/tocsin-source-acme',
    version: '1.2.3',
    folder,
  });
  expect(loaded.howto).toContain('{{url}}');
  expect(loaded.templates.title.render({ alert: { labels: { name: 'n' } } })).toBe('n');
  expect(loaded.templates.image).toBeUndefined();
  expect(loaded.templates.overrides.slack?.message?.source).toBe('own');
});

test('an id is the last part of a name', () => {
  expect(
    ['@tocsin/source-acme', '@tocsin/target-acme', 'tocsin-source-acme', '@acme/tocsin-target-acme', 'acme'].map(idOf),
  ).toEqual(['acme', 'acme', 'acme', 'acme', 'acme']);
});

describe('what is wrong with a package is said with its name and what to do', () => {
  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['no package.json', { 'package.json': undefined }, /package\.json can't be read/],
    ['no name', { 'package.json': '{"version":"1.0.0"}' }, /lacks name or version/],
    [
      'no entry',
      { 'package.json': '{"name":"source-acme","version":"1.0.0","tocsin":{"contract":1}}' },
      /names no entry/,
    ],
    [
      'no contract',
      { 'package.json': '{"name":"source-acme","version":"1.0.0"}' },
      /^source-acme: its package.json doesn't say which version of the contract/,
    ],
    [
      'an unknown contract',
      { 'package.json': '{"name":"source-acme","version":"1.0.0","tocsin":{"contract":99}}' },
      /^source-acme: its release 1.0.0 was made for version 99 of the contract; this is version 1$/,
    ],
    ['no how-to', { 'howto.html': undefined }, /howto\.html can't be read/],
    ['no title', { 'templates/title.hbs': undefined }, /templates\/title\.hbs is missing/],
    [
      'no templates',
      { 'templates/title.hbs': undefined, 'templates/message.hbs': undefined, 'templates/link.hbs': undefined },
      /title\.hbs, templates\/message\.hbs, templates\/link\.hbs is missing/,
    ],
    ['an unknown field', { 'templates/body.hbs': '' }, /templates\/body\.hbs is not a known template/],
    ['an unknown medium', { 'templates/title.fax.hbs': '' }, /templates\/title\.fax\.hbs is not a known template/],
    ['another file', { 'templates/title.txt': '' }, /templates\/title\.txt is not a known template/],
    ['a template that does not parse', { 'templates/title.hbs': 'a\n{{#if}}' }, /title\.hbs/],
    ['no integration', { 'src/index.ts': 'export default 1;' }, /no integration/],
    ['nothing', { 'src/index.ts': 'export const x = 1;' }, /no integration/],
  ])('%s', async (_, changes, message) => {
    const error = await failure(write(changes));
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(/\w.*\.$/);
  });
});

describe('a definition', () => {
  const whole = { ...definition, status: () => 'firing', group: () => 'g', fingerprint: () => 'f' };

  test('that is whole is taken', () => {
    expect(readDefinition(whole, 'source-acme')).toBe(whole);
  });

  test.each(Object.keys(whole).filter((part) => part !== 'kind' && part !== 'contract'))(
    'without %s is refused by name',
    (part) => {
      expect(() => readDefinition({ ...whole, [part]: undefined }, 'source-acme')).toThrow(
        `source-acme: \`${part}\` is missing`,
      );
    },
  );

  test('of another version of the contract is refused', () => {
    expect(() => readDefinition({ ...whole, contract: contractVersion + 1 }, 'source-acme')).toThrow(
      /version 2 of the contract/,
    );
  });

  test('of no known kind is refused', () => {
    expect(() => readDefinition({ ...whole, kind: 'sink' }, 'source-acme')).toThrow(/its kind is "sink"/);
    expect(() => readDefinition({ ...whole, kind: 'toString' }, 'source-acme')).toThrow(/its kind is "toString"/);
  });
});

test.each([
  ['signature', 'https://acme.example/api', undefined],
  ['edit', 'https://acme.example/api', /source-acme: `notOffered.edit` is unknown; there are signature, writeBack/],
  ['signature', true, /`notOffered.signature` is no https URL/],
  ['signature', 'http://acme.example/api', /`notOffered.signature` is no https URL/],
])('what the vendor does not offer is known and linked: %s %j', (part, link, fault) => {
  const source = { ...definition, status() {}, group() {}, fingerprint() {}, notOffered: { [part]: link } };
  const read = () => readDefinition(source, 'source-acme');
  if (fault) expect(read).toThrow(fault);
  else expect(read()).toBe(source);
});

test('a reason for no override is a text', () => {
  const source = { ...definition, status() {}, group() {}, fingerprint() {}, whyNoOverride: ' ' };
  expect(() => readDefinition(source, 'source-acme')).toThrow('source-acme: `whyNoOverride` is no text');
});

const header = 'x-acme-signature';
const time = { header: 'x-acme-time' };

test.each<[unknown, string | undefined]>([
  [{ kind: 'key' }, undefined],
  [{ kind: 'basic' }, undefined],
  [{ kind: 'basic', user: 'name' }, undefined],
  [{ kind: 'bearer' }, undefined],
  [{ kind: 'standard-webhooks' }, undefined],
  [{ kind: 'sns', topic: 'topic' }, undefined],
  [{ kind: 'hmac', header }, undefined],
  [{ kind: 'hmac', header, prefix: 'sha256=', encoding: 'base64', algorithm: 'sha512' }, undefined],
  [{ kind: 'hmac', header, timestamp: time, signed: ['timestamp', { text: ':' }, 'body'] }, undefined],
  [
    { kind: 'hmac', header, timestamp: { ...time, tolerance: 60, optional: true }, signed: ['timestamp', 'body'] },
    undefined,
  ],
  [
    { kind: 'password' },
    '`verify` is of the kind "password", which this host does not know; there are key, basic, bearer, hmac, standard-webhooks, sns',
  ],
  [{ kind: 'toString' }, 'of the kind "toString"'],
  ['key', '`verify` is of the kind undefined'],
  [null, '`verify` is of the kind undefined'],
  [{ kind: 'key', header }, '`verify` Unrecognized key: "header"'],
  [{ kind: 'basic', user: '' }, '`verify.user` names no setting'],
  [{ kind: 'sns' }, '`verify.topic` '],
  [{ kind: 'hmac' }, '`verify.header` '],
  [{ kind: 'hmac', header: 'X-Acme-Signature' }, '`verify.header` is no name of a header in lower case'],
  [{ kind: 'hmac', header, timestampHeader: 'x-acme-time' }, '`verify` Unrecognized key: "timestampHeader"'],
  [{ kind: 'hmac', header, algorithm: 'md5' }, '`verify.algorithm` '],
  [{ kind: 'hmac', header, encoding: 'latin1' }, '`verify.encoding` '],
  [{ kind: 'hmac', header, signed: ['url', 'body'] }, "`verify.signed.0` is no 'body', no 'timestamp' and no { text }"],
  [{ kind: 'hmac', header, signed: [{ text: 'v0' }] }, '`verify.signed` lacks the body'],
  [{ kind: 'hmac', header, timestamp: time }, '`verify` has a timestamp that is not signed'],
  [{ kind: 'hmac', header, timestamp: time, signed: ['body'] }, '`verify` has a timestamp that is not signed'],
  [{ kind: 'hmac', header, signed: ['timestamp', 'body'] }, 'or signs one that it has not'],
  [{ kind: 'hmac', header, timestamp: { header: 1 }, signed: ['timestamp', 'body'] }, '`verify.timestamp.header` '],
])('a source is verified in a way that the host knows: %j', (verify, fault) => {
  const source = { ...definition, status() {}, group() {}, fingerprint() {}, verify };
  const read = () => readDefinition(source, 'source-acme');
  if (fault === undefined) expect(read()).toBe(source);
  else expect(read).toThrow(fault);
});

test.each<[unknown, string | undefined]>([
  [undefined, undefined],
  [{ kind: 'standard-webhooks', secret: 'signingSecret' }, undefined],
  [{ kind: 'standard-webhooks' }, '`auth.secret` '],
  [{ kind: 'standard-webhooks', secret: 'a', header: 'b' }, '`auth` Unrecognized key: "header"'],
  [{ kind: 'basic', user: 'login', password: 'password' }, undefined],
  [{ kind: 'basic', user: 'login' }, '`auth.password` '],
  [
    { kind: 'sigv4' },
    '`auth` is of the kind "sigv4", which this host does not know; there are standard-webhooks, basic',
  ],
])('a target proves itself in a way that the host knows: %j', (auth, fault) => {
  const { title, summary, docs, contract } = definition;
  const rest = { settings: {}, mode: 'every', limits: {}, medium: 'text', request() {} };
  const target = { kind: 'target', title, summary, docs, contract, ...rest, auth };
  const read = () => readDefinition(target, 'target-acme');
  if (fault === undefined) expect(read()).toBe(target);
  else expect(read).toThrow(fault);
});
