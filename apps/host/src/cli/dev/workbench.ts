import { Worker } from 'node:worker_threads';
import type { Snapshot } from './preview.ts';
import type { FromPreviewWorker, PreviewTask } from './preview-worker.ts';

export interface WorkbenchOptions {
  task: PreviewTask;
  /** Called with each new state; the first is on its way from the start. */
  onSnapshot: (snapshot: Snapshot) => void;
  /** Milliseconds that a package may take to be shown, and again to be checked. Default: 20 s. */
  patience?: number;
}

/**
 * Shows a package anew at each change, in a thread that is used once. The next thread is got ready while a person reads
 * what this one has shown, so that a change waits for the package's own code alone.
 */
export class Workbench {
  readonly #options: WorkbenchOptions;
  #snapshot: Snapshot = { run: 0, at: '', took: 0, troubles: [] };
  #spare: Worker | undefined;
  #busy: Worker | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** The run that is under way. */
  #next = { run: 0, began: 0 };
  #isClosed = false;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.refresh();
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Shows the package as it is on disk now; whatever was still under way is dropped. */
  refresh(): void {
    if (this.#isClosed) return;
    this.#end();
    const worker = this.#spare ?? startWorker();
    this.#spare = undefined;
    this.#busy = worker;
    this.#next = { run: this.#snapshot.run + 1, began: performance.now() };
    worker.on('message', (message: FromPreviewWorker) => {
      if (this.#busy === worker) this.#hear(message);
    });
    const fail = (message: string, remedy: string): void => {
      if (this.#busy === worker) this.#fail(message, remedy);
    };
    worker.on('error', (error) => fail(`the package’s code failed: ${error.message}`, 'Catch what it throws.'));
    worker.on('exit', () => fail('the package’s code ended its own process', 'Remove the call to process.exit.'));
    this.#expect('showing the package');
    worker.postMessage(this.#options.task);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    await this.#spare?.terminate();
  }

  #hear(message: FromPreviewWorker): void {
    if (message.kind === 'ready') return;
    if (message.kind === 'preview') {
      this.#tell({ preview: message.preview });
      this.#expect('the conformance suite');
      return;
    }
    this.#tell(message.kind === 'checks' ? { checks: message.checks } : { troubles: message.troubles });
    this.#end();
  }

  #fail(message: string, remedy: string): void {
    this.#tell({ troubles: [{ where: 'src/index.ts', message, remedy }] });
    this.#end();
  }

  /** The first word of a run starts a new state, in which the last preview stays until there is another. */
  #tell(change: Partial<Snapshot>): void {
    const { run, began } = this.#next;
    const took = Math.round(performance.now() - began);
    const { preview } = this.#snapshot;
    const isFirst = this.#snapshot.run !== run;
    const before = isFirst ? { run, at: new Date().toISOString(), took, troubles: [], preview } : this.#snapshot;
    this.#snapshot = { ...before, ...change };
    this.#options.onSnapshot(this.#snapshot);
    this.#spare ??= startWorker();
  }

  /** Ends the run with a trouble if it says nothing more in time. */
  #expect(what: string): void {
    const { patience = 20_000 } = this.#options;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => this.#fail(`${what} takes longer than ${patience / 1000} s`, 'Look for a loop that never ends.'),
      patience,
    );
  }

  #end(): void {
    clearTimeout(this.#deadline);
    const worker = this.#busy;
    this.#busy = undefined;
    void worker?.terminate();
  }
}

function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  // Built, the thread's file keeps its place below `dist`, and every other module lies at its top.
  const file = new URL(isSource ? './preview-worker.ts' : './cli/dev/preview-worker.js', import.meta.url);
  const worker = new Worker(file, {
    execArgv: [...(isSource ? ['--conditions=@tocsin/source'] : []), '--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  // Until it has a task, nobody else listens.
  worker.on('error', () => {});
  return worker;
}
