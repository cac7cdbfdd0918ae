/** Where the writer has its time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some moment, which only go on. Without it every move of the clock is time that passes, as in a test. */
  elapsed?(): number;
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** Milliseconds by which clocks are set all the time. */
const tolerance = 2_000;

/** Notices when a clock is set. */
export class ClockWatch {
  readonly #clock: Clock;
  #offset: number;

  /** `latest`: a time that it showed before. */
  constructor(clock: Clock, latest: number) {
    this.#clock = clock;
    const now = clock.now();
    // How long nobody looked isn't known, only that a clock that shows less was put back.
    this.#offset = this.#offsetAt(Math.max(now, latest));
  }

  /** By how many milliseconds the clock was set since this was asked last; 0 for what clocks are off anyway. */
  jump(): number {
    const offset = this.#offsetAt(this.#clock.now());
    const jump = offset - this.#offset;
    this.#offset = offset;
    return Math.abs(jump) > tolerance ? Math.round(jump) : 0;
  }

  #offsetAt(now: number): number {
    return this.#clock.elapsed ? now - this.#clock.elapsed() : 0;
  }
}
