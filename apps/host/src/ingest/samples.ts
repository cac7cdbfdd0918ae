/** Milliseconds between two requests of a source that are kept although they could be read. */
const pause = 10_000;

/** Which requests are kept as a sample: enough to draft a package or to compare templates from, at next to no cost. */
export class Samples {
  readonly #last = new Map<string, number>();

  /** Whether this one is to be kept. */
  take(source: string, now: number): boolean {
    const last = this.#last.get(source);
    if (last !== undefined && now - last < pause) return false;
    this.#last.set(source, now);
    return true;
  }
}
