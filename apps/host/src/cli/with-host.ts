import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { type ApiClient, apiClient, urlOption } from './api-client.ts';
import { configOption, readConfig } from './files.ts';
import { printable } from './printable.ts';

/** The options of every command that speaks with the running host. */
export interface HostOptions {
  config: string;
  url?: string;
  json?: boolean;
}

/** The command with those options. */
export function withHost(command: Command): Command {
  return command.addOption(configOption()).addOption(urlOption()).option('--json', 'as JSON');
}

export function openHost({ config: file, url }: HostOptions): { config: LoadedConfig; api: ApiClient } {
  const config = readConfig(file);
  return { config, api: apiClient(config, process.env, url) };
}

/** `--limit`, the same on every command that lists. */
export function limitOption(): Option {
  const read = (text: string): number => {
    const limit = Number(text);
    if (Number.isInteger(limit) && limit >= 1 && limit <= 200) return limit;
    throw new InvalidArgumentError('A number from 1 to 200.');
  };
  return new Option('--limit <count>', 'at most so many').default(50).argParser(read);
}

/** The value for programs, or the lines for people, in which nothing of others can play with the terminal. */
export function print({ json }: Pick<HostOptions, 'json'>, value: unknown, lines: () => string[]): void {
  const text = json ? JSON.stringify(value, null, 2) : lines().map(printable).join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
}
