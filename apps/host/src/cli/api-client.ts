import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Fault, TocsinError } from '@tocsin/core';
import { Option } from 'commander';
import type { LoadedConfig, Role } from '../config/config.ts';
import { urlOf } from '../config/listen.ts';
import { resolveSecrets } from '../config/reference.ts';

/** Speaks with the running host. Rejects with a TocsinError that says what the host said. */
export interface ApiClient {
  /** `path` begins after `/api/v1/`. The caller names the shape of the answer. */
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: object): Promise<Answer>;
  put<Answer>(path: string, body: object): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
}

/** `--url`, the same on every command that speaks with the host. */
export function urlOption(): Option {
  return new Option('--url <address>', 'where the host is; by default the `listen` of the configuration');
}

/** The host of this config, with the strongest token that there is: one of the config, else the host's own. */
export function apiClient(config: LoadedConfig, env: NodeJS.ProcessEnv, url?: string): ApiClient {
  const base = (url ?? urlOf(config.listen, config.listen.port)).replace(/\/+$/, '');
  const token = tokenOf(config, env);
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
    ask(`${base}/api/v1/${path}`, method, token, body);
  return {
    // The host of the same release answers as its document says.
    get: <Answer>(path: string) => call('GET', path) as Promise<Answer>,
    post: <Answer>(path: string, body: object = {}) => call('POST', path, body) as Promise<Answer>,
    put: <Answer>(path: string, body: object) => call('PUT', path, body) as Promise<Answer>,
    delete: <Answer>(path: string) => call('DELETE', path) as Promise<Answer>,
  };
}

async function ask(url: string, method: string, token: string, body: object | undefined): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  let response: Response;
  try {
    response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  } catch (cause) {
    throw new TocsinError('not-found', `nothing answers at ${url}`, {
      remedy: 'Start the host (`tocsin start`), or name its address with --url.',
      cause,
    });
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw refusalOf(response.status, text);
}

function refusalOf(status: number, text: string): TocsinError {
  try {
    const { error } = JSON.parse(text) as { error: { message: string; remedy?: string; faults?: Fault[] } };
    const { message, remedy, faults } = error;
    return new TocsinError('not-found', message, { ...(remedy ? { remedy } : {}), ...(faults ? { faults } : {}) });
  } catch {
    return new TocsinError('not-found', `the host answered ${status}: ${text.slice(0, 200)}`, {
      remedy: 'Check the address: --url, or `listen` in the configuration.',
    });
  }
}

const strongest: Role[] = ['admin', 'operator', 'viewer'];

function tokenOf({ tokens, secrets, store }: LoadedConfig, env: NodeJS.ProcessEnv): string {
  const found = strongest.flatMap((role) => tokens.filter((token) => token.role === role));
  if (found[0]) return resolveSecrets(found[0].value, secrets);
  if (env.TOCSIN_ADMIN_TOKEN) return env.TOCSIN_ADMIN_TOKEN;
  const file = join(dirname(store.path), 'admin-token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new TocsinError('not-found', `there is no token: neither in the configuration nor in ${file}`, {
    remedy: 'Start the host once, which makes one, or add one to `tokens`.',
  });
}
