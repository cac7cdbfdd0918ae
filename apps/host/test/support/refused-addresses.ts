import { join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { loadConfig } from '../../src/config/load-config.ts';
import { loadRegistry } from '../../src/registry.ts';

/** How many of the addresses `tocsin check` refuses, where they are written in a configuration of this folder. */
export async function refusedAddresses(folder: string, urls: readonly string[]): Promise<number> {
  const text = JSON.stringify({
    version: 1,
    unrouted: 'drop',
    integrations: ['@tocsin/target-webhook'],
    targets: urls.map((url, index) => ({ id: `t${index}`, use: 'webhook', settings: { url } })),
  });
  const config = loadConfig(join(folder, 'refused.yaml'), { env: {}, readFile: () => text });
  const error: unknown = await loadRegistry(config).catch((reason: unknown) => reason);
  const faults = error instanceof TocsinError ? error.faults : [];
  return new Set(faults.map(({ path }) => path).filter((path) => path.endsWith('.settings.url'))).size;
}
