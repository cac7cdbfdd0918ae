import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { suggest } from '../config/nearest.ts';
import { findFolder } from '../registry.ts';

/** An integration on this disk, not loaded yet. */
export interface IntegrationFolder {
  folder: string;
  /** The npm package's name. */
  name: string;
  /** `source-webhook`: the name without scope; unlike the id it tells a source and a target apart. */
  shortName: string;
  id: string;
}

/** The integration in this folder, and all of the repository that it lies in. */
export function localIntegrations(from: string): IntegrationFolder[] {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const own = readFolder(folder);
    if (own) return [own];
    const root = join(folder, 'integrations');
    if (isFolder(root)) {
      return ['sources', 'targets'].flatMap((kind) => list(join(root, kind))).flatMap((path) => readFolder(path) ?? []);
    }
    if (dirname(folder) === folder) return [];
  }
}

/** The integrations that a word means: an id, a name with or without scope, a folder, an installed package. */
export function findIntegrations(word: string, from: string): IntegrationFolder[] {
  const local = localIntegrations(from);
  const named = local.filter(({ id, name, shortName }) => word === id || word === name || word === shortName);
  if (named.length > 0) return named;
  const asFolder = readFolder(resolve(from, word)) ?? installed(word, from);
  if (asFolder) return [asFolder];
  const known = local.map(({ shortName }) => shortName);
  throw new TocsinError('not-found', `there is no integration ${word} here${suggest(word, known, 'there are')}`, {
    remedy:
      'Name an id, a package or a folder; run the command inside the repository or beside the installed packages.',
  });
}

function installed(word: string, from: string): IntegrationFolder | undefined {
  try {
    return readFolder(findFolder(word, from));
  } catch {
    return undefined;
  }
}

function readFolder(folder: string): IntegrationFolder | undefined {
  let name: unknown;
  try {
    ({ name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return undefined;
  }
  if (typeof name !== 'string') return undefined;
  const shortName = (name.split('/').at(-1) as string).replace(/^tocsin-/, '');
  const id = /^(?:source|target)-(.+)$/.exec(shortName)?.[1];
  return id === undefined ? undefined : { folder, name, shortName, id };
}

function list(folder: string): string[] {
  return isFolder(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
