import type { TemplateText } from '@tocsin/core';
import type { Vault } from '../egress/vault.ts';
import type { Registry } from '../registry.ts';
import type { WorkerSetup } from './jobs.ts';

/** What the threads need to know of everything that is configured. `pinned`: the recorded words of each source. */
export function workerSetup(
  { sources, targets, templates }: Registry,
  vault: Vault,
  pinned: ReadonlyMap<string, TemplateText[]>,
  without: WorkerSetup['without'] = [],
): Omit<WorkerSetup, 'progress'> {
  return {
    sources: [...sources].map(([id, { config, integration, settings, writeBack }]) => ({
      id,
      folder: integration.folder,
      settings,
      writeBack: vault.seal(writeBack),
      labels: config.labels,
      severity: config.severity,
      templates: pinned.get(id) ?? [],
      words: templates.sources.get(id) ?? [],
    })),
    targets: [...targets].map(([id, { integration, settings }]) => ({
      id,
      folder: integration.folder,
      settings: vault.seal(settings),
      words: templates.targets.get(id) ?? [],
    })),
    wordings: [...templates.wordings],
    without,
  };
}
