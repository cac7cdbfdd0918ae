import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Rule } from './rule.ts';
import { calleeName, type Import, importsOf, nameOf, sourceFiles } from './syntax.ts';
import { format, manifests, packageFolder, type Tree } from './tree.ts';

/** Who may import which of our packages. A new package gets its line here. */
const layers: { folder: RegExp; may: RegExp; sentence: string }[] = [
  { folder: /^packages\/core$/, may: /^$/, sentence: 'core imports none of our packages' },
  { folder: /^packages\/engine$/, may: /^@tocsin\/core$/, sentence: 'the engine imports core alone' },
  { folder: /^packages\/store-[^/]+$/, may: /^@tocsin\/(core|engine)$/, sentence: 'a store imports core and engine' },
  { folder: /^packages\/testkit$/, may: /^@tocsin\/(core|engine)$/, sentence: 'the testkit imports core and engine' },
  {
    folder: /^packages\/create-tocsin-integration$/,
    may: /^@tocsin\/(core|testkit)$/,
    sentence: 'what makes integrations imports core and testkit',
  },
  { folder: /^integrations\/[^/]+\/[^/]+$/, may: /^@tocsin\/core$/, sentence: 'an integration imports core alone' },
  { folder: /^packages\/message-view$/, may: /^$/, sentence: 'the views of messages import none of our packages' },
  {
    folder: /^apps\/host$/,
    may: /^@tocsin\/(core|engine|testkit|message-view|store-[^/]+)$/,
    sentence: 'the host imports the packages, and knows integrations only by the names in its config',
  },
  {
    folder: /^apps\/sandbox$/,
    may: /^@tocsin\/message-view$/,
    sentence: 'the sandbox imports the views of messages alone: it stands for what is not ours',
  },
];

/** Modules of Node without a disk, a network, a clock or a process behind them. */
const pureModules = /^node:(assert|buffer|crypto|path|string_decoder|url|util)(\/|$)/;
const impureCalls =
  /^(Date\.now|Math\.random|performance\.\w+|crypto\.(randomUUID|getRandomValues|randomBytes|randomInt)|random(UUID|Bytes|Int)|fetch|WebSocket|set(Timeout|Interval|Immediate))$/;
const pureSource = /^packages\/(core\/src\/(?!load(-[\w-]+)?\.ts$)|engine\/src\/(?!testing(\.ts$|\/)))/;

export const layering: Rule[] = [
  {
    sentence:
      'Packages import along the layers: integrations → core ← engine ← store-*, testkit → core and engine, host → packages',
    check(tree) {
      const imports = sourceFiles(tree, /^(packages|apps|integrations)\/.*\/src\//).flatMap(importsOf);
      return [...imports, ...dependencies(tree)].flatMap((taken) => {
        const own = /^(@tocsin\/[^/]+|tocsin)(\/|$)/.exec(taken.specifier)?.[1];
        const folder = packageFolder(taken.path);
        if (!own || !folder) return [];
        const layer = layers.find((candidate) => candidate.folder.test(folder));
        if (!layer) return [format(taken, `${folder} has no layer yet; give it one in test/tree/layering.ts`)];
        return layer.may.test(own) ? [] : [format(taken, `imports ${own}, but ${layer.sentence}`)];
      });
    },
    broken: [
      { 'packages/core/src/a.ts': `import { decide } from '@tocsin/engine';` },
      { 'packages/engine/src/a.ts': `export { open } from '@tocsin/store-sqlite';` },
      { 'packages/engine/src/a.ts': `type Kit = import('@tocsin/testkit').Kit;` },
      { 'packages/store-sqlite/src/a.ts': `import { run } from '@tocsin/testkit';` },
      { 'packages/testkit/src/a.ts': `import 'tocsin';` },
      { 'packages/brand-new/src/a.ts': `import type { Alert } from '@tocsin/core';` },
      { 'integrations/sources/acme/src/index.ts': `import { decide } from '@tocsin/engine';` },
      { 'apps/host/src/a.ts': `const slack = await import('@tocsin/target-slack');` },
      { 'apps/sandbox/src/a.ts': `import { z } from '@tocsin/core';` },
      { 'apps/host/package.json': `{ "dependencies": { "@tocsin/source-alertmanager": "workspace:^" } }` },
    ],
  },
  {
    sentence:
      "An integration imports `@tocsin/core` and its own files, nothing else: text is a template, I/O is the host's",
    check: (tree) =>
      sourceFiles(tree, /^integrations\/[^/]+\/[^/]+\/src\//)
        .flatMap(importsOf)
        .filter(({ specifier }) => specifier !== '@tocsin/core' && !specifier.startsWith('.'))
        .map((taken) => format(taken, `imports ${taken.specifier}`)),
    broken: [
      { 'integrations/targets/acme/src/index.ts': `import { request } from 'node:https';` },
      { 'integrations/targets/acme/src/index.ts': `import { z } from 'zod';` },
      { 'integrations/targets/acme/src/index.ts': `import { loadIntegration } from '@tocsin/core/load';` },
    ],
  },
  {
    sentence:
      'A relative import names a file of its own package, with the extension; another package is imported by its name (the tests of the whole also take the helpers of a package’s tests)',
    check: (tree) =>
      sourceFiles(tree, /^(packages|apps|integrations|test|scripts)\//)
        .flatMap(importsOf)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .flatMap((taken) => relativeFault(tree, taken)),
    broken: [
      { 'packages/core/src/a.ts': `import './b';`, 'packages/core/src/b.ts': '' },
      { 'packages/core/src/a.ts': `import './b.js';`, 'packages/core/src/b.ts': '' },
      { 'apps/host/test/a.test.ts': `import '../../sandbox/src/b.ts';`, 'apps/sandbox/src/b.ts': '' },
      { 'test/a.test.ts': `import '../apps/host/src/b.ts';`, 'apps/host/src/b.ts': '' },
      { 'apps/sandbox/test/a.test.ts': `import '../../host/test/support/b.ts';`, 'apps/host/test/support/b.ts': '' },
    ],
  },
  {
    sentence:
      'Core (but its loader) and engine (but its suites for stores) touch no disk, no network, no clock and no chance: these are passed in',
    check: (tree) =>
      sourceFiles(tree, pureSource).flatMap((file) => {
        const imports = importsOf(file)
          .filter(({ specifier }) => isBuiltin(specifier) && !pureModules.test(specifier))
          .map((taken) => format(taken, `imports ${taken.specifier}`));
        const uses = file.nodes.flatMap((node) => {
          const callee = calleeName(node);
          const clock =
            callee === 'Date' && (node.type === 'CallExpression' || (node.arguments as unknown[]).length === 0);
          if (clock || impureCalls.test(callee ?? '')) return [format(file.placeOf(node), `calls ${callee}()`)];
          const member = node.type === 'MemberExpression' ? nameOf(node) : undefined;
          return /^process\.\w+$/.test(member ?? '') ? [format(file.placeOf(node), `reads ${member}`)] : [];
        });
        return [...imports, ...uses];
      }),
    broken: [
      { 'packages/core/src/a.ts': `import { readFile } from 'node:fs/promises';` },
      { 'packages/core/src/loader.ts': `import { readFileSync } from 'node:fs';` },
      { 'packages/engine/src/a.ts': `import net from 'node:net';` },
      { 'packages/engine/src/a.ts': `const http = await import('http');` },
      { 'packages/engine/src/a.ts': 'export const age = (at: number) => Date.now() - at;' },
      { 'packages/engine/src/a.ts': 'export const now = () => new Date().toISOString();' },
      { 'packages/core/src/a.ts': 'export const id = `${Math.random()}`;' },
      { 'packages/core/src/a.ts': `import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();` },
      { 'packages/core/src/a.ts': `export const answer = await fetch('https://example.com');` },
      { 'packages/engine/src/a.ts': 'export const debug = process.env.DEBUG;' },
    ],
  },
];

/** What a package.json asks for at run time, as if it were imported there. */
function dependencies(tree: Tree): Import[] {
  return manifests(tree).flatMap(({ path, manifest }) => {
    const lines = tree.get(path)?.split('\n') ?? [];
    const names = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    return Object.keys(names).map((specifier) => ({
      path,
      line: lines.findIndex((line) => line.includes(`"${specifier}"`)) + 1,
      specifier,
    }));
  });
}

function relativeFault(tree: Tree, taken: Import): string[] {
  const target = posix.join(posix.dirname(taken.path), taken.specifier);
  const isHelper = taken.path.startsWith('test/') && target.startsWith(`${packageFolder(target)}/test/support/`);
  if (packageFolder(target) !== packageFolder(taken.path) && !isHelper)
    return [format(taken, `imports ${taken.specifier} of another package`)];
  return tree.has(target) ? [] : [format(taken, `imports ${taken.specifier}, which is no file here`)];
}
