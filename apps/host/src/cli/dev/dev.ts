import { TocsinError } from '@tocsin/core';
import { Command, InvalidArgumentError } from 'commander';
import { findIntegrations, type IntegrationFolder } from '../integration-folders.ts';
import { localTargetFolders } from './local-targets.ts';
import { startDevServer } from './server.ts';

export function devCommand(): Command {
  return new Command('dev')
    .description('show an integration on a page that follows what you write: every example in every medium')
    .argument('<integration>', 'an id, package or folder; `source-webhook` where a source and a target share the id')
    .option('-p, --port <number>', 'of 127.0.0.1; without it a free one', portOf, 0)
    .addHelpText(
      'after',
      '\nThe page shows, for a source, the alerts that each example was read as, its texts in every medium beside their' +
        '\nlimits, the fields that templates read and the payload lacks, and the request to each target around; for a' +
        '\ntarget its request for every standard notification. It also shows what differs from the expected files and' +
        '\nwhich checks fail. Nothing is sent anywhere. Ctrl-C ends it.',
    )
    .action(dev);
}

async function dev(word: string, { port }: { port: number }): Promise<void> {
  const here = process.cwd();
  const { folder, shortName } = onlyOne(word, findIntegrations(word, here));
  const task = { folder, targets: localTargetFolders(folder, here), command: `tocsin test ${word} --update` };
  const server = await startDevServer({ task, port });
  process.stdout.write(
    `${shortName} is shown at ${server.address}/\nIt listens on this machine alone and follows ${folder} until Ctrl-C.\n`,
  );
  const end = (): void => {
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

function onlyOne(word: string, found: readonly IntegrationFolder[]): IntegrationFolder {
  const [only] = found;
  if (only && found.length === 1) return only;
  throw new TocsinError('not-found', `${word} is ambiguous`, {
    remedy: `Write ${found.map(({ shortName }) => shortName).join(' or ')}.`,
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number up to 65535.');
}
