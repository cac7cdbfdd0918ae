import { runNotify } from '../../src/notify/run.ts';

export interface Notified {
  code: number;
  out: string;
  err: string;
}

/** The notification command in this process: what it says, and its exit code. */
export async function notifyHere(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  patience = 2_000,
): Promise<Notified> {
  let out = '';
  let err = '';
  const code = await runNotify(words, {
    env,
    program: ['/usr/bin/node', '/opt/tocsin/notify.js'],
    print(text) {
      out += `${text}\n`;
    },
    complain(text) {
      err += `${text}\n`;
    },
    patience,
  });
  return { code, out, err };
}
