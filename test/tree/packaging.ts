import type { Rule } from './rule.ts';
import { format, type Manifest, manifests, type Tree } from './tree.ts';

const mostRootFiles = 18;
const mostRootScripts = 10;
const mostManifestLines = 22;

export const packaging: Rule[] = [
  {
    sentence: 'Each version is written once, exactly, in the catalog of pnpm-workspace.yaml; each entry there is used',
    check(tree) {
      const { path, entries } = readCatalog(tree);
      const ranges = manifests(tree).flatMap((entry) =>
        dependencyRanges(entry.manifest).map((range) => ({ ...range, path: entry.path })),
      );
      const used = new Set(ranges.map(({ name }) => name));
      return [
        ...ranges
          .filter(({ range }) => range !== 'catalog:' && range !== 'workspace:^')
          .map(
            ({ path: manifest, name, range }) =>
              `${manifest}: ${name} is "${range}"; write "catalog:" (ours: "workspace:^")`,
          ),
        ...ranges
          .filter(({ name, range }) => range === 'catalog:' && !entries.some((entry) => entry.name === name))
          .map(({ path: manifest, name }) => `${manifest}: ${name} is not in the catalog`),
        ...entries.flatMap(({ name, version, line }, index) => [
          ...(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
            ? []
            : [format({ path, line }, `${name}: "${version}" is no exact version`)]),
          ...(entries.findIndex((entry) => entry.name === name) === index
            ? []
            : [format({ path, line }, `${name} stands here twice`)]),
          ...(used.has(name) ? [] : [format({ path, line }, `${name} is used by nobody`)]),
        ]),
      ];
    },
    broken: [
      withCatalog({ zod: '4.6.7' }, { dependencies: { zod: '^4.6.7' } }),
      withCatalog(
        { zod: '4.6.7' },
        { dependencies: { zod: 'catalog:' }, peerDependencies: { '@tocsin/core': 'workspace:*' } },
      ),
      withCatalog({ zod: '^4.6.7' }, { dependencies: { zod: 'catalog:' } }),
      withCatalog({ zod: '4.6.7', yaml: '2.9.1' }, { devDependencies: { zod: 'catalog:' } }),
      withCatalog({}, { optionalDependencies: { zod: 'catalog:' } }),
      {
        'pnpm-workspace.yaml': "catalog:\n  'zod': 4.6.7\n  zod: 4.6.6\n",
        'packages/core/package.json': '{ "dependencies": { "zod": "catalog:" } }',
      },
    ],
  },
  {
    sentence: 'Every package has the licence of the repository and its Node floor',
    check(tree) {
      const root = manifests(tree).find(({ path }) => path === 'package.json')?.manifest;
      return manifests(tree).flatMap(({ path, manifest }) => [
        ...(manifest.license === root?.license
          ? []
          : [`${path}: license is ${manifest.license}, the root's ${root?.license}`]),
        ...(manifest.engines?.node === root?.engines?.node
          ? []
          : [`${path}: engines.node is ${manifest.engines?.node}, the root's ${root?.engines?.node}`]),
      ]);
    },
    broken: [
      withRoot({ license: 'Apache-2.0' }, { license: 'MIT' }),
      withRoot({ engines: { node: '>=22.18' } }, { engines: { node: '>=20' } }),
      withRoot({ engines: { node: '>=22.18' } }, {}),
    ],
  },
  {
    sentence: `The package.json of an integration, its only boilerplate, has at most ${mostManifestLines} lines`,
    check: (tree) =>
      [...tree]
        .filter(([path]) => /^integrations\/[^/]+\/[^/]+\/package\.json$/.test(path))
        .map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }))
        .filter(({ lines }) => lines > mostManifestLines)
        .map(({ path, lines }) => `${path}: has ${lines} lines`),
    broken: [{ 'integrations/sources/acme/package.json': `{${'\n'.repeat(mostManifestLines)}}` }],
  },
  {
    sentence: `The root is calm: at most ${mostRootFiles} files, and ${mostRootScripts} scripts in its package.json`,
    check(tree) {
      const files = [...tree.keys()].filter((path) => !path.includes('/'));
      const root = manifests(tree).find(({ path }) => path === 'package.json');
      const scripts = Object.keys(root?.manifest.scripts ?? {});
      return [
        ...(files.length > mostRootFiles ? [`The root has ${files.length} files: ${files.join(', ')}`] : []),
        ...(scripts.length > mostRootScripts
          ? [`package.json: has ${scripts.length} scripts: ${scripts.join(', ')}`]
          : []),
      ];
    },
    broken: [
      Object.fromEntries(Array.from({ length: mostRootFiles + 1 }, (_, index) => [`.tool${index}rc`, ''])),
      {
        'package.json': JSON.stringify({
          scripts: Object.fromEntries(Array.from({ length: mostRootScripts + 1 }, (_, index) => [`s${index}`, ''])),
        }),
      },
    ],
  },
];

function dependencyRanges(manifest: Manifest): { name: string; range: string }[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  return [dependencies, devDependencies, peerDependencies, optionalDependencies].flatMap((list) =>
    Object.entries(list ?? {}).map(([name, range]) => ({ name, range })),
  );
}

/** Read line by line: a YAML reader would take two entries of one name for one. */
function readCatalog(tree: Tree) {
  const path = 'pnpm-workspace.yaml';
  const lines = tree.get(path)?.split('\n') ?? [];
  const begin = lines.indexOf('catalog:') + 1;
  const length = lines.slice(begin).findIndex((line) => !line.startsWith('  '));
  const entries = begin === 0 ? [] : lines.slice(begin, length < 0 ? undefined : begin + length);
  return {
    path,
    entries: entries.map((entry, index) => {
      const [, name = entry, version = ''] = /^ {2}'?([^':]+)'?: (\S+)$/.exec(entry) ?? [];
      return { name, version, line: begin + index + 1 };
    }),
  };
}

function withCatalog(catalog: Record<string, string>, manifest: object): Record<string, string> {
  const entries = Object.entries(catalog).map(([name, version]) => `  ${name}: ${version}\n`);
  return {
    'pnpm-workspace.yaml': `catalog:\n${entries.join('')}`,
    'packages/core/package.json': JSON.stringify(manifest),
  };
}

function withRoot(root: object, manifest: object): Record<string, string> {
  return { 'package.json': JSON.stringify(root), 'packages/core/package.json': JSON.stringify(manifest) };
}
