import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changesPage, expectedTexts } from './changes-page.mjs';
import { Trouble } from './progress.mjs';

/**
 * What a person would read before and after: `texts` are those that change, each by its medium.
 *
 * @typedef {{ name: string, examples: { name: string, texts: { label: string, difference: string }[] }[] }} Change
 */

/**
 * Writes the messages of every integration that was touched since `base`, before and after, as a page of Markdown: into
 * the summary of the job, or to standard output where there is none.
 *
 * @param {{ folder: string, base?: string | undefined, environment: NodeJS.ProcessEnv, print: (text: string) => void }} options
 */
export function writeChanges({ folder, base, environment, print }) {
  const git = gitOf(folder);
  const from = base === undefined ? findBase(git, environment) : commitOf(git, base);
  const page = from === undefined ? 'There is no commit before this one to compare with.\n' : pageSince(git, from);
  if (environment.GITHUB_STEP_SUMMARY) appendFileSync(environment.GITHUB_STEP_SUMMARY, page);
  else print(page);
}

/** @typedef {ReturnType<typeof gitOf>} Git */

/** @param {string} folder */
function gitOf(folder) {
  /** What it prints; throws if it fails. @param {string[]} parameters */
  return (...parameters) =>
    execFileSync('git', ['-c', 'core.quotePath=false', ...parameters], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
}

/**
 * Where this branch began: at the branch of the pull request's base, else at main, else at the commit before.
 *
 * @param {Git} git
 * @param {NodeJS.ProcessEnv} environment
 */
function findBase(git, environment) {
  if (environment.GITHUB_BASE_REF) return branchingPoint(git, commitOf(git, `origin/${environment.GITHUB_BASE_REF}`));
  const head = commitOf(git, 'HEAD');
  for (const branch of ['origin/main', 'main']) {
    const known = resolve(git, branch);
    const point = known && branchingPoint(git, known);
    if (point && point !== head) return point;
  }
  return resolve(git, 'HEAD^');
}

/** @param {Git} git @param {string} commit */
function branchingPoint(git, commit) {
  return git('merge-base', commit, 'HEAD').trim();
}

/** @param {Git} git @param {string} name */
function commitOf(git, name) {
  const commit = resolve(git, name);
  if (commit) return commit;
  throw new Trouble(`There is no commit ${name} to compare with.`, {
    remedy: 'Fetch it: `git fetch origin <branch>`; in a workflow, check out with `fetch-depth: 0`.',
  });
}

/** @param {Git} git @param {string} name */
function resolve(git, name) {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).trim();
  } catch {
    return undefined;
  }
}

/** @param {Git} git @param {string} base */
function pageSince(git, base) {
  const paths = git('diff', '--name-only', '--no-renames', '-z', base, 'HEAD', '--', 'integrations').split('\0');
  const folders = [...new Set(paths.flatMap((path) => folderPattern.exec(path)?.[0] ?? []))];
  const changes = folders.map((folder) => ({
    name: folder.replace(/^integrations\/(source|target)s\/(.*)\/$/s, '$1 $2'),
    examples: examplesOf(
      git,
      base,
      paths.filter((path) => path.startsWith(folder) && expectedPattern.test(path)),
    ),
  }));
  return changesPage(changes, base.slice(0, 9));
}

const folderPattern = /^integrations\/(?:source|target)s\/[^/]+\//;
const expectedPattern = /^[^/]+\/[^/]+\/[^/]+\/examples\/[^/]+\.expected\.(?:json|http)$/;

/** @param {Git} git @param {string} base @param {string[]} paths */
function examplesOf(git, base, paths) {
  return paths.map((path) => {
    const before = expectedTexts(path, readAt(git, base, path));
    const after = expectedTexts(path, readAt(git, 'HEAD', path));
    const labels = [...new Set([...before.keys(), ...after.keys()])];
    const texts = labels.filter((label) => before.get(label) !== after.get(label));
    return {
      name: /** @type {string} */ (path.split('/').at(-1)).replace(/\.expected\.(json|http)$/, ''),
      texts: differencesOf(git, texts, before, after),
    };
  });
}

/** The file at a commit; empty where it isn't there. @param {Git} git @param {string} commit @param {string} path */
function readAt(git, commit, path) {
  const isThere = git('ls-tree', '--name-only', '-z', commit, '--', path) !== '';
  return isThere ? git('show', `${commit}:${path}`) : '';
}

/**
 * @param {Git} git
 * @param {string[]} labels
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 */
function differencesOf(git, labels, before, after) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-changes-'));
  try {
    // Numbers as names: what stands in a label is no path.
    for (const [side, texts] of /** @type {const} */ ([
      ['before', before],
      ['after', after],
    ])) {
      mkdirSync(join(folder, side));
      for (const [index, label] of labels.entries())
        writeFileSync(join(folder, side, `${index}`), texts.get(label) ?? '');
    }
    return labels.map((label, index) => ({
      label,
      difference: differenceOf(git, join(folder, 'before', `${index}`), join(folder, 'after', `${index}`)),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The hunks, without git's lines about the files. @param {Git} git @param {string} before @param {string} after */
function differenceOf(git, before, after) {
  try {
    return git('diff', '--no-index', '--no-color', '--no-ext-diff', '--no-textconv', '--text', '-U2', before, after);
  } catch (error) {
    const { status, stdout } = /** @type {{ status?: number, stdout?: string }} */ (error);
    // It ends with 1 where they differ.
    if (status !== 1 || stdout === undefined) throw error;
    return stdout.slice(stdout.indexOf('\n@@') + 1);
  }
}
