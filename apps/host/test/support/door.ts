import { basename } from 'node:path';
import { type HttpRequest, TocsinError } from '@tocsin/core';
import { onTestFinished } from 'vitest';
import type { LoadedConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Egress, type Sent } from '../../src/egress/egress.ts';
import { Guard } from '../../src/egress/guard.ts';
import { Vault } from '../../src/egress/vault.ts';

export interface DoorOptions {
  /** As in the config file. */
  egress?: object;
  /** The keys of the one target that aren't its id, its integration or its settings. */
  target?: object;
  env?: Record<string, string>;
  /** Files beside the config, by their names. */
  files?: Record<string, string>;
  /** Where we listen ourselves. */
  own?: { address: string; port: number };
}

export interface Door {
  get(url: string, more?: Partial<HttpRequest>): Promise<Sent>;
  /** What the hub itself asks for. */
  ask(url: string): Promise<Sent>;
}

/** What `loadConfig` makes of such a file. */
export function configWith({ egress = {}, target = {}, env = {}, files = {} }: DoorOptions): LoadedConfig {
  const text = JSON.stringify({
    version: 1,
    integrations: ['@tocsin/target-webhook'],
    targets: [{ id: 'ops', use: 'webhook', ...target }],
    routes: [{ to: ['ops'] }],
    egress,
  });
  const all: Record<string, string> = { ...files, 'tocsin.yaml': text };
  const readFile = (path: string) => {
    const file = all[basename(path)];
    if (file === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return file;
  };
  return loadConfig('/etc/tocsin/tocsin.yaml', { env, readFile });
}

/** Everything that `tocsin check` says against such a file. */
export function faultsWith(options: DoorOptions): string {
  try {
    configWith(options);
    return '';
  } catch (error) {
    if (error instanceof TocsinError) return error.toText();
    throw error;
  }
}

/** The door of a host with such a file, until the test is over. */
export function openDoor(options: DoorOptions = {}): Door {
  const config = configWith(options);
  const { allow, deny } = config.egress;
  const guard = new Guard({ allow, deny, own: () => (options.own ? [options.own] : []) });
  const door = new Egress({ config, guard, vault: new Vault(config.secrets), signers: new Map() });
  onTestFinished(() => door.close());
  return {
    ask: (url) => door.get(url),
    get: (url, more) => door.send('ops', { method: 'GET', url, ...more }, new AbortController().signal),
  };
}
