import type { Call, Moment } from './trace.ts';

/** What a file's writes hold, and what of it is durable: a sync covers what was written before it began, once it ended. */
export class SyncedMarks {
  readonly durable = new Set<string>();
  /** Syncs that made something durable, and the most that one did. */
  syncs = 0;
  largestBatch = 0;
  #written: string[] = [];
  readonly #covered = new Map<Call, string[]>();

  write(marks: Iterable<string>): void {
    this.#written.push(...marks);
  }

  sync(moment: Moment): void {
    if (moment.kind === 'began') {
      this.#covered.set(moment.call, this.#written);
      this.#written = [];
      return;
    }
    const marks = this.#covered.get(moment.call) ?? [];
    if (moment.result !== 0 || marks.length === 0) return;
    this.syncs++;
    this.largestBatch = Math.max(this.largestBatch, marks.length);
    for (const mark of marks) this.durable.add(mark);
  }
}

export function isSync({ name }: Call): boolean {
  return name === 'fsync' || name === 'fdatasync';
}

/** The marks of rows in a piece of a file, each once. */
export function marksIn(bytes: Buffer): Set<string> {
  return new Set(Array.from(bytes.toString('latin1').matchAll(/mark-\d+-x/g), ([mark]) => mark));
}
