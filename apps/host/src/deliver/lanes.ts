import type { LaneBudget, SendResult } from '@tocsin/engine';

/** What a target's integration says of how much it takes. */
export interface LaneLimits {
  /** Sends at a time. */
  concurrency?: number;
  /** Sends a second, on average. */
  rate?: number;
}

const defaultConcurrency = 8;

/** Failures one after the other, after which a lane is tried one by one. */
const mostFailures = 5;

/** Milliseconds between those tries: the first, doubling up to the last. No delivery of its own waits less after as many. */
const firstPause = 2_000;
const longestPause = 30_000;

/** For so many seconds a lane saves what its rate allows: vendors let short bursts through. */
const secondsSaved = 5;

/** Milliseconds between two deliveries of a target that is called quick. */
const longestGap = 100;

/** Milliseconds between two times that everything a lane owes is hurried. */
const hurryPause = 60_000;

/**
 * How much each target may be given now: a slow or broken one takes no more than its share, and delays no other. Each
 * lane has a concurrency, a rate, and a breaker: once its sends have failed one after the other, a single one at a time
 * shows when it is well again.
 */
export class Lanes {
  readonly #lanes: Map<string, Lane>;
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(targets: Iterable<readonly [string, LaneLimits]>, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#lanes = new Map([...targets].map(([target, limits]) => [target, new Lane(limits, now())]));
  }

  budgets(): LaneBudget[] {
    const now = this.#now();
    return [...this.#lanes].map(([target, lane]) => ({ target, most: lane.room(now) }));
  }

  /** Milliseconds until a lane opens that is closed now by its rate or its breaker; undefined if none is. */
  opensIn(): number | undefined {
    const now = this.#now();
    const times = [...this.#lanes.values()].map((lane) => lane.opensAt(now)).filter((at) => at > now);
    const first = Math.min(...times);
    return first === Number.POSITIVE_INFINITY ? undefined : first - now;
  }

  begin(target: string): void {
    this.#lanes.get(target)?.begin();
  }

  /** Says whether the target is well again after a time in which it wasn't: what it owes need not wait for its retries. */
  end(target: string, outcome: SendResult['outcome'] | 'unknown', hadPlace: boolean): { hasRecovered: boolean } {
    return { hasRecovered: this.#lanes.get(target)?.end(outcome, this.#now(), hadPlace) ?? false };
  }

  inFlight(target: string): number {
    return this.#lanes.get(target)?.inFlight ?? 0;
  }

  /** Whether it is worth asking for more: one at a time would cost a transaction each. */
  isHungry(target: string): boolean {
    return this.#lanes.get(target)?.isHungry(this.#now()) ?? false;
  }

  /** Waits for a place among those that are sent to the target at a time; it is given back by `end`. */
  async place(target: string): Promise<void> {
    await this.#lanes.get(target)?.place();
  }
}

class Lane {
  readonly #limits: LaneLimits;
  inFlight = 0;
  /** Sends under way, and who waits to be one. */
  #sending = 0;
  readonly #waiting: (() => void)[] = [];
  /** What the rate allows, as of a time. */
  #tokens: { left: number; at: number };
  #failures = 0;
  #closedUntil = 0;
  /** How many were delivered one soon after the other, and when the last was. */
  #run = { count: 0, at: Number.NEGATIVE_INFINITY };
  #hurriedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: LaneLimits, now: number) {
    this.#limits = limits;
    this.#tokens = { left: this.#burst, at: now };
  }

  get #burst(): number {
    return Math.max(1, secondsSaved * (this.#limits.rate ?? 0));
  }

  get #isBroken(): boolean {
    return this.#failures >= mostFailures;
  }

  #isQuick(now: number): boolean {
    return this.#run.count >= 3 * this.#places && now - this.#run.at <= longestGap;
  }

  room(now: number): number {
    this.#refill(now);
    if (now < this.#closedUntil) return 0;
    const allowed = this.#limits.rate === undefined ? Number.POSITIVE_INFINITY : Math.floor(this.#tokens.left);
    // While some are sent, as many are rendered; of a quick target more, since each claim has its price.
    const ahead = this.#limits.rate === undefined ? this.#places * (this.#isQuick(now) ? 3 : 1) : 0;
    const most = this.#isBroken ? 1 : this.#places + ahead;
    return Math.max(0, Math.min(most - this.inFlight, allowed));
  }

  isHungry(now: number): boolean {
    const room = this.room(now);
    return (
      room >= this.#places * (this.#isQuick(now) ? 2 : 1) ||
      (room > 0 && (this.#isBroken || this.#limits.rate !== undefined))
    );
  }

  /** When there is room again that a send's end doesn't make. */
  opensAt(now: number): number {
    this.#refill(now);
    const { rate } = this.#limits;
    const missing = 1 - this.#tokens.left;
    const refilled = rate === undefined || missing <= 0 ? 0 : now + Math.ceil((missing / rate) * 1000);
    const opens = Math.max(refilled, this.#closedUntil);
    return opens > now ? opens : Number.POSITIVE_INFINITY;
  }

  get #places(): number {
    return this.#limits.concurrency ?? defaultConcurrency;
  }

  place(): Promise<void> {
    if (this.#sending < this.#places) {
      this.#sending++;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#sending--;
  }

  begin(): void {
    this.inFlight++;
    if (this.#limits.rate !== undefined) this.#tokens.left--;
  }

  end(outcome: SendResult['outcome'] | 'unknown', now: number, hadPlace: boolean): boolean {
    this.inFlight--;
    if (hadPlace) this.#giveBack();
    if (outcome === 'released' || outcome === 'unknown') return false;
    const follows = outcome === 'delivered' && now - this.#run.at <= longestGap;
    this.#run = { count: follows ? this.#run.count + 1 : 0, at: now };
    if (outcome === 'retry') {
      // Those that were under way when the last of them failed say nothing new.
      if (this.#isBroken && now < this.#closedUntil) return false;
      this.#failures++;
      const doublings = this.#failures - mostFailures;
      if (doublings >= 0) this.#closedUntil = now + Math.min(longestPause, firstPause * 2 ** Math.min(doublings, 10));
      return false;
    }
    const wasBroken = this.#isBroken;
    this.#failures = 0;
    this.#closedUntil = 0;
    if (!wasBroken || now - this.#hurriedAt < hurryPause) return false;
    this.#hurriedAt = now;
    return true;
  }

  #refill(now: number): void {
    const { rate } = this.#limits;
    if (rate === undefined) return;
    const { left, at } = this.#tokens;
    this.#tokens = { left: Math.min(this.#burst, left + ((now - at) / 1000) * rate), at: now };
  }
}
