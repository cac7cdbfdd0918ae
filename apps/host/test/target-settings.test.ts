import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFault, TocsinError } from '@tocsin/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { loadRegistry } from '../src/registry.ts';
import { printedBy } from './support/host-here.ts';

// What `check` says of where a target leads and of the template of its body, before anything is sent.

const env = {
  PART: 'canary/of the path?#',
  WHOLE: 'https://canary.example.com/a',
  SPACED: 'https://canary.example.com/a b',
  UP: '../canary',
};

/** Every fault of a config with such settings, or nothing. */
async function faultsOf(settings: string, more = ''): Promise<string[]> {
  const text = `version: 1
integrations: ["@tocsin/target-webhook"]
targets:
  - id: out
    use: webhook
    settings:
${settings.replace(/^/gm, '      ')}
routes: [{ to: [out] }]
${more}
`;
  try {
    await loadRegistry(loadConfig(`${import.meta.dirname}/tocsin.yaml`, { env, readFile: () => text }));
    return [];
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    expect(error.toText()).not.toContain('canary');
    return error.faults.map((fault) => formatFault(fault).replace(`${import.meta.dirname}/`, ''));
  }
}

describe('seed-D10 seed-K6 an address', () => {
  test.each([
    'https://receiver.example.com/alerts?a=b#c',
    'http://192.0.43.8:8080',
    '${env:WHOLE}',
    '${env:WHOLE}/more/${env:PART}',
    'https://receiver.example.com/${env:PART}?key=${env:SPACED}',
    'HTTPS://receiver.example.com/%20',
  ])('may be %s', async (url) => {
    expect(await faultsOf(`url: '${url}'`)).toEqual([]);
  });

  test.each([
    ['receiver.example.com', 'is no address'],
    ['ftp://receiver.example.com', 'is no address'],
    ['https:receiver.example.com', 'is no address'],
    ['https://', 'is no address'],
    ['/relative', 'is no address'],
    ['javascript:alert(1)', 'is no address'],
    ['https://receiver.example.com/a b', 'white space'],
    [' https://receiver.example.com', 'white space'],
    ['https://receiver.example.com/\u0000', 'white space'],
    ['${env:SPACED}', 'white space'],
    ['https://ann:secret@receiver.example.com', 'user or password'],
    ['https://ann@receiver.example.com', 'user or password'],
    ['https://receiver.example.com/{{.data.stage}}', 'holds a template'],
    ['https://receiver.example.com/${env:UP}', '`..`'],
  ])('is refused, with the reason: %s', async (url, reason) => {
    const faults = await faultsOf(`url: ${JSON.stringify(url)}`);
    expect(faults).toEqual([expect.stringMatching(/^tocsin\.yaml:7:12: targets\[0\]\.settings\.url: this /)]);
    expect(faults[0]).toContain(reason);
    expect(faults[0]).not.toContain('secret@');
  });
});

test.each([
  ['http://10.1.2.3:8080', 'no connection to 10.1.2.3: its address is private, not public'],
  ['http://[fd00::3]/x', 'its address is uniqueLocal, not public'],
  ['http://169.254.169.254/latest', 'a metadata service'],
])('seed-K16 an address that the door won’t open is refused, unless it is allowed: %s', async (url, reason) => {
  const [fault, ...more] = await faultsOf(`url: "${url}"`);
  expect(fault).toMatch(/^tocsin\.yaml:7:12: targets\[0\]\.settings\.url: this address is denied: no connection to /);
  expect(fault).toContain(reason);
  expect(fault).toContain('egress: { allow: [');
  expect(more).toEqual([]);
  const open = JSON.stringify([new URL(url).hostname.replace(/[[\]]/g, '')]);
  expect(await faultsOf(`url: "${url}"`, `egress: { allow: ${open} }`)).toEqual([]);
});

test('seed-K6 an address may hold a secret of the store, and is looked at without it', async () => {
  expect(await faultsOf("url: '${secret:chat/url}'")).toEqual([]);
  expect(await faultsOf("url: 'https://hooks.example.com/${secret:chat/path}'")).toEqual([]);
  expect(await faultsOf("url: 'hooks.example.com/${secret:chat/path}'")).toEqual([
    expect.stringContaining('is no address'),
  ]);
});

test('seed-K8 a payload that can’t be read is refused at its place in the file', async () => {
  expect(
    await faultsOf(`url: https://receiver.example.com/
payload: |
  {
    "text": "{{.data.stage}} {{shout .data.stage}}",
    "more": "{{.secret.chat.token}}"
  }`),
  ).toEqual([
    'tocsin.yaml:11:22: targets[0].settings.payload: secrets are references: write `${secret:chat/token}`, or `payload.secret.chat.token` for a field of the alert',
  ]);
  expect(
    await faultsOf(`url: https://receiver.example.com/
payload: |
  {
    "text": "{{.data.stage}} {{shout .data.stage}}"
  }`),
  ).toEqual(['tocsin.yaml:10:36: targets[0].settings.payload: there is no helper shout']);
  expect(await faultsOf(`url: https://receiver.example.com/\npayload: '{"text": "{{.data.stage"}'`)).toEqual([
    "tocsin.yaml:8:27: targets[0].settings.payload: a tag isn't closed, or has a character that can't stand there",
  ]);
});

describe('what no example of any source has', () => {
  async function checked(payload: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-check-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'tocsin.yaml');
    writeFileSync(
      file,
      `version: 1
integrations: ["@tocsin/source-alertmanager", "@tocsin/source-webhook", "@tocsin/target-webhook"]
sources:
  - { id: prod, use: alertmanager, key: key-of-the-check-test }
  - { id: scripts, use: webhook, key: key-of-the-check-test }
targets:
  - id: out
    use: webhook
    settings:
      url: https://receiver.example.com/
      payload: |
        {"text":
          "${payload}"}
routes: [{ to: [out] }]
`,
    );
    const printed = await printedBy(['check', '--config', file], 'token');
    expect(process.exitCode ?? 0).toBe(0);
    return printed.replaceAll(`${folder}/`, '');
  }

  test('seed-K8 is warned of before an alert comes', async () => {
    expect(await checked('{{.annotations.summary}} {{.anotations.summary}}')).toContain(
      'warning: tocsin.yaml:13:39: targets[0].settings.payload: payload.anotations.summary is missing in every example',
    );
  });

  test('is no matter where one source has it', async () => {
    expect(await checked('{{.annotations.summary}}')).not.toContain('is missing');
  });
});

test('seed-K8 a sample of a source is shown as the request that it becomes, before anything runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-sample-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tocsin.yaml');
  const target = (id: string, name: string) =>
    `{ id: ${id}, use: webhook, settings: { url: "https://a.example.com/\${file:./part}", payload: '{"a": "{{.annotations.${name}}}"}' } }`;
  writeFileSync(join(folder, 'part'), 'canary-of-the-sample');
  writeFileSync(
    file,
    `version: 1
integrations: ["@tocsin/target-webhook"]
targets: [${target('good', 'summary')}, ${target('bad', 'sumary')}]
routes: [{ to: [good] }]
`,
  );
  const shown = (to: string, ...more: string[]) =>
    printedBy(['render', 'alertmanager', 'firing', '--to', to, '--config', file, ...more], '');
  expect(await shown('good')).toMatch(/^POST https:\/\/a\.example\.com\/\$\{file:\.\/part\}\n[\s\S]*"a": "\/var/);
  expect(await shown('good', '--curl')).toMatch(/^curl -X POST /);
  await expect(shown('bad')).rejects.toThrow('payload.annotations.sumary is missing');
  await expect(shown('worst')).rejects.toThrow('there is no target worst');
});
