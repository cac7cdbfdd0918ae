import type { Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import type { ChannelDesk } from './channels/desk.ts';
import type { LoadedConfig, Role } from './config/config.ts';
import type { Sender } from './deliver/sender.ts';
import type { InstallationDesk } from './installations/desk.ts';
import type { PressDesk } from './presses/desk.ts';
import type { Handles } from './presses/handles.ts';
import type { Registry } from './registry.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import type { TemplateDesk } from './templates/desk.ts';
import type { Echoes } from './write-back/echoes.ts';

/** What the parts of a running host share. */
export interface HostContext {
  config: LoadedConfig;
  store: Store;
  registry: Registry;
  log: FastifyBaseLogger;
  /** Without a slash at the end; every link in a message starts with it. */
  url: string;
  tokens: AccessToken[];
  channels: ChannelDesk;
  /** Those that the API makes. */
  secrets: SecretStore;
  /** The workspaces that have let apps of ours in. */
  installations: InstallationDesk;
  templates: TemplateDesk;
  /** Of the buttons and links in messages. */
  handles: Handles;
  /** Everything that people do to groups. */
  presses: PressDesk;
  /** What monitors were asked to do, and may say themselves now. */
  echoes: Echoes;
  /** For what is told outside of deliveries: the test of a target. */
  sender: Sender;
  /** Why the host can't take alerts now; nothing when it can. */
  notReady(): string | undefined;
  /** Sources and targets that are switched off because a function of theirs overran, with the reason. */
  quarantined(): ReadonlyMap<string, string>;
}

/** Who may use the API and the pages. */
export interface AccessToken {
  /** The actor in every event. */
  name: string;
  role: Role;
  value: string;
}
