import { type LaneState, longestPause, type Rules, type SendResult } from '@tocsin/engine';
import type { Ledger } from './ledger.ts';
import { readLane } from './rows.ts';

/** What targets said of everything that goes to them, in memory and in the table. */
export class LaneStates {
  readonly #ledger: Ledger;
  /** By target; only those that said something. */
  #lanes = new Map<string, LaneState>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.reload();
  }

  /** After a part of a transaction was taken back. */
  reload(): void {
    const lanes = this.#ledger.all('SELECT * FROM lanes').map(readLane);
    this.#lanes = new Map(lanes.map((lane) => [lane.target, lane]));
  }

  /** When a request may go to this target; never to one that is disabled. */
  opensAt(target: string): number {
    const lane = this.#lanes.get(target);
    return lane?.disabled ? Number.POSITIVE_INFINITY : (lane?.pausedUntil ?? 0);
  }

  /** Takes note of an answer; says whether the target is off because of it, and was not before. */
  hear(target: string, result: SendResult, rules: Rules, now: number): { isDisabled: boolean } {
    const lane = this.#lanes.get(target) ?? { target, pausedUntil: null, disabled: null };
    if (result.outcome === 'disabled') {
      this.#put({ ...lane, disabled: { reason: result.reason, at: now } }, rules);
      return { isDisabled: lane.disabled === null };
    }
    if (result.outcome === 'retry' && result.pausesLane && result.after !== undefined) {
      const until = now + Math.min(result.after, longestPause);
      if (until > (lane.pausedUntil ?? now)) this.#put({ ...lane, pausedUntil: until }, rules);
    }
    return { isDisabled: false };
  }

  has(target: string): boolean {
    return this.#lanes.has(target);
  }

  /** Inside the present transaction; `reload` follows. */
  remove(target: string): void {
    this.#ledger.run('DELETE FROM lanes WHERE target = ?', target);
  }

  /** Forgets what was said by targets that are gone or have other settings; `reload` follows. */
  removeOld(rules: Rules): void {
    for (const { target, config } of this.#ledger.all('SELECT target, config FROM lanes')) {
      const present = rules.targets[target as string];
      if (!present || (present.config ?? null) !== config) this.remove(target as string);
    }
  }

  #put(lane: LaneState, rules: Rules): void {
    const { target, pausedUntil, disabled } = lane;
    const config = rules.targets[target]?.config ?? null;
    this.#ledger.run(replaceLane, target, pausedUntil, disabled?.reason ?? null, disabled?.at ?? null, config);
    this.#lanes.set(target, lane);
  }
}

const replaceLane =
  'INSERT OR REPLACE INTO lanes (target, paused_until, disabled, disabled_at, config) VALUES (?, ?, ?, ?, ?)';
