import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type HttpResponse, TocsinError } from '@tocsin/core';
import type { Group, Member, Store } from '@tocsin/engine';
import type { Failure } from '../api/failure.ts';
import type { Egress } from '../egress/egress.ts';
import type { PackedAlert, PackedWanted } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Action, WriteBacks } from '../presses/desk.ts';
import type { Registry } from '../registry.ts';
import type { Echoes } from './echoes.ts';
import { acknowledgeNagios, unacknowledgeNagios } from './nagios.ts';
import { type CommandFileSettings, monitorOf } from './settings.ts';

export interface MonitorsOptions {
  registry: Pick<Registry, 'config' | 'sources'>;
  store: Pick<Store, 'query'>;
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
  echoes: Echoes;
  /** Without a slash at the end. */
  url: () => string;
}

/** Alerts of one group that a monitor is told of. */
const mostAlerts = 50;
/** Requests that one alert may take, those that ask whether it is done yet included. */
const mostSteps = 200;
/** Milliseconds between two looks whether it is done. */
const usualPause = 1_000;

/** Has the monitors do what people want, and says so once they show it. */
export class Monitors implements WriteBacks {
  readonly #options: MonitorsOptions;

  constructor(options: MonitorsOptions) {
    this.#options = options;
  }

  concerns(source: string, action: Action['action']): boolean {
    const configured = this.#options.registry.sources.get(source);
    const writeBack = configured?.integration.definition.writeBack;
    if (!writeBack || configured?.writeBack === undefined) return false;
    const actions = writeBack.kind === 'http' ? writeBack.actions : commandFileActions;
    return actions.includes(action);
  }

  async perform(action: Action, signal: AbortSignal): Promise<Failure | undefined> {
    const { store } = this.#options;
    const group = await store.query.group(action.group);
    if (!group) return undefined; // whoever asks for it finds out
    try {
      const alerts = await this.#firing(group);
      for (const alert of alerts) {
        signal.throwIfAborted();
        await this.#expecting(group.source, alert, action, () => this.#tell(group, alert, action, signal));
      }
      return undefined;
    } catch (error) {
      return failureOf(error, group.source, signal);
    }
  }

  /** What the monitor says of it meanwhile is the word of who asked. */
  async #expecting(source: string, { fingerprint }: PackedAlert, action: Action, tell: () => Promise<void>) {
    const { echoes } = this.#options;
    echoes.expect(source, fingerprint, action);
    await tell().catch((error) => {
      echoes.forget(source, fingerprint, action.action);
      throw error;
    });
  }

  async #firing(group: Group): Promise<PackedAlert[]> {
    const alerts: PackedAlert[] = [];
    let after: string | undefined;
    do {
      const page = await this.#options.store.query.members(group.id, { limit: 200, ...(after ? { after } : {}) });
      alerts.push(...page.items.filter(({ status }) => status === 'firing').map(packMember));
      after = page.next ?? undefined;
    } while (after !== undefined && alerts.length <= mostAlerts);
    if (alerts.length <= mostAlerts) return alerts;
    throw new TocsinError('payload', `more than ${mostAlerts} alerts fire in this group`, {
      remedy: 'Act in the monitor itself, where all of them can be taken together.',
    });
  }

  async #tell(group: Group, alert: PackedAlert, action: Action, signal: AbortSignal): Promise<void> {
    const { registry, url } = this.#options;
    const source = registry.sources.get(group.source);
    const writeBack = source?.integration.definition.writeBack;
    const page = `${url()}/g/${group.id}`;
    const wanted: PackedWanted = {
      action: action.action,
      actor: action.actor,
      comment: oneLine(action.comment) || `${action.action} by ${action.actor}`,
      ...(action.until === undefined ? {} : { until: action.until }),
      url: page,
      alert,
      now: Date.now(),
    };
    if (writeBack?.kind === 'command-file') {
      const files = source?.writeBack as CommandFileSettings; // as `commandFileSettings` read it
      return this.#command(group.source, files, wanted, signal);
    }
    return this.#request(group.source, wanted, signal);
  }

  async #command(source: string, files: CommandFileSettings, wanted: PackedWanted, signal: AbortSignal): Promise<void> {
    const { pool, registry } = this.#options;
    const { folder } = registry.config;
    const { object } = await pool.run<'write-back-object'>({ kind: 'write-back-object', source, alert: wanted.alert });
    const paths = {
      commandFile: resolve(folder, files.commandFile),
      statusFile: resolve(folder, files.statusFile),
    };
    const { actor: author, comment } = wanted;
    const done =
      wanted.action === 'acknowledge'
        ? await acknowledgeNagios(paths, { ...object, author, comment }, { signal, again: true })
        : await unacknowledgeNagios(paths, object, { signal });
    if (done.result !== 'no-problem') return;
    throw new TocsinError('payload', `the monitor says that it is ${done.state} already`, {
      remedy: 'Its recovery is on the way, or was lost: look at the monitor.',
    });
  }

  async #request(source: string, wanted: PackedWanted, signal: AbortSignal): Promise<void> {
    const { pool, egress } = this.#options;
    const answers: HttpResponse[] = [];
    for (let step = 0; step < mostSteps; step++) {
      const { request } = await pool.run<'write-back'>({ kind: 'write-back', source, wanted, answers });
      if (!request) return;
      const { response, error } = await egress.send(monitorOf(source), request, signal);
      if (!response) throw new TocsinError('egress', error ?? 'no answer');
      const outcome = await pool.run<'write-back-outcome'>({ kind: 'write-back-outcome', source, response });
      if (outcome.outcome === 'delivered') answers.push(response);
      else if (outcome.outcome === 'retry') await delay(outcome.after ?? usualPause, undefined, { signal });
      else throw new TocsinError('egress', outcome.reason);
    }
    throw new TocsinError('egress', 'it was not done, however often it was asked for');
  }
}

const commandFileActions: readonly Action['action'][] = ['acknowledge', 'unacknowledge'];

function packMember({ fingerprint, severity, labels, startedAt, firingSince, data }: Member): PackedAlert {
  return { fingerprint, status: 'firing', severity, labels, startedAt: startedAt ?? firingSince, data };
}

function oneLine(text: string | undefined): string {
  return (text ?? '').replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** What is told to whoever acted. */
function failureOf(error: unknown, source: string, signal: AbortSignal): Failure {
  const isLate = signal.aborted && !(error instanceof TocsinError);
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof TocsinError ? error.remedy : undefined;
  return {
    status: 502,
    code: 'write-back',
    message: `nothing was changed here, as ${source} did not do it: ${isLate ? 'it did not answer in time' : reason}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}
