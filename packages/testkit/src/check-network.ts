import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseJson, readText } from './files.ts';
import type { Report } from './result.ts';

/** Node's modules with a network or a process behind them. */
const modules =
  /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]((?:node:)?(?:net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|inspector)(?:\/\w+)*)['"]/;
const globals = /(?<![.\w$#])(?:new\s+)?(fetch|WebSocket|EventSource|XMLHttpRequest)\s*\(/;

/** Looks for connections in the code of the package and of what it depends on, and adds what its functions tried. */
export async function checkNetwork(folder: string, attempts: ReadonlySet<string>, report: Report): Promise<void> {
  await report.check(
    'src/index.ts',
    'network',
    'Build a request and let the host send it; leave out the package that connects by itself.',
    async () => {
      const own = (await hasSource(folder)) ? 'src' : 'dist';
      return [
        ...(await scanned(join(folder, own))).map(({ file, what }) => `${own}/${file} uses ${what}`),
        ...(await scannedDependencies(folder)),
        ...attempts,
      ];
    },
  );
}

async function hasSource(folder: string): Promise<boolean> {
  return (await readText(folder, 'src', 'index.ts')) !== undefined;
}

interface Use {
  file: string;
  what: string;
}

/** The first use in each file of a folder. */
async function scanned(folder: string): Promise<Use[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.slice(folder.length).includes('node_modules'));
  const uses = await Promise.all(
    files.map(async (file) => {
      const text = (await readText(file)) ?? '';
      const what = modules.exec(text)?.[1] ?? globals.exec(text)?.[1];
      return what === undefined ? [] : [{ file: file.slice(folder.length + 1), what }];
    }),
  );
  return uses.flat();
}

/** One fault for each dependency, with its own, that connects or can't be looked at. Core is the host's. */
async function scannedDependencies(folder: string, known = new Set(['@tocsin/core'])): Promise<string[]> {
  const manifest = parseJson((await readText(folder, 'package.json')) ?? '{}', 'package.json') as Manifest;
  const faults: string[] = [];
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    if (known.has(name)) continue;
    known.add(name);
    const place = await installed(name, folder);
    if (place === undefined) {
      faults.push(`its dependency ${name} is not installed, so nobody can look into it`);
      continue;
    }
    const [use] = await scanned(place);
    if (use) faults.push(`its dependency ${name} uses ${use.what} (${use.file})`);
    faults.push(...(await scannedDependencies(place, known)));
  }
  return faults;
}

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The package's folder, found as Node finds it. */
async function installed(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if ((await readText(place, 'package.json')) !== undefined) return place;
    if (folder === dirname(folder)) return undefined;
  }
}
