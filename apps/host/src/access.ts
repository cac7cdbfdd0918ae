import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from './config/config.ts';
import { resolveSecrets } from './config/reference.ts';
import type { AccessToken } from './context.ts';

/**
 * The tokens of the config; without any, TOCSIN_ADMIN_TOKEN; without that, one that is made on the first start and
 * kept beside the database, readable by this user alone. Its path is printed, the token itself only to a terminal.
 */
export function readTokens(
  config: LoadedConfig,
  env: Record<string, string | undefined>,
  print: (line: string) => void,
): AccessToken[] {
  if (config.tokens.length > 0) {
    return config.tokens.map(({ name, role, value }) => ({ name, role, value: resolveSecrets(value, config.secrets) }));
  }
  const fromEnvironment = env.TOCSIN_ADMIN_TOKEN;
  if (fromEnvironment) return [{ name: 'admin', role: 'admin', value: fromEnvironment }];
  const file = join(dirname(config.store.path), 'admin-token');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const value = readFileSync(file, 'utf8').trim();
  print(`Sign-in token: ${process.stdout.isTTY ? `${value} (kept in ${file})` : `in ${file}`}`);
  return [{ name: 'admin', role: 'admin', value }];
}
