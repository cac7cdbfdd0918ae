import { type TargetIntegration, TocsinError } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { Command } from 'commander';
import { stringify } from 'yaml';
import type { LoadedConfig } from '../config/config.ts';
import { urlOf } from '../config/listen.ts';
import { redirectAddress } from '../installations/desk.ts';
import { findFolder } from '../registry.ts';
import { configOption, readConfig } from './files.ts';

interface ManifestOptions {
  config: string;
  target?: string;
  json?: boolean;
}

/** `tocsin slack manifest`: commands about the app of one vendor. The word is the id of its integration. */
export function appCommand(integration: string, vendor: string): Command {
  return new Command(integration).description(`the ${vendor} app`).addCommand(manifestCommand(integration, vendor));
}

function manifestCommand(integration: string, vendor: string): Command {
  return new Command('manifest')
    .description(`what ${vendor} takes to make the app: its scopes, and the addresses of this hub`)
    .addOption(configOption())
    .option('--target <id>', `of the target; by default the only one that uses ${integration}, or \`${integration}\``)
    .option('--json', 'as JSON, not YAML')
    .addHelpText(
      'after',
      `
The addresses are made of \`url\` in the configuration, and the id of the target. The configuration is read from the
file: no host has to run, and the target need not be there yet, as its settings come from the app.`,
    )
    .action(async (options: ManifestOptions) => {
      const config = readConfig(options.config);
      const { definition } = await integrationOf(config, integration);
      const target = options.target ?? onlyTarget(config, integration);
      const { url = urlOf(config.listen, config.listen.port) } = config;
      const manifest = definition.installation?.manifest({
        redirect: redirectAddress(url, target),
        callbacks: `${url}/callbacks/${target}${isKeyed(config, target) ? '/KEY' : ''}`,
      });
      if (!manifest) throw new TocsinError('integration', `${integration} has no app`, { origin: integration });
      process.stdout.write(options.json ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest));
      for (const note of notes(config, target, url, vendor)) process.stderr.write(`${note}\n`);
    });
}

async function integrationOf(config: LoadedConfig, id: string): Promise<TargetIntegration> {
  for (const { name } of config.integrations) {
    const integration = await loadIntegration(findFolder(name, config.folder));
    if (integration.id === id && integration.kind === 'target') return integration;
  }
  throw new TocsinError('integration', `the configuration has no integration ${id}`, {
    origin: config.file,
    remedy: `Add the package of the target ${id} to \`integrations\`.`,
  });
}

function onlyTarget(config: LoadedConfig, integration: string): string {
  const ids = config.targets.filter((target) => target.integration.endsWith(`-${integration}`)).map(({ id }) => id);
  if (ids.length <= 1) return ids[0] ?? integration;
  throw new TocsinError('not-found', `several targets use ${integration}`, {
    remedy: `Name one: --target ${ids.join(', or --target ')}`,
  });
}

function isKeyed(config: LoadedConfig, target: string): boolean {
  return (config.targets.find(({ id }) => id === target)?.keys ?? []).length > 0;
}

function notes(config: LoadedConfig, target: string, url: string, vendor: string): string[] {
  return [
    ...(config.url === undefined ? ['The configuration has no `url`: the addresses lead to this machine alone.'] : []),
    ...(url.startsWith('https:') ? [] : [`${vendor} itself takes addresses with https alone.`]),
    ...(isKeyed(config, target) ? ['Put one of the target’s `keys` in place of KEY.'] : []),
  ];
}
