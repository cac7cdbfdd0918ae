import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mediumNames } from '@tocsin/core';
import { lineDifference } from '@tocsin/testkit';
import { Command, Option } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { findFolder } from '../registry.ts';
import type { ApiClient } from './api-client.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives it. */
interface SourceWords {
  source: string;
  package: string;
  pinned: { version: string; at: string };
  loaded: string;
  changes: { name: string; change: string }[];
  own: { name: string; file: string }[];
}

interface Texts {
  headline: string;
  title: string;
  message: string;
  link?: string;
  image?: string;
}

interface Comparison extends SourceWords {
  medium: string;
  messages: { of: string; before: Texts; after: Texts }[];
}

export function templatesCommand(): Command {
  return new Command('templates')
    .description('the words of sources: which release’s are said, what a newer one would change, and taking it')
    .addCommand(listCommand())
    .addCommand(diffCommand())
    .addCommand(upgradeCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('which release’s words each source says')).action(
    async (options: HostOptions) => {
      const { config, api } = openHost(options);
      const { items } = await api.get<{ items: SourceWords[] }>('templates');
      print(options, items, () => items.flatMap((words) => [summary(words), ...notes(config, words)]));
    },
  );
}

function diffCommand(): Command {
  const medium = new Option('-m, --medium <name>', 'the medium of the messages').choices(mediumNames).default('text');
  return withHost(new Command('diff').description('what recent messages would be in the words of the loaded release'))
    .argument('[source]', 'the id of a source; by default all whose release brings other words')
    .addOption(medium)
    .addHelpText('after', '\nA source without groups is shown by the examples of its package.')
    .action(async (id: string | undefined, options: HostOptions & { medium: string }) => {
      const { config, api } = openHost(options);
      const compared: Comparison[] = [];
      for (const source of await chosen(api, id)) {
        compared.push(
          await api.get<Comparison>(`templates/${encodeURIComponent(source)}/diff?medium=${options.medium}`),
        );
      }
      print(options, compared, () =>
        compared.length === 0
          ? ['no source’s release brings other words']
          : compared.flatMap((one) => describe(config, one)),
      );
    });
}

function upgradeCommand(): Command {
  return withHost(new Command('upgrade').description('say what the loaded release says, from the next message on'))
    .argument('[source]', 'the id of a source; by default all whose release brings other words')
    .addHelpText(
      'after',
      '\nIt acts at once, without a restart. Your own templates are kept. See `tocsin templates diff` first.',
    )
    .action(async (id: string | undefined, options: HostOptions) => {
      const { config, api } = openHost(options);
      const upgraded: SourceWords[] = [];
      for (const source of await chosen(api, id)) {
        upgraded.push(await api.post<SourceWords>(`templates/${encodeURIComponent(source)}/upgrade`));
      }
      print(options, upgraded, () =>
        upgraded.length === 0
          ? ['no source’s release brings other words']
          : upgraded.flatMap((words) => [
              `${words.source} says the words of ${words.package} ${words.pinned.version} from now on`,
              ...notes(config, words),
            ]),
      );
    });
}

async function chosen(api: ApiClient, id: string | undefined): Promise<string[]> {
  if (id !== undefined) return [id];
  const { items } = await api.get<{ items: SourceWords[] }>('templates');
  return items.filter(({ changes }) => changes.length > 0).map(({ source }) => source);
}

function summary({ source, package: name, pinned, loaded, changes }: SourceWords): string {
  const since = `since ${pinned.at.slice(0, 10)}`;
  const names = changes.map((one) => `${one.name} (${one.change})`).join(', ');
  const newer = changes.length > 0 ? `; ${loaded} brings others: ${names}` : '';
  return `${source}  ${name} ${pinned.version}, ${since}${newer}`;
}

/** What else decides which words are said. */
function notes(config: LoadedConfig, { source, loaded, own }: SourceWords): string[] {
  const installed = installedVersion(config, source);
  return [
    ...own.map(({ name, file }) => `    ${name} is yours: ${file}`),
    ...(installed !== undefined && installed !== loaded
      ? [`    ${installed} is installed, but the host runs with ${loaded}: restart it to see and take those words`]
      : []),
  ];
}

/** What lies on the disk, which a running host has not loaded if it was installed since its start. */
function installedVersion(config: LoadedConfig, id: string): string | undefined {
  const source = config.sources.find((one) => one.id === id);
  if (!source) return undefined;
  try {
    const manifest = readFileSync(join(findFolder(source.integration, config.folder), 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

function describe(config: LoadedConfig, comparison: Comparison): string[] {
  const { messages, medium } = comparison;
  const shown = messages.map(({ of, before, after }) => ({ of, before: textOf(before), after: textOf(after) }));
  const changed = shown.filter(({ before, after }) => before !== after);
  const same = shown.length - changed.length;
  return [
    summary(comparison),
    ...notes(config, comparison),
    ...changed.flatMap(({ of, before, after }) => [
      '',
      `── ${of}, ${medium} ──`,
      lineDifference(before, after).trimEnd(),
    ]),
    '',
    `${changed.length} of ${shown.length} messages would change${same > 0 && changed.length > 0 ? `, ${same} would not` : ''}`,
  ];
}

function textOf({ title, message, link, image }: Texts): string {
  const pages = [...(link ? [`link: ${link}`] : []), ...(image ? [`image: ${image}`] : [])];
  return [title, ...(message === '' ? [] : ['', message]), ...(pages.length > 0 ? ['', ...pages] : []), ''].join('\n');
}
