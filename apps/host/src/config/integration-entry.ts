import { idOf } from '@tocsin/core/load';

export type IntegrationKind = 'source' | 'target';

/** An entry of `integrations`: an npm package, or a folder beside the config file. */
export interface IntegrationEntry {
  /** As written in the file. */
  name: string;
  /** What `use` calls it. */
  id: string;
  /** Told by a name like `source-acme`; otherwise it shows when the package is loaded. */
  kind?: IntegrationKind;
}

/** The id of the integration that the hub reports its own troubles to, and nobody else. */
export const hubIntegration = 'tocsin';

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name */
export const packageName = /^(?=.{1,214}$)(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** `@tocsin/source-alertmanager` and `./integrations/sources/alertmanager` are both `alertmanager`. */
export function readEntry(name: string): IntegrationEntry {
  const trimmed = name.replace(/\/+$/, '');
  const last = trimmed.slice(trimmed.lastIndexOf('/') + 1);
  const kind = /^(?:tocsin-)?(source|target)-./.exec(last)?.[1] as IntegrationKind | undefined; // the two words of the group
  return { name, id: idOf(last), ...(kind ? { kind } : {}) };
}

/** The entries that `use` may mean, by id or by the full name. */
export function entriesFor(
  use: string,
  kind: IntegrationKind,
  entries: readonly IntegrationEntry[],
): IntegrationEntry[] {
  const named = entries.find(({ name }) => name === use);
  const found = named ? [named] : entries.filter(({ id }) => id === use);
  return found.filter((entry) => (entry.kind ?? kind) === kind);
}
