import { canonicalJson, type Fault, TocsinError } from '@tocsin/core';
import type { Channel, Store } from '@tocsin/engine';
import type { LoadedConfig } from '../config/config.ts';
import { isOfStates } from '../config/subscription.ts';
import type { Registry } from '../registry.ts';
import { rulesOf } from '../rules.ts';
import { acceptChannel, readChannel } from './read-channel.ts';

/** A channel as people see it. */
export interface ListedChannel {
  /** As the engine takes it. */
  channel: Channel;
  /** Of one that the API made: as it was sent, by whom, and when. None: it stands in the config file. */
  made: { written: Readonly<Record<string, unknown>>; author: string; at: number } | null;
  /** Why parts of it have no effect now. */
  problems: Fault[];
}

export interface ChannelDeskOptions {
  store: Store;
  config: LoadedConfig;
  registry: Registry;
  log: { warn(data: object, message: string): void; info(data: object, message: string): void };
}

const kind = 'channel';

/** The channels of the config file, which only the file changes, and those that the API made, which lie in the store. */
export class ChannelDesk {
  readonly #options: ChannelDeskOptions;
  readonly #made = new Map<string, ListedChannel>();
  /** Changes take effect one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: ChannelDeskOptions) {
    this.#options = options;
  }

  /** Reads what the store has, and gives it the rules. Rejects where file and store have different channels of one id. */
  static async open(options: ChannelDeskOptions): Promise<ChannelDesk> {
    const desk = new ChannelDesk(options);
    await desk.#load();
    await desk.#apply();
    return desk;
  }

  /** Those of the file come first. */
  list(): ListedChannel[] {
    const ofFile = this.#options.config.channels.map((channel) => ({ channel, made: null, problems: [] }));
    return [...ofFile, ...this.#made.values()];
  }

  /** As the engine tries them. */
  present(): Channel[] {
    return this.list().map(({ channel }) => channel);
  }

  isOfFile(id: string): boolean {
    return this.#options.config.channels.some((channel) => channel.id === id);
  }

  /** What `put` would make of it. Throws a TocsinError `payload` with every fault. */
  read(id: string, given: Readonly<Record<string, unknown>>): Channel {
    const { config, registry } = this.#options;
    return acceptChannel({ ...given, id }, config, registry.targets);
  }

  /**
   * Makes the channel, or puts it in the place of the one with its id, durably; from the next event on it tells what it
   * says now. Rejects with a TocsinError `payload` with every fault; then nothing is changed.
   */
  put(id: string, given: Readonly<Record<string, unknown>>, author: string): Promise<ListedChannel> {
    return this.#inTurn(async () => {
      const written = { ...given, id };
      const channel = this.read(id, given);
      const at = await this.#options.store.putRecord({ kind, id, value: JSON.stringify(written), author });
      const listed = { channel, made: { written, author, at }, problems: [] };
      this.#made.set(id, listed);
      await this.#apply();
      return listed;
    });
  }

  /** Removes a channel that the API made: what was queued for it is cancelled. Says whether there was one. */
  remove(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const was = await this.#options.store.removeRecord(kind, id);
      this.#made.delete(id);
      if (was) await this.#apply();
      return was;
    });
  }

  async #load(): Promise<void> {
    const { store, config, registry, log } = this.#options;
    for (const { id, value, author, writtenAt } of await store.query.records(kind)) {
      const written: Record<string, unknown> = JSON.parse(value); // as `put` wrote it
      const { channel, faults } = readChannel(written, config, registry.targets);
      const ofFile = config.channels.findIndex((one) => one.id === id);
      if (ofFile >= 0) {
        if (canonicalJson(channel) !== canonicalJson(config.channels[ofFile])) throw twice(config, ofFile, id);
        await store.removeRecord(kind, id);
        log.info({ channel: id }, 'the config file has this channel now; the one that the API made is gone');
        continue;
      }
      for (const { path, message } of faults) log.warn({ channel: id, path }, `a part of it has no effect: ${message}`);
      const kept = { id, match: channel?.match ?? [], subscriptions: channel ? effective(channel, faults) : [] };
      this.#made.set(id, { channel: kept, made: { written, author, at: writtenAt }, problems: faults });
    }
  }

  async #apply(): Promise<void> {
    const { store, config, registry } = this.#options;
    await store.setRules(rulesOf(config, registry, this.present()));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** The subscriptions that nothing is wrong with: a target may have left the config since. */
function effective({ subscriptions }: Channel, faults: readonly Fault[]): Channel['subscriptions'] {
  const isWrong = (place: string) => faults.some(({ path }) => path.startsWith(place));
  return subscriptions.filter((to, index) => !isWrong(isOfStates(to) ? 'states' : `subscriptions[${index}]`));
}

function twice(config: LoadedConfig, index: number, id: string): TocsinError {
  const { line, column } = config.at(['channels', index, 'id']);
  const message = `\`${id}\` is also the id of a channel that the API made, and the two are different; give this one another id, or remove that one while the file lacks it`;
  return new TocsinError('config', 'two channels have the same id', {
    origin: config.file,
    faults: [{ path: `channels[${index}].id`, message, file: config.file, line, column }],
    remedy: `Rename it in the file, start, and compare the two: \`tocsin channels show ${id}\`.`,
  });
}
