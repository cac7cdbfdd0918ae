import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import {
  type BasicAuthentication,
  basicLogin,
  type Fault,
  type Integration,
  isSigned,
  type SigningAuthentication,
  type SourceIntegration,
  signingSecrets,
  type TargetIntegration,
  TocsinError,
  workspaceOf,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import type { Channel, Route, To } from '@tocsin/engine';
import { faultAt, type LoadedConfig, type SourceConfig, type TargetConfig } from './config/config.ts';
import { hideLiterals } from './config/literal-secret.ts';
import type { Path } from './config/path.ts';
import { parseReferences, resolveSecrets } from './config/reference.ts';
import { storedSecrets } from './config/secret-id.ts';
import { isOfStates } from './config/subscription.ts';
import { signingSecretRemedy } from './egress/signer.ts';
import { withOpenValues } from './open-settings.ts';
import { readSettings } from './read-settings.ts';
import { secretPaths } from './secret-settings.ts';
import { readSigningSecret } from './standard-webhooks.ts';
import { urlFaults } from './target-urls.ts';
import { type OperatorTemplates, readConfiguredTemplates } from './templates/configured.ts';
import { readWriteBack, schemaOf } from './write-back/settings.ts';

export interface ConfiguredSource {
  config: SourceConfig;
  integration: SourceIntegration;
  /** As the integration's schema gave them. */
  settings: unknown;
  /** How its vendor is told what people do, as the schema of that gave it; none where the operator didn't turn it on. */
  writeBack?: unknown;
}

export interface ConfiguredTarget {
  config: TargetConfig;
  integration: TargetIntegration;
  /** As the integration's schema gave them; secrets are references. */
  settings: unknown;
  /** Those references. */
  secrets: string[];
}

/** The installed integrations and what the operator made of them. */
export interface Registry {
  /** The config, with the secrets that only the integrations' schemas know moved out of it. */
  config: LoadedConfig;
  integrations: Integration[];
  sources: ReadonlyMap<string, ConfiguredSource>;
  targets: ReadonlyMap<string, ConfiguredTarget>;
  /** The operator's words. */
  templates: OperatorTemplates;
}

/**
 * Loads the integrations that the config names, from its folder or else from the host's, and checks each source's and
 * target's settings. Throws one TocsinError `config` with all faults.
 */
export async function loadRegistry(given: LoadedConfig): Promise<Registry> {
  const faults: Fault[] = [];
  let config = given;
  const byEntry = new Map<string, Integration>();
  for (const [index, entry] of config.integrations.entries()) {
    try {
      byEntry.set(entry.name, await loadIntegration(findFolder(entry.name, config.folder)));
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      faults.push(faultAt(config, ['integrations', index], error.toText()), ...error.faults);
    }
  }
  config = hideLiterals(config, literalSecrets(config, byEntry));
  const sources = new Map<string, ConfiguredSource>();
  for (const [index, source] of config.sources.entries()) {
    const integration = byEntry.get(source.integration);
    if (!integration) continue;
    if (integration.kind !== 'source') {
      faults.push(faultAt(config, ['sources', index, 'use'], `${integration.id} is a target; a source needs a source`));
      continue;
    }
    const settings = readSettings(config, faults, ['sources', index], integration, source.settings);
    faults.push(...proofFaults(config, index, integration));
    const writeBack = readWriteBack(config, faults, index, integration, source.writeBack);
    const told = integration.definition.writeBack;
    if (told && writeBack !== undefined)
      faults.push(...urlFaults(config, ['sources', index, 'writeBack'], schemaOf(told)));
    sources.set(source.id, {
      config: source,
      integration,
      settings,
      ...(writeBack === undefined ? {} : { writeBack }),
    });
  }
  const targets = new Map<string, ConfiguredTarget>();
  for (const [index, target] of config.targets.entries()) {
    const integration = byEntry.get(target.integration);
    if (!integration) continue;
    if (integration.kind !== 'target') {
      faults.push(faultAt(config, ['targets', index, 'use'], `${integration.id} is a source; a target needs a target`));
      continue;
    }
    const given = withOpenValues(target.settings, integration.definition.settings, config.secrets);
    const settings = readSettings(config, faults, ['targets', index], integration, given);
    faults.push(...urlFaults(config, ['targets', index, 'settings'], integration.definition.settings));
    faults.push(...authenticationFaults(config, index, integration, settings));
    targets.set(target.id, { config: target, integration, settings, secrets: secretsOf(target.settings) });
  }
  for (const { path, to } of [...routeAddresses(config.routes, []), ...channelAddresses(config.channels)]) {
    const wrong = addressFaults(targets.get(to.target), to.address);
    faults.push(...wrong.map((message) => faultAt(config, [...path, 'address'], message)));
  }
  const configured = readConfiguredTemplates(config);
  faults.push(...configured.faults);
  if (faults.length > 0) {
    throw new TocsinError('config', `${config.file} has ${faults.length} fault${faults.length > 1 ? 's' : ''}`, {
      faults,
      remedy: 'Mend these and run `tocsin check` again.',
    });
  }
  return { config, integrations: [...byEntry.values()], sources, targets, templates: configured.templates };
}

/** From the id of each secret of the store that settings refer to, to the targets whose settings do. */
export function secretUsers({ targets }: Pick<Registry, 'targets'>): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [target, { secrets }] of targets) {
    for (const id of new Set(storedSecrets(secrets))) users.set(id, [...(users.get(id) ?? []), target]);
  }
  return users;
}

/** From the id of each target that workspaces install to the origin that its tokens are for. */
export function installableOrigins({ config, targets }: Pick<Registry, 'config' | 'targets'>): Map<string, string> {
  const origins = new Map<string, string>();
  for (const [id, { integration, settings }] of targets) {
    const { installation } = integration.definition;
    if (!installation?.offered(settings)) continue;
    const url = URL.parse(resolveSecrets(installation.api(settings), config.secrets));
    if (url) origins.set(id, url.origin);
  }
  return origins;
}

function secretsOf(value: unknown): string[] {
  if (typeof value === 'string')
    return parseReferences(value).flatMap((part) => (typeof part === 'string' ? [] : [part.text]));
  if (value === null || typeof value !== 'object') return [];
  return [...new Set(Object.values(value).flatMap(secretsOf))];
}

/** What a target takes as an address only its integration knows. One with labels is read when it is sent. */
export function addressFaults(target: ConfiguredTarget | undefined, address: unknown): string[] {
  if (!target) return [];
  const { integration, settings, config } = target;
  const isInstalled = integration.definition.installation?.offered(settings) ?? false;
  const remedy = `write \`<workspace>/<place>\`, as \`tocsin targets places ${config.id}\` lists them`;
  if (address === undefined) return isInstalled ? [`is missing: several workspaces may have the app; ${remedy}`] : [];
  if (isInstalled && typeof address === 'string' && workspaceOf(address) === undefined)
    return [`names no workspace; ${remedy}`];
  const schema = integration.definition.address;
  if (!schema) return [`${integration.id} takes no address: its settings say whom it tells; remove it`];
  const read = typeof address === 'string' ? schema.safeParse(address) : undefined;
  return (read?.error?.issues ?? []).map(({ message }) => message);
}

function routeAddresses(routes: readonly Route[], above: Path): { path: Path; to: To }[] {
  return routes.flatMap(({ to, routes: below = [] }, index) => {
    const path = [...above, 'routes', index];
    return [
      ...to.map((one, position) => ({ path: [...path, 'to', position], to: one })),
      ...routeAddresses(below, path),
    ];
  });
}

/** Those of `states` lie where their channel does. */
function channelAddresses(channels: readonly Channel[]): { path: Path; to: To }[] {
  return channels.flatMap(({ subscriptions }, index) =>
    subscriptions.map((to, position) => ({
      path: ['channels', index, ...(isOfStates(to) ? ['states'] : ['subscriptions', position])],
      to,
    })),
  );
}

/** Whether a source can prove what its config asks for. */
function proofFaults(config: LoadedConfig, index: number, { id, definition }: SourceIntegration): Fault[] {
  const { signed, keys } = config.sources[index] as SourceConfig; // of the list that is walked
  const at = ['sources', index];
  if (signed && !isSigned(definition.verify))
    return [faultAt(config, [...at, 'signed'], `${id} knows no signature of its vendor; remove it`)];
  if (definition.verify?.kind !== 'standard-webhooks') return [];
  return keys.flatMap(({ name, value }) => {
    const secret = resolveSecrets(value, config.secrets);
    if (readSigningSecret(secret) || !(signed || secret.startsWith('whsec_'))) return [];
    return [
      faultAt(
        config,
        [...at, ...(name === 'key' ? [name] : ['keys', name])],
        `this key is no signing secret. ${signingSecretRemedy}`,
      ),
    ];
  });
}

/** Whether a target can prove itself with what it has for it; what the store has is read when it is used. No message holds a secret. */
function authenticationFaults(
  config: LoadedConfig,
  index: number,
  { definition: { auth } }: TargetIntegration,
  settings: unknown,
): Fault[] {
  if (!auth) return [];
  return auth.kind === 'basic'
    ? loginFaults(config, index, auth, settings)
    : signingFaults(config, index, auth, settings);
}

function signingFaults(config: LoadedConfig, index: number, auth: SigningAuthentication, settings: unknown): Fault[] {
  return signingSecrets(auth, settings).flatMap(({ text }, position, { length }) => {
    if (storedSecrets([text]).length > 0) return [];
    const secret = resolveSecrets(text, config.secrets);
    if (secret.startsWith('whsec_') && readSigningSecret(secret)) return [];
    const isListed = length > 1 || Array.isArray(config.targets[index]?.settings[auth.secret]);
    const path = ['targets', index, 'settings', auth.secret, ...(isListed ? [position] : [])];
    return [faultAt(config, path, `this is no signing secret. ${signingSecretRemedy}`)];
  });
}

/** A colon would end the user, and control characters have no place in either. https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function loginFaults(config: LoadedConfig, index: number, auth: BasicAuthentication, settings: unknown): Fault[] {
  const login = basicLogin(auth, settings);
  if (!login) return [];
  const impossible = { user: /[:\p{Cc}]/u, password: /\p{Cc}/u };
  return (['user', 'password'] as const).flatMap((part) => {
    if (storedSecrets([login[part]]).length > 0) return [];
    if (!impossible[part].test(resolveSecrets(login[part], config.secrets))) return [];
    const has = part === 'user' ? 'a colon or a control character' : 'a control character';
    const says = `it has ${has}, which no ${part} of HTTP basic authentication can have; copy it again`;
    return [faultAt(config, ['targets', index, 'settings', auth[part]], says)];
  });
}

function literalSecrets(config: LoadedConfig, byEntry: ReadonlyMap<string, Integration>): Path[] {
  const ofSources = config.sources.flatMap(({ integration, writeBack: settings }, index) => {
    const found = byEntry.get(integration);
    const writeBack = found?.kind === 'source' ? found.definition.writeBack : undefined;
    if (!writeBack) return [];
    return secretPaths(schemaOf(writeBack), settings).map((path) => ['sources', index, 'writeBack', ...path]);
  });
  const ofTargets = config.targets.flatMap(({ integration, settings }, index) => {
    const schema = byEntry.get(integration)?.definition.settings;
    return schema ? secretPaths(schema, settings).map((path) => ['targets', index, 'settings', ...path]) : [];
  });
  return [...ofSources, ...ofTargets];
}

/** The folder of a package by its name, or of a path that starts with a dot. */
export function findFolder(name: string, from: string): string {
  if (name.startsWith('.')) return resolve(from, name);
  for (const base of [join(from, 'tocsin.yaml'), import.meta.filename]) {
    try {
      return dirname(createRequire(base).resolve(`${name}/package.json`));
    } catch {
      // Not there: the next place is the host's own.
    }
  }
  const hint = isFolder(join(from, name)) ? ` (a folder is written as ./${name})` : '';
  throw new TocsinError('integration', `${name} is not installed${hint}`, {
    origin: name,
    remedy: `Install it beside the config file: npm install ${name}`,
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
