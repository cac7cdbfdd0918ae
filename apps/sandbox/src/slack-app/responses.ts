import { randomBytes } from 'node:crypto';
import type { Fields } from '@tocsin/message-view';
import type { ChannelMessage, ChannelMessages } from './messages.ts';

/** "up to 5 times within 30 minutes": https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const mostUses = 5;
const lifetime = 30 * 60_000;
const mostKept = 1_000;

/** An address to which the app may answer a press. */
interface ResponseAddress {
  secret: string;
  /** Whose button it was. */
  message: ChannelMessage;
  /** Who pressed it. */
  user: string;
  openedAt: Date;
  uses: number;
}

export type ResponseFault = 'invalid_url' | 'expired_url' | 'used_url';

/** The addresses `response_url` of all presses. */
export class Responses {
  readonly #addresses = new Map<string, ResponseAddress>();
  readonly #messages: ChannelMessages;
  readonly #now: () => Date;

  constructor(messages: ChannelMessages, now: () => Date) {
    this.#messages = messages;
    this.#now = now;
  }

  /** A new address for a press of that person. */
  open(message: ChannelMessage, user: string): string {
    const id = String(randomBytes(6).readUIntBE(0, 6));
    const secret = randomBytes(18).toString('base64url');
    this.#addresses.set(id, { secret, message, user, openedAt: this.#now(), uses: 0 });
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= mostKept) break;
      this.#addresses.delete(oldest);
    }
    return `${message.origin}/slack/actions/${message.team}/${id}/${secret}`;
  }

  /** The address, or why it takes nothing. */
  find(team: string, id: string, secret: string): { address: ResponseAddress } | { fault: ResponseFault } {
    const address = this.#addresses.get(id);
    if (address?.secret !== secret || address.message.team !== team) return { fault: 'invalid_url' };
    if (this.#now().getTime() - address.openedAt.getTime() > lifetime) return { fault: 'expired_url' };
    return address.uses >= mostUses ? { fault: 'used_url' } : { address };
  }

  /**
   * Does what the app asks for: replaces or deletes the message, or says something new, to the presser alone unless it is for
   * the channel.
   */
  take(address: ResponseAddress, answer: Fields): void {
    address.uses += 1;
    const { message, user } = address;
    const { text, blocks, attachments, mrkdwn } = answer;
    const content = Object.fromEntries(
      Object.entries({ text, blocks, attachments, mrkdwn }).filter(
        ([, value]) => value !== undefined && value !== null,
      ),
    );
    if (isTrue(answer.delete_original)) this.#messages.delete(message);
    else if (isTrue(answer.replace_original)) this.#messages.edit(message, content, message.author.user);
    else {
      const { team, channel, author, origin } = message;
      const isForAll = answer.response_type === 'in_channel';
      this.#messages.post({
        ...{ team, channel, author, origin, content },
        ...(!isForAll && { visibleTo: user }),
        ...(typeof answer.thread_ts === 'string' && { threadTs: answer.thread_ts }),
      });
    }
  }
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
