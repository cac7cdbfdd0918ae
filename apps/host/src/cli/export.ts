import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { isSeq, parseDocument } from 'yaml';
import type { ChannelView } from './channels.ts';
import { type HostOptions, openHost, withHost } from './with-host.ts';

export function exportCommand(): Command {
  return withHost(
    new Command('export').description(
      'print the configuration, with what the API made, as one file that `check` takes',
    ),
  )
    .addHelpText(
      'after',
      `
The file's own text stays as it is, comments and references included; secrets are no part of it. A host that starts with
the printed file takes the channels over from its store.`,
    )
    .action(async (options: HostOptions) => {
      const { items } = await openHost(options).api.get<{ items: ChannelView[] }>('channels');
      const made = items.flatMap(({ written }) => (written ? [written] : []));
      process.stdout.write(withChannels(readFileSync(options.config, 'utf8'), made));
    });
}

/** The file with these channels after its own. */
export function withChannels(text: string, channels: readonly Readonly<Record<string, unknown>>[]): string {
  if (channels.length === 0) return text;
  const document = parseDocument(text, { keepSourceTokens: true });
  const own = document.get('channels');
  const entries = channels.map(({ id, ...rest }) => document.createNode({ id, ...rest }));
  if (isSeq(own)) {
    own.flow = false;
    own.items.push(...entries);
  } else document.set('channels', document.createNode(entries));
  return document.toString({ lineWidth: 0 });
}
