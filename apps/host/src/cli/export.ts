import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { isAlias, isSeq, parseDocument } from 'yaml';
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
What the file says stays, comments and references included; secrets are no part of it. A host that starts with
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
  const entries = channels.map(({ id, ...rest }) => document.createNode(plain({ id, ...rest })));
  const node = document.get('channels', true);
  // A list that stands elsewhere stays there as it is.
  const own = isAlias(node) ? node.resolve(document)?.clone() : node;
  if (isSeq(own)) {
    own.flow = false;
    own.items.push(...entries);
    delete own.anchor;
    document.set('channels', own);
  } else document.set('channels', document.createNode(entries));
  return document.toString({ lineWidth: 0 });
}

/** The API takes texts as they are: what looks like a reference there is none in the file either. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, plain(inside)]));
}
