import { isSync, marksIn, SyncedMarks } from './synced-marks.ts';
import type { Moment } from './trace.ts';

const frameHeader = 24;
const logHeader = 32;

/** SQLite's write-ahead log as a trace shows it. https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
export class TracedTables {
  readonly #marks = new SyncedMarks();
  readonly #known = new Set<string>();
  /** In pages of a transaction that has no commit frame yet. */
  #open: string[] = [];
  /** The next page is the last of its transaction. */
  #isClosing = false;

  get durable(): ReadonlySet<string> {
    return this.#marks.durable;
  }

  get syncs(): number {
    return this.#marks.syncs;
  }

  follow(moment: Moment): void {
    const { call } = moment;
    if (isSync(call)) this.#marks.sync(moment);
    else if (moment.kind === 'ended') this.#read(call.bytes, moment.result);
  }

  #read(bytes: Buffer, written: number): void {
    if (written !== bytes.length) throw new Error('a write into the log was cut short');
    if (bytes.length === frameHeader) this.#isClosing = bytes.readUInt32BE(4) !== 0;
    else if (bytes.length !== logHeader) this.#readPage(bytes);
  }

  #readPage(page: Buffer): void {
    for (const mark of marksIn(page)) {
      // Later versions of the page hold it too; its own transaction is the first.
      if (this.#known.has(mark)) continue;
      this.#known.add(mark);
      this.#open.push(mark);
    }
    if (!this.#isClosing) return;
    this.#isClosing = false;
    this.#marks.write(this.#open);
    this.#open = [];
  }
}
