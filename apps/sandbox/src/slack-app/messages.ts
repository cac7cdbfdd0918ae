import { randomBytes } from 'node:crypto';
import { type Fields, isFields } from '@tocsin/message-view';
import { ChangeSignal } from '../change-signal.ts';

/** A message in a channel, as it stands. */
export interface ChannelMessage {
  team: string;
  channel: string;
  /** Its id within the channel: seconds with six digits behind the point. https://docs.slack.dev/messaging/retrieving-messages */
  ts: string;
  /** The message that it answers, for one in a thread. */
  threadTs?: string;
  /** A reply that stands in the channel too. */
  broadcast?: true;
  author: { user: string; bot?: string };
  /** `text`, `blocks`, `attachments` and how they are to be read; each block and element has its id. */
  content: Fields;
  edited?: { user: string; ts: string };
  /** Only this person sees it. */
  visibleTo?: string;
  deleted?: true;
  /** The address by which the app reaches this sandbox. */
  origin: string;
  /** The last press of one of its buttons, and what became of it. */
  press?: PressOutcome;
  /** Of the whole sandbox: a larger number at each change. */
  version: number;
}

/** What became of a press, in words for the page. */
export interface PressOutcome {
  /** What stood on the button, or on the choice. */
  label: string;
  user: string;
  ok: boolean;
  says: string;
}

/** Most messages that are kept, replies included, and how many characters they have as JSON; the oldest leave first. */
const mostMessages = 2_000;
const mostCharacters = 32 * 1024 * 1024;

/** The messages of all channels. */
export class ChannelMessages {
  readonly changes = new ChangeSignal();
  #messages: ChannelMessage[] = [];
  #characters = 0;
  #version = 0;
  #lastStamp = 0;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  list(): readonly ChannelMessage[] {
    return this.#messages;
  }

  find(channel: string, ts: string): ChannelMessage | undefined {
    return this.#messages.find((message) => message.ts === ts && message.channel === channel && !message.deleted);
  }

  /** What is said below a message, oldest first. */
  repliesTo({ channel, ts }: ChannelMessage): ChannelMessage[] {
    return this.#messages.filter((reply) => reply.threadTs === ts && reply.channel === channel && !reply.deleted);
  }

  /** The message whose change came first after that version, if there is one. */
  next(version: number): ChannelMessage | undefined {
    let first: ChannelMessage | undefined;
    for (const message of this.#messages) {
      if (message.version > version && (first === undefined || message.version < first.version)) first = message;
    }
    return first;
  }

  post(message: Omit<ChannelMessage, 'ts' | 'version'>): ChannelMessage {
    const stored = { ...message, content: withIds(message.content), ts: this.stamp(), version: 0 };
    this.#messages.push(stored);
    this.#characters += sizeOf(stored);
    while (this.#messages.length > mostMessages || (this.#messages.length > 1 && this.#characters > mostCharacters)) {
      this.#characters -= sizeOf(this.#messages.shift() as ChannelMessage); // the list isn't empty
    }
    this.touch(stored);
    return stored;
  }

  edit(message: ChannelMessage, content: Fields, user: string): void {
    this.#characters -= sizeOf(message);
    message.content = withIds(content);
    message.edited = { user, ts: this.stamp() };
    delete message.press;
    this.#characters += sizeOf(message);
    this.touch(message);
  }

  /** The page learns of it like of any change; nothing else finds the message any more. */
  delete(message: ChannelMessage): void {
    message.deleted = true;
    this.touch(message);
  }

  /** Says that a message has changed, and with it what stands above it. */
  touch(message: ChannelMessage): void {
    this.#version += 1;
    message.version = this.#version;
    this.changes.wake();
  }

  clear(): void {
    this.#messages = [];
    this.#characters = 0;
    this.changes.wake();
  }

  /** A time that no other message has, so that it can be an id. */
  stamp(): string {
    this.#lastStamp = Math.max(this.#now().getTime() * 1_000, this.#lastStamp + 1);
    const digits = String(this.#lastStamp).padStart(7, '0');
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }
}

/** Slack gives every block and every element that has none an id of its own; attachments are numbered. */
function withIds(content: Fields): Fields {
  const { blocks, attachments } = content;
  return {
    ...content,
    ...(Array.isArray(blocks) && { blocks: blocks.map(blockWithIds) }),
    ...(Array.isArray(attachments) && {
      attachments: attachments.map((attachment: unknown, index) => {
        if (!isFields(attachment)) return attachment;
        const inside = Array.isArray(attachment.blocks) ? { blocks: attachment.blocks.map(blockWithIds) } : {};
        return { id: index + 1, ...attachment, ...inside };
      }),
    }),
  };
}

function blockWithIds(block: unknown): unknown {
  if (!isFields(block)) return block;
  const { accessory, elements, type } = block;
  return {
    block_id: newId(),
    ...block,
    ...(isInteractive(accessory) && { accessory: { action_id: newId(), ...accessory } }),
    ...(type === 'actions' &&
      Array.isArray(elements) && {
        elements: elements.map((one: unknown) => (isInteractive(one) ? { action_id: newId(), ...one } : one)),
      }),
  };
}

function isInteractive(element: unknown): element is Fields {
  return isFields(element) && element.type !== 'image';
}

function newId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

function sizeOf({ content }: ChannelMessage): number {
  return JSON.stringify(content).length;
}
