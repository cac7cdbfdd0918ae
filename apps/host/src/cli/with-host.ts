import type { Command } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { type ApiClient, apiClient, urlOption } from './api-client.ts';
import { configOption, readConfig } from './files.ts';

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

/** The value for programs, or the lines for people. */
export function print({ json }: HostOptions, value: unknown, lines: () => string[]): void {
  const text = json ? JSON.stringify(value, null, 2) : lines().join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
}
