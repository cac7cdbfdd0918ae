import { Worker } from 'node:worker_threads';
import { type TemplateText, TocsinError } from '@tocsin/core';
import type { FromWorker, Job, JobAnswer, Results, ToWorker, WorkerSetup } from './jobs.ts';
import { packJob, unpackAnswer } from './packing.ts';

/** Jobs in one message while more are coming: a thread that waits for a whole burst stands idle meanwhile. */
const jobsInMessage = 8;

/** Milliseconds that the first call of an integration gets at least: its code is compiled in it, on a machine that may be busy. */
const firstCall = 1_000;

export interface PoolOptions {
  setup: Omit<WorkerSetup, 'progress'>;
  /** Milliseconds that one call into an integration may take. */
  budget?: number;
  /** Milliseconds for which a source or target stays off after one of its functions overran. */
  quarantine?: number;
  /** Told when that happens, with the job that ran. */
  onOverrun?: (owner: string, error: TocsinError, job: Job) => void;
}

interface Pending {
  job: Job;
  owner: string;
  resolve: (answer: JobAnswer) => void;
  reject: (error: TocsinError) => void;
}

/**
 * One thread that runs integrations' functions, and its watchdog: a call that overruns its budget ends the thread,
 * switches its source or target off for a while, and a fresh thread takes over the other jobs. The jobs are pure, so
 * running one twice changes nothing.
 */
export class IntegrationPool {
  #options: PoolOptions;
  readonly #budget: number;
  readonly #pending = new Map<number, Pending>();
  readonly #quarantined = new Map<string, { until: number; reason: string }>();
  #progress = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;
  #ready: Promise<void>;
  #outbox: { number: number; job: Job }[] = [];
  /** A message is on its way and not answered yet. */
  #isBusy = false;
  #next = 1;
  #watched = { number: 0, since: 0 };
  #watchdog: NodeJS.Timeout | undefined;
  /** Who has been called before in this thread. */
  #called = new Set<string>();
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#budget = options.budget ?? 250;
    this.#ready = this.#start();
    this.#ready.catch(() => {});
  }

  /** Resolves when the integrations are loaded; rejects when one can't be. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** The switched-off sources and targets with the reason. */
  quarantined(): Map<string, string> {
    const now = performance.now();
    return new Map(
      [...this.#quarantined].filter(([, { until }]) => until > now).map(([id, { reason }]) => [id, reason]),
    );
  }

  /** Rejects with the integration's TocsinError, or one of code `budget` for an overrun and the time after it. */
  async run<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<Results[Kind]> {
    const owner = ownerOf(job);
    const quarantine = this.#quarantined.get(owner);
    if (quarantine && quarantine.until > performance.now()) throw this.#overrun(owner, quarantine.reason);
    const answer = await new Promise<JobAnswer>((resolve, reject) => {
      const number = this.#next;
      this.#next = (this.#next % 0x7ffffffe) + 1;
      this.#pending.set(number, { job, owner, resolve, reject });
      this.#post(number, job);
    });
    // The worker answers a job with the result of its kind.
    if ('result' in answer) return answer.result as Results[Kind];
    const { code, message, faults, remedy } = answer.failure;
    throw new TocsinError(code, message, { faults, ...(remedy ? { remedy } : {}) });
  }

  /** Has later jobs use these as what the source's package says, whichever thread runs them. */
  pin(source: string, templates: readonly TemplateText[]): void {
    const { setup } = this.#options;
    const sources = setup.sources.map((one) => (one.id === source ? { ...one, templates } : one));
    this.#options = { ...this.#options, setup: { ...setup, sources } };
    this.#worker?.postMessage({ source, templates } satisfies ToWorker);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watchdog);
    await this.#worker?.terminate();
  }

  /** Several jobs in a message: waking a thread costs more than a job. */
  #post(number: number, job: Job): void {
    this.#outbox.push({ number, job });
    if (this.#outbox.length >= jobsInMessage) this.#send();
    else if (this.#outbox.length === 1 && !this.#isBusy) setImmediate(() => this.#flush());
    this.#watchdog ??= setInterval(() => this.#watch(), Math.max(10, this.#budget / 5));
  }

  #flush(): void {
    if (this.#outbox.length > 0 && !this.#isBusy) this.#send();
  }

  #send(): void {
    this.#isBusy = true;
    const packed = this.#outbox.map(({ job }) => packJob(job));
    const message: ToWorker = {
      numbers: this.#outbox.map(({ number }) => number),
      jobs: packed.map(({ job }) => job),
      bodies: packed.map(({ body }) => body),
    };
    this.#outbox = [];
    this.#worker?.postMessage(message);
  }

  #start(): Promise<void> {
    const isSource = import.meta.url.endsWith('.ts');
    this.#called = new Set();
    this.#progress = new Int32Array(new SharedArrayBuffer(4));
    const workerData: WorkerSetup = { ...this.#options.setup, progress: this.#progress };
    // Built, every module of the host lies beside main.js.
    const worker = new Worker(
      new URL(isSource ? '../integration-worker.ts' : './integration-worker.js', import.meta.url),
      {
        workerData,
        execArgv: isSource ? ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'] : [],
        resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
      },
    );
    this.#worker = worker;
    let isLoaded = false;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (worker !== this.#worker) return;
        if ('ready' in message) {
          isLoaded = true;
          return resolve();
        }
        this.#isBusy = false;
        this.#flush();
        for (const [index, number] of message.numbers.entries()) {
          const answer = unpackAnswer(message.answers[index] as string, message.signals[index] as string);
          const pending = this.#pending.get(number);
          if (pending) this.#called.add(pending.owner);
          pending?.resolve(answer);
          this.#pending.delete(number);
        }
        if (this.#pending.size === 0) this.#rest();
      });
      worker.on('error', (error) => {
        reject(new TocsinError('integration', `the integrations' thread ended: ${error.message}`, { cause: error }));
        // One that can't even load would not load the second time either.
        if (isLoaded && worker === this.#worker) this.#replace(error.message);
      });
    });
  }

  #rest(): void {
    clearInterval(this.#watchdog);
    this.#watchdog = undefined;
    this.#watched = { number: 0, since: 0 };
  }

  #watch(): void {
    const number = Atomics.load(this.#progress, 0);
    const now = performance.now();
    if (number === 0 || number !== this.#watched.number) {
      this.#watched = { number, since: now };
    } else {
      const owner = this.#pending.get(number)?.owner ?? '';
      const budget = this.#called.has(owner) ? this.#budget : Math.max(this.#budget, firstCall);
      if (now - this.#watched.since > budget) this.#replace(`a call took longer than ${budget} ms`);
    }
  }

  /** The job that runs now is the one at fault; it and its owner's others end, all others go to the fresh thread. */
  #replace(reason: string): void {
    if (this.#isClosed) return;
    const number = Atomics.load(this.#progress, 0);
    const culprit = this.#pending.get(number);
    const worker = this.#worker;
    this.#rest();
    this.#outbox = [];
    this.#isBusy = false;
    if (culprit) {
      this.#quarantined.set(culprit.owner, { until: performance.now() + (this.#options.quarantine ?? 60_000), reason });
      const error = this.#overrun(culprit.owner, reason);
      // What overran once may overrun again, and each time everybody would wait.
      for (const [waiting, { owner, reject }] of this.#pending) {
        if (owner !== culprit.owner) continue;
        this.#pending.delete(waiting);
        reject(error);
      }
      this.#options.onOverrun?.(culprit.owner, error, culprit.job);
    }
    this.#ready = this.#start();
    this.#ready.catch((error: TocsinError) => {
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
    void worker?.terminate();
    for (const [waiting, { job }] of this.#pending) this.#post(waiting, job);
  }

  #overrun(owner: string, reason: string): TocsinError {
    return new TocsinError('budget', `${owner} is switched off for a while: ${reason}`, {
      remedy: 'Look at the request that it was given last, and report it to the maintainers of the integration.',
    });
  }
}

/** Whose code the job runs, as people are told. */
function ownerOf(job: Job): string {
  if (job.kind === 'preview') return `the preview of source ${job.source}`;
  return 'target' in job ? `target ${job.target}` : `source ${job.source}`;
}
