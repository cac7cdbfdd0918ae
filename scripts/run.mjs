/**
 * The repository's commands, for any Node from 20 and npm: each gets ready what it needs and runs its program with it.
 * `npm start` and the other scripts of package.json come here; `node scripts/run.mjs` lists them.
 */
import { join } from 'node:path';
import { writeChanges } from './changes.mjs';
import { endChildren, endWithStarter, exitCodeOfEnding, startChild } from './processes.mjs';
import { Trouble } from './progress.mjs';
import { startQuickstart } from './quickstart.mjs';
import { buildPackages, prepareToolchain, root } from './toolchain.mjs';

/** @typedef {{ summary: string, run: (parameters: string[]) => Promise<number> }} Command */

/** @satisfies {Record<string, Command>} */
const commands = {
  start: { summary: 'the host with the quickstart config, and the sandbox', run: startQuickstart },
  test: { summary: 'the tests; names of files narrow them down', run: runTests },
  tocsin: { summary: 'the command line of Tocsin', run: runTocsin },
  bench: { summary: 'the benchmark; --quick for a first impression', run: runBench },
  evidence: {
    summary: 'kill, durable, alertmanager, nagios, write-back or two-way: what is promised, seen on real processes',
    run: runEvidence,
  },
  faults: { summary: 'faults, done to real processes; --only D1, --quick, --prove', run: runFaults },
  corpus: { summary: 'every request of a folder through its source; --use webhook for those of none', run: runCorpus },
  build: { summary: 'every package into its dist folder', run: runBuild },
  check: { summary: 'lint and types; `check lint` or `check types` for one; --fix to mend', run: runCheck },
  changes: { summary: 'the messages of integrations touched since a commit, before and after', run: runChanges },
  changeset: { summary: 'a sentence to the users about a change', run: runChangeset },
};

const [name = '', ...parameters] = process.argv.slice(2);
endWithStarter();
const code = await main();
await endChildren();
process.exit(code);

/** @returns {Promise<number>} the exit code */
async function main() {
  const command = Object.entries(commands).find(([known]) => known === name)?.[1];
  if (!command) {
    const list = Object.entries(commands).map(([known, { summary }]) => `  ${known.padEnd(10)} ${summary}`);
    console.error([`Usage: node scripts/run.mjs <command>`, ...list].join('\n'));
    return 2;
  }
  try {
    return await command.run(parameters);
  } catch (error) {
    const ended = exitCodeOfEnding();
    if (ended !== undefined) return ended;
    console.error(error instanceof Trouble ? error.toText() : error);
    return 1;
  }
}

/** @param {string[]} parameters */
async function runTests(parameters) {
  const toolchain = await prepareToolchain();
  const project = parameters.some((parameter) => parameter.startsWith('--project')) ? [] : ['--project', 'unit'];
  return await runTool(toolchain, 'vitest/vitest.mjs', ['run', ...project, ...parameters]);
}

/** Paths mean what they mean in the folder where the person typed them. @param {string[]} parameters */
async function runTocsin(parameters) {
  const toolchain = await prepareToolchain();
  await buildPackages(toolchain);
  // The quickstart config names the sandbox by this variable, and `npm start` sets it to the same.
  toolchain.environment.SANDBOX_URL ||= `http://127.0.0.1:${process.env.SANDBOX_PORT || 8081}`;
  return await runNode(toolchain, 'apps/host/dist/main.js', parameters, process.env.INIT_CWD);
}

/** @param {string[]} parameters */
async function runBench(parameters) {
  const toolchain = await prepareToolchain();
  await buildPackages(toolchain);
  return await runNode(toolchain, 'apps/host/bench/main.ts', parameters);
}

/** @param {string[]} parameters */
async function runEvidence([name = '', ...parameters]) {
  const known = ['kill', 'durable', 'alertmanager', 'nagios', 'write-back', 'two-way'];
  if (!known.includes(name)) {
    throw new Trouble(`There is no evidence "${name}".`, { remedy: `Name one of ${known.join(', ')}.` });
  }
  return await runAgainstBuilt(`test/evidence/${name}.ts`, parameters);
}

/** @param {string[]} parameters */
async function runFaults(parameters) {
  return await runAgainstBuilt('test/faults/main.ts', parameters);
}

/** @param {string[]} parameters */
async function runCorpus(parameters) {
  return await runSource(await prepareToolchain(), 'test/evidence/corpus.ts', parameters);
}

/** What starts the host, or parts of it, as users have it. @param {string} program @param {string[]} parameters */
async function runAgainstBuilt(program, parameters) {
  const toolchain = await prepareToolchain();
  await buildPackages(toolchain);
  return await runSource(toolchain, program, parameters);
}

/**
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} program below the repository's folder, in TypeScript
 * @param {string[]} parameters
 */
async function runSource(toolchain, program, parameters) {
  const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  return await startChild(toolchain.node, [...flags, join(root, program), ...parameters], {
    cwd: root,
    env: toolchain.environment,
  }).exit;
}

/** @param {string[]} parameters */
async function runBuild(parameters) {
  await buildPackages(await prepareToolchain(), parameters);
  return 0;
}

/** @param {string[]} parameters */
async function runCheck(parameters) {
  const toolchain = await prepareToolchain();
  const fix = parameters.includes('--fix');
  const wanted = parameters.filter((parameter) => parameter !== '--fix');
  // biome colours what it writes to a file or a pipe too.
  const lintOptions = ['--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`];
  const checks = {
    lint: () =>
      runTool(toolchain, '@biomejs/biome/bin/biome', [...(fix ? ['check', '--write'] : ['ci']), ...lintOptions]),
    types: () => runTool(toolchain, 'typescript/bin/tsc', ['-p', 'tsconfig.json']),
  };
  const unknown = wanted.find((check) => !(check in checks));
  if (unknown)
    throw new Trouble(`There is no check "${unknown}".`, {
      remedy: `The checks are ${Object.keys(checks).join(', ')}.`,
    });
  const codes = [];
  for (const [check, run] of Object.entries(checks)) {
    if (wanted.length === 0 || wanted.includes(check)) codes.push(await run());
  }
  return Math.max(...codes);
}

/** @param {string[]} parameters */
async function runChanges([base]) {
  writeChanges({ folder: root, base, environment: process.env, print: (text) => process.stdout.write(text) });
  return 0;
}

/** @param {string[]} parameters */
async function runChangeset(parameters) {
  return await runTool(await prepareToolchain(), '@changesets/cli/bin.js', parameters);
}

/**
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} program below node_modules
 * @param {string[]} parameters
 */
async function runTool(toolchain, program, parameters) {
  return await runNode(toolchain, join('node_modules', program), parameters);
}

/**
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} program below the repository's folder
 * @param {string[]} parameters
 * @param {string} [folder] to run in
 */
async function runNode(toolchain, program, parameters, folder = root) {
  return await startChild(toolchain.node, [join(root, program), ...parameters], {
    cwd: folder,
    env: toolchain.environment,
  }).exit;
}
