import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Protection } from './row.ts';
import { type FaultTarget, startFaultTarget } from './support/fault-target.ts';
import { type Hub, type HubOptions, startHub } from './support/hub.ts';
import { sumsOf } from './support/sums.ts';

/** One figure of a row, and whether it met its bar. */
export interface Figure {
  name: string;
  value: number | string;
  /** Undefined: it is only said, and not judged. */
  isMet: boolean | undefined;
}

export interface BenchOptions {
  seed: number;
  isQuick: boolean;
  /** The protection that is taken away. */
  taken?: Protection | undefined;
  /** What every hub gets in its environment. */
  env: Readonly<Record<string, string>>;
}

/** This machine can't do the row. */
export class Skipped extends Error {}

/** What a row works on: hubs and targets that end with it, a folder, chance, and where its figures go. */
export class Bench {
  readonly figures: Figure[] = [];
  readonly isQuick: boolean;
  /** A protection of the row is taken away. */
  readonly isWeakened: boolean;
  readonly folder = mkdtempSync(join(tmpdir(), 'tocsin-fault-'));
  /** What every hub gets in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #hubs: Hub[] = [];
  readonly #ends: (() => unknown)[] = [];
  readonly #taken: Protection | undefined;
  #state: number;

  constructor({ seed, isQuick, taken, env }: BenchOptions) {
    this.#state = seed;
    this.isQuick = isQuick;
    this.isWeakened = taken !== undefined;
    this.#taken = taken;
    this.env = env;
  }

  /** Whether it is this protection that is taken away, of a row that has several. */
  lacks(protection: Protection): boolean {
    return this.#taken === protection;
  }

  /** In [0, 1); the same numbers for the same seed. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A figure with a bar. */
  judge(name: string, value: number | string, isMet: boolean): void {
    this.figures.push({ name, value, isMet });
  }

  /** A figure that is 0 or has missed its bar. */
  none(name: string, value: number): void {
    this.judge(name, value, value === 0);
  }

  note(name: string, value: number | string): void {
    this.figures.push({ name, value, isMet: undefined });
  }

  skip(reason: string): never {
    throw new Skipped(reason);
  }

  /** Run when the row is over, however it ended; the last first. */
  onEnd(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** A hub that ends with the row. */
  async hub(options: HubOptions): Promise<Hub> {
    const hub = await startHub({ folder: this.folder, ...options, env: { ...this.env, ...options.env } });
    this.#hubs.push(hub);
    this.onEnd(() => hub.kill());
    return hub;
  }

  /** A target that ends with the row. */
  async target(address?: string): Promise<FaultTarget> {
    const target = await startFaultTarget(address);
    this.onEnd(() => target.close());
    return target;
  }

  /** What must hold of every hub that still runs, whatever was done to it. */
  async judgeSums(): Promise<void> {
    for (const hub of this.#hubs.filter((one) => one.isRunning())) this.judgeCounters(await hub.accounting());
  }

  judgeCounters(counters: Readonly<Record<string, number>>): void {
    const { received, owed } = sumsOf(counters);
    this.judge('sums', `${received.left}=${received.right}, ${owed.left}=${owed.right}`, received.holds && owed.holds);
  }

  /** Ends what the row has started. */
  async close(): Promise<void> {
    for (const end of this.#ends.reverse())
      await Promise.resolve()
        .then(end)
        .catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}
