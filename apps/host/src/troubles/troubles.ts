import { formatFault, type SourceRequest, TocsinError } from '@tocsin/core';
import type { Finding, Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import { hubIntegration } from '../config/integration-entry.ts';
import { secretReference } from '../config/secret-id.ts';
import type { Job } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Registry } from '../registry.ts';
import { steadyNow } from '../steady.ts';
import { TroubleBook } from './book.ts';
import { openTroubles, reportRequest } from './report.ts';
import { subjectKindOf, type Trouble, type TroubleKind } from './trouble.ts';

/** As a sentence begins. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Milliseconds that troubles wait for others: they are told after the answer to the request that they came with. */
const gathering = 100;

/** Milliseconds until reports are tried again that could not be stored. */
const patience = 10_000;

/** How reports go: through the functions of the source into the store, as the alerts of any request do. */
export interface Way {
  store: Store;
  pool: IntegrationPool;
  /** The hub's address, without a slash at the end. */
  url: () => string;
}

/**
 * The hub's own troubles, for the source of the built-in integration; without one, nothing is told. Every method that
 * others call returns at once and never throws. What concerns that very source raises nothing, so that no trouble can
 * bring forth another.
 */
export class Troubles {
  readonly #registry: Registry;
  readonly #log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  /** The id of the source. */
  readonly #source: string | undefined;
  readonly #book = new TroubleBook();
  /** Of the last refusal of each target, until the store says that it was one. */
  readonly #details = new Map<string, string>();
  #way: Way | undefined;
  /** A request to the source that is on its way, or is to be tried again. */
  #request: SourceRequest | undefined;
  #retryAt = 0;
  #telling: Promise<void> | undefined;
  #timer: { at: number; timeout: NodeJS.Timeout } | undefined;

  constructor(registry: Registry, log: Pick<FastifyBaseLogger, 'warn' | 'error'>) {
    this.#registry = registry;
    this.#log = log;
    this.#source = [...registry.sources].find(([, { integration }]) => integration.id === hubIntegration)?.[0];
  }

  /** Takes up what an earlier process told of, and begins to tell. */
  async start(way: Way): Promise<void> {
    this.#way = way;
    if (this.#source === undefined) return;
    for (const trouble of await openTroubles(way.store, this.#source)) {
      const isConfigured = this.#registry[`${subjectKindOf(trouble.kind)}s`].has(trouble.subject);
      this.#book.adopt(trouble, steadyNow(), isConfigured ? undefined : 'no longer configured');
    }
    this.#plan();
  }

  /** Tells what is left, and nothing after that. */
  async stop(): Promise<void> {
    await this.#telling;
    if (this.#request) await this.#flush();
    await this.#flush(true);
    this.#way = undefined;
    clearTimeout(this.#timer?.timeout);
  }

  requestRejected(source: string): void {
    this.#raise('rejected-requests', source, source);
  }

  requestRead(source: string): void {
    this.#end('rejected-requests', source, source);
    this.#end('switched-off-source', source, source);
  }

  templateFailed(source: string, group?: string): void {
    this.#raise('failed-templates', source, source, { group });
  }

  /** A call of an integration's function overran its budget. */
  switchedOff(job: Job): void {
    // A person who tries a template sees what became of it.
    if (job.kind === 'preview' || !('source' in job) || job.source === null) return;
    if (!('target' in job)) this.#raise('switched-off-source', job.source, job.source);
    else this.#raise('switched-off-target', job.target, job.source);
  }

  /** The set-up of a target is broken: `what` is in the integration's own words. */
  isBroken(target: string, source: string, what: string): void {
    const secrets = this.#registry.targets.get(target)?.secrets ?? [];
    const which = secrets.length > 0 ? ` Its secrets: ${secrets.join(', ')}.` : '';
    this.#raise('broken-set-up', target, source, { detail: `${capital(what)}.${which}` });
  }

  /** A target's settings name a secret of the store that isn't there. `source`: whose alert waits, if one does. */
  secretMissing(target: string, secret: string, source = ''): void {
    this.#raise('missing-secret', target, source, { detail: `It is ${secretReference(secret)}.` });
  }

  /** It is there now. */
  secretSet(target: string): void {
    this.#end('missing-secret', target, '');
  }

  /** Workspaces that a target is to tell have not let it in, or no more. `source`: whose alert waits, if one does. */
  installationMissing(target: string, workspaces: readonly string[], source = ''): void {
    this.#raise('missing-installation', target, source, { detail: `It is missing in ${workspaces.join(', ')}.` });
  }

  /** None is missing any more. */
  installed(target: string): void {
    this.#end('missing-installation', target, '');
  }

  delivered(target: string, source: string): void {
    this.#end('missing-secret', target, source);
    this.#end('dead-deliveries', target, source);
    this.#end('broken-set-up', target, source);
    this.#end('disabled-target', target, source);
    this.#end('switched-off-target', target, source);
  }

  /** A message was refused before it left, or its building failed: the store finds the delivery dead after that. */
  notSent(target: string, detail: string): void {
    this.#details.set(target, detail);
  }

  /** What only the store sees. */
  found(finding: Finding): void {
    const { kind, group } = finding;
    const detail = kind === 'dead' ? this.#detailOf(finding) : undefined;
    if (group.source === this.#source) this.#log.warn({ group: group.id, finding: kind }, 'trouble not told');
    else if (kind === 'disabled') this.#raise('disabled-target', finding.target, group.source, { group: group.id });
    else if (kind === 'dead') this.#raise('dead-deliveries', finding.target, group.source, { group: group.id, detail });
    else if (this.#registry.config.unrouted === 'raise')
      this.#raise('unrouted-alerts', group.source, group.source, { group: group.id });
  }

  /** Of what a target answers only the status is repeated: the rest may hold anything. */
  #detailOf({ target, reason }: Extract<Finding, { kind: 'dead' }>): string | undefined {
    const own = this.#details.get(target);
    this.#details.delete(target);
    const status = /^HTTP (\d{3})\b/.exec(reason)?.[1];
    return status === undefined ? own : `The last answer was HTTP ${status}.`;
  }

  /** `source`: whose alert it came with. */
  #raise(kind: TroubleKind, subject: string, source: string, more: Pick<Trouble, 'detail' | 'group'> = {}): void {
    if (this.#source === undefined || source === this.#source) return;
    this.#book.raise({ kind, subject, ...more }, steadyNow());
    this.#plan();
  }

  #end(kind: TroubleKind, subject: string, source: string): void {
    if (source !== this.#source && this.#book.end(kind, subject, steadyNow())) this.#plan();
  }

  /** Wakes when there is something to tell. */
  #plan(): void {
    const due = this.#request ? this.#retryAt : this.#book.due;
    if (due === undefined || !this.#way || this.#telling) return;
    const at = Math.max(due, steadyNow() + gathering);
    if (this.#timer && this.#timer.at <= at) return;
    clearTimeout(this.#timer?.timeout);
    this.#timer = { at, timeout: setTimeout(() => void this.#flush(), at - steadyNow()).unref() };
  }

  #flush(isLast = false): Promise<void> {
    clearTimeout(this.#timer?.timeout);
    this.#timer = undefined;
    this.#telling ??= this.#tell(isLast).finally(() => {
      this.#telling = undefined;
      this.#plan();
    });
    return this.#telling;
  }

  async #tell(isLast: boolean): Promise<void> {
    if (!this.#way || this.#source === undefined) return;
    const { store, pool, url } = this.#way;
    const receivedAt = steadyNow();
    this.#request ??= reportRequest(this.#book.take(receivedAt, isLast), url());
    if (!this.#request) return;
    try {
      const job = { kind: 'normalise', source: this.#source, request: this.#request, receivedAt } as const;
      const { signals, rejected, problems } = await pool.run<'normalise'>(job);
      for (const problem of [...rejected.map(formatFault), ...problems]) this.#log.warn({ problem }, 'trouble');
      await store.commit({ packed: signals });
      this.#request = undefined;
    } catch (error) {
      this.#log.error({ err: error instanceof Error ? error.message : String(error) }, 'troubles not told');
      const isPassing = error instanceof TocsinError && (error.code === 'store' || error.code === 'budget');
      if (!isPassing) this.#request = undefined;
      this.#retryAt = steadyNow() + patience;
    }
  }
}
