import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from './program.ts';

const app = join(import.meta.dirname, '..', '..', '..', 'apps', 'host');
const built = [join(app, 'dist', 'main.js')];
const source = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning', join(app, 'src', 'main.ts')];

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
  /** From its TypeScript, where nothing has to be built. */
  isSource?: boolean;
}

/** Starts the host as users have it, which has to be built, and waits until it listens. */
export async function startHost({
  folder,
  config,
  env,
  under = [],
  patience,
  logLevel = 'warn',
  isSource = false,
}: HostOptions): Promise<Host> {
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config));
  const host = [process.execPath, ...(isSource ? source : built), 'start', '--config', file, '--log-level', logLevel];
  const [command, ...parameters] = [...under, ...host];
  const program = startProgram(command as string, parameters, env);
  const [, address] = await program.says(/Tocsin listens on (\S+)/, patience);
  return { ...program, address: address as string };
}
