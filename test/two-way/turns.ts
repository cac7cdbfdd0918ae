/** What a process is about to write, or waits for: it happens when its turn comes, or never. */
export interface Turn {
  what: string;
  go(): void;
}

/** Holds back what a process does at its edges, so that a test says in which order it happens. */
export class Turns {
  #waiting: Turn[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves as `work` does, once it had its turn. */
  wait<Result>(what: string, work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const go = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ what, go });
    });
  }

  /** One of those that wait has its turn, and everything that follows from it at once. */
  async take(index: number): Promise<Turn | undefined> {
    const [turn] = this.#waiting.splice(index % Math.max(1, this.#waiting.length), 1);
    turn?.go();
    await rest();
    return turn;
  }

  /** The process is gone: none of it ever happens. */
  forget(): void {
    this.#waiting = [];
  }
}

/** All that follows at once from what happened has followed. */
export function rest(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
