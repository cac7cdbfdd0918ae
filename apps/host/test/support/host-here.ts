import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { vi } from 'vitest';
import { buildCommandLine } from '../../src/cli/command-line.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Host, startHost } from '../../src/host.ts';

/** The whole host in the test's own process, silent, with this config file. */
export function startHostHere(file: string, token: string, more: { requestTimeout?: number } = {}): Promise<Host> {
  return startHost({
    config: loadConfig(file, { env: {}, readFile: (path) => readFileSync(path, 'utf8') }),
    env: { TOCSIN_ADMIN_TOKEN: token },
    log: pino({ level: 'silent' }),
    print: () => {},
    onFatal: () => {},
    ...more,
  });
}

/** What the command line prints with these words, run in this process as one who has the token. */
export async function printedBy(words: readonly string[], token: string): Promise<string> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.stubEnv('TOCSIN_ADMIN_TOKEN', token);
  try {
    await buildCommandLine().parseAsync(['node', 'tocsin', ...words]);
  } finally {
    write.mockRestore();
    vi.unstubAllEnvs();
  }
  return output;
}
