import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Editors write a file in several steps: a change counts once it has been quiet for this long, in milliseconds. */
const quiet = 25;

/** How often the folders are looked at all the same, in milliseconds: not every file system tells of changes. */
const glance = 500;

/**
 * Calls `onChange` after a file in one of the folders was written, made, renamed or removed; not for what is built or
 * installed there. Returns what ends it.
 */
export function watchFolders(folders: readonly string[], onChange: () => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  let seen = signatureOf(folders);
  let waiting: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = signatureOf(folders);
    if (now.text === seen.text) return;
    seen = now;
    follow();
    onChange();
  };
  const wait = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(look, quiet);
  };
  const follow = (): void => {
    for (const folder of watchers.keys()) {
      if (seen.folders.includes(folder)) continue;
      watchers.get(folder)?.close();
      watchers.delete(folder);
    }
    for (const folder of seen.folders) if (!watchers.has(folder)) listen(folder);
  };
  const listen = (folder: string): void => {
    try {
      const watcher = watch(folder, wait);
      watcher.on('error', () => watcher.close());
      watchers.set(folder, watcher);
    } catch {
      // Gone again, or too many are watched on this machine: the next glance finds what changes.
    }
  };
  follow();
  const glances = setInterval(look, glance);
  return () => {
    clearTimeout(waiting);
    clearInterval(glances);
    for (const watcher of watchers.values()) watcher.close();
  };
}

/** Every file with its size and time, and the folders that they lie in. */
function signatureOf(roots: readonly string[]): { text: string; folders: string[] } {
  const lines: string[] = [];
  const folders: string[] = [];
  const walk = (folder: string): void => {
    folders.push(folder);
    for (const entry of entriesOf(folder)) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === 'dist') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else lines.push(`${path} ${stampOf(path)}`);
    }
  };
  for (const root of roots) walk(root);
  return { text: lines.join('\n'), folders };
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.size} ${stat.mtimeNs} ${stat.ino}` : '';
}
