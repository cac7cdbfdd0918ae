import { Command, Option } from 'commander';
import { minutes, oneLine } from './printable.ts';
import { type HostOptions, limitOption, openHost, print, withHost } from './with-host.ts';

/** As the API gives them. */
interface Delivery {
  group: string;
  subscription: string;
  state: string;
  told: { status: string; at: string } | null;
  due: string | null;
  held: string | null;
  attempt: number;
  dead: string | null;
}

interface DeadCause {
  target: string;
  cause: string;
  count: number;
  first: string;
  last: string;
}

interface DeadLetter {
  id: number;
  group: string;
  subscription: string;
  event: number;
  cause: string;
  reason: string;
  at: string;
}

interface Filter {
  target?: string;
  cause?: string;
  group?: string;
  from?: string;
  to?: string;
}

export function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('how far each target has been told, what was given up, and another try')
    .addCommand(listCommand())
    .addCommand(deadCommand())
    .addCommand(retryCommand())
    .addCommand(enableCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('the newest deliveries, and how each stands'))
    .option('--target <id>', 'only to this target')
    .option('--group <id>', 'only of this group')
    .addOption(limitOption())
    .action(async (options: HostOptions & Filter & { limit: number }) => {
      const { api } = openHost(options);
      const { target, group, limit } = options;
      const { items } = await api.get<{ items: Delivery[] }>(
        `deliveries?${queryOf({ target, group, limit: String(limit) })}`,
      );
      print(options, items, () => (items.length === 0 ? ['no delivery'] : items.map(lineOf)));
    });
}

function deadCommand(): Command {
  return withHost(
    withFilter(new Command('dead').description('what was given up, by its cause; one by one with --each')),
  )
    .option('--each', 'one by one, newest first')
    .action(async (options: HostOptions & Filter & { each?: boolean }) => {
      const { api } = openHost(options);
      const where = queryOf(filterOf(options));
      if (options.each) {
        const { items } = await api.get<{ items: DeadLetter[] }>(`dead-letters?${where}`);
        print(options, items, () => (items.length === 0 ? [nothing] : items.map(letterOf)));
        return;
      }
      const { target, group } = options;
      const { items } = await api.get<{ items: DeadCause[] }>(`dead-letters/causes?${queryOf({ target, group })}`);
      print(options, items, () =>
        items.length === 0
          ? [nothing]
          : items.map(
              (one) =>
                `${String(one.count).padStart(6)}  ${one.target}  ${one.cause}  ${minutes(one.first)} to ${minutes(one.last)} UTC`,
            ),
      );
    });
}

function retryCommand(): Command {
  const command = new Command('retry').description('have what was given up tried again, marked where it is told again');
  return withHost(withFilter(command))
    .option('--all', 'everything that was given up')
    .addHelpText(
      'after',
      '\nA target that is told the newest state gets that, once; one that is told every event gets those.',
    )
    .action(async (options: HostOptions & Filter & { all?: boolean }) => {
      const { api } = openHost(options);
      const { from, to, ...rest } = filterOf(options);
      const ids = { ...(from ? { from: Number(from) } : {}), ...(to ? { to: Number(to) } : {}) };
      const body = { ...rest, ...ids, ...(options.all ? { all: true } : {}) };
      let retried = 0;
      for (let more = true; more; ) {
        const answer = await api.post<{ retried: number; more: boolean }>('dead-letters/retry', body);
        retried += answer.retried;
        more = answer.more;
        if (more && process.stderr.isTTY) process.stderr.write(`${retried} so far\n`);
      }
      print(options, { retried }, () => [retried === 0 ? nothing : `${retried} tried again`]);
    });
}

function enableCommand(): Command {
  return withHost(new Command('enable').description('let a target have what it is owed, though it is off or paused'))
    .argument('<target>', 'the id of a target')
    .action(async (target: string, options: HostOptions) => {
      const answer = await openHost(options).api.post<{ changed: boolean }>(
        `targets/${encodeURIComponent(target)}/enable`,
      );
      print(options, answer, () => [
        answer.changed ? `${target} takes messages again` : `nothing was in the way of ${target}`,
      ]);
    });
}

const nothing = 'nothing was given up';

/** Of a reason, in characters. */
const mostShown = 200;

function withFilter(command: Command): Command {
  return command
    .option('--target <id>', 'only to this target')
    .option('--cause <words>', 'only with this cause, as `dead` prints it')
    .option('--group <id>', 'only of this group')
    .addOption(new Option('--from <id>', 'only with this id or a later one').argParser(numberOf))
    .addOption(new Option('--to <id>', 'only with this id or an earlier one').argParser(numberOf));
}

function numberOf(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new TypeError(`${text} is no id; \`deliveries dead --each\` prints them`);
}

function filterOf({ target, cause, group, from, to }: Filter): Filter {
  return { target, cause, group, from, to };
}

function queryOf(parts: Record<string, string | undefined> | Filter): string {
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given as [string, string][]).toString();
}

function lineOf({ group, subscription, state, told, due, held, attempt, dead }: Delivery): string {
  const parts = [
    told && `told ${told.status} ${minutes(told.at)}`,
    held && `held by ${held}`,
    attempt > 0 && `${attempt} failed`,
    due && `due ${minutes(due)}`,
    dead && oneLine(dead.slice(0, mostShown)),
  ];
  return [group, subscription, state, ...parts.filter(Boolean)].join('  ');
}

function letterOf({ id, group, subscription, event, reason, at }: DeadLetter): string {
  return `${id}  ${minutes(at)}  ${group}  ${subscription}  event ${event}  ${oneLine(reason.slice(0, mostShown))}`;
}
