import { Command } from 'commander';
import { minutes, oneLine } from './printable.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives it. */
interface Silence {
  id: string;
  state: 'pending' | 'active' | 'expired';
  matchers: string[];
  startsAt: string;
  endsAt: string;
  comment: string;
  author: string;
}

export function silencesCommand(): Command {
  return new Command('silences')
    .description('hold back messages about the alerts that match, for a time')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(endCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('the silences that have not ended'))
    .option('--all', 'those that ended in the last 30 days too')
    .action(async (options: HostOptions & { all?: boolean }) => {
      const { api } = openHost(options);
      const silences: Silence[] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page: { items: Silence[]; next: string | null } = await api.get(
          `silences?limit=200${options.all ? '&all=true' : ''}${after === '' ? '' : `&after=${after}`}`,
        );
        silences.push(...page.items);
        after = page.next;
      }
      print(options, silences, () => (silences.length === 0 ? ['no silence'] : silences.map(lineOf)));
    });
}

function addCommand(): Command {
  return withHost(new Command('add').description('make a silence'))
    .argument('<matchers...>', 'Alertmanager’s matchers, all of which must hold: \'severity="warning"\'')
    .requiredOption('--until <when>', 'when it ends: a duration (2h, 1d) or a time (2026-03-01T09:00:00+01:00)')
    .option('--from <when>', 'when it begins; now by default')
    .requiredOption('--comment <text>', 'why, for everybody who asks')
    .addHelpText('after', '\nIts author is the name of your token. What is still true at its end is told then.')
    .action(async (matchers: string[], options: HostOptions & { until: string; from?: string; comment: string }) => {
      const { until, from, comment } = options;
      const body = { matchers, until, comment, ...(from === undefined ? {} : { from }) };
      const silence = await openHost(options).api.post<Silence>('silences', body);
      print(options, silence, () => [lineOf(silence)]);
    });
}

function endCommand(): Command {
  return withHost(new Command('end').description('end a silence now; what it held is told'))
    .argument('<id>', 'of the silence')
    .action(async (id: string, options: HostOptions) => {
      const silence = await openHost(options).api.post<Silence>(`silences/${encodeURIComponent(id)}/end`);
      print(options, silence, () => [lineOf(silence)]);
    });
}

function lineOf({ id, state, matchers, startsAt, endsAt, comment, author }: Silence): string {
  const times = `${minutes(startsAt)} to ${minutes(endsAt)} UTC`;
  return `${id}  ${state.padEnd(7)}  {${matchers.join(', ')}}  ${times}  ${author}: ${oneLine(comment)}`;
}
