import { Command, Option } from 'commander';
import { groupStatuses } from '../api/schemas.ts';
import { relative } from '../pages/moment.ts';
import { oneLine } from './printable.ts';
import { labelText } from './why.ts';
import { type HostOptions, limitOption, openHost, print, withHost } from './with-host.ts';

/** As the API gives it, as far as it is printed. */
interface Group {
  id: string;
  source: string;
  status: string;
  severity: string;
  labels: Record<string, string>;
  firing: number;
  memberCount: number;
  startedAt: string;
}

interface GroupsOptions extends HostOptions {
  status?: string;
  source?: string;
  severity?: string;
  limit: number;
}

export function groupsCommand(): Command {
  return withHost(new Command('groups').description('list alert groups, the newest first'))
    .addOption(new Option('--status <status>', 'only these').choices(groupStatuses))
    .option('--source <id>', 'only of this source')
    .option('--severity <severity>', 'only these')
    .addOption(limitOption())
    .action(async (options: GroupsOptions) => {
      const { api } = openHost(options);
      const { status, source, severity, limit } = options;
      const query = { limit: String(limit), ...given({ status, source, severity }) };
      const { items } = await api.get<{ items: Group[] }>(`groups?${new URLSearchParams(query)}`);
      print(options, items, () => (items.length === 0 ? ['no such group'] : items.map(lineOf).map(oneLine)));
    });
}

/** What was given of these. */
export function given(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function lineOf({ id, source, status, severity, labels, firing, memberCount, startedAt }: Group): string {
  const since = relative(Date.parse(startedAt), { now: Date.now(), zone: 'UTC' });
  const count = `${firing} of ${memberCount} firing`;
  return `${id}  ${status.padEnd(12)}  ${severity.padEnd(8)}  ${source}  ${count}  since ${since}  ${labelText(labels)}`;
}
