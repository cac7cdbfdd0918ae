import { delimiter, dirname } from 'node:path';

/** This machine's environment without what the test's own npm, Node and vitest have put into it. */
export function newcomersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|TOCSIN|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|TEST$|CI$|PORT$|SANDBOX_)/.test(name),
  );
  const path = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), ...(path ?? [])].join(delimiter) };
}
