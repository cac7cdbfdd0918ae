import { nearest, TocsinError } from '@tocsin/core';
import type { Command } from 'commander';
import { type ConfiguredSource, createCommand, type StoredRequest } from 'create-tocsin-integration';
import type { LoadedConfig } from '../config/config.ts';
import { loadRegistry } from '../registry.ts';
import { apiClient, urlOption } from './api-client.ts';
import { configOption, readConfig } from './files.ts';

/** `tocsin new`, which drafts from a configured source too. */
export function newCommand(): Command {
  return createCommand('new', {
    options: [configOption(), urlOption()],
    read: (id, { config, url }) => readSource(id, String(config), url === undefined ? undefined : String(url)),
  });
}

async function readSource(id: string, file: string, url: string | undefined): Promise<ConfiguredSource> {
  const config = readConfig(file);
  const registry = await loadRegistry(config);
  const source = registry.sources.get(id);
  if (!source) throw unknownSource(id, config);
  const query = new URLSearchParams({ source: id, rejected: 'false' });
  const { items } = await apiClient(config, process.env, url).get<{ items: StoredRequest[] }>(`requests?${query}`);
  const { labels, severity } = source.config;
  return {
    id,
    integration: source.integration,
    settings: source.settings,
    labels,
    severity,
    templates: registry.templates.sources.get(id) ?? [],
    requests: items,
  };
}

function unknownSource(id: string, { file, sources }: LoadedConfig): TocsinError {
  const known = sources.map((source) => source.id);
  const suggestion = nearest(id, known);
  return new TocsinError('not-found', `there is no source ${id} in ${file}`, {
    remedy: `${suggestion ? `Did you mean ${suggestion}? ` : ''}Its sources: ${known.join(', ') || 'none'}`,
  });
}
