import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import type { Product } from './draft/definition.ts';
import type { Kind } from './place.ts';

/** The files of the living example, which the suite runs, under another name; `expected` ones hold their origin only. */
export function exampleFiles(kind: Kind, id: string, product: Product, date: string): Map<string, string> {
  const folder = join(import.meta.dirname, '..', 'templates', `${kind}s`, 'example');
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.http')) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    if (name.startsWith('dist/') || name === 'package.json') continue;
    const text = readFileSync(path, 'utf8');
    files.set(name, name.endsWith('.expected.json') ? originOf(product, date) : renamed(text, kind, id, product));
  }
  return files;
}

function renamed(text: string, kind: Kind, id: string, { title, docs }: Product): string {
  return text
    .replaceAll(`Example ${kind === 'source' ? 'Monitor' : 'Chat'}`, title)
    .replace(/https:\/\/example\.com\/docs\/\w+/g, docs)
    .replace('use: example', `use: ${id}`);
}

function originOf({ title, docs }: Product, date: string): string {
  return `${JSON.stringify({ origin: { kind: 'constructed', url: docs, product: title, date } }, null, 2)}\n`;
}

/** The package.json of an integration inside the repository. */
export function repositoryManifest(kind: Kind, id: string, title: string): string {
  return manifest(kind)
    .replace(`@tocsin/${kind}-example`, `@tocsin/${kind}-${id}`)
    .replace(/"description": ".*"/, `"description": ${JSON.stringify(descriptionOf(kind, title))}`);
}

/** The package.json of one that is a package of its own. */
export function ownManifest(kind: Kind, id: string, title: string): string {
  const { core, ...tools } = versions();
  return manifest(kind)
    .replace(`@tocsin/${kind}-example`, `tocsin-${kind}-${id}`)
    .replace('"version": "0.0.0"', '"version": "0.1.0"')
    .replace(/"description": ".*"/, `"description": ${JSON.stringify(descriptionOf(kind, title))}`)
    .replace(
      /"scripts": .*/,
      '"scripts": { "test": "tocsin test", "build": "tsup src/index.ts --format esm --clean", "prepack": "npm run build" },',
    )
    .replace(/"peerDependencies": .*/, `"peerDependencies": { "@tocsin/core": "^${core}" },`)
    .replace(
      /"devDependencies": .*/,
      `"devDependencies": { ${Object.entries(tools)
        .map(([name, version]) => `"${name}": "${version}"`)
        .join(', ')} }`,
    );
}

function descriptionOf(kind: Kind, title: string): string {
  return kind === 'source' ? `Tocsin source: alerts of ${title}` : `Tocsin target: messages in ${title}`;
}

function manifest(kind: Kind): string {
  return readFileSync(join(import.meta.dirname, '..', 'templates', `${kind}s`, 'example', 'package.json'), 'utf8');
}

/** What the package is made with; `tocsin` is released together with this one. */
function versions(): { core: string; tocsin: string; tsup: string; typescript: string } {
  const require = createRequire(import.meta.url);
  const own = require('../package.json') as { version: string; devDependencies: { tsup: string; typescript: string } }; // ours
  const core = require('@tocsin/core/package.json') as { version: string }; // npm's own shape
  const { tsup, typescript } = own.devDependencies;
  if (!/^\d/.test(tsup)) {
    throw new TocsinError(
      'integration',
      'a package of its own is made by a release of Tocsin, and this is a clone of it',
      {
        remedy: 'Run `npm create tocsin-integration` here; or run the command inside the clone.',
      },
    );
  }
  // tsup reads its config with TypeScript's help, and doesn't bring it.
  return { core: core.version, tocsin: `^${own.version}`, tsup, typescript };
}
