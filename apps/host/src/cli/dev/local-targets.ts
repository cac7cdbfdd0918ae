import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MediumName } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { type ReadyTarget, readyTarget } from '@tocsin/testkit';
import { findIntegrations, localIntegrations } from '../integration-folders.ts';
import type { Trouble } from './preview.ts';
import { troublesOf } from './trouble.ts';

/** The folders of the targets around: in the repository of either folder, and those installed for the package. */
export function localTargetFolders(folder: string, here: string): string[] {
  const around = [here, dirname(folder)].flatMap(localIntegrations);
  const installed = packageFolders(folder).flatMap((found) => {
    try {
      return findIntegrations(found, here);
    } catch {
      return []; // no integration after all
    }
  });
  const targets = [...around, ...installed].filter(({ shortName }) => shortName.startsWith('target-'));
  return [...new Set(targets.map((target) => realpathSync(target.folder)))];
}

/** `node_modules/@acme/target-…` and `node_modules/tocsin-target-…`, here and above. */
function packageFolders(from: string): string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules)) {
      for (const name of readdirSync(modules)) {
        const inScope = name.startsWith('@') ? readdirSync(join(modules, name)) : [];
        found.push(
          ...inScope.filter((inner) => inner.startsWith('target-')).map((inner) => join(modules, name, inner)),
        );
        if (name.startsWith('tocsin-target-')) found.push(join(modules, name));
      }
    }
    if (dirname(folder) === folder) return found;
  }
}

export interface LocalTarget extends ReadyTarget {
  id: string;
  medium: MediumName;
}

/** The targets with the settings of their examples, and why some can't be used. */
export async function loadTargets(
  folders: readonly string[],
): Promise<{ targets: LocalTarget[]; troubles: Trouble[] }> {
  const targets: LocalTarget[] = [];
  const troubles: Trouble[] = [];
  for (const folder of folders) {
    try {
      const integration = await loadIntegration(folder);
      if (integration.kind !== 'target') continue;
      const ready = await readyTarget(integration);
      targets.push({ ...ready, id: integration.id, medium: mediumFor(ready) });
    } catch (error) {
      const [first] = troublesOf(error, folder);
      troubles.push({
        where: `target in ${folder}`,
        message: first?.message ?? String(error),
        remedy: 'Until it is mended, requests through it are not shown.',
      });
    }
  }
  return { targets, troubles };
}

/** The medium that a target with these settings is told in. */
export function mediumFor({ integration: { definition }, settings }: ReadyTarget): MediumName {
  return typeof definition.medium === 'function' ? definition.medium(settings) : definition.medium;
}
