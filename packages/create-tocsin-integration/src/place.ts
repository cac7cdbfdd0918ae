import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { TocsinError } from '@tocsin/core';

export type Kind = 'source' | 'target';

/** Where an integration is made. */
export interface Place {
  folder: string;
  /** The repository of Tocsin that it is made in; undefined for a package of its own. */
  repository: string | undefined;
}

/**
 * A new folder in the repository that `from` lies in; else `from` itself, in which nothing but the `given` files may be.
 * Throws a TocsinError `integration` for a place that is taken.
 */
export function findPlace(kind: Kind, id: string, from: string, given: readonly string[]): Place {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new TocsinError('integration', `${JSON.stringify(id)} can't be an id`, {
      remedy:
        'Write small letters, digits and hyphens, such as uptime-kuma: it is the name of the folder and the package.',
    });
  }
  const repository = repositoryOf(from);
  if (repository !== undefined) {
    const folder = join(repository, 'integrations', `${kind}s`, id);
    if (!existsSync(folder)) return { folder, repository };
    throw new TocsinError('integration', `${relative(from, folder)} is already there`, {
      remedy: 'Choose another id, or work on that one.',
    });
  }
  const known = new Set(given.map((file) => resolve(from, file)));
  const others = readdirSync(from).filter((name) => !name.startsWith('.') && !known.has(join(from, name)));
  if (others.length === 0) return { folder: from, repository };
  throw new TocsinError(
    'integration',
    `${basename(from)} is no empty folder: it holds ${others.slice(0, 5).join(', ')}`,
    {
      remedy: 'Make a new folder and run the command in there.',
    },
  );
}

function repositoryOf(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (
      ['pnpm-workspace.yaml', 'integrations/sources', 'packages/core'].every((name) => existsSync(join(folder, name)))
    ) {
      return folder;
    }
    if (dirname(folder) === folder) return undefined;
  }
}
