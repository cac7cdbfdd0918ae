import type { MessagePort } from 'node:worker_threads';
import type { LaneBudget, Lease } from '@tocsin/engine';
import { type Clock, systemClock } from './clock.ts';
import type { Connection } from './database.ts';
import type { Journal } from './journal.ts';
import type { Answer, Claimed, Failure, Request, WorkerData, Written } from './protocol.ts';
import { failureOf, type WriteRequest, Writer } from './writer.ts';

/** Characters in one transaction, when more than one request is waiting. */
const mostInOne = 2 * 1024 * 1024;

/** Milliseconds from one look for what is old to the next, and from one step of deleting it to the next. */
const sweepEvery = 60_000;
const sweepStep = 200;

/** Milliseconds after which settlements are synced, where nothing else has them synced before. */
const settledAfter = 50;

/** What goes into one transaction with others. */
type WriteMessage = Extract<Request, { kind: 'write' | 'settle' }>;

interface WaitingClaim {
  id: number;
  lanes: readonly LaneBudget[];
  lease: Lease;
  until: number;
}

/**
 * The thread that writes. Whatever came while it was busy goes into one transaction, and every answer leaves after the
 * sync that covers what it rests on. It waits for the disk itself: another thread for that has to be woken, and its
 * answer waits until the next transaction is done.
 */
export class WriteThread {
  readonly #port: MessagePort;
  readonly #writer: Writer;
  readonly #clock: Clock;
  /** Milliseconds after which a clock that may have been set is looked at again. */
  readonly #longestSleep: number;
  readonly #close: () => void;
  #inbox: Request[] = [];
  /** Answers that the end of the process doesn't undo, and those whose ground is not durable yet. */
  #early: Answer[] = [];
  #held: Answer[] = [];
  #isScheduled = false;
  #waiting: WaitingClaim | undefined;
  #timer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** What failed so that nothing more can be stored. */
  #broken: Failure | undefined;

  constructor(
    port: MessagePort,
    { clock, without }: WorkerData,
    { database, journal, lock }: { database: Connection; journal: Journal; lock: Connection },
  ) {
    this.#port = port;
    const isWatched = !without.includes('clock-watch');
    if (clock) this.#clock = { now: () => Number(Atomics.load(clock, 0)) };
    else this.#clock = isWatched ? systemClock : { now: systemClock.now };
    this.#longestSleep = clock ? 20 : isWatched ? 1_000 : Number.POSITIVE_INFINITY;
    this.#writer = new Writer(database, journal, this.#clock, { freesLeases: !without.includes('freed-leases') });
    this.#close = () => {
      this.#leave(() => this.#writer.end());
      this.#leave(() => database.pragma('wal_checkpoint(TRUNCATE)'));
      journal.close();
      database.close();
      lock.close();
    };
    port.on('message', (request: Request) => {
      this.#inbox.push(request);
      this.#schedule();
    });
    this.#sweepLater(sweepEvery);
    this.#send([{ kind: 'ready' }]);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#work();
    });
  }

  /** One transaction, or one request of another kind; what is left after it waits for the next turn of the loop. */
  #work(): void {
    const [first] = this.#inbox;
    if (!first) return;
    if (isWrite(first)) this.#write(this.#takeWrites());
    else {
      this.#inbox.shift();
      this.#answer(first);
    }
    this.#settle();
    if (this.#inbox.length > 0) this.#schedule();
  }

  #takeWrites(): WriteMessage[] {
    const taken: WriteMessage[] = [];
    let characters = 0;
    for (const request of this.#inbox) {
      if (!isWrite(request)) break;
      characters += textsOf(request).reduce((sum, { length }) => sum + length, 0);
      if (taken.length > 0 && characters > mostInOne) break;
      taken.push(request);
    }
    this.#inbox = this.#inbox.slice(taken.length);
    return taken;
  }

  #write(requests: readonly WriteMessage[]): void {
    try {
      if (this.#broken) throw this.#broken;
      const { commits, settles, due, findings } = this.#writer.write({
        commits: requests.flatMap((request) => (request.kind === 'write' ? request.commits : [])),
        settles: requests.flatMap((request) => (request.kind === 'settle' ? request.settles : [])),
        ...claimOf(this.#waiting),
      });
      const [written, settled] = [commits.values(), settles.values()];
      for (const request of requests) {
        if (request.kind === 'settle') {
          const ends = request.settles.map(() => settled.next().value ?? null);
          this.#early.push({ kind: 'settled', id: request.id, settles: ends });
          this.#syncLater();
        } else {
          const own = request.commits.map(() => written.next().value as Written);
          this.#held.push({ kind: 'written', id: request.id, commits: JSON.stringify(own) });
        }
      }
      if (findings.length > 0) this.#held.push({ kind: 'findings', findings });
      this.#hand(due);
    } catch (error) {
      const failure = error === this.#broken ? (error as Failure) : failureOf(error); // thrown three lines above
      for (const { id } of requests) this.#held.push({ kind: 'failed', id, failure });
    }
    this.#sleep();
  }

  #answer(request: Exclude<Request, WriteMessage>): void {
    try {
      if (this.#broken && request.kind !== 'close') throw this.#broken;
      switch (request.kind) {
        case 'claim':
          this.#claim(request);
          break;
        case 'rules':
          this.#writer.setRules(request.rules);
          this.#held.push({ kind: 'done', id: request.id });
          break;
        case 'pin':
          this.#writer.pin(...request.pin);
          this.#held.push({ kind: 'done', id: request.id });
          break;
        case 'enable':
          this.#held.push({ kind: 'done', id: request.id, value: this.#writer.enable(request.target) });
          break;
        case 'hurry':
          this.#writer.hurry(request.target);
          this.#held.push({ kind: 'done', id: request.id });
          break;
        case 'retry':
          this.#held.push({ kind: 'done', id: request.id, value: this.#writer.retry(request.filter) });
          break;
        case 'silence':
          this.#writer.putSilence(request.silence);
          this.#held.push({ kind: 'done', id: request.id });
          break;
        case 'record':
          this.#held.push({ kind: 'done', id: request.id, value: this.#writer.putRecord(request.record) });
          break;
        case 'unrecord':
          this.#held.push({ kind: 'done', id: request.id, value: this.#writer.removeRecord(...request.of) });
          break;
        case 'flush':
          this.#writer.flush();
          this.#held.push({ kind: 'done', id: request.id });
          break;
        case 'close':
          this.#end(request.id);
          break;
        default:
          throw new Error(`the writer takes no ${request.kind}`);
      }
    } catch (error) {
      const failure = error === this.#broken ? (error as Failure) : failureOf(error); // thrown in the first line
      this.#held.push({ kind: 'failed', id: request.id, failure });
    }
    // It may have made something due for the claim that waits.
    if (request.kind !== 'claim' && request.kind !== 'close') this.#sleep();
  }

  #claim({ id, lanes, lease }: Extract<Request, { kind: 'claim' }>): void {
    this.#dismiss();
    this.#waiting = { id, lanes, lease, until: performance.now() + lease.patience };
    if (this.#isDue()) this.#write([]);
    else {
      this.#hand([]);
      this.#sleep();
    }
  }

  /** The claim that waits goes home with an empty hand. */
  #dismiss(): void {
    if (this.#waiting) this.#early.push({ kind: 'claimed', id: this.#waiting.id, due: [] });
    this.#waiting = undefined;
  }

  /** Hands out what is due, before it is durable; an empty hand only when the patience of the claim is at its end. */
  #hand(due: Claimed[] | Failure): void {
    if (!this.#waiting) return;
    const { id, until } = this.#waiting;
    if (!Array.isArray(due)) this.#held.push({ kind: 'failed', id, failure: due });
    else if (due.length === 0 && performance.now() < until) return;
    else {
      this.#early.push({ kind: 'claimed', id, due });
      if (due.length > 0) this.#held.push({ kind: 'done', id });
    }
    this.#waiting = undefined;
  }

  /** Sets the timers for what is due next, and for the tables. */
  #sleep(): void {
    const { flushIn } = this.#writer;
    if (flushIn !== undefined) this.#flushTimer ??= setTimeout(() => this.#flush(), flushIn);
    clearTimeout(this.#timer);
    if (!this.#waiting || this.#broken) return;
    const next = this.#writer.nextDue(this.#waiting.lanes) ?? Number.POSITIVE_INFINITY;
    const pause = Math.min(this.#waiting.until - performance.now(), next - this.#clock.now(), this.#longestSleep);
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, pause));
  }

  #tick(): void {
    this.#writer.followClock();
    if (this.#isDue() || performance.now() >= (this.#waiting?.until ?? 0)) this.#write([]);
    else this.#sleep();
    this.#settle();
  }

  #isDue(): boolean {
    const next = this.#waiting && this.#writer.nextDue(this.#waiting.lanes);
    return next !== undefined && next <= this.#clock.now();
  }

  #flush(): void {
    this.#flushTimer = undefined;
    try {
      this.#writer.flush();
    } catch (error) {
      // Nothing is lost: the journal has it. The next write tries again, and is refused if it still can't be done.
      this.#held.push({ kind: 'failed', id: -1, failure: failureOf(error) });
    }
    this.#settle();
  }

  /** Deletes what was kept long enough, step by step, and not while there is more to do than that. */
  #sweepLater(pause: number): void {
    this.#sweepTimer = setTimeout(() => {
      if (this.#broken) return;
      let hasMore = this.#inbox.length > 0;
      try {
        if (!hasMore) hasMore = this.#writer.sweep();
      } catch {
        // Nothing is lost, and the next step tries again.
      }
      this.#sweepLater(hasMore ? sweepStep : sweepEvery);
    }, pause).unref();
  }

  /**
   * Lets the answers go, those that need it once their ground is durable. One that changed nothing, such as a repeat's,
   * rests on what may not be durable yet.
   */
  #settle(): void {
    if (this.#early.length > 0) this.#send(this.#early);
    this.#early = [];
    if (this.#held.length === 0) return;
    const answers = this.#held;
    this.#held = [];
    try {
      this.#writer.sync();
      this.#send(answers);
    } catch (error) {
      this.#break(error, answers);
    }
  }

  /** Nobody waits for settlements to be durable: the next sync that somebody waits for has them with it. */
  #syncLater(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      try {
        this.#writer.sync();
      } catch (error) {
        this.#break(error, [{ kind: 'done', id: -1 }]);
      }
    }, settledAfter);
  }

  /** After a failed sync nobody knows what is on the disk: nothing that rests on it is acknowledged, and nothing after. */
  #break(error: unknown, answers: readonly Answer[]): void {
    const failure = failureOf(error);
    this.#broken = failure;
    this.#send(answers.map((answer) => ('id' in answer ? { kind: 'failed', id: answer.id, failure } : answer)));
  }

  #end(id: number): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#syncTimer);
    clearTimeout(this.#sweepTimer);
    this.#dismiss();
    this.#close();
    this.#send([...this.#early, ...this.#held, { kind: 'done', id }]);
    this.#early = [];
    this.#held = [];
    this.#port.close();
  }

  /** What a full disk keeps from the tables at the end is in the journal, and applied at the next start. */
  #leave(work: () => void): void {
    try {
      work();
    } catch (error) {
      const line = `The last changes stay in the journal until the next start: ${failureOf(error).message}`;
      this.#send([{ kind: 'line', line }]);
    }
  }

  #send(answers: readonly Answer[]): void {
    this.#port.postMessage(answers);
  }
}

function isWrite(request: Request): request is WriteMessage {
  return request.kind === 'write' || request.kind === 'settle';
}

function textsOf(request: WriteMessage): readonly string[] {
  return request.kind === 'write' ? request.commits : request.settles;
}

function claimOf(waiting: WaitingClaim | undefined): Pick<WriteRequest, 'claim'> {
  return waiting ? { claim: { lanes: waiting.lanes, lease: waiting.lease } } : {};
}
