import { createHash } from 'node:crypto';
import { canonicalJson } from '@tocsin/core';
import type { Channel, Rules } from '@tocsin/engine';
import type { LoadedConfig, TargetConfig } from './config/config.ts';
import type { Registry } from './registry.ts';

/** What the store decides by: the config's rules, with the channels of the moment. */
export function rulesOf(config: LoadedConfig, registry: Registry, channels: readonly Channel[]): Rules {
  const targets = [...registry.targets].map(([id, { config: target, integration, settings }]) => {
    const { mode, edits } = integration.definition;
    return [id, { mode, ...(edits?.(settings) ? { edits: true } : {}), config: fingerprintOf(target) }];
  });
  const sources = config.sources.map(({ id, onNewMember, resolveAfter }) => [
    id,
    { ...(onNewMember ? { onNewMember } : {}), ...(resolveAfter === undefined ? {} : { resolveAfter }) },
  ]);
  const { routes, timeIntervals, inhibit, limits, retention } = config;
  const parts = { targets: Object.fromEntries(targets), sources: Object.fromEntries(sources) };
  const rules = { routes, channels, timeIntervals, inhibit, limits, retention, ...parts };
  return { version: JSON.stringify(rules), ...rules };
}

/** Of how a target is reached. It holds references, no secret. */
function fingerprintOf({ settings, proxy, ca, certificate }: TargetConfig): string {
  return createHash('sha256')
    .update(canonicalJson([settings, proxy, ca, certificate]))
    .digest('hex')
    .slice(0, 16);
}
