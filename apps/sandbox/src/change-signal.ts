/** Wakes whoever waits for the next change of something. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>();

  /** Calls back once, at the next change; the returned function calls it off. */
  once(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}
