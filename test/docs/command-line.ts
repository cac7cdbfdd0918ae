import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'apps/host/src/main.ts');

/** What `tocsin <words…>` prints to standard output, whatever its exit code; it reads the packages' TypeScript. */
export function tocsin(...words: string[]): string {
  const conditions = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  const { stdout, stderr } = spawnSync(process.execPath, [...conditions, program, ...words], {
    cwd: root,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`tocsin ${words.join(' ')} prints nothing\n${stderr}`);
  return stdout;
}
