import { type Moment, readTrace } from './trace.ts';
import { TracedJournal } from './traced-journal.ts';
import { TracedTables } from './traced-tables.ts';

export interface Durability {
  /** Answers 202 in the trace. */
  answers: number;
  /** Of these, those that began to leave before a sync that covers their row had ended. */
  early: number;
  /** Rows whose entry in the journal was written over before the tables had them durably. */
  forgotten: number;
  /** Entries of the journal that hold rows, and how many of them were written over. */
  entries: number;
  overwritten: number;
  /** Syncs that made rows durable in the journal, and in the tables. */
  journalSyncs: number;
  tableSyncs: number;
  /** Most rows that one sync of the journal made durable. */
  largestBatch: number;
}

/**
 * Follows each row through the trace of a host. Its mark is in an entry of the store's journal, a sync of the journal
 * begins after the entry was written, it ends, and only then may the 202 be written. The entry stays until the row is in
 * the tables: in a page of their log, before a commit frame, before a sync that has ended. `markOf` gives the mark of the
 * row that an answer's body is about.
 */
export async function followRows(trace: string, markOf: (body: string) => string | undefined): Promise<Durability> {
  const tables = new TracedTables();
  const journal = new TracedJournal(tables.durable);
  let answers = 0;
  let early = 0;
  for await (const moment of readTrace(trace)) {
    const { file } = moment.call;
    if (file.endsWith('-wal')) tables.follow(moment);
    else if (file.endsWith('-redo')) journal.follow(moment);
    else if (isAccepted(moment)) {
      const mark = markOf(bodyOf(moment));
      if (mark === undefined) throw new Error(`an answer in the trace is about no known row:\n${bodyOf(moment)}`);
      answers++;
      if (!journal.durable.has(mark) && !tables.durable.has(mark)) early++;
    }
  }
  const { forgotten, entries, overwritten, largestBatch } = journal;
  const syncs = { journalSyncs: journal.syncs, tableSyncs: tables.syncs };
  return { answers, early, forgotten, entries, overwritten, ...syncs, largestBatch };
}

function isAccepted({ kind, call: { file, bytes } }: Moment): boolean {
  return kind === 'began' && file.startsWith('socket:') && bytes.subarray(0, 12).toString('latin1') === 'HTTP/1.1 202';
}

function bodyOf({ call: { bytes } }: Moment): string {
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).toString('utf8');
}
