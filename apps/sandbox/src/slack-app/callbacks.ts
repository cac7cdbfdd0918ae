import { createHmac } from 'node:crypto';
import type { Fields } from '@tocsin/message-view';
import { sandboxSlackApp } from './app.ts';

/** Slack waits for so long, in milliseconds. https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const patience = 3_000;
/** As much of an answer as is kept, in characters. */
const longestAnswer = 10_000;
const mostKept = 200;

/** The addresses of the app; none until it is told. */
export interface CallbackUrls {
  interactivity?: string;
  events?: string;
}

/** One request that the played Slack made to the app, and what the app answered. */
export interface CallbackRecord {
  at: string;
  url: string;
  /** The type of the payload: `block_actions`, `event_callback`, `url_verification`. */
  type: string;
  payload: unknown;
  answer: CallbackAnswer;
}

/** `status` and `body` of the app's answer, or why there was none within three seconds. */
export interface CallbackAnswer {
  ok: boolean;
  status?: number;
  body?: string;
  error?: string;
  /** Until the answer, or until nobody waited any more. */
  milliseconds: number;
}

/** A request's body and its signed headers. */
export interface SignedRequest {
  body: string;
  headers: Record<string, string>;
}

/** What leaves for the app: its addresses, and what was sent there. */
export class Callbacks {
  urls: CallbackUrls;
  #records: CallbackRecord[] = [];
  readonly #now: () => Date;

  constructor(urls: CallbackUrls, now: () => Date) {
    this.urls = urls;
    this.#now = now;
  }

  list(): readonly CallbackRecord[] {
    return this.#records;
  }

  /** A press: `payload=<json>`, as a form. https://docs.slack.dev/interactivity/handling-user-interaction#payloads */
  async sendInteraction(url: string, payload: Fields & { type: string }): Promise<CallbackAnswer> {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    return this.#send(url, 'application/x-www-form-urlencoded', body, payload);
  }

  /** An event, as JSON. https://docs.slack.dev/apis/events-api#event-type-structure */
  async sendEvent(url: string, payload: Fields & { type: string }): Promise<CallbackAnswer> {
    return this.#send(url, 'application/json', JSON.stringify(payload), payload);
  }

  clear(): void {
    this.#records = [];
  }

  async #send(url: string, type: string, body: string, payload: Fields & { type: string }): Promise<CallbackAnswer> {
    const at = this.#now();
    const signed = signSlackRequest(body, Math.floor(at.getTime() / 1_000));
    const answer = await post(url, { ...signed, headers: { 'content-type': type, ...signed.headers } });
    this.#records = [...this.#records, { at: at.toISOString(), url, type: payload.type, payload, answer }].slice(
      -mostKept,
    );
    return answer;
  }
}

/**
 * A body with the headers that prove that Slack sent it. `timestamp` in seconds.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack#about
 */
export function signSlackRequest(
  body: string,
  timestamp: number,
  secret: string = sandboxSlackApp.signingSecret,
): SignedRequest {
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { body, headers: { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${signature}` } };
}

async function post(url: string, { body, headers }: SignedRequest): Promise<CallbackAnswer> {
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)' },
      // A redirect isn't an answer: an app is asked at the address that it gave.
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    const text = await beginningOf(response);
    return { ok: response.ok, status: response.status, body: text, milliseconds: elapsed() };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { ok: false, error: isLate ? 'no answer within 3 seconds' : reasonOf(error), milliseconds: elapsed() };
  }
}

/** The rest of a long answer is not waited for. */
async function beginningOf(response: Response): Promise<string> {
  if (!response.body) return '';
  let text = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.length >= longestAnswer) break;
  }
  return text.slice(0, longestAnswer);
}

/** What `fetch` says is only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? error.cause.message || String((error.cause as { code?: string }).code)
    : error.message;
}
