import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from './program.ts';

const main = join(import.meta.dirname, '..', '..', '..', 'apps', 'host', 'src', 'main.ts');

export interface Host extends Program {
  /** `http://127.0.0.1:<port>` */
  address: string;
}

export interface HostOptions {
  /** Where its config and its database are. */
  folder: string;
  /** The config file's content; JSON is YAML. */
  config: object;
  env?: NodeJS.ProcessEnv;
  /** A program that runs it, such as `strace` with its options. */
  under?: readonly string[];
  /** Milliseconds until it listens. */
  patience?: number;
  logLevel?: string;
}

/** Starts the host from its TypeScript and waits until it listens. */
export async function startHost({
  folder,
  config,
  env,
  under = [],
  patience,
  logLevel = 'warn',
}: HostOptions): Promise<Host> {
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config));
  const node = [process.execPath, '--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  const [command, ...parameters] = [...under, ...node, main, 'start', '--config', file, '--log-level', logLevel];
  const program = startProgram(command as string, parameters, env);
  const [, address] = await program.says(/Tocsin listens on (\S+)/, patience);
  return { ...program, address: address as string };
}
