import { isSync, marksIn, SyncedMarks } from './synced-marks.ts';
import type { Call, Moment } from './trace.ts';

interface Entry {
  start: number;
  end: number;
  marks: Set<string>;
}

/** The store's journal as a trace shows it: which rows its entries hold, and which entries were written over. */
export class TracedJournal {
  forgotten = 0;
  entries = 0;
  overwritten = 0;
  readonly #marks = new SyncedMarks();
  readonly #inTables: ReadonlySet<string>;
  #present: Entry[] = [];

  /** `inTables`: what the tables hold durably by now. */
  constructor(inTables: ReadonlySet<string>) {
    this.#inTables = inTables;
  }

  get durable(): ReadonlySet<string> {
    return this.#marks.durable;
  }

  get syncs(): number {
    return this.#marks.syncs;
  }

  get largestBatch(): number {
    return this.#marks.largestBatch;
  }

  follow(moment: Moment): void {
    const { call } = moment;
    if (isSync(call)) this.#marks.sync(moment);
    else if (moment.kind === 'began') this.#overwrite(call);
    else if (moment.result === call.bytes.length) this.#append(call);
    else throw new Error('a write into the journal was cut short');
  }

  #append(call: Call): void {
    const marks = marksIn(call.bytes);
    if (marks.size === 0) return;
    this.entries++;
    this.#marks.write(marks);
    this.#present.push({ ...rangeOf(call), marks });
  }

  /** From the moment when the write begins, what lay there is gone. */
  #overwrite(call: Call): void {
    const { start, end } = rangeOf(call);
    const isGone = (entry: Entry) => entry.start < end && start < entry.end;
    for (const { marks } of this.#present.filter(isGone)) {
      this.overwritten++;
      for (const mark of marks) if (!this.#inTables.has(mark)) this.forgotten++;
    }
    this.#present = this.#present.filter((entry) => !isGone(entry));
  }
}

function rangeOf({ offset, bytes }: Call): { start: number; end: number } {
  if (offset === undefined) throw new Error('a write into the journal says not where');
  return { start: offset, end: offset + bytes.length };
}
