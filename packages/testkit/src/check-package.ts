import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { contractVersion, type Integration } from '@tocsin/core';
import { idOf } from '@tocsin/core/load';
import { definitionFaults } from './definition-schema.ts';
import { parseJson, readText } from './files.ts';
import { namedSettingFaults } from './named-settings.ts';
import { faultsOf, type Report } from './result.ts';

/** What the host and npm read of a package.json. */
export async function checkPackage(folder: string, report: Report): Promise<void> {
  await report.check(
    'package.json',
    'package',
    'Compare it with the package.json of @tocsin/source-webhook.',
    async () => {
      const text = await readText(folder, 'package.json');
      if (text === undefined) return ['there is no package.json'];
      const manifest = parseJson(text, 'package.json') as Record<string, unknown>;
      const name = String(manifest.name ?? '');
      const files = Array.isArray(manifest.files) ? manifest.files : [];
      const peers = (manifest.peerDependencies ?? {}) as Record<string, unknown>;
      const dependencies = (manifest.dependencies ?? {}) as Record<string, unknown>;
      const shipped = [
        'dist',
        'examples',
        'howto.html',
        ...((await hasFolder(folder, 'templates')) ? ['templates'] : []),
        ...((await hasFolder(folder, 'howto')) ? ['howto'] : []),
      ];
      const lines = text.trimEnd().split('\n').length;
      const entry = entryOf(manifest.exports);
      const missing = shipped.filter((part) => !files.includes(part));
      const id = idOf(name);
      return faultsOf([
        [
          /(^|[/-])(source|target)-[a-z0-9-]+$/.test(name),
          `its name ${JSON.stringify(name)} is not …source-<id> or …target-<id>`,
        ],
        [
          // Outside of the repository a folder is whatever its owner calls it.
          id === basename(folder) || !name.startsWith('@tocsin/'),
          `its folder is ${basename(folder)} and its id ${id}; both are one name`,
        ],
        [manifest.type === 'module', 'its type is not "module"'],
        [
          JSON.stringify(manifest.tocsin) === JSON.stringify({ contract: contractVersion }),
          `it lacks "tocsin": { "contract": ${contractVersion} }`,
        ],
        [typeof manifest.description === 'string' && manifest.description !== '', 'it has no description'],
        ['@tocsin/core' in peers, '@tocsin/core is not among its peerDependencies, so it would bring a second one'],
        [
          !Object.keys(dependencies).includes('@tocsin/core'),
          '@tocsin/core is among its dependencies; as a peer it is the host’s own',
        ],
        [entry === './dist/index.js', 'its exports name no "." whose default is ./dist/index.js'],
        [
          isRecord(manifest.exports) && './package.json' in manifest.exports,
          'its exports lack ./package.json, which the host reads',
        ],
        [lines <= mostLines, `it has ${lines} lines, and at most ${mostLines} are enough`],
        [missing.length === 0, `its files lack ${missing.join(', ')}`],
      ]);
    },
  );
}

/** What the loader can't see in a definition. Says whether it is whole. */
export function checkDefinition({ definition, name }: Integration, report: Report): boolean {
  const faults = [
    ...definitionFaults(definition),
    ...namedSettingFaults(definition),
    ...faultsOf([[name.includes(`${definition.kind}-`), `it is a ${definition.kind}, which its name ${name} denies`]]),
  ];
  report.add(
    'src/index.ts',
    'definition',
    faults,
    "Mend the definition; its type's comments say what each part is for.",
  );
  return faults.length === 0;
}

/** A package.json is the only boilerplate of an integration. */
const mostLines = 22;

function entryOf(exports: unknown): unknown {
  const entry = isRecord(exports) ? exports['.'] : exports;
  return isRecord(entry) ? entry.default : entry;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}

async function hasFolder(folder: string, name: string): Promise<boolean> {
  return (await readdir(join(folder, name)).catch(() => [])).length > 0;
}
