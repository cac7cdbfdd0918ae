import { readFileSync } from 'node:fs';
import { formatFault, TocsinError } from '@tocsin/core';
import { Command } from 'commander';
import { readDocument } from '../config/document.ts';
import { oneLine } from './printable.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives it. */
export interface ChannelView {
  id: string;
  origin: 'file' | 'api';
  match: string[];
  subscriptions: { name: string; target: string; address: string | null; events: string[] }[];
  written: Record<string, unknown> | null;
  author: string | null;
  changedAt: string | null;
  problems: { path: string; message: string }[];
}

export function channelsCommand(): Command {
  return new Command('channels')
    .description('who is told of what, beside the routes: named subscriptions, kept by the running host')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(putCommand())
    .addCommand(deleteCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('all channels, those of the config file first')).action(
    async (options: HostOptions) => {
      const { items } = await openHost(options).api.get<{ items: ChannelView[] }>('channels');
      print(options, items, () => (items.length === 0 ? ['no channel'] : items.flatMap(linesOf)));
    },
  );
}

function showCommand(): Command {
  return withHost(new Command('show').description('one channel'))
    .argument('<id>', 'of the channel')
    .action(async (id: string, options: HostOptions) => {
      const channel = await openHost(options).api.get<ChannelView>(`channels/${encodeURIComponent(id)}`);
      print(options, channel, () => linesOf(channel));
    });
}

function putCommand(): Command {
  return withHost(new Command('put').description('make a channel, or change the one with this id'))
    .argument('<file>', 'YAML or JSON as an entry of `channels` in the configuration has it; `-` for standard input')
    .addHelpText(
      'after',
      `
For example:
  id: storage
  match: [ 'team="storage"' ]
  subscriptions:
    - { name: on call, target: ops, events: [firing, acknowledged, resolved] }

It tells what it says from the next event on, without a restart.`,
    )
    .action(async (file: string, options: HostOptions) => {
      const { id, ...rest } = readChannel(file);
      const channel = await openHost(options).api.put<ChannelView>(`channels/${encodeURIComponent(id)}`, rest);
      print(options, channel, () => linesOf(channel));
    });
}

function deleteCommand(): Command {
  return withHost(new Command('delete').description('remove a channel; what was queued for it is cancelled'))
    .argument('<id>', 'of the channel')
    .action(async (id: string, options: HostOptions) => {
      const removed = await openHost(options).api.delete<{ id: string }>(`channels/${encodeURIComponent(id)}`);
      print(options, removed, () => [`${id} is gone`]);
    });
}

function readChannel(file: string): { id: string; [key: string]: unknown } {
  const { value, findings, at } = readDocument(readFileSync(file === '-' ? 0 : file, 'utf8'));
  if (value === undefined || findings.length > 0) {
    const faults = findings.map((finding) => {
      const { line, column } = at(finding.path, finding);
      return { path: '', message: finding.message, file, line, column };
    });
    throw new TocsinError('config', `${file} can’t be read as a channel`, { faults });
  }
  const { id } = value;
  if (typeof id === 'string' && id !== '') return { ...value, id };
  throw new TocsinError('config', `${file} has no \`id\``, { remedy: 'Write `id: storage` as its first line.' });
}

function linesOf({ id, origin, match, subscriptions, author, problems }: ChannelView): string[] {
  const by = origin === 'file' ? 'in the config file' : `by ${author}`;
  const what = match.length === 0 ? 'everything' : match.join(', ');
  return [
    `${id}  ${oneLine(what)}  (${by})`,
    ...subscriptions.map(({ name, target, address, events }) => {
      const whom = address === null ? target : `${target} ${address}`;
      return `  ${oneLine(name)} → ${oneLine(whom)}: ${events.join(', ')}`;
    }),
    ...problems.map((problem) => `  problem: ${oneLine(formatFault(problem))}`),
  ];
}
