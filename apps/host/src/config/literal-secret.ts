import type { Fault } from '@tocsin/core';
import { faultAt, type LoadedConfig } from './config.ts';
import { type Path, valueAt, withValueAt } from './path.ts';
import { parseReferences } from './reference.ts';
import { literalReference, literalWarning } from './resolve.ts';

/**
 * The config with the texts at these paths (`['targets', 0, 'settings', 'webhookUrl']`) moved into its secrets where
 * they are written out in the file, each with a warning. Which settings are secret only their integration knows.
 */
export function hideLiterals(config: LoadedConfig, paths: readonly Path[]): LoadedConfig {
  const secrets = new Map(config.secrets);
  const warnings: Fault[] = [...config.warnings];
  let hidden = config;
  for (const path of paths) {
    const text = valueAt(hidden, path);
    if (typeof text !== 'string' || text === '') continue;
    const parts = parseReferences(text);
    if (parts.some((part) => typeof part !== 'string')) continue;
    const reference = literalReference(hidden, path);
    secrets.set(reference, parts.join(''));
    warnings.push(faultAt(config, path, literalWarning));
    hidden = withValueAt(hidden, path, reference);
  }
  return { ...hidden, secrets, warnings };
}
