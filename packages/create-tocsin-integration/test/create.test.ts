import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkIntegration, updateIntegration } from '@tocsin/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIntegration } from '../src/create.ts';
import { findPlace, type Kind } from '../src/place.ts';

let repository: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'tocsin-repository-'));
  for (const folder of [
    'integrations/sources/known',
    'integrations/targets',
    'packages/core',
    'node_modules/@tocsin',
  ]) {
    mkdirSync(join(repository, folder), { recursive: true });
  }
  writeFileSync(join(repository, 'pnpm-workspace.yaml'), '');
  symlinkSync(join(import.meta.dirname, '../../core'), join(repository, 'node_modules/@tocsin/core'));
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

describe.each<Kind>(['source', 'target'])('a %s inside the repository', (kind) => {
  test('is a folder of its own that passes the suite, and nothing else is touched', async () => {
    const before = everyFile(repository);
    const place = findPlace(kind, 'acme-cloud', join(repository, 'packages'), []);
    const docs = 'https://vendor.example.com/docs';
    createIntegration(place, { kind, id: 'acme-cloud', docs, requests: [], date: '2026-01-15' });
    await updateIntegration(place.folder, { print: () => {}, environment: {} });
    const own = `integrations/${kind}s/acme-cloud/`;
    expect(everyFile(repository).filter((file) => !file.startsWith(own))).toEqual(before);
    expect((await checkIntegration(place.folder)).filter(({ ok }) => !ok)).toEqual([]);
    const manifest = readFileSync(join(place.folder, 'package.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ name: `@tocsin/${kind}-acme-cloud`, tocsin: { contract: 1 } });
    expect(manifest.trimEnd().split('\n').length).toBeLessThanOrEqual(22);
    const texts = everyFile(place.folder).map((file) => readFileSync(join(place.folder, file), 'utf8'));
    expect(texts.filter((text) => /Example (Monitor|Chat)|example\.com\/docs\/(webhooks|messages)/.test(text))).toEqual(
      [],
    );
  });
});

test('an id that is taken, or none, is refused', () => {
  expect(() => findPlace('source', 'known', repository, [])).toThrow('integrations/sources/known is already there');
  expect(findPlace('target', 'known', repository, []).folder).toBe(join(repository, 'integrations/targets/known'));
  for (const id of ['', 'Acme', '../acme', 'a b', '-a', 'a--b', 'a/b']) {
    expect(() => findPlace('source', id, repository, []), id).toThrow("can't be an id");
  }
});

test('outside of the repository the folder must be empty but for what it is drafted from', () => {
  const folder = join(repository, '..', `${repository.split('/').at(-1)}-own`);
  mkdirSync(join(folder, '.git'), { recursive: true });
  try {
    writeFileSync(join(folder, 'firing.json'), '{}');
    expect(findPlace('source', 'acme', folder, ['firing.json'])).toEqual({ folder, repository: undefined });
    expect(() => findPlace('source', 'acme', folder, [])).toThrow('is no empty folder: it holds firing.json');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a target is not drafted', () => {
  const place = findPlace('target', 'acme', repository, []);
  const requests = [{ name: 'a.json', body: {} }];
  const create = () => createIntegration(place, { kind: 'target', id: 'acme', requests, date: '2026-01-15' });
  expect(create).toThrow('a target is not drafted from payloads');
  expect(existsSync(place.folder)).toBe(false);
});

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
