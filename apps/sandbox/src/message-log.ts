import { ChangeSignal } from './change-signal.ts';

/** Where a message was refused: which rule of the stand-in, and what it rests on. */
export interface Refusal {
  /** Name of the rule, as in the table of the service. */
  rule: string;
  /** What the rule says, in one sentence. */
  says: string;
  /** The vendor's page that it cites. */
  source: string;
  /** Which part of the request broke it: `blocks[3].text.text`. */
  at: string;
}

/** What was answered: an HTTP status, or the way in which the sender was left without one. */
export type Answer = number | 'hang' | 'reset';

/** One request as it came in, and what was answered. */
export interface Message {
  /** Counts up from 1 for as long as the sandbox runs, over deletions too. */
  id: number;
  /** ISO 8601, when it arrived. */
  at: string;
  kind: 'slack' | 'slack-api' | 'webhook' | 'dutycalls';
  /** `#ops` for Slack (`Slack API` for calls that belong to no channel), the path for a webhook, the names of all channels for DutyCalls. */
  channel: string;
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** The body as text; bytes that aren't UTF-8 are U+FFFD. */
  body: string;
  /** The body's JSON; of Slack's `payload=` forms, the JSON inside. Absent where there is none. */
  payload?: unknown;
  status: Answer;
  /** The body of the answer. */
  answer: string;
  refusal?: Refusal;
  /** A test demanded this answer; the request itself was not judged. */
  demanded?: true;
}

/** The newest messages, bounded by number and by bytes; the oldest leave first. */
export class MessageLog {
  #messages: Message[] = [];
  #bytes = 0;
  #lastId = 0;
  #deletions = 0;
  readonly changes = new ChangeSignal();
  readonly #capacity: number;
  readonly #byteCapacity: number;

  constructor(capacity: number, byteCapacity: number) {
    this.#capacity = capacity;
    this.#byteCapacity = byteCapacity;
  }

  /** How often everything was deleted; a reader that saw another number starts anew. */
  get deletions(): number {
    return this.#deletions;
  }

  add(message: Omit<Message, 'id'>): Message {
    this.#lastId += 1;
    const stored: Message = { id: this.#lastId, ...message };
    this.#messages.push(stored);
    this.#bytes += sizeOf(stored);
    // The newest stays, however big: its body is bounded by the route.
    while (this.#messages.length > 1 && (this.#messages.length > this.#capacity || this.#bytes > this.#byteCapacity)) {
      this.#bytes -= sizeOf(this.#messages.shift()!);
    }
    this.changes.wake();
    return stored;
  }

  /** Messages with a larger id than `since`, oldest first; of one channel, if named. */
  list(since = 0, channel?: string): Message[] {
    return this.#messages.filter(
      (message) => message.id > since && (channel === undefined || message.channel === channel),
    );
  }

  /** The first message after `since`, if there is one. */
  next(since: number): Message | undefined {
    return this.#messages.find((message) => message.id > since);
  }

  clear(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.#deletions += 1;
    this.changes.wake();
  }
}

function sizeOf(message: Message): number {
  const headers = Object.entries(message.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return message.path.length + message.body.length + headers;
}
