import type { IncomingHttpHeaders } from 'node:http';
import type { HttpRequest } from '@tocsin/core';
import type { Dispatcher } from 'undici';

/** How far one exchange may go. Times in milliseconds. */
export interface Bounds {
  /** From the first try to connect to the end of the answer, whatever undici's own timers leave out: a lease ends. */
  whole: number;
  /** From the head of the answer to its end. */
  body: number;
  /** What it fails with when that is over. */
  endless: () => Error;
  /** Bytes of the answer's body that are read; then it is enough. */
  most: number;
}

/** An answer as it came, its body up to the bound. */
export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * Sends a request, and reads the start of its answer. Rejects with undici's errors, with the signal's reason, and with a
 * TimeoutError. As undici's `request`, without the streams and the signals that each of those makes: half the work of a
 * short message.
 */
export function exchange(
  dispatcher: Dispatcher,
  { origin, pathname, search }: URL,
  { method, headers, body }: HttpRequest,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const reader = new Reader(bounds, signal, resolve, reject);
    const request = { origin, path: pathname + search, method, headers: { 'user-agent': 'tocsin', ...headers } };
    dispatcher.dispatch({ ...request, body: body ?? null }, reader);
  });
}

class Reader implements Dispatcher.DispatchHandler {
  readonly #bounds: Bounds;
  readonly #signal: AbortSignal;
  readonly #resolve: (answered: Answered) => void;
  readonly #reject: (error: unknown) => void;
  readonly #onAbort = () => this.#cut(this.#signal.reason);
  readonly #timer: NodeJS.Timeout;
  #bodyTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #left: number;
  #isOver = false;
  #reason: unknown;

  constructor(
    bounds: Bounds,
    signal: AbortSignal,
    resolve: (answered: Answered) => void,
    reject: (error: unknown) => void,
  ) {
    this.#bounds = bounds;
    this.#left = bounds.most;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#cut(new DOMException('it took too long', 'TimeoutError')), bounds.whole);
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Nobody waits for it any more.
    if (this.#isOver) controller.abort(asError(this.#reason));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // The answer is still to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#bodyTimer = setTimeout(() => this.#cut(this.#bounds.endless()), this.#bounds.body);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk.subarray(0, this.#left));
    this.#left -= chunk.length;
    if (this.#left > 0) return;
    this.#answer();
    controller.abort(new Error('the rest of the answer is not wanted'));
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  #answer(): void {
    if (this.#isOver) return;
    this.#end();
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  #cut(reason: unknown): void {
    this.#reason = reason;
    this.#fail(reason);
    this.#controller?.abort(asError(reason));
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#reject(reason);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#bodyTimer);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
