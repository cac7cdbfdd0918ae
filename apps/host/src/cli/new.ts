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
  const api = apiClient(config, process.env, url);
  const { items } = await api.get<{ items: StoredRequest[] }>(`requests?${query}`);
  const words = await api.get<{ items: { source: string; changes: { name: string }[] }[] }>('templates');
  const { labels, severity } = source.config;
  const own = registry.templates.sources.get(id) ?? [];
  const changes = words.items.find((one) => one.source === id)?.changes ?? [];
  const recorded = changes.map(({ name }) => name).filter((name) => own.every((text) => text.name !== name));
  return {
    id,
    integration: source.integration,
    settings: source.settings,
    labels,
    severity,
    templates: own,
    recorded,
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
