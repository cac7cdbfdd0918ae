import { dirname, resolve } from 'node:path';
import { type Fault, TocsinError } from '@tocsin/core';
import type { Limits, Retention } from '@tocsin/engine';
import { toChannel } from './channels.ts';
import { checkTogether } from './check.ts';
import type { LoadedConfig, SourceConfig } from './config.ts';
import { type ConfigDocument, readDocument } from './document.ts';
import { readProxyEnvironment, refuseUnverified, toEgress } from './egress-config.ts';
import type { Finding } from './finding.ts';
import { entriesFor, type IntegrationEntry, type IntegrationKind, readEntry } from './integration-entry.ts';
import { type Listen, parseListen, parsePort } from './listen.ts';
import { formatPath, valueAt } from './path.ts';
import { resolveReferences } from './resolve.ts';
import { toRoutes } from './routes.ts';
import type { ConfigShape } from './schema.ts';
import { readShape } from './shape.ts';
import { defaultListen } from './values.ts';
import { Wordings } from './wordings.ts';

export interface LoadOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file, the config and those of `${file:…}`; throws if it can't. */
  readFile: (path: string) => string;
}

/**
 * Reads, resolves and checks the config file. Throws one TocsinError `config` with every fault, each with its file,
 * line and column. No message holds what a reference stands for, or what is written where a secret belongs.
 */
export function loadConfig(file: string, options: LoadOptions): LoadedConfig {
  const folder = resolve(dirname(file));
  const document = readDocument(readConfig(file, options));
  const resolution = resolveReferences(document.value, { folder, ...options });
  const read = readShape(resolution.value, document.value);
  const listening = readListen(valueAt(resolution.value, ['listen']), options.env.PORT);
  const together = checkTogether({
    resolved: resolution.value,
    written: document.value,
    secrets: resolution.secrets,
    listen: listening.listen,
  });

  const environment = readProxyEnvironment(valueAt(resolution.value, ['egress', 'proxy']) ? {} : options.env);

  // What has no value because its reference failed is wrong in no other way.
  const failed = new Set(resolution.faults.map(({ path }) => formatPath(path)));
  const others = [
    ...read.faults,
    ...listening.faults,
    ...together.faults,
    ...environment.faults,
    ...refuseUnverified(options.env),
  ].filter(({ path }) => !failed.has(formatPath(path)));
  // A broken syntax leaves nothing to be checked.
  const findings =
    document.value === undefined ? document.findings : [...document.findings, ...resolution.faults, ...others];
  const { shape } = read;
  const { listen } = listening;
  if (findings.length > 0 || !shape || !listen) throw faulty(file, toFaults(findings, file, document));

  const integrations = shape.integrations.map(readEntry);
  return {
    file,
    folder,
    url: shape.url,
    listen,
    store: { kind: shape.store.kind, path: resolve(folder, shape.store.path) },
    tokens: shape.tokens,
    integrations,
    sources: shape.sources.map((source) => toSource(source, integrations)),
    targets: shape.targets.map(({ use, keys = {}, ...target }) => ({
      ...target,
      keys: Object.entries(keys).map(([name, value]) => ({ name, value })),
      integration: entryOf(use, 'target', integrations),
    })),
    ...toldBy(shape),
    timeIntervals: shape.timeIntervals,
    inhibit: shape.inhibit,
    limits: toLimits(shape.limits),
    retention: toRetention(shape.retention),
    unrouted: shape.unrouted ?? 'raise',
    egress: toEgress(shape.egress, environment),
    ...(shape.secrets ? { secretKeys: shape.secrets } : {}),
    warnings: toFaults([...resolution.warnings, ...together.warnings, ...environment.warnings], file, document),
    secrets: new Map([...resolution.secrets, ...environment.secrets]),
    at: (path, place) => document.at(path, place),
  };
}

const longestFile = 1_048_576;

function readConfig(file: string, { readFile }: LoadOptions): string {
  let source: string;
  try {
    source = readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new TocsinError('config', `the config file can't be read${code}`, {
      origin: file,
      remedy: 'Create it, or correct the path.',
      cause,
    });
  }
  if (source.length <= longestFile) return source;
  throw new TocsinError('config', 'the config file is longer than 1 MiB', {
    origin: file,
    remedy: 'Check that it is the right file.',
  });
}

function readListen(text: unknown, port: string | undefined): { listen?: Listen; faults: Finding[] } {
  const listen = parseListen(typeof text === 'string' ? text : defaultListen);
  if (port === undefined || port === '') return { listen, faults: [] };
  const override = parsePort(port);
  if (override !== undefined) return { listen: listen && { ...listen, port: override }, faults: [] };
  const message = 'the environment variable PORT is no port; set it to a number up to 65535, or not at all';
  return { listen, faults: [{ path: ['listen'], message }] };
}

function toSource(source: ConfigShape['sources'][number], integrations: readonly IntegrationEntry[]): SourceConfig {
  const { id, use, key, keys, signed, labels, severity, onNewMember, resolveAfter, settings, templates, writeBack } =
    source;
  const named = Object.entries(keys ?? (key === undefined ? {} : { key }));
  return {
    id,
    integration: entryOf(use, 'source', integrations),
    keys: named.map(([name, value]) => ({ name, value })),
    ...(signed ? { signed } : {}),
    labels,
    severity,
    ...(onNewMember ? { onNewMember } : {}),
    ...(resolveAfter === undefined ? {} : { resolveAfter }),
    settings,
    ...(templates === undefined ? {} : { templates }),
    ...(writeBack === undefined ? {} : { writeBack }),
  };
}

/** Routes and channels, and the templates on their entries. */
function toldBy(shape: ConfigShape): Pick<LoadedConfig, 'routes' | 'channels' | 'defaults' | 'wordings'> {
  const wordings = new Wordings();
  const allowed = new Map(shape.targets.map(({ id, addresses = [] }) => [id, addresses]));
  const reach = { allowed, wordings };
  const { defaults } = shape;
  const routes = toRoutes(shape.routes, reach);
  const channels = shape.channels.map((channel, index) =>
    toChannel(channel, defaults.states, ['channels', index], reach),
  );
  return { routes, channels, defaults, wordings: wordings.all() };
}

function toLimits({ size, ...counts }: ConfigShape['limits']): Limits {
  return { ...counts, stored: size };
}

function toRetention({ size, ...times }: ConfigShape['retention']): Retention {
  return { ...times, bytes: size };
}

/** The checks saw to it that there is exactly one. */
function entryOf(use: string, kind: IntegrationKind, integrations: readonly IntegrationEntry[]): string {
  return (entriesFor(use, kind, integrations)[0] as IntegrationEntry).name;
}

function toFaults(findings: readonly Finding[], file: string, document: ConfigDocument): Fault[] {
  return findings
    .map((finding) => {
      const { line, column } = document.at(finding.path, finding);
      return { path: formatPath(finding.path), message: finding.message, file, line, column };
    })
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

function faulty(file: string, faults: Fault[]): TocsinError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new TocsinError('config', `the config has ${count}`, {
    origin: file,
    remedy: 'Correct the file; `tocsin check` tells whether all is well.',
    faults,
  });
}
