import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A repository as text: every file that git knows or would take, by its path from the root. */
export type Tree = ReadonlyMap<string, string>;

/** Somewhere in a file: `packages/core/src/alert.ts:12`. */
export interface Place {
  path: string;
  line: number;
}

export function readTree(root: string): Tree {
  // A checkout may belong to somebody else than the one who runs its tests, as in a container.
  const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const paths = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  const present = [...new Set(paths)].filter((path) => existsSync(join(root, path)));
  return new Map(present.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** The package that a file belongs to, as its folder; undefined for the root's own files. */
export function packageFolder(path: string): string | undefined {
  return /^(?:packages|apps)\/[^/]+(?=\/)|^integrations\/[^/]+\/[^/]+(?=\/)/.exec(path)?.[0];
}

/** Every package.json, parsed, with its path. */
export function manifests(tree: Tree): { path: string; manifest: Manifest }[] {
  return [...tree]
    .filter(([path]) => path === 'package.json' || path === `${packageFolder(path)}/package.json`)
    .map(([path, text]) => ({ path, manifest: JSON.parse(text) as Manifest })); // npm's own shape
}

export interface Manifest {
  name?: string;
  license?: string;
  engines?: { node?: string };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export function format({ path, line }: Place, message: string): string {
  return `${path}:${line}: ${message}`;
}
