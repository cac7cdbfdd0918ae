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

test.each([
  [{ kind: 'key' }, true],
  [{ kind: 'hmac', header: 'x-acme-signature' }, true],
  [{ kind: 'hmac', header: 'x-acme-signature', timestampHeader: 'x-acme-time' }, true],
  [{ kind: 'hmac' }, false],
  [{ kind: 'hmac', header: 'X-Acme-Signature' }, false],
  [{ kind: 'hmac', header: 'x-acme-signature', timestampHeader: 1 }, false],
  [{ kind: 'password' }, false],
  ['key', false],
])('a source is verified in a way that the host knows: %j', (verify, isKnown) => {
  const source = { ...definition, status() {}, group() {}, fingerprint() {}, verify };
  const read = () => readDefinition(source, 'source-acme');
  if (isKnown) expect(read()).toBe(source);
  else expect(read).toThrow('source-acme: `verify` is none that this host knows');
});
