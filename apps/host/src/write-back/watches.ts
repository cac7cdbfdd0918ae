import type { HttpResponse } from '@tocsin/core';
import type { AlertSignal, GroupSummary, Member, Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import type { Egress } from '../egress/egress.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Registry } from '../registry.ts';
import { monitorOf } from './settings.ts';

export interface WatchesOptions {
  registry: Pick<Registry, 'sources'>;
  store: Pick<Store, 'query' | 'commit'>;
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
}

/** Requests that one look may take. */
const mostSteps = 5;
const longestLook = 15_000;
/** Alerts that are asked about at a time. */
const mostAlerts = 5_000;
/** Groups in a page of the store. */
const pageSize = 200;

/**
 * Some monitors say nothing more of an alert once they are told to be silent about it, not even that it is over. While
 * people have such alerts, the hub looks for itself: what two looks in a row don't show is over.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #stop = new AbortController();
  /** By source: the last look, while somebody has alerts of it. */
  readonly #looks = new Map<string, Look>();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  start(): void {
    for (const [source, { integration, writeBack: settings }] of this.#options.registry.sources) {
      const { writeBack } = integration.definition;
      if (writeBack?.kind !== 'http' || !writeBack.watch || settings === undefined) continue;
      this.#plan(source, writeBack.watch.every);
    }
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** One look is over before the next begins. */
  #plan(source: string, every: number): void {
    const look = async () => {
      await this.#look(source).catch((error) => {
        this.#looks.delete(source);
        if (this.#stop.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ source, reason }, 'can’t see which alerts are over');
      });
      if (!this.#stop.signal.aborted) this.#plan(source, every);
    };
    this.#timers.set(source, setTimeout(look, every));
  }

  async #look(source: string): Promise<void> {
    const { pool, store, log } = this.#options;
    const held = await this.#held(source);
    if (held.length === 0) return void this.#looks.delete(source);
    const earlier = this.#looks.get(source);
    const now = Date.now();
    const later = await this.#ask(source);
    this.#looks.set(source, { at: now, answers: later });
    if (!earlier) return;
    // A look from before an alert says nothing of it.
    const alerts = held
      .map(({ member: { fingerprint, firingSince: since } }) => ({ fingerprint, since }))
      .filter(({ since }) => since < earlier.at);
    const job = { kind: 'watch-over', source, alerts, earlier: earlier.answers, later, now } as const;
    const { over } = await pool.run<'watch-over'>(job);
    const gone = new Set(over);
    const signals = held.filter(({ member }) => gone.has(member.fingerprint)).map((one) => resolution(one));
    if (signals.length === 0) return;
    await store.commit(signals);
    log.info({ source, alerts: signals.length }, 'over, as the monitor shows them no more');
  }

  async #ask(source: string): Promise<HttpResponse[]> {
    const { pool, egress } = this.#options;
    const answers: HttpResponse[] = [];
    for (let step = 0; step < mostSteps; step++) {
      const { request } = await pool.run<'watch'>({ kind: 'watch', source, answers });
      if (!request) break;
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(longestLook)]);
      const { response, error } = await egress.send(monitorOf(source), request, signal);
      if (!response) throw new Error(error ?? 'no answer');
      answers.push(response);
    }
    return answers;
  }

  /** The firing alerts of the source that somebody has, or that are silenced. */
  async #held(source: string): Promise<Held[]> {
    const { query } = this.#options.store;
    const held: Held[] = [];
    for (const status of ['acknowledged', 'silenced'] as const) {
      const groups = pages((after) => query.groups({ source, status }, { limit: pageSize, ...after }));
      for await (const group of groups) {
        const members = pages((after) => query.members(group.id, { limit: pageSize, ...after }));
        for await (const member of members) {
          if (member.status === 'firing') held.push({ group, member });
          if (held.length >= mostAlerts) return held;
        }
      }
    }
    return held;
  }
}

/** What the monitor showed, and when it was asked, in milliseconds since 1970. */
interface Look {
  at: number;
  answers: HttpResponse[];
}

interface Held {
  group: GroupSummary;
  member: Member;
}

function resolution({ group, member }: Held): AlertSignal {
  const { source, fingerprint, severity, labels, data } = member;
  return {
    kind: 'alert',
    source,
    fingerprint,
    group: group.key,
    status: 'resolved',
    severity,
    labels,
    data,
    actor: source,
  };
}

async function* pages<Item>(
  read: (after: { after?: string }) => Promise<{ items: Item[]; next: string | null }>,
): AsyncGenerator<Item> {
  let next: string | null = null;
  do {
    const page: { items: Item[]; next: string | null } = await read(next === null ? {} : { after: next });
    yield* page.items;
    next = page.next;
  } while (next !== null);
}
