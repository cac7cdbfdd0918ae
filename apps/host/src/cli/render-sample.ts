import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatCurl,
  formatRequest,
  nextRequest,
  renderNotification,
  type SourceIntegration,
  TocsinError,
} from '@tocsin/core';
import { runSourceCase } from '@tocsin/testkit';
import { suggest } from '../config/nearest.ts';
import { loadRegistry } from '../registry.ts';
import { readConfig } from './files.ts';

export interface SampleOptions {
  config: string;
  curl?: boolean;
  json?: boolean;
}

/** The requests that a target of the configuration would be sent of a source's example, one for each group of it. */
export async function renderSample(
  integration: SourceIntegration,
  name: string,
  to: string,
  { config, curl, json }: SampleOptions,
): Promise<string> {
  const { targets } = await loadRegistry(readConfig(config));
  const target = targets.get(to);
  if (!target) {
    throw new TocsinError('not-found', `there is no target ${to}${suggest(to, [...targets.keys()], 'there are')}`, {
      remedy: 'Name one of the configuration.',
    });
  }
  const { definition } = target.integration;
  const medium = typeof definition.medium === 'function' ? definition.medium(target.settings) : definition.medium;
  const read = (file: string) => readFileSync(join(integration.folder, 'examples', file), 'utf8');
  const body = read(`${name}.json`);
  const { inputs, receivedAt } = runSourceCase(
    integration,
    body,
    JSON.parse(body),
    JSON.parse(read(`${name}.expected.json`)),
  );
  const requests = inputs.flatMap((input) => {
    const wanted = { medium, limits: definition.limits };
    const notification = renderNotification(input, integration.templates, wanted, { now: receivedAt });
    return nextRequest(definition, notification, target.settings, []) ?? [];
  });
  if (json) return JSON.stringify(requests, null, 2);
  return requests.map((request) => (curl ? formatCurl(request) : formatRequest(request).trimEnd())).join('\n\n');
}
