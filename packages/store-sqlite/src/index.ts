import { Worker } from 'node:worker_threads';
import { TocsinError } from '@tocsin/core/base';
import {
  type Due,
  type Finding,
  type Outcome,
  packSignals,
  type Queries,
  type Settled,
  type Signals,
  type Store,
} from '@tocsin/engine';
import type { Answer, Failure, Protection, Request, WorkerData, Written } from './protocol.ts';

export type { Protection };

export interface SqliteStoreOptions {
  /** The database file; its folder is made. */
  file: string;
  /** What a person should read, such as the way back from a migration. */
  print?: (line: string) => void;
  /** Called once when nothing more can be stored; the host must end. */
  onFatal?: (error: TocsinError) => void;
  /** Told once of each, when it is durable; not again after a crash. */
  onFinding?: (finding: Finding) => void;
  /** Only for measuring what durability costs: OFF loses acknowledged alerts at a power cut. */
  synchronous?: 'FULL' | 'OFF';
  /** Milliseconds since 1970 at [0], in shared memory, for tests that move time. */
  clock?: BigInt64Array;
  /** Only to see what goes wrong then. */
  without?: readonly Protection[];
}

/** Characters in one message to the thread, and what may wait for its answer before new ones are refused. */
const mostInOne = 2 * 1024 * 1024;
const mostQueuedBytes = 64 * 1024 * 1024;
const longestWait = 5_000;

/**
 * Opens the embedded store: one file, written by one thread that turns concurrent commits into one transaction.
 * Rejects with a TocsinError `store` when the file is in use, newer than this program, damaged or on a network disk.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const writer = new Thread('writer', options);
  await writer.ready;
  return new SqliteStore(writer, () => new Thread('reader', options));
}

interface Queued {
  /** The packed signals. */
  text: string;
  since: number;
  resolve: (outcomes: Outcome[]) => void;
  reject: (error: TocsinError) => void;
}

class SqliteStore implements Store {
  readonly query: Queries;
  readonly #writer: Thread;
  readonly #startReader: () => Thread;
  #reader: Thread | undefined;
  #queue: Queued[] = [];
  #settles: { json: string; resolve: () => void; reject: (error: TocsinError) => void }[] = [];
  /** Since when those wait that the thread was given and has not answered, oldest first. */
  readonly #underWay = new Set<{ since: number }>();
  /** Of the queue and of what is under way. */
  #queuedBytes = 0;
  #isScheduled = false;

  constructor(writer: Thread, startReader: () => Thread) {
    this.#writer = writer;
    this.#startReader = startReader;
    const ask =
      (name: string) =>
      async (...args: unknown[]) => {
        // Whoever reads sees everything that was acknowledged.
        await this.#writer.ask({ kind: 'flush' });
        this.#reader ??= this.#startReader();
        const answer = await this.#reader.ask({ kind: 'query', name, args });
        return answer.kind === 'done' ? answer.value : undefined;
      };
    // Each name is answered by the function of that name in queries.ts, which has the same type.
    this.query = Object.fromEntries(queryNames.map((name) => [name, ask(name)])) as unknown as Queries;
  }

  commit(signals: Signals): Promise<Outcome[]> {
    const text = 'packed' in signals ? signals.packed : packSignals(signals);
    const oldest = this.#underWay.values().next().value ?? this.#queue[0];
    const isLate = oldest !== undefined && performance.now() - oldest.since > longestWait;
    if (isLate || this.#queuedBytes + text.length > mostQueuedBytes) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.#queue.push({ text, since: performance.now(), resolve, reject });
      this.#queuedBytes += text.length;
      this.#schedule();
    });
  }

  claim(...[lanes, lease]: Parameters<Store['claim']>): Promise<Due[]> {
    return this.#writer.claim(lanes, lease);
  }

  async settle(results: readonly Settled[]): Promise<void> {
    await Promise.all(
      results.map(
        (result) =>
          new Promise<void>((resolve, reject) => {
            this.#settles.push({ json: JSON.stringify(result), resolve, reject });
            this.#schedule();
          }),
      ),
    );
  }

  async setRules(...[rules]: Parameters<Store['setRules']>): Promise<void> {
    await this.#writer.ask({ kind: 'rules', rules });
  }

  async pin(...pin: Parameters<Store['pin']>): Promise<void> {
    await this.#writer.ask({ kind: 'pin', pin });
  }

  async enable(target: string): Promise<boolean> {
    const answer = await this.#writer.ask({ kind: 'enable', target });
    return answer.kind === 'done' && answer.value === true;
  }

  async retry(...[filter]: Parameters<Store['retry']>): Promise<number> {
    const answer = await this.#writer.ask({ kind: 'retry', filter });
    return answer.kind === 'done' ? Number(answer.value) : 0;
  }

  async hurry(target: string): Promise<void> {
    await this.#writer.ask({ kind: 'hurry', target });
  }

  async putRecord(...[record]: Parameters<Store['putRecord']>): Promise<number> {
    const answer = await this.#writer.ask({ kind: 'record', record });
    return answer.kind === 'done' ? Number(answer.value) : 0;
  }

  async removeRecord(...of: Parameters<Store['removeRecord']>): Promise<boolean> {
    const answer = await this.#writer.ask({ kind: 'unrecord', of });
    return answer.kind === 'done' && answer.value === true;
  }

  async putSilence(...[silence]: Parameters<Store['putSilence']>): Promise<void> {
    await this.#writer.ask({ kind: 'silence', silence });
  }

  async close(): Promise<void> {
    while (this.#underWay.size > 0 || this.#queue.length > 0 || this.#settles.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await this.#reader?.end();
    await this.#writer.end();
  }

  /** Everything that arrives in one turn of the loop is one message; the thread makes one transaction of those it finds. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#settles.length > 0) void this.#settleAll();
      while (this.#queue.length > 0) void this.#write();
    });
  }

  async #write(): Promise<void> {
    const commits = this.#takeCommits();
    const batch = { since: commits[0]?.since ?? performance.now() };
    this.#underWay.add(batch);
    try {
      const answer = await this.#writer.ask({ kind: 'write', commits: commits.map(({ text }) => text) });
      const outcomes: Written[] = JSON.parse(answer.kind === 'written' ? answer.commits : '[]');
      for (const [index, commit] of commits.entries()) answerTo(commit, outcomes[index] as Written);
    } catch (error) {
      // `ask` rejects with nothing else.
      for (const { reject } of commits) reject(error as TocsinError);
    }
    this.#underWay.delete(batch);
    for (const { text } of commits) this.#queuedBytes -= text.length;
  }

  async #settleAll(): Promise<void> {
    const settles = this.#settles;
    this.#settles = [];
    const batch = { since: performance.now() };
    this.#underWay.add(batch);
    try {
      const answer = await this.#writer.ask({ kind: 'settle', settles: settles.map(({ json }) => json) });
      const failures = answer.kind === 'settled' ? answer.settles : [];
      for (const [index, { resolve, reject }] of settles.entries()) {
        const failure = failures[index];
        if (failure) reject(errorOf(failure));
        else resolve();
      }
    } catch (error) {
      // `ask` rejects with nothing else.
      for (const { reject } of settles) reject(error as TocsinError);
    }
    this.#underWay.delete(batch);
  }

  #takeCommits(): Queued[] {
    let characters = 0;
    let count = 0;
    for (const { text } of this.#queue) {
      if (count > 0 && characters + text.length > mostInOne) break;
      characters += text.length;
      count++;
    }
    return this.#queue.splice(0, count);
  }
}

const queryNames: (keyof Queries)[] = [
  'groups',
  'group',
  'events',
  'members',
  'deliveries',
  'attempts',
  'requests',
  'silences',
  'lanes',
  'deadLetters',
  'deadCauses',
  'pinned',
  'records',
  'tally',
  'oldestOwed',
  'openGroups',
  'member',
];

function answerTo(commit: Queued, written: Written): void {
  if ('outcomes' in written) commit.resolve(written.outcomes);
  else commit.reject(errorOf(written.failure));
}

/** One worker thread and the questions that it hasn't answered yet. */
class Thread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asker>();
  readonly #options: SqliteStoreOptions;
  #next = 1;
  #ended: TocsinError | undefined;

  constructor(role: WorkerData['role'], options: SqliteStoreOptions) {
    this.#options = options;
    const isSource = import.meta.url.endsWith('.ts');
    const workerData: WorkerData = {
      role,
      file: options.file,
      synchronous: options.synchronous ?? 'FULL',
      clock: options.clock ?? null,
      without: options.without ?? [],
    };
    this.#worker = new Worker(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url), {
      workerData,
      execArgv: isSource ? ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'] : [],
      // Batches are short-lived: room for a few of them saves most of the collector's work.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.ready = new Promise((resolve, reject) => {
      this.#asked.set(0, { resolve: () => resolve(), reject });
    });
    // Who waits for it hears of a failure; who doesn't, hears it from the first question.
    this.ready.catch(() => {});
    this.#worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#hear(answer);
    });
    this.#worker.on('error', (error) => this.#end(startFailure(error)));
    this.#worker.on('exit', () =>
      this.#end(new TocsinError('store', 'the store is closed', { origin: 'store-sqlite' })),
    );
  }

  ask(request: OmitId<Request>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#post(request, { resolve, reject });
    });
  }

  /** A claim is answered twice: with what is due, and when that is durable. */
  claim(...[lanes, lease]: Parameters<Store['claim']>): Promise<Due[]> {
    return new Promise((resolve, reject) => {
      const hand = (answer: Answer) => {
        if (answer.kind !== 'claimed' || answer.due.length === 0) return resolve([]);
        const durable = new Promise<void>((done, failed) => {
          this.#asked.set(answer.id, { resolve: () => done(), reject: failed });
        });
        // Who sends hears of a failure; who doesn't need not.
        durable.catch(() => {});
        resolve(answer.due.map((one) => ({ ...one, durable })));
      };
      this.#post({ kind: 'claim', lanes, lease }, { resolve: hand, reject });
    });
  }

  #post(request: OmitId<Request>, asker: Asker): void {
    if (this.#ended) {
      asker.reject(this.#ended);
      return;
    }
    const id = this.#next++;
    this.#asked.set(id, asker);
    this.#worker.postMessage({ ...request, id });
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.ask({ kind: 'close' });
    await exited;
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'line') {
      this.#options.print?.(answer.line);
      return;
    }
    if (answer.kind === 'findings') {
      for (const finding of answer.findings) this.#options.onFinding?.(finding);
      return;
    }
    const id = answer.kind === 'ready' ? 0 : answer.id;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (answer.kind === 'failed') {
      const error = errorOf(answer.failure);
      asked?.reject(error);
      if (answer.failure.isFatal) this.#options.onFatal?.(error);
    } else asked?.resolve(answer);
  }

  #end(error: TocsinError): void {
    this.#ended ??= error;
    for (const { reject } of this.#asked.values()) reject(this.#ended);
    this.#asked.clear();
  }
}

interface Asker {
  resolve(answer: Answer): void;
  reject(error: TocsinError): void;
}

type OmitId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;

/** An error that crossed threads is no TocsinError any more; its text is. */
function startFailure(error: unknown): TocsinError {
  const message = error instanceof Error ? error.message : String(error);
  const { remedy, code } = error as { remedy?: unknown; code?: unknown };
  return new TocsinError('store', message, {
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(code === 'store' ? {} : { origin: 'store-sqlite' }),
    cause: error,
  });
}

function errorOf({ code, message }: Failure): TocsinError {
  return new TocsinError(code, message, {
    origin: 'store-sqlite',
    remedy:
      code === 'store-data'
        ? 'Send a value that the message allows.'
        : 'Check the disk that the database lies on: free space, permissions, health.',
  });
}

function busy(): TocsinError {
  return new TocsinError('store', 'more is waiting to be written than may wait', {
    origin: 'store-sqlite',
    remedy: 'Send it again in a few seconds; check that the disk is not full or slow.',
  });
}
