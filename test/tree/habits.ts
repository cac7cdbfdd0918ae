import { basename } from 'node:path';
import type { Rule } from './rule.ts';
import { calleeName, isNode, literal, type SourceFile, type SyntaxNode, sourceFiles } from './syntax.ts';
import { format, manifests } from './tree.ts';

const everySource = /^(packages|apps|integrations|scripts|test)\//;
const definitionFile = /^(integrations|packages\/create-tocsin-integration\/templates)\/[^/]+\/[^/]+\/src\/index\.ts$/;

/** What only means something on the machine that wrote it. */
const machineWords = [
  { words: /\/(?:work|root|Users)\//, what: 'a path of one machine' },
  {
    words: /\bregistry\.[a-z]+\.(?:org|com|dev)\b/,
    what: 'a registry: which one is used is for whoever installs to say',
  },
];

export const habits: Rule[] = [
  {
    sentence: 'An integration is named once: its folder is its id and its package is @tocsin/<source or target>-<id>',
    check: (tree) => [
      ...manifests(tree).flatMap(({ path, manifest }) => {
        const [, kind, id] = /^integrations\/([^/]+)\/([^/]+)\//.exec(path) ?? [];
        if (!kind) return [];
        if (kind !== 'sources' && kind !== 'targets')
          return [`${path}: integrations/ has sources/ and targets/, not ${kind}/`];
        const name = `@tocsin/${kind.slice(0, -1)}-${id}`;
        return manifest.name === name ? [] : [`${path}: is named ${manifest.name}; its folder says ${name}`];
      }),
      ...sourceFiles(tree, definitionFile).flatMap(definitionFaults),
    ],
    broken: [
      { 'integrations/sources/acme/package.json': '{ "name": "@tocsin/source-acne" }' },
      { 'integrations/targets/acme/package.json': '{ "name": "@tocsin/source-acme" }' },
      { 'integrations/others/acme/package.json': '{ "name": "@tocsin/other-acme" }' },
      { 'integrations/sources/acme/src/index.ts': `export default defineSource({ id: 'acme', title: 'Acme' });` },
      { 'integrations/sources/acme/src/index.ts': `export default defineTarget({ title: 'Acme' });` },
      { 'integrations/targets/acme/src/index.ts': `export const acme = defineTarget({ title: 'Acme' });` },
    ],
  },
  {
    sentence:
      'Exports are named one by one; only an integration (and a config file, for its tool) has a default export',
    check: (tree) =>
      sourceFiles(tree, everySource).flatMap((file) =>
        file.nodes.flatMap((node) => {
          if (node.type === 'ExportAllDeclaration')
            return [format(file.placeOf(node), 'exports *; name what is exported')];
          return isDefaultExport(node) && !definitionFile.test(file.path)
            ? [format(file.placeOf(node), 'has a default export; give it a name')]
            : [];
        }),
      ),
    broken: [
      { 'packages/core/src/index.ts': `export * from './alert.ts';` },
      { 'packages/core/src/index.ts': `export * as alert from './alert.ts';` },
      { 'packages/core/src/alert.ts': 'export default function read() {}' },
      { 'apps/host/src/app.ts': 'const app = 1;\nexport { app as default };' },
      { 'scripts/run.mjs': 'export default {};' },
    ],
  },
  {
    sentence: 'No RegExp is built from anything but text that stands in the code: config and payloads go through RE2',
    check: (tree) =>
      sourceFiles(tree, /^(packages|integrations)\/.*\/src\/|^apps\/host\/src\//).flatMap((file) =>
        file.nodes
          .filter((node) => /^(globalThis\.)?RegExp$/.test(calleeName(node) ?? ''))
          .filter((node) => (node.arguments as unknown[]).some((argument) => literal(argument) === undefined))
          .map((node) => format(file.placeOf(node), 'builds a RegExp at run time; use re2js, or write it as /…/')),
      ),
    broken: [
      { 'packages/core/src/a.ts': 'export const find = (text: string) => new RegExp(text);' },
      { 'packages/engine/src/a.ts': 'export const find = (text: string) => RegExp(`^${text}$`);' },
      { 'integrations/sources/acme/src/index.ts': 'const a = new globalThis.RegExp(settings.pattern, "u");' },
      { 'apps/host/src/a.ts': 'export const copy = (one: RegExp) => new RegExp(one);' },
    ],
  },
  {
    sentence: 'Source files are named in kebab-case',
    check: (tree) =>
      [...tree.keys()]
        .filter((path) => everySource.test(path) && /\.(ts|mts|js|mjs)$/.test(path))
        .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(basename(path)))
        .map((path) => `${path}: rename it`),
    broken: [
      { 'packages/core/src/alertGroup.ts': '' },
      { 'apps/host/src/Server.ts': '' },
      { 'scripts/run_all.mjs': '' },
    ],
  },
  {
    sentence: 'Nothing names a path of one machine or a package registry',
    check: (tree) =>
      [...tree]
        .filter(([path]) => path !== 'pnpm-lock.yaml')
        .flatMap(([path, text]) =>
          text
            .split('\n')
            .flatMap((content, index) =>
              machineWords
                .filter(({ words }) => words.test(content))
                .map(({ what, words }) =>
                  format({ path, line: index + 1 }, `names ${what} (${words.exec(content)?.[0]})`),
                ),
            ),
        ),
    broken: [
      { 'docs/guide.md': `Go to ${['', 'work', 'main'].join('/')}/apps.` },
      { '.ci/run': `cp ${['', 'root', '.npmrc'].join('/')} .` },
      { 'package.json': `{ "publishConfig": { "registry": "https://${['registry', 'example', 'org'].join('.')}" } }` },
    ],
  },
];

function definitionFaults(file: SourceFile): string[] {
  const define = file.path.includes('/sources/') ? 'defineSource' : 'defineTarget';
  const definition = file.nodes.find((node) => node.type === 'ExportDefaultDeclaration')?.declaration;
  if (!isNode(definition) || calleeName(definition) !== define)
    return [`${file.path}: has no \`export default ${define}({…})\``];
  const [fields] = definition.arguments as SyntaxNode[]; // ESTree's shape
  const properties = (fields?.properties ?? []) as { key?: { name?: string } }[]; // ESTree's shape
  return properties.some(({ key }) => key?.name === 'id') ? [`${file.path}: names its id; the folder does`] : [];
}

function isDefaultExport(node: SyntaxNode): boolean {
  if (node.type === 'ExportDefaultDeclaration') return true;
  const exported = node.type === 'ExportSpecifier' && isNode(node.exported) ? node.exported : undefined;
  return exported?.name === 'default';
}
