import type { PersonAction } from '@tocsin/core';

/** What a message's buttons were about when it was written. */
export interface Held {
  /** The number of the episode, from 1. */
  episode: number;
  incarnation: number;
}

export interface ModelPress {
  held: Held;
  action: PersonAction;
  actor: string;
  /** Milliseconds since 1970. */
  until?: number;
}

interface Episode {
  firing: Set<string>;
  incarnation: number;
  /** Everybody who has it. */
  holders: string[];
  silencedUntil: number | undefined;
  endedAt: number;
  /** What happened, but for alerts that came and went while others fired: `acknowledged by ann`. */
  log: string[];
}

const minute = 60_000;
const reopens = 5 * minute;
const personHolds = 60 * minute;

/** One problem with several alerts, and what people do about it, as the design has it and as plainly as can be. */
export class Model {
  readonly episodes: Episode[] = [];
  /** When a person resolved alerts that the source has not taken back since. */
  readonly #closed = new Map<string, number>();

  fire(alert: string, now: number): void {
    const last = this.episodes.at(-1);
    if (last?.firing.has(alert)) return;
    const closedAt = this.#closed.get(alert);
    if (closedAt !== undefined && now - closedAt <= personHolds) return;
    this.#closed.delete(alert);
    const isOpen = last !== undefined && last.firing.size > 0;
    const episode = last && (isOpen || now - last.endedAt <= reopens) ? last : this.#begin();
    episode.firing.add(alert);
    if (isOpen) return;
    episode.incarnation++;
    episode.log.push('firing');
  }

  recover(alert: string, now: number): void {
    const last = this.episodes.at(-1);
    if (!last?.firing.has(alert)) return void this.#closed.delete(alert);
    last.firing.delete(alert);
    if (last.firing.size === 0) this.#end(last, now, 'resolved');
  }

  /** Says whether anything came of it. */
  press({ held, action, actor, until = Number.MAX_SAFE_INTEGER }: ModelPress, now: number): boolean {
    const episode = this.episodes[held.episode - 1];
    if (!episode || this.isOver(held)) return false;
    switch (action) {
      case 'acknowledge':
        if (episode.holders.includes(actor)) return false;
        episode.holders.push(actor);
        break;
      case 'unacknowledge':
        if (episode.holders.length === 0) return false;
        episode.holders = [];
        break;
      case 'silence':
        if (episode.silencedUntil === until || until <= now) return false;
        episode.silencedUntil = until;
        break;
      case 'unsilence':
        if (episode.silencedUntil === undefined) return false;
        episode.silencedUntil = undefined;
        break;
      case 'resolve':
        for (const alert of episode.firing) this.#closed.set(alert, now);
        episode.firing.clear();
        this.#end(episode, now, `resolved by ${actor}`);
        return true;
    }
    episode.log.push(`${action}d by ${actor}`);
    return true;
  }

  /** Silences that have lasted. */
  wake(now: number): void {
    for (const episode of this.episodes) {
      if (episode.silencedUntil === undefined || episode.silencedUntil > now) continue;
      episode.silencedUntil = undefined;
      episode.log.push('unsilenced by tocsin');
    }
  }

  /** Nobody can act on what buttons were about once it was resolved, whatever fires again. */
  isOver({ episode, incarnation }: Held): boolean {
    const found = this.episodes[episode - 1];
    return !found || found.firing.size === 0 || found.incarnation !== incarnation;
  }

  /** What everybody who was told of an episode reads last. */
  textOf(episode: number): string {
    const { firing, holders, silencedUntil } = this.episodes[episode - 1] as Episode; // the caller counts them
    return textOf({
      status:
        firing.size === 0
          ? 'resolved'
          : silencedUntil !== undefined
            ? 'silenced'
            : holders.length > 0
              ? 'acknowledged'
              : 'firing',
      firing: firing.size,
      acknowledgedBy: holders.join(', ') || null,
    });
  }

  #begin(): Episode {
    const episode: Episode = {
      firing: new Set(),
      incarnation: 0,
      holders: [],
      silencedUntil: undefined,
      endedAt: 0,
      log: [],
    };
    this.episodes.push(episode);
    return episode;
  }

  #end(episode: Episode, now: number, entry: string): void {
    Object.assign(episode, { holders: [], silencedUntil: undefined, endedAt: now });
    episode.log.push(entry);
  }
}

/** A message in as few words as tell the states apart. */
export function textOf(group: { status: string; firing: number; acknowledgedBy: string | null }): string {
  return `${group.status}, ${group.firing} firing, ${group.acknowledgedBy ?? 'nobody'} has it`;
}
