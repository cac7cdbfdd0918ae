import { type Position, unrenderable } from './fault.ts';

/** What one render may use. */
export interface Budget {
  /** Evaluated nodes, loop iterations, elements of lists, and one more per 256 characters that a helper reads. */
  steps: number;
  /** Characters (UTF-16 code units) of output. */
  output: number;
}

export const defaultBudget: Budget = { steps: 20_000, output: 256 * 1024 };

/** Counts what a render uses and stops it, with a TocsinError `budget`, at the node that overran. */
export class Meter {
  readonly file: string;
  readonly #budget: Budget;
  #steps = 0;
  #output = 0;
  /** The node being evaluated. */
  position: Position = { line: 1, column: 1 };

  constructor(file: string, budget: Partial<Budget> = {}) {
    this.file = file;
    this.#budget = { ...defaultBudget, ...budget };
  }

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#budget.steps) this.overrun(`it took more than ${this.#budget.steps} steps`);
  }

  /** Before a helper reads `text`. */
  read(text: string): void {
    if (text.length >= 256) this.step(text.length >> 8);
  }

  /** Before a helper makes a text of that length. */
  make(length: number): void {
    if (length > this.#budget.output) this.overrun(`a text would have more than ${this.#budget.output} characters`);
  }

  write(length: number): void {
    this.#output += length;
    if (this.#output > this.#budget.output) this.overrun(`it wrote more than ${this.#budget.output} characters`);
  }

  overrun(message: string): never {
    throw unrenderable('budget', this, message, {
      remedy: 'List less: take `first`, use `truncate`, or leave out a nested `each`.',
    });
  }
}
