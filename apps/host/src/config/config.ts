import type { Fault, Severity } from '@tocsin/core';
import type { Channel, InhibitionRule, Limits, OnNewMember, Retention, Route, TimeInterval } from '@tocsin/engine';
import type { States } from './channel.ts';
import type { Position } from './document.ts';
import type { EgressRule } from './egress-rule.ts';
import type { Place } from './finding.ts';
import type { IntegrationEntry } from './integration-entry.ts';
import type { Listen } from './listen.ts';
import type { NoProxyRule } from './no-proxy.ts';
import { formatPath, type Path } from './path.ts';
import type { ConfigShape } from './schema.ts';
import type { WrittenTemplates } from './templates.ts';
import type { NamedWording } from './wordings.ts';

/**
 * A text with references in it (`${env:NAME}`, `${file:/path}`, `${config:tokens/ann/value}`), whose values are in
 * `LoadedConfig.secrets`; `$${` stands for a plain `${`. `resolveSecrets` gives the value itself. In the settings of
 * targets there may also be `${secret:name/key}`, whose value only the secret store knows.
 */
export type SecretText = string;

/** What the config file says, checked, with its defaults filled in. Plain data but for `at`. */
export interface LoadedConfig {
  /** As it was given to `loadConfig`. */
  file: string;
  /** The file's folder, absolute: relative paths in it and integrations start here. */
  folder: string;
  /** Without a slash at the end; `urlOf(listen, port)` where the file has none. */
  url: string | undefined;
  /** PORT of the environment has taken effect. */
  listen: Listen;
  store: StoreConfig;
  tokens: TokenConfig[];
  integrations: IntegrationEntry[];
  sources: SourceConfig[];
  targets: TargetConfig[];
  /** Durations in milliseconds. */
  routes: Route[];
  /** In the file's order. */
  channels: Channel[];
  /** What channels have where they say nothing. */
  defaults: { states: States };
  /** Templates of `to` entries, by the name that stands in `routes` and `channels`. */
  wordings: NamedWording[];
  /** By the names that routes use. */
  timeIntervals: Record<string, TimeInterval[]>;
  inhibit: InhibitionRule[];
  limits: Limits;
  retention: Retention;
  /** Alerts that no route matches raise an alert of the hub's own, or are left alone. */
  unrouted: 'raise' | 'drop';
  egress: EgressConfig;
  /** The keys of the secret store; without them those of the environment, or the host's own. */
  secretKeys?: { key: SecretText; previous: SecretText[] };
  /** What is worth a word and no reason to refuse the config. */
  warnings: Fault[];
  /** From a reference as it stands in a SecretText to its value. Never printed; logs mask the values. */
  secrets: ReadonlyMap<string, string>;
  /** Where a path (`['targets', 0, 'settings']` or `targets[0].settings`) or its nearest parent is written. */
  at(path: Path | string, place?: Place): Position;
}

export interface StoreConfig {
  kind: 'sqlite';
  /** Absolute. */
  path: string;
}

export type Role = ConfigShape['tokens'][number]['role'];

export interface TokenConfig {
  /** The actor in every event. */
  name: string;
  role: Role;
  value: SecretText;
}

export interface SourceConfig {
  id: string;
  /** The entry of `integrations` that `use` means, by its name. */
  integration: string;
  /** All of them valid; a single `key` has the name `key`. None where nobody posts: the hub's own troubles. */
  keys: { name: string; value: SecretText }[];
  /** The key alone is not enough: what comes must have the vendor's signature. */
  signed?: 'required';
  /** Added to every alert. */
  labels: Record<string, string>;
  /** From the vendor's word to ours. */
  severity: Record<string, Severity>;
  /** What a new firing member does to an acknowledged group; `post` where it isn't given. */
  onNewMember?: OnNewMember;
  /** Milliseconds without news after which an alert counts as over. */
  resolveAfter?: number;
  settings: Record<string, unknown>;
  templates?: WrittenTemplates;
  /** Every text in it is a SecretText. */
  writeBack?: Record<string, unknown>;
}

export interface TargetConfig {
  id: string;
  /** The entry of `integrations` that `use` means, by its name. */
  integration: string;
  /** Every text in it is a SecretText. */
  settings: Record<string, unknown>;
  templates?: WrittenTemplates;
  /** What the address of its callbacks ends with: one of these, where there are any. */
  keys: { name: string; value: SecretText }[];
  /** Its messages have a link that acknowledges. */
  links: boolean;
  /** Whom it may tell; `*` in it stands for anything. */
  addresses?: string[];
  /** In place of `egress.proxy`; `none` for no proxy at all. */
  proxy?: SecretText;
  /** Certificates in PEM: the only ones that are trusted to sign the target's. */
  ca?: string;
  /** By which the target knows us, in PEM. */
  certificate?: { cert: string; key: SecretText; passphrase?: SecretText };
}

/** What the door is told by the config, and where that says nothing by the environment. */
export interface EgressConfig {
  allow: EgressRule[];
  deny: EgressRule[];
  /** By what the target speaks; one that isn't there is reached directly. */
  proxy: { http?: SecretText; https?: SecretText };
  noProxy: NoProxyRule[];
  /** DNS servers that are asked in place of the system: `127.0.0.1:5353`. */
  resolver: string[];
  /** Certificates in PEM that are trusted besides the public ones. */
  ca?: string;
  /** Milliseconds. */
  timeouts: { connect: number; headers: number; body: number };
}

/** A fault of the config that something outside this folder found, such as an integration in its settings. */
export function faultAt(config: Pick<LoadedConfig, 'file' | 'at'>, path: Path, message: string, place?: Place): Fault {
  return { path: formatPath(path), message, file: config.file, ...config.at(path, place) };
}
