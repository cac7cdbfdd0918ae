import assert from 'node:assert/strict';
import { until } from './until.ts';

interface Message {
  status: number;
  payload: { text: string };
  refusal?: unknown;
}

/** What a person sees in the sandbox's Slack channel, message by message. */
export class Channel {
  readonly #sandbox: string;
  #seen = 0;

  constructor(sandbox: string) {
    this.#sandbox = sandbox;
  }

  /** Does something and waits for the one message that it leads to. */
  async expects(what: string, text: RegExp, act: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await act();
    const messages = await until(`${what}: a message`, async () => {
      const all = await this.#messages();
      return all.length > this.#seen ? all : undefined;
    });
    const milliseconds = Math.round(performance.now() - began);
    const message = messages[this.#seen++] as Message;
    assert.equal(message.status, 200, `${what}: Slack's stand-in refuses it: ${JSON.stringify(message.refusal)}`);
    assert.match(message.payload.text, text, what);
    assert.equal(messages.length, this.#seen, `${what}: one message and no more`);
    console.log(`${what}: after ${milliseconds} ms "${message.payload.text}"`);
  }

  /** Fails unless the last of these messages has these words. */
  async shows(...words: string[]): Promise<void> {
    const message = JSON.stringify((await this.#messages())[this.#seen - 1]?.payload);
    for (const word of words) assert.ok(message.includes(JSON.stringify(word).slice(1, -1)), `${word} in ${message}`);
  }

  /** Fails when a message came that nobody has expected. */
  async isCalm(): Promise<void> {
    const unexpected = (await this.#messages()).slice(this.#seen).map(({ payload }) => payload.text);
    assert.deepEqual(unexpected, [], 'nothing more is told');
  }

  async #messages(): Promise<Message[]> {
    const response = await fetch(`${this.#sandbox}/messages`);
    return (await response.json()) as Message[]; // the sandbox's own shape
  }
}
