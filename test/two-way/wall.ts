import type { Group } from '@tocsin/engine';
import { Handles, type Offers, offersOf } from '../../apps/host/test/support/presses.ts';
import { type Held, textOf } from './model.ts';

/** One look that a message had: what it said, and what its buttons were about. */
export interface Look {
  text: string;
  handle: string | undefined;
  held: Held;
}

interface Message {
  group: string;
  channel: string;
  looks: Look[];
}

/** Channels with all that stands in them, in place of a target: buttons as the hub makes them, words of our own. */
export class Wall {
  readonly handles: Handles;
  readonly #offers: Offers;
  readonly #messages = new Map<string, Message>();

  constructor(now: () => number) {
    this.handles = new Handles(Buffer.alloc(32, 7), now);
    const chat = { config: {}, integration: { definition: { actions: { offered: () => true } } }, settings: {} };
    // Nothing else of the registry is looked at.
    this.#offers = offersOf({ targets: new Map([['chat', chat]]) } as never, this.handles, 'https://hub.example');
  }

  get size(): number {
    return this.#messages.size;
  }

  /** The message is edited, or there is a new one where it has no name yet; its name. */
  tell(ref: string | null, channel: string, group: Group): string {
    const handle = this.#offers('chat', group).offer?.handle;
    const held = { episode: Number(group.id.slice(1)), incarnation: group.incarnation };
    const look = { text: textOf(group), handle, held };
    const told = ref === null ? undefined : this.#messages.get(ref);
    if (ref !== null && told) {
      told.looks.push(look);
      return ref;
    }
    const name = `message ${this.#messages.size}`;
    this.#messages.set(name, { group: group.id, channel, looks: [look] });
    return name;
  }

  /** A message as it is, or as it once was; both are counted from the newest. */
  look(which: number, age: number): Look | undefined {
    const messages = [...this.#messages.values()];
    const looks = messages.at(-1 - (which % Math.max(1, messages.length)))?.looks;
    return looks?.at(-1 - (age % looks.length));
  }

  /** What people in a channel read last about a group. */
  last(channel: string | null, group: string): string | undefined {
    const own = [...this.#messages.values()].filter((one) => one.group === group && one.channel === channel);
    return own.at(-1)?.looks.at(-1)?.text;
  }
}
