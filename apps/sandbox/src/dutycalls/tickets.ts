import type { Fields } from '@tocsin/message-view';

/** A ticket of one channel, as it stands. */
export interface Ticket {
  sid: string;
  channel: string;
  /** New ones arrive unacknowledged; that somebody acknowledged them is not for the API to say. */
  status: 'unacknowledged' | 'closed';
  /** What was said with the last change of the status. */
  comment?: string;
  /** As it was posted. */
  ticket: Fields;
  hits: { summary: string }[];
}

const mostTickets = 500;
const mostHits = 100;

/** What the tickets of all channels have become; the oldest leave first. */
export class Tickets {
  #tickets: Ticket[] = [];
  #last = 0;
  #version = 0;

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  list(): readonly Ticket[] {
    return this.#tickets;
  }

  find(sid: string): Ticket | undefined {
    return this.#tickets.find((ticket) => ticket.sid === sid);
  }

  /**
   * "If there are no open (unresolved) tickets with this key, a new ticket will be created. If there is already an open
   * ticket with a matching key, this event will be appended to that ticket as a hit."
   * https://docs.dutycalls.me/rest-api/deduplication/
   */
  open(channel: string, fields: Fields): Ticket {
    const { dedupKey } = fields;
    const same = this.#tickets.find(
      ({ ticket, status, ...other }) =>
        typeof dedupKey === 'string' &&
        ticket.dedupKey === dedupKey &&
        other.channel === channel &&
        status !== 'closed',
    );
    if (same) {
      this.hit(same, String(fields.title));
      return same;
    }
    this.#last += 1;
    const sid = Buffer.from(`ticket ${this.#last} of ${channel}`).toString('base64url');
    const ticket: Ticket = { sid, channel, status: 'unacknowledged', ticket: fields, hits: [] };
    this.#tickets = [...this.#tickets, ticket].slice(-mostTickets);
    this.#version += 1;
    return ticket;
  }

  hit(ticket: Ticket, summary: string): void {
    ticket.hits = [...ticket.hits, { summary }].slice(-mostHits);
    this.#version += 1;
  }

  setStatus(ticket: Ticket, status: Ticket['status'], comment: string | undefined): void {
    ticket.status = status;
    if (comment !== undefined) ticket.comment = comment;
    this.#version += 1;
  }

  clear(): void {
    if (this.#tickets.length === 0) return;
    this.#tickets = [];
    this.#version += 1;
  }
}
