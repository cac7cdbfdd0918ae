import type { Due, SendResult, Settled, Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import type { Egress } from '../egress/egress.ts';
import type { Vault } from '../egress/vault.ts';
import type { InstallationDesk } from '../installations/desk.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { HostMetrics } from '../metrics/host-metrics.ts';
import type { Offers } from '../presses/offer.ts';
import type { Registry } from '../registry.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { digestInput, titleItems, toldIn } from './digest.ts';
import { packInput } from './input.ts';
import { Lanes } from './lanes.ts';
import { type Attempted, type Letter, Sender } from './sender.ts';

export interface DispatcherOptions {
  store: Store;
  registry: Registry;
  pool: IntegrationPool;
  egress: Egress;
  vault: Vault;
  troubles: Troubles;
  log: FastifyBaseLogger;
  url: string;
  /** What can be pressed in messages. */
  offers?: Offers;
  installations?: InstallationDesk;
  /** Names this process in its leases. */
  owner: string;
  metrics?: Pick<HostMetrics, 'attempted' | 'renderFailed'>;
  /** Milliseconds for which a claim holds; a send and its settlement fit well into it. */
  lease?: number;
}

/** Milliseconds. */
const usualLease = 90_000;
const patience = 30_000;
/** A claim that took longer than this to come to its send is given back. */
const latestStart = 45_000;

/** Claims what is due, has it rendered, sends it, and writes down how it went. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes: Lanes;
  readonly #sender: Sender;
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #isStopping = false;
  #loop: Promise<void> | undefined;
  /** Lanes that were full when the waiting claim was asked. */
  #full = new Set<string>();
  /** Resolved when one of them got room, so that it is asked again. */
  #room: (() => void) | undefined;
  #opening: NodeJS.Timeout | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#sender = new Sender(options);
    this.#lanes = new Lanes(
      [...options.registry.targets].map(([id, { integration }]) => [id, integration.definition.limits]),
    );
  }

  /** Deliveries that are being rendered or sent to this target. */
  inFlight(target: string): number {
    return this.#lanes.inFlight(target);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Stops claiming, lets what is in flight end for at most `patience` milliseconds, then cuts it off. */
  async stop(patience: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#opening);
    this.#room?.();
    // A second claim ends the one that waits.
    await this.#options.store.claim([], { owner: this.#options.owner, duration: 0, patience: 0 }).catch(() => []);
    await this.#loop;
    const timer = setTimeout(() => this.#abort.abort(new Error('the host is shutting down')), patience);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { store, owner, log, lease = usualLease } = this.#options;
    while (!this.#isStopping) {
      const lanes = this.#lanes.budgets();
      this.#full = new Set(lanes.filter(({ most }) => most === 0).map(({ target }) => target));
      const hasRoom = new Promise<void>((resolve) => {
        this.#room = resolve;
      });
      this.#planOpening();
      try {
        const claim = store.claim(lanes, { owner, duration: lease, patience });
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
      }
    }
  }

  /** A new claim ends the old one, which may have taken something at the last moment. */
  async #reclaim(old: Promise<Due[]>): Promise<Due[]> {
    const { store, owner, log, lease = usualLease } = this.#options;
    const fresh = await store.claim(this.#lanes.budgets(), { owner, duration: lease, patience: 0 });
    const last = await old.catch((error: unknown) => {
      log.error({ err: messageOf(error) }, 'no claim');
      return [];
    });
    return [...last, ...fresh];
  }

  /** A lane that its rate or its breaker closes gets room at a time, and by nothing that happens. */
  #planOpening(): void {
    clearTimeout(this.#opening);
    const opensIn = this.#lanes.opensIn();
    if (opensIn !== undefined) this.#opening = setTimeout(() => this.#room?.(), Math.ceil(opensIn));
  }

  #take(due: readonly Due[]): void {
    for (const item of due) {
      const { target } = item.delivery;
      this.#lanes.begin(target);
      const running = this.#deliver(item).finally(() => {
        this.#running.delete(running);
        if (!this.#full.has(target)) return;
        if (this.#lanes.isHungry(target)) this.#room?.();
        else this.#planOpening();
      });
      this.#running.add(running);
    }
  }

  async #deliver(due: Due): Promise<void> {
    const { store, troubles, metrics, log } = this.#options;
    const attempted = this.#isStopping ? unsent : await this.#attempt(due);
    const { result, attempt, says } = attempted;
    const { delivery } = due;
    if (attempt) metrics?.attempted(delivery.target, result.outcome, attempt.duration);
    const line = { target: delivery.target, group: delivery.group, event: due.event.number, outcome: result.outcome };
    if (result.outcome === 'delivered') troubles.delivered(delivery.target, due.group.source);
    if (result.outcome === 'delivered' || result.outcome === 'released') log.info(line, 'delivery');
    else log.warn({ ...line, reason: result.reason }, 'delivery');
    // The lease holds it: what couldn't be written is not sent again by this process before it ends.
    await store
      .settle(settlements(due, attempted))
      .catch((error) => log.error({ ...line, err: messageOf(error) }, 'outcome not written'));
    const { hasRecovered } = this.#lanes.end(delivery.target, says, attempted.hadPlace);
    if (!hasRecovered) return;
    log.info({ target: delivery.target }, 'well again: what it is owed is tried now');
    await store.hurry(delivery.target).catch((error) => log.error({ ...line, err: messageOf(error) }, 'not hurried'));
  }

  /** One message about many groups. */
  async #digest(due: Due): Promise<Letter> {
    const { pool, url } = this.#options;
    const { target } = due.delivery;
    const told = toldIn(due);
    const job = { kind: 'titles', source: null, target, items: titleItems(told, url), now: Date.now() } as const;
    // Where they can't be had, the message says how many there are.
    const { titles } = await pool.run<'titles'>(job).catch(() => ({ titles: [] }));
    return { source: null, target, wording: null, input: digestInput(due, told, titles, url) };
  }

  async #attempt(due: Due): Promise<Attempted & { hadPlace: boolean }> {
    const { troubles, metrics, url, log, offers } = this.#options;
    const { source, id: group } = due.group;
    const { target, wording } = due.delivery;
    const startedAt = performance.now();
    const letter =
      due.others.length > 0
        ? await this.#digest(due)
        : { source, target, wording, input: packInput(due, url, offers?.(target, due.group)) };
    let hasPlace = false;
    const isInTime = async () => {
      if (!(await isDurable(due))) return false;
      if (!hasPlace) {
        await this.#lanes.place(target);
        hasPlace = true;
        if (this.#isStopping) return false;
      }
      return performance.now() - startedAt <= latestStart;
    };
    const attempted = { ...(await this.#sender.send(letter, this.#abort.signal, isInTime)), hadPlace: hasPlace };
    const { problems, setUp, notSent, missing, notInstalled } = attempted;
    for (const problem of problems) log.warn({ source, problem }, 'template');
    if (problems.length > 0) {
      troubles.templateFailed(source, group);
      metrics?.renderFailed(source);
    }
    if (setUp !== undefined) troubles.isBroken(target, source, setUp);
    if (notSent !== undefined) troubles.notSent(target, notSent);
    if (missing !== undefined) troubles.secretMissing(target, missing, source);
    if (notInstalled !== undefined) this.#options.installations?.isMissed(target, notInstalled, source);
    return attempted;
  }
}

/** Of everything that the message told of; the attempt stands with the first. */
function settlements(due: Due, { result, attempt }: Attempted): Settled[] {
  const { group } = due.delivery;
  // Its handle is no handle of each of them.
  const together: SendResult = result.outcome === 'delivered' ? { outcome: 'delivered', digest: group } : result;
  return [due, ...due.others].map((one) => ({
    group: one.delivery.group,
    subscription: one.delivery.subscription,
    fence: one.delivery.fence,
    cursor: one.cursor,
    telling: one.telling,
    ...(one.isReplay ? { replay: one.event.number } : {}),
    result: due.others.length > 0 ? together : result,
    random: Math.random(),
    ...(attempt ? { attempt: one === due ? attempt : { ...attempt, request: null, response: null } } : {}),
  }));
}

const unsent: Attempted & { hadPlace: boolean } = {
  hadPlace: false,
  result: { outcome: 'released' },
  says: 'released',
  problems: [],
};

/** A store that can't keep the claim stops the host; nothing is sent on the strength of it. */
function isDurable({ durable }: Due): Promise<boolean> {
  return durable.then(
    () => true,
    () => false,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
