import { existsSync, readdirSync } from 'node:fs';

/** The names of a source's examples, in their folder: `firing` and `resolved` first, since the others vary these. */
export function caseNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json') && !name.startsWith('.'))
    .map((name) => name.replace(/\.json$/, ''))
    .sort((left, right) => rank(left) - rank(right) || left.localeCompare(right));
}

function rank(name: string): number {
  const found = ['firing', 'resolved'].indexOf(name);
  return found === -1 ? 2 : found;
}
