import { TocsinError } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { assessIntegration, checkIntegration, type Quality } from '@tocsin/testkit';
import { Command } from 'commander';
import { findFolder } from '../registry.ts';
import { configOption, readConfig } from './files.ts';
import { localIntegrations } from './integration-folders.ts';

/** A line of `tocsin integrations`. */
export interface ListedIntegration extends Quality {
  kind: 'source' | 'target';
  id: string;
  title: string;
  summary: string;
  package: string;
  version: string;
}

export function integrationsCommand(): Command {
  return new Command('integrations')
    .description('list the integrations of this folder or of a configuration, how good each is, and what it lacks')
    .option('--json', 'as JSON')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nInside a repository or a package it lists what is there, unless --config names a configuration.' +
        '\nLevels are worked out from the package: bronze passes the suite; docs/integrations.md says what more is asked for.',
    )
    .action(list);
}

async function list(options: { config: string; json?: boolean }, command: Command): Promise<void> {
  const isAsked = command.getOptionValueSource('config') !== 'default';
  const local = isAsked ? [] : localIntegrations(process.cwd()).map(({ folder }) => folder);
  const folders = local.length > 0 ? local : configured(options.config);
  const listed = await describeIntegrations(folders);
  if (options.json) process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  else process.stdout.write(`${listed.map(lines).join('\n')}\n`);
}

/** Runs the suite over each and says what came out. Throws a TocsinError for a package that can't be loaded. */
async function describeIntegrations(folders: readonly string[]): Promise<ListedIntegration[]> {
  const integrations = await Promise.all(folders.map(loadIntegration));
  const targets = integrations.filter(({ kind }) => kind === 'target').map(({ folder }) => folder);
  const listed: ListedIntegration[] = [];
  for (const { kind, id, name, version, folder, definition } of integrations) {
    const quality = await assessIntegration(folder, await checkIntegration(folder, { targets }));
    const { title, summary } = definition;
    listed.push({ kind, id, title, summary, package: name, version, ...quality });
  }
  return listed;
}

function configured(file: string): string[] {
  const { integrations, folder } = readConfig(file);
  if (integrations.length > 0) return integrations.map(({ name }) => findFolder(name, folder));
  throw new TocsinError('not-found', `${file} names no integrations`, {
    remedy: 'Name them under `integrations:`; `tocsin check` says what else is wrong.',
  });
}

function lines({ kind, id, title, package: name, version, level, next, missing }: ListedIntegration): string {
  return [
    `${level.padEnd(6)}  ${kind} ${id}  ${title}  (${name} ${version})`,
    ...missing.map((part) => `        for ${next}: ${part}`),
  ].join('\n');
}
