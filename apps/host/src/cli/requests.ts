import { Command } from 'commander';
import { relative } from '../pages/moment.ts';
import { given } from './groups.ts';
import { oneLine } from './printable.ts';
import { type HostOptions, limitOption, openHost, print, withHost } from './with-host.ts';

/** As the API gives it. */
interface StoredRequest {
  id: number;
  source: string;
  receivedAt: string;
  reason: string | null;
  path: string;
  contentType: string;
  body: string;
}

interface RequestsOptions extends HostOptions {
  source?: string;
  rejected?: boolean;
  read?: boolean;
  bodies?: boolean;
  limit: number;
}

export function requestsCommand(): Command {
  return withHost(
    new Command('requests').description('list requests that could not be read, and a sample of the others'),
  )
    .option('--source <id>', 'only of this source')
    .option('--rejected', 'only those that could not be read')
    .option('--read', 'only those that could')
    .option('--bodies', 'with the start of each body')
    .addOption(limitOption())
    .addHelpText('after', '\nOf each source the last 100 that could not be read are kept, and 10 of the others.')
    .action(async (options: RequestsOptions) => {
      const { source, rejected, read, limit, bodies } = options;
      const kind = rejected === read ? undefined : String(rejected === true);
      const query = { limit: String(limit), ...given({ source, rejected: kind }) };
      const { items } = await openHost(options).api.get<{ items: StoredRequest[] }>(
        `requests?${new URLSearchParams(query)}`,
      );
      print(options, items, () =>
        items.length === 0
          ? ['no such request']
          : items.flatMap((request) => linesOf(request, bodies === true)).map(oneLine),
      );
    });
}

function linesOf({ id, source, receivedAt, reason, path, body }: StoredRequest, hasBody: boolean): string[] {
  const when = relative(Date.parse(receivedAt), { now: Date.now(), zone: 'UTC' });
  const line = `${id}  ${source}${path}  ${when}  ${reason === null ? 'read' : 'could not be read:'}`;
  const faults = (reason ?? '').split('\n').filter(Boolean);
  return [line, ...faults.map((fault) => `    ${fault}`), ...(hasBody ? [`    ${body}`] : [])];
}
