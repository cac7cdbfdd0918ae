import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { TocsinError } from '@tocsin/core';
import { Command } from 'commander';
import { isSecretId } from '../config/secret-id.ts';
import { minutes } from './printable.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives them. */
interface Named {
  name: string;
  key: string;
  reference: string;
  users: string[];
}

interface Secret extends Named {
  hosts: string[];
  targets: string[];
  isReadable: boolean;
  author: string;
  updatedAt: string;
}

const exitCodes = '\nExit codes: 0 done, 1 refused, or no host answers.';

export function secretsCommand(): Command {
  return new Command('secrets')
    .description('what nobody may read: set it here, and write ${secret:name/key} in the settings of targets')
    .addCommand(listCommand())
    .addCommand(setCommand())
    .addCommand(deleteCommand())
    .addCommand(rotateCommand());
}

function listCommand(): Command {
  return withHost(new Command('list').description('the secrets, without their values, and who refers to them'))
    .addHelpText('after', exitCodes)
    .action(async (options: HostOptions) => {
      const found = await openHost(options).api.get<{ items: Secret[]; missing: Named[] }>('secrets');
      print(options, found, () => {
        const lines = [
          ...found.items.map(lineOf),
          ...found.missing.map((secret) => `${idOf(secret)}  not set${usersOf(secret)}`),
        ];
        return lines.length === 0 ? ['no secret'] : lines;
      });
    });
}

interface SetOptions extends HostOptions {
  fromFile?: string;
  keepValue?: boolean;
  hosts?: string[];
  targets?: string[];
}

function setCommand(): Command {
  return withHost(
    new Command('set').description('make a secret, or replace its value, which is read from standard input'),
  )
    .argument('<name/key>', 'of the secret')
    .argument('[value...]', 'not here: a command line is seen by others, and kept')
    .option('--from-file <path>', 'read the value from a file')
    .option('--keep-value', 'change only who may use it and get it')
    .option('--hosts <hosts...>', 'who may get it: names, addresses, *.example.com; at first any')
    .option('--targets <ids...>', 'which targets may use it; at first any')
    .addHelpText(
      'after',
      `
One line break at the end of the value is left out. It is used from the next attempt on, without a restart.
  printf %s "$SLACK_PATH" | tocsin secrets set slack/ops --hosts hooks.slack.com
${exitCodes}`,
    )
    .action(async (id: string, onCommandLine: string[], options: SetOptions) => {
      if (onCommandLine.length > 0) throw seenByOthers();
      const path = pathOf(id);
      const { hosts, targets } = options;
      const value = options.keepValue ? undefined : await readValue(options.fromFile);
      const body = {
        ...(value === undefined ? {} : { value }),
        ...(hosts ? { hosts: hosts.flatMap(entriesOf) } : {}),
        ...(targets ? { targets: targets.flatMap(entriesOf) } : {}),
      };
      const secret = await openHost(options).api.put<Secret>(path, body);
      print(options, secret, () => [lineOf(secret), `In settings: ${secret.reference}`]);
    });
}

function deleteCommand(): Command {
  return withHost(new Command('delete').description('delete a secret that no target refers to'))
    .argument('<name/key>', 'of the secret')
    .addHelpText('after', exitCodes)
    .action(async (id: string, options: HostOptions) => {
      const answer = await openHost(options).api.delete<{ deleted: string }>(pathOf(id));
      print(options, answer, () => [`${answer.deleted} is deleted`]);
    });
}

function rotateCommand(): Command {
  return withHost(new Command('rotate').description('put all secrets under the newest key'))
    .addHelpText(
      'after',
      `
Where the key is the hub's own, this makes a new one. Where you gave it, first start the hub with the new key, and the
old one as \`secrets.previous\`; afterwards the old one may go.
${exitCodes}`,
    )
    .action(async (options: HostOptions) => {
      const rotated = await openHost(options).api.post<{ resealed: number; total: number; unreadable: string[] }>(
        'secrets/rotate',
      );
      const { resealed, total, unreadable } = rotated;
      print(options, rotated, () => [
        `${resealed} of ${total} ${total === 1 ? 'secret was' : 'secrets were'} put under the newest key${resealed === 0 && total > 0 ? ': nothing lay under another' : ''}`,
        ...unreadable.map((id) => `${id} can’t be read: set it anew, or give the hub the key that it lies under`),
      ]);
      if (unreadable.length > 0) process.exitCode = 1;
    });
}

/** Nothing is repeated of what is no id: it may be the value. */
function pathOf(id: string): string {
  if (isSecretId(id)) return `secrets/${id}`;
  throw new TocsinError('not-found', 'this is no name and key of a secret', {
    remedy: 'Write name/key, such as slack/ops: letters, digits, `.`, `_` and `-`.',
  });
}

async function readValue(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) throw nothingPiped();
  const value = (file === undefined ? await readAll(process.stdin) : readText(file)).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new TocsinError('not-found', 'the value is empty', {
    remedy: 'Pipe it in, or name a file that has it: --from-file <path>.',
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new TocsinError('not-found', `the file ${file} can't be read${code}`, { remedy: 'Correct its path.', cause });
  }
}

function nothingPiped(): TocsinError {
  return new TocsinError('not-found', 'the value is read from standard input, which is this terminal', {
    remedy: 'Pipe it in (`printf %s "$VALUE" | tocsin secrets set …`), or name a file: --from-file <path>.',
  });
}

function seenByOthers(): TocsinError {
  return new TocsinError('not-found', 'a value on the command line is seen by others, and kept by the shell', {
    remedy: 'Replace it where it came from, and pipe it in (`printf %s "$VALUE" | tocsin secrets set …`).',
  });
}

function entriesOf(text: string): string[] {
  return text.split(',').filter((entry) => entry !== '');
}

function idOf({ name, key }: Named): string {
  return `${name}/${key}`;
}

function lineOf(secret: Secret): string {
  const { hosts, targets, isReadable, author, updatedAt } = secret;
  const reach = `hosts ${hosts.join(', ')}  targets ${targets.join(', ')}`;
  const state = isReadable ? '' : '  can’t be read';
  return `${idOf(secret)}  ${reach}${usersOf(secret)}  ${author} ${minutes(updatedAt)} UTC${state}`;
}

function usersOf({ users }: Named): string {
  return users.length === 0 ? '  used by nobody' : `  used by ${users.join(', ')}`;
}
