import type { AttemptOutcome, HttpRequest, HttpResponse } from '@tocsin/core';
import { outcomeOf, TocsinError } from '@tocsin/core';
import type { AttemptRecord, Due, SendResult, Settled, Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import type { Egress } from '../egress/egress.ts';
import type { Vault } from '../egress/vault.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Registry } from '../registry.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { packInput } from './input.ts';
import { Lanes } from './lanes.ts';

export interface DispatcherOptions {
  store: Store;
  registry: Registry;
  pool: IntegrationPool;
  egress: Egress;
  vault: Vault;
  troubles: Troubles;
  log: FastifyBaseLogger;
  url: string;
  /** Names this process in its leases. */
  owner: string;
}

/** Milliseconds. A send and its settlement fit well into a lease. */
const lease = { duration: 90_000, patience: 30_000 } as const;
/** A claim that took longer than this to come to its send is given back. */
const latestStart = 45_000;
/** Requests that one notification may take. */
const mostSteps = 10;

/** Claims what is due, has it rendered, sends it, and writes down how it went. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes: Lanes;
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #isStopping = false;
  #loop: Promise<void> | undefined;
  /** Lanes that were full when the waiting claim was asked. */
  #full = new Set<string>();
  /** Resolved when one of them got room, so that it is asked again. */
  #room: (() => void) | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lanes = new Lanes(
      [...options.registry.targets].map(([id, { integration }]) => [id, integration.definition.limits]),
    );
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Stops claiming, lets what is in flight end for at most `patience` milliseconds, then cuts it off. */
  async stop(patience: number): Promise<void> {
    this.#isStopping = true;
    this.#room?.();
    // A second claim ends the one that waits.
    await this.#options.store.claim([], { owner: this.#options.owner, duration: 0, patience: 0 }).catch(() => []);
    await this.#loop;
    const timer = setTimeout(() => this.#abort.abort(new Error('the host is shutting down')), patience);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { store, owner, log } = this.#options;
    while (!this.#isStopping) {
      const lanes = this.#lanes.budgets();
      this.#full = new Set(lanes.filter(({ most }) => most === 0).map(({ target }) => target));
      const hasRoom = new Promise<void>((resolve) => {
        this.#room = resolve;
      });
      const opensIn = this.#lanes.opensIn();
      const timer = opensIn === undefined ? undefined : setTimeout(() => this.#room?.(), opensIn);
      try {
        const claim = store.claim(lanes, { owner, ...lease });
        const first = await Promise.race([claim, hasRoom.then(() => 'room' as const)]);
        if (first === 'room' && !this.#isStopping) {
          this.#take(await this.#reclaim(claim));
          continue;
        }
        this.#take(await claim);
      } catch (error) {
        if (this.#isStopping) return;
        log.error({ err: messageOf(error) }, 'no claim');
        await new Promise((resolve) => setTimeout(resolve, 1000));
      } finally {
        clearTimeout(timer);
      }
    }
  }

  /** A new claim ends the old one, which may have taken something at the last moment. */
  async #reclaim(old: Promise<Due[]>): Promise<Due[]> {
    const { store, owner, log } = this.#options;
    const fresh = await store.claim(this.#lanes.budgets(), { owner, ...lease, patience: 0 });
    const last = await old.catch((error: unknown) => {
      log.error({ err: messageOf(error) }, 'no claim');
      return [];
    });
    return [...last, ...fresh];
  }

  #take(due: readonly Due[]): void {
    for (const item of due) {
      const { target } = item.delivery;
      this.#lanes.begin(target);
      const running = this.#deliver(item).finally(() => {
        this.#running.delete(running);
        if (this.#full.has(target)) this.#room?.();
      });
      this.#running.add(running);
    }
  }

  async #deliver(due: Due): Promise<void> {
    const { store, troubles, log } = this.#options;
    const { result, attempt, says } = this.#isStopping ? unsent : await this.#attempt(due);
    const { delivery, cursor, telling } = due;
    const settled: Settled = {
      group: delivery.group,
      subscription: delivery.subscription,
      fence: delivery.fence,
      cursor,
      telling,
      ...(due.isReplay ? { replay: due.event.number } : {}),
      result,
      random: Math.random(),
      ...(attempt ? { attempt } : {}),
    };
    const line = { target: delivery.target, group: delivery.group, event: due.event.number, outcome: result.outcome };
    if (result.outcome === 'delivered') troubles.delivered(delivery.target, due.group.source);
    if (result.outcome === 'delivered' || result.outcome === 'released') log.info(line, 'delivery');
    else log.warn({ ...line, reason: result.reason }, 'delivery');
    // The lease holds it: what couldn't be written is not sent again by this process before it ends.
    await store
      .settle([settled])
      .catch((error) => log.error({ ...line, err: messageOf(error) }, 'outcome not written'));
    const { hasRecovered } = this.#lanes.end(delivery.target, says);
    if (!hasRecovered) return;
    log.info({ target: delivery.target }, 'well again: what it is owed is tried now');
    await store.hurry(delivery.target).catch((error) => log.error({ ...line, err: messageOf(error) }, 'not hurried'));
  }

  async #attempt(due: Due): Promise<Attempted> {
    const { pool, egress, vault, troubles, url, log } = this.#options;
    const { source, id: group } = due.group;
    const { target } = due.delivery;
    const startedAt = Date.now();
    const answers: HttpResponse[] = [];
    let request: HttpRequest | null = null;
    const done = (
      result: SendResult,
      error: string | null = null,
      says: Attempted['says'] = result.outcome,
    ): Attempted => ({
      result,
      says,
      attempt: {
        startedAt,
        duration: Date.now() - startedAt,
        request: request && logged(request, vault),
        response: answers.at(-1) ?? null,
        error,
      },
    });
    try {
      let outcome: AttemptOutcome = { outcome: 'delivered' };
      for (let step = 0; step < mostSteps; step++) {
        const built = await pool.run<'request'>({
          kind: 'request',
          source,
          target,
          wording: due.delivery.wording,
          input: packInput(due, url),
          answers,
          now: startedAt,
        });
        for (const problem of built.problems) log.warn({ source, problem }, 'template');
        // Each step renders the same words.
        if (built.problems.length > 0 && step === 0) troubles.templateFailed(source, group);
        if (!built.request) break;
        if (!(await isDurable(due)) || Date.now() - startedAt > latestStart) return done(released);
        request = built.request;
        const sent = await egress.send(target, request, this.#abort.signal);
        if (!sent.response) {
          const reason = sent.error ?? 'no answer';
          if (!sent.isFinal) return done({ outcome: 'retry', reason }, reason);
          troubles.notSent(target, 'The last could not be sent at all: its address, or a part of it, is not allowed.');
          return done({ outcome: 'refused', reason }, reason, 'unknown');
        }
        answers.push(sent.response);
        outcome = await this.#outcome(source, target, sent.response);
        if (outcome.outcome !== 'delivered') break;
      }
      if ('setUp' in outcome && outcome.setUp !== undefined) troubles.isBroken(target, source, outcome.setUp);
      return done(resultOf(outcome));
    } catch (error) {
      // What a target throws may quote a setting of its own.
      const reason = vault.mask(messageOf(error));
      // An overrun is over some time; anything else that an integration throws, it throws again.
      const isPassing = error instanceof TocsinError && (error.code === 'budget' || error.code === 'not-found');
      if (!isPassing) troubles.notSent(target, 'Its integration failed over the last; the log says how.');
      const result: SendResult = isPassing
        ? { outcome: 'retry', reason, after: 60_000 }
        : { outcome: 'refused', reason };
      return done(result, reason, 'unknown');
    }
  }

  async #outcome(source: string, target: string, response: HttpResponse): Promise<AttemptOutcome> {
    const { pool, registry } = this.#options;
    // A date in Retry-After counts from the answer's own, which not every server gives.
    const headers = { date: new Date().toUTCString(), ...response.headers };
    const dated = { ...response, headers };
    if (!registry.targets.get(target)?.integration.definition.outcome) return outcomeOf(dated);
    return pool.run<'outcome'>({ kind: 'outcome', source, target, response: dated });
  }
}

/** How an attempt ended. */
interface Attempted {
  result: SendResult;
  attempt?: AttemptRecord;
  /** What it says of the target itself: nothing, where it never got there. */
  says: SendResult['outcome'] | 'unknown';
}

const released: SendResult = { outcome: 'released' };
const unsent: Attempted = { result: released, says: 'released' };

function resultOf(outcome: AttemptOutcome): SendResult {
  switch (outcome.outcome) {
    case 'delivered':
      return outcome;
    case 'retry':
      return { ...outcome, pausesLane: outcome.after !== undefined };
    default:
      return { outcome: outcome.outcome, reason: outcome.reason };
  }
}

/** A store that can't keep the claim stops the host; nothing is sent on the strength of it. */
function isDurable({ durable }: Due): Promise<boolean> {
  return durable.then(
    () => true,
    () => false,
  );
}

function logged(request: HttpRequest, vault: Vault): AttemptRecord['request'] {
  const { method, url, headers = {}, body = '' } = vault.show(request);
  return { method, url, headers, body: body.slice(0, 64 * 1024) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
