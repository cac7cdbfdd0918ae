import { Command } from 'commander';
import { minutes, oneLine } from './printable.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives them. */
interface TargetView {
  id: string;
  integration: string;
  state: string;
  until: string | null;
  reason: string | null;
}

interface InstallationView {
  id: string;
  name: string;
  author: string;
  installedAt: string;
  endedAt: string | null;
  reason: string | null;
}

interface PlacesView {
  workspace: { id: string; name: string };
  items: { name: string; address: string; isPrivate: boolean; hint: string | null }[];
  isComplete: boolean;
}

export function targetsCommand(): Command {
  return new Command('targets')
    .description('the targets, the workspaces that have let their apps in, and where messages can go there')
    .addCommand(listCommand())
    .addCommand(installationsCommand())
    .addCommand(placesCommand())
    .addCommand(uninstallCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('the targets, and which of them take nothing for now')).action(
    async (options: HostOptions) => {
      const { items } = await openHost(options).api.get<{ items: TargetView[] }>('targets');
      print(options, items, () =>
        items.map(({ id, integration, state, until, reason }) =>
          [id, integration, state, until === null ? '' : `until ${minutes(until)} UTC`, oneLine(reason ?? '')]
            .filter(Boolean)
            .join('  '),
        ),
      );
    },
  );
}

function installationsCommand(): Command {
  return withHost(new Command('installations').description('the workspaces that have let the app of a target in'))
    .argument('<target>', 'its id')
    .addHelpText('after', '\nAn admin installs it in another one on the page /installations of the hub.')
    .action(async (target: string, options: HostOptions) => {
      const found = await openHost(options).api.get<{ items: InstallationView[]; missing: string[] }>(
        `${pathOf(target)}/installations`,
      );
      print(options, found, () => {
        const lines = [
          ...found.items.map(installationLine),
          ...found.missing
            .filter((id) => !found.items.some((one) => one.id === id))
            .map((id) => `${oneLine(id)}  not installed, and alerts are to go there`),
        ];
        return lines.length > 0 ? lines : ['no workspace has it yet'];
      });
    });
}

function installationLine({ id, name, author, installedAt, endedAt, reason }: InstallationView): string {
  const state =
    endedAt === null
      ? `installed ${minutes(installedAt)} UTC by ${oneLine(author)}`
      : `gone since ${minutes(endedAt)} UTC: ${oneLine(reason ?? '')}`;
  return `${id}  ${oneLine(name)}  ${state}`;
}

function placesCommand(): Command {
  return withHost(new Command('places').description('where messages of an app can go, with the address of each'))
    .argument('<target>', 'its id')
    .argument('[part]', 'of the name')
    .option('--workspace <id>', 'the workspace, where several have the app')
    .addHelpText(
      'after',
      `
An address holds ids, so that a place may change its name. For example, as an entry of \`to\` or \`subscriptions\`:
  { target: slack, address: T024BE7LD/C024BE91L }
A private channel is listed once the bot was invited there.`,
    )
    .action(async (target: string, part: string | undefined, options: HostOptions & { workspace?: string }) => {
      const { workspace } = options;
      const query = new URLSearchParams({
        ...(part === undefined ? {} : { query: part }),
        ...(workspace === undefined ? {} : { installation: workspace }),
      });
      const found = await openHost(options).api.get<PlacesView>(`${pathOf(target)}/places?${query}`);
      print(options, found, () => placeLines(found));
    });
}

function placeLines({ workspace, items, isComplete }: PlacesView): string[] {
  const where = `${oneLine(workspace.name)} (${workspace.id})`;
  const missing = 'A private one is listed once the bot was invited there.';
  const longest = Math.max(...items.map(({ name }) => name.length), 0);
  return [
    items.length > 0 ? `${where}:` : `${where} has no such place. ${missing}`,
    ...items.map(({ name, address, isPrivate, hint }) => {
      const more = hint ?? (isPrivate ? 'private' : '');
      return `  ${`#${oneLine(name)}`.padEnd(longest + 1)}  ${address}${more === '' ? '' : `  ${more}`}`;
    }),
    ...(isComplete ? [] : ['There are more: give a part of the name.']),
  ];
}

function uninstallCommand(): Command {
  return withHost(new Command('uninstall').description('take the app of a target out of a workspace'))
    .argument('<target>', 'its id')
    .argument('<workspace>', 'its id')
    .action(async (target: string, workspace: string, options: HostOptions) => {
      const path = `${pathOf(target)}/installations/${encodeURIComponent(workspace)}`;
      const removed = await openHost(options).api.delete<{ deleted: string; notRevoked: string | null }>(path);
      print(options, removed, () => [
        `${oneLine(removed.deleted)} is removed, and its token is deleted`,
        ...(removed.notRevoked === null
          ? []
          : [
              `The vendor still has it: ${oneLine(removed.notRevoked)}. Remove the app in the workspace’s own settings too.`,
            ]),
      ]);
    });
}

function pathOf(target: string): string {
  return `targets/${encodeURIComponent(target)}`;
}
