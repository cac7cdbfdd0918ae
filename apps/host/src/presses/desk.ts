import { randomUUID } from 'node:crypto';
import { type Callback, type Press, workspaceOf } from '@tocsin/core';
import type { ActionSignal, Delivery, Store } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import { type Acted, act, refusal } from '../api/act.ts';
import { type Failure, sentence, unknownGroup } from '../api/failure.ts';
import type { Egress } from '../egress/egress.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Handles } from './handles.ts';
import { People } from './people.ts';
import { type Asked, PressLog } from './press-log.ts';

export type Action = Omit<ActionSignal, 'kind'>;

/** Has the system that raised the alerts do what a person wants, before the hub says that it is done. */
export interface WriteBacks {
  /** Whether that system is to be told of such an action. */
  concerns(source: string, action: Action['action']): boolean;
  /** Why it could not be done; nothing once it is confirmed. */
  perform(action: Action, signal: AbortSignal): Promise<Failure | undefined>;
}

export interface PressDeskOptions {
  store: Store;
  handles: Handles;
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
  writeBacks: WriteBacks;
  /** Only to see what comes of it: an old button is good for what is there now. */
  isAnyIncarnationGood?: boolean;
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  now?: () => number;
}

/** Milliseconds from the press to the end of all hope that the monitor confirms it. */
const longestWait = 60_000;
const longestReply = 5_000;

/** Where everything that people do comes to: by the API, on pages, by links, and by what they press in messages. */
export class PressDesk {
  readonly #options: PressDeskOptions;
  readonly #log: PressLog;
  readonly #people: People;
  readonly #now: () => number;
  readonly #running = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();

  private constructor(options: PressDeskOptions, log: PressLog) {
    this.#options = options;
    this.#log = log;
    this.#people = new People(options);
    this.#now = options.now ?? Date.now;
  }

  /** Goes on with what was asked for when the host ended. */
  static async open(options: PressDeskOptions): Promise<PressDesk> {
    const { log, open } = await PressLog.open(options.store, options.now);
    const desk = new PressDesk(options, log);
    for (const [id, asked] of open) desk.#track(desk.#finish(id, asked));
    return desk;
  }

  /** What the API and the pages ask for: resolves once it is done, in the monitor too, or why it isn't. */
  async act(action: Action): Promise<Acted> {
    const group = await this.#options.store.query.group(action.group);
    if (!group || !this.#options.writeBacks.concerns(group.source, action.action)) return this.#perform(action);
    const id = randomUUID();
    const asked = { action: { ...action, id }, at: this.#now() };
    await this.#log.take(id, asked);
    return this.#track(this.#complete(id, asked));
  }

  /**
   * What a verified callback asks for; `id` is the callback's own. Resolves as soon as that is written down; what comes
   * of it is told to whoever pressed, if it is nothing.
   */
  async press(target: string, callback: Extract<Callback, { kind: 'presses' }>, id: string): Promise<void> {
    for (const [index, press] of callback.presses.entries()) {
      const { person, installation, replyTo } = callback;
      const from = {
        ...{ target, person: person.id },
        ...(installation === undefined ? {} : { installation }),
        ...(replyTo === undefined ? {} : { replyTo }),
      };
      const found = await this.#read(target, press, installation);
      if ('refused' in found) {
        this.#track(this.#tell(from, found.refused));
        continue;
      }
      const pressId = `${id}-${index}`;
      const { incarnation, group } = found;
      const action: Action = {
        group,
        ...(this.#options.isAnyIncarnationGood ? {} : { incarnation }),
        id: pressId,
        action: press.action,
        // As the callback has it, until it is asked for.
        actor: person.name || person.id,
        ...(press.minutes === undefined ? {} : { until: this.#now() + press.minutes * 60_000 }),
      };
      const asked = { action, from, at: this.#now() };
      if (!(await this.#log.take(pressId, asked))) {
        this.#options.log.warn({ target, group: action.group }, 'a callback came again: nothing was done');
        continue;
      }
      this.#track(this.#answer(pressId, asked));
    }
  }

  /** Ends what is under way: it goes on after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running);
  }

  /** What may be acted on by a press, or why not. */
  async #read(
    target: string,
    { handle, action }: Press,
    installation: string | undefined,
  ): Promise<Pick<Action, 'group' | 'incarnation'> | { refused: Failure }> {
    const held = this.#options.handles.read(handle, { press: target });
    if (held === 'expired') return { refused: expired };
    if (!held) return { refused: unknownButton };
    const { items } = await this.#options.store.query.deliveries({ group: held.group }, { limit: 200 });
    // Groups that were told to the target alone, and where it has several workspaces, to that one.
    const wasTold = items.some(
      (delivery) => delivery.target === target && isWithin(delivery.address, installation) && mayBeTold(delivery),
    );
    if (!wasTold) {
      this.#options.log.warn({ target, group: held.group, action }, 'pressed where the group was not told');
      return { refused: unknownButton };
    }
    return held;
  }

  /** Under the name that people know whoever pressed by. */
  async #answer(id: string, asked: Omit<Asked, 'isDone'>): Promise<void> {
    const { action, from } = asked;
    const actor = from ? await this.#people.nameOf({ ...from, id: from.person, name: action.actor }) : action.actor;
    await this.#complete(id, { ...asked, action: { ...action, actor } });
  }

  /** After a restart. */
  async #finish(id: string, asked: Asked): Promise<void> {
    if (asked.at + longestWait > this.#now()) return this.#answer(id, asked);
    await this.#tell(asked.from, restarted);
    await this.#log.done(id, asked);
  }

  async #complete(id: string, asked: Omit<Asked, 'isDone'>): Promise<Acted> {
    const acted = await this.#perform(asked.action, asked.at + longestWait - this.#now());
    // What the end of this host cut off goes on in the next.
    if ('refused' in acted && this.#stop.signal.aborted) return acted;
    if ('refused' in acted) await this.#tell(asked.from, acted.refused);
    await this.#log.done(id, asked);
    return acted;
  }

  async #perform(action: Action, patience = longestWait): Promise<Acted> {
    const { store, writeBacks, log } = this.#options;
    const group = await store.query.group(action.group);
    if (!group) return { refused: unknownGroup(action.group) };
    if (group.status === 'resolved') return { refused: refusal('resolved', group.id) };
    if (action.incarnation !== undefined && action.incarnation !== group.incarnation)
      return { refused: refusal('older-incarnation', group.id) };
    if (writeBacks.concerns(group.source, action.action)) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(Math.max(1, patience))]);
      const refused = await writeBacks.perform(action, signal);
      if (refused) {
        log.warn({ group: group.id, action: action.action, reason: refused.message }, 'not done by the monitor');
        return { refused };
      }
      return this.#confirmed(action);
    }
    return act(store, action);
  }

  /** The monitor has done it, and may have said so already: what it resolved is no refusal. */
  async #confirmed(action: Action): Promise<Acted> {
    const { store } = this.#options;
    const acted = await act(store, action);
    if (!('refused' in acted) || action.action !== 'resolve' || acted.refused.code !== 'resolved') return acted;
    const group = await store.query.group(action.group);
    return group ? { changed: false, group } : acted;
  }

  async #tell(from: Asked['from'], { message, remedy }: Failure): Promise<void> {
    if (from?.replyTo === undefined) return;
    const { pool, egress, log } = this.#options;
    const { target, replyTo: to } = from;
    const text = remedy ? `${sentence(message)} ${remedy}` : sentence(message);
    try {
      const { request } = await pool.run<'reply'>({ kind: 'reply', target, to, text });
      if (!request) return;
      const { response, error } = await egress.send(target, request, AbortSignal.timeout(longestReply));
      if (!response || response.status >= 300) log.warn({ target, reason: error ?? response?.status }, 'not replied');
    } catch (error) {
      log.warn({ target, reason: error instanceof Error ? error.message : String(error) }, 'not replied');
    }
  }

  #track<Result>(running: Promise<Result>): Promise<Result> {
    this.#running.add(running);
    const end = () => void this.#running.delete(running);
    running.then(end, (error) => {
      end();
      this.#options.log.error({ err: error instanceof Error ? error.message : String(error) }, 'press failed');
    });
    return running;
  }
}

/** Who is quick presses before the hub has written down that the message arrived. */
function mayBeTold({ toldAt, claims, attempt }: Pick<Delivery, 'toldAt' | 'claims' | 'attempt'>): boolean {
  return toldAt !== null || claims + attempt > 0;
}

/** Whether an address, `T024BE7LD/C024BE91L`, is in a workspace; one without is in the only one there is. */
function isWithin(address: string | null, installation: string | undefined): boolean {
  const workspace = workspaceOf(address ?? '');
  return workspace === undefined || workspace === installation;
}

const unknownButton: Failure = {
  status: 404,
  code: 'unknown-button',
  message: 'this button is not of an alert that this hub told here; nothing was changed',
  remedy: 'Open the alert and act there.',
};

const expired: Failure = {
  status: 410,
  code: 'expired',
  message: 'this button is too old; nothing was changed',
  remedy: 'Open the alert and act there.',
};

const restarted: Failure = {
  status: 503,
  code: 'restarted',
  message: 'the hub was restarted before this was done, and whether the monitor knows is not clear',
  remedy: 'Look at the alert, and press again if it still needs somebody.',
};
