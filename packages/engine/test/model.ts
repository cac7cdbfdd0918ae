import { compareSeverity, type Severity, severities } from '@tocsin/core';
import type { ActionSignal, AlertSignal, EventKind, GroupStatus, OnNewMember, Outcome } from '../src/types.ts';

/** One thing that happened. What follows from it is never kept. */
interface Fact {
  time: number;
  episode: string;
  what: 'fires' | 'ends' | 'person ends all' | 'mentioned' | (typeof standing)[number];
  source: string;
  fingerprint?: string;
  severity?: Severity;
  startedAt?: number;
  actor?: string;
  until?: number;
}

const standing = ['acknowledged', 'unacknowledged', 'silenced', 'unsilenced'] as const;

const turns: readonly AlertSignal['status'][] = ['firing', 'acknowledged', 'silenced'];

/** A signal that was no replay, and how many facts there were when it came. */
interface Heard {
  time: number;
  signal: AlertSignal;
  facts: number;
  /** Whether it is the last word on its member. */
  counts: boolean;
  /** The word that was waited for in vain, where this is its silence. */
  silenceAfter?: Heard;
}

interface Episode {
  id: string;
  source: string;
  key: string;
  previous: string | null;
}

/** An entry of the log: the kind, ` worse`, ` quiet`, and the group after it. */
export type Told = string;

const second = 1_000;
const minute = 60_000;

/**
 * The design's rules on grouping once more, as naively as can be: it keeps every signal and every fact for ever, and
 * works each answer out from all of them.
 */
export class Model {
  readonly episodes: Episode[] = [];
  readonly log = new Map<string, Told[]>();
  readonly #lastTold = new Map<string, { what: string; time: number }>();
  readonly #facts: Fact[] = [];
  readonly #heard: Heard[] = [];
  readonly #onNewMember: OnNewMember;

  constructor(onNewMember: OnNewMember) {
    this.#onNewMember = onNewMember;
  }

  alert(signal: AlertSignal, now: number): Outcome {
    const replay = this.#replay(signal, now);
    if (replay) return this.#ignored(replay, this.#lastEpisode(signal));
    return this.#take(signal, now);
  }

  /** The silences that have lasted, the longest first; a word that names the next one begins another. */
  silences(now: number): { time: number; after: Heard }[] {
    const all = this.#heard.filter(
      ({ signal: { next }, time }) => next !== undefined && next > 0 && time + next <= now,
    );
    const latest = all.filter((heard) => {
      const { source, fingerprint } = heard.signal;
      const later = this.#heard.slice(this.#heard.indexOf(heard) + 1);
      return !later.some(
        ({ signal, silenceAfter }) =>
          silenceAfter === heard ||
          (signal.source === source && signal.fingerprint === fingerprint && signal.next !== undefined),
      );
    });
    return latest
      .map((after) => ({ time: after.time + (after.signal.next as number), after }))
      .sort((left, right) => left.time - right.time);
  }

  silence(after: Heard, now: number): Outcome {
    const { next: _, at: __, deliveryId: ___, exclusive: ____, alwaysTold: _____, ...word } = after.signal;
    return this.#take({ ...word, status: 'firing', startedAt: after.time }, now, after);
  }

  #lastEpisode({ source, fingerprint }: AlertSignal): string | undefined {
    return this.#facts.findLast((fact) => fact.source === source && fact.fingerprint === fingerprint)?.episode;
  }

  #take(signal: AlertSignal, now: number, silenceAfter?: Heard): Outcome {
    const { source, fingerprint } = signal;
    const last = this.#lastEpisode(signal);
    const home = this.episodes.find(({ id, source: of }) => of === source && this.view(id).firing.has(fingerprint))?.id;
    const heard: Heard = { time: now, signal, facts: this.#facts.length, counts: true, silenceAfter };
    this.#heard.push(heard);
    const open = home ?? this.#openByKey(signal);
    const fact = { time: now, source, fingerprint, severity: signal.severity };
    if (signal.exclusive && turns.includes(signal.status)) return this.#turns(heard, home, last);
    switch (signal.status) {
      case 'firing': {
        if (!home && this.#isClosedByPerson(signal, now)) return this.#ignored('closed-by-person', last);
        const present = home === undefined ? undefined : this.view(home).firing.get(fingerprint);
        const isDated = signal.at !== undefined || signal.deliveryId !== undefined;
        heard.counts = !present || isDated || present.severity !== signal.severity;
        if (!heard.counts) return this.#ignored('duplicate', home);
        const startedAt = signal.startedAt ?? present?.startedAt;
        const episode = home ?? this.#toJoin(signal, now);
        return this.#fires({ ...fact, what: 'fires', episode, startedAt }, 'firing', signal.alwaysTold);
      }
      case 'resolved':
        heard.counts = last !== undefined;
        if (!home) {
          if (signal.alwaysTold) return this.#mention({ ...fact, episode: open ?? this.#begin(signal) }, heard);
          return this.#ignored('orphan', last);
        }
        this.#facts.push({ ...fact, what: 'ends', episode: home });
        return this.#tell(home, this.view(home).firing.size === 0 ? 'resolved' : 'updated');
      case 'notice':
        return this.#mention({ ...fact, episode: open ?? this.#begin(signal) }, heard);
      default:
        heard.counts = open !== undefined && open === last;
        if (!open) return this.#ignored('orphan', last);
        return this.#stands(open, signal.status, source, signal.expires, now);
    }
  }

  /** An alert that has one status: the last one ends as this one begins. */
  #turns(heard: Heard, home: string | undefined, last: string | undefined): Outcome {
    const { signal, time } = heard;
    const { source, fingerprint, status, severity, actor = source, expires } = signal;
    const before = this.#heard.slice(0, this.#heard.indexOf(heard));
    const said = before.findLast(
      ({ counts, signal }) => counts && signal.source === source && signal.fingerprint === fingerprint,
    )?.signal.status;
    const isTakenBack = status === 'firing' && (said === 'acknowledged' || said === 'silenced');
    if (!home && !isTakenBack && this.#isClosedByPerson(signal, time)) return this.#ignored('closed-by-person', last);
    const episode = home ?? this.#toJoin(signal, time);
    const present = this.view(episode).firing.get(fingerprint);
    const startedAt = signal.startedAt ?? present?.startedAt;
    const fires: Fact = { time, source, fingerprint, severity, what: 'fires', episode, startedAt };
    const fired = home ? undefined : this.#fires(fires, status);
    const { acknowledgedBy, silencedBy, silencedUntil } = this.view(episode);
    const until = expires !== undefined && expires > time ? expires : Number.MAX_SAFE_INTEGER;
    const isOver = (word: Fact['what']) => home !== undefined && said === word && status !== word;
    const changes: Fact['what'][] = [
      ...(status === 'silenced' && silencedUntil !== until ? (['silenced'] as const) : []),
      ...(status === 'acknowledged' && acknowledgedBy === null ? (['acknowledged'] as const) : []),
      ...(isOver('silenced') && silencedBy !== null ? (['unsilenced'] as const) : []),
      ...(isOver('acknowledged') && acknowledgedBy !== null ? (['unacknowledged'] as const) : []),
    ];
    const [told] = changes as EventKind[];
    if (told === undefined) {
      if (fired) return fired;
      const isDated = signal.at !== undefined || signal.deliveryId !== undefined;
      heard.counts = isDated || present?.severity !== severity;
      return heard.counts ? this.#fires(fires, status, signal.alwaysTold) : this.#ignored('duplicate', home);
    }
    if (home) this.#facts.push(fires);
    for (const what of changes) this.#facts.push({ time, source: '', episode, what, actor, until });
    return this.#tell(episode, told, told.startsWith('un') ? ' worse' : '');
  }

  action({ group, action, actor, until, incarnation }: ActionSignal, now: number): Outcome {
    const episode = this.episodes.find(({ id }) => id === group);
    if (!episode) return { result: 'refused', reason: 'unknown-group' };
    const view = this.view(group);
    if (view.status === 'resolved') return { result: 'refused', reason: 'resolved' };
    if (incarnation !== undefined && incarnation !== view.incarnation) {
      return { result: 'refused', reason: 'older-incarnation' };
    }
    if (action !== 'resolve')
      return this.#stands(group, `${action}d` as (typeof standing)[number], actor, until, now, true);
    this.#facts.push({ time: now, source: episode.source, episode: group, what: 'person ends all' });
    return this.#tell(group, 'resolved');
  }

  /** What is true of an episode, from all of its facts. */
  view(id: string) {
    const firing = new Map<string, Fact>();
    const members = new Set<string>();
    let [acknowledgedBy, silencedBy]: (string | null)[] = [null, null];
    let silencedUntil: number | null = null;
    let severity: Severity = 'unknown';
    let [incarnation, endedAt] = [0, 0];
    for (const fact of this.#facts.filter(({ episode }) => episode === id)) {
      const before = [...firing.values()];
      if (fact.what === 'fires') firing.set(fact.fingerprint as string, fact);
      if (fact.what === 'ends') firing.delete(fact.fingerprint as string);
      if (fact.what === 'person ends all') firing.clear();
      if (fact.what === 'fires') members.add(fact.fingerprint as string);
      if (fact.what === 'acknowledged')
        acknowledgedBy = acknowledgedBy === null ? (fact.actor as string) : `${acknowledgedBy}, ${fact.actor}`;
      if (fact.what === 'unacknowledged') acknowledgedBy = null;
      if (fact.what === 'silenced') [silencedBy, silencedUntil] = [fact.actor as string, fact.until as number];
      if (fact.what === 'unsilenced') [silencedBy, silencedUntil] = [null, null];
      if (before.length === 0 && firing.size > 0) incarnation++;
      if (firing.size === 0) {
        [acknowledgedBy, silencedBy, silencedUntil] = [null, null, null];
        endedAt = fact.time;
        if (incarnation === 0) severity = fact.severity as Severity;
        else severity = worst(before);
      }
    }
    if (firing.size > 0) severity = worst([...firing.values()]);
    const status: GroupStatus =
      firing.size === 0
        ? 'resolved'
        : silencedBy !== null
          ? 'silenced'
          : acknowledgedBy !== null
            ? 'acknowledged'
            : 'firing';
    return { status, severity, firing, members, incarnation, endedAt, acknowledgedBy, silencedBy, silencedUntil };
  }

  #replay(
    { source, fingerprint, deliveryId, at, status }: AlertSignal,
    now: number,
  ): 'duplicate' | 'stale' | undefined {
    const own = this.#heard.filter(({ signal }) => signal.source === source && signal.fingerprint === fingerprint);
    const sameId = own.filter(({ signal }) => signal.deliveryId !== undefined && signal.deliveryId === deliveryId);
    if (sameId.some(({ time }) => time >= now - 24 * 60 * minute)) return 'duplicate';
    const counted = own.filter(({ counts }) => counts).map(({ signal }) => signal);
    const lastAt = counted.findLast((signal) => signal.at !== undefined)?.at;
    if (at === undefined || lastAt === undefined) return undefined;
    if (at < lastAt) return 'stale';
    return at === lastAt && status === counted.at(-1)?.status ? 'duplicate' : undefined;
  }

  #mention(fact: Omit<Fact, 'what'>, heard: Heard): Outcome {
    heard.counts = true;
    this.#facts.push({ ...fact, what: 'mentioned' });
    return this.#tell(fact.episode, 'notice');
  }

  #fires(fact: Fact, status: AlertSignal['status'] = 'firing', alwaysTold?: boolean): Outcome {
    const { episode, fingerprint = '' } = fact;
    const before = this.view(episode);
    this.#facts.push(fact);
    const after = this.view(episode);
    if (before.status === 'resolved') return this.#tell(episode, 'firing');
    const was = before.firing.get(fingerprint);
    const isHigher = compareSeverity(after.severity, before.severity) > 0;
    if (was && alwaysTold && !isHigher) return this.#tell(episode, 'notice');
    if (was?.severity === fact.severity) return { result: 'grouped', group: episode, status: after.status };
    const isNewcomer = !was && before.acknowledgedBy !== null;
    if (
      status !== 'acknowledged' &&
      before.acknowledgedBy !== null &&
      (isHigher || (!was && this.#onNewMember === 'unacknowledge'))
    ) {
      this.#facts.push({ time: fact.time, source: fact.source, episode, what: 'unacknowledged' });
      return this.#tell(episode, 'unacknowledged', ' worse');
    }
    const quiet = isNewcomer && this.#onNewMember === 'keep';
    return this.#tell(episode, 'updated', `${isHigher || isNewcomer ? ' worse' : ''}${quiet ? ' quiet' : ''}`);
  }

  /** Acknowledgements and silences: what stands already is no news. */
  #stands(
    episode: string,
    what: (typeof standing)[number],
    actor: string,
    until = Number.MAX_SAFE_INTEGER,
    now: number,
    isPerson = false,
  ): Outcome {
    const { acknowledgedBy, silencedBy, silencedUntil } = this.view(episode);
    const joins = isPerson && !acknowledgedBy?.split(', ').includes(actor);
    const isNews = {
      acknowledged: acknowledgedBy === null || joins,
      unacknowledged: acknowledgedBy !== null,
      silenced: silencedUntil !== until && until > now,
      unsilenced: silencedBy !== null,
    }[what];
    if (!isNews) return this.#ignored('duplicate', episode);
    this.#facts.push({ time: now, source: '', episode, what, actor, until });
    return this.#tell(episode, what);
  }

  /** The newest episode of the key, if it is open or ended at most five minutes ago; else a new one. */
  #toJoin(signal: AlertSignal, now: number): string {
    const newest = this.#newestByKey(signal);
    const view = newest && this.view(newest.id);
    const mayReopen = view && !(signal.alwaysTold && view.incarnation === 0) && now - view.endedAt <= 5 * minute;
    const joins = view && (view.status !== 'resolved' || mayReopen);
    return joins ? newest.id : this.#begin(signal);
  }

  #begin(signal: AlertSignal): string {
    const id = `g${this.episodes.length + 1}`;
    const previous = this.#newestByKey(signal)?.id ?? null;
    this.episodes.push({ id, source: signal.source, key: signal.group, previous });
    return id;
  }

  #newestByKey({ source, group }: AlertSignal): Episode | undefined {
    return this.episodes.findLast((episode) => episode.source === source && episode.key === group);
  }

  #openByKey(signal: AlertSignal): string | undefined {
    const newest = this.#newestByKey(signal);
    return newest && this.view(newest.id).status !== 'resolved' ? newest.id : undefined;
  }

  #isClosedByPerson({ source, fingerprint, startedAt }: AlertSignal, now: number): boolean {
    const isOwn = (fact: Fact) => fact.source === source && fact.fingerprint === fingerprint;
    const fired = this.#facts.findLast((fact) => isOwn(fact) && fact.what === 'fires');
    if (!fired) return false;
    const since = this.#facts.slice(this.#facts.indexOf(fired));
    const closed = since.find(({ what, episode }) => what === 'person ends all' && episode === fired.episode);
    const hasEnded = since.some((fact) => isOwn(fact) && fact.what === 'ends');
    if (!closed || hasEnded) return false;
    const position = this.#facts.indexOf(closed);
    const isRetracted = this.#heard.some(
      ({ signal, facts }) =>
        facts > position &&
        signal.source === source &&
        signal.fingerprint === fingerprint &&
        signal.status === 'resolved',
    );
    if (isRetracted) return false;
    return startedAt !== undefined ? startedAt === fired.startedAt : now - closed.time <= 60 * minute;
  }

  #ignored(reason: 'duplicate' | 'stale' | 'orphan' | 'closed-by-person', episode: string | undefined): Outcome {
    if (episode === undefined) return { result: 'ignored', reason };
    return { result: 'ignored', reason, group: episode, status: this.view(episode).status };
  }

  #tell(episode: string, kind: EventKind, flags = ''): Outcome {
    const { status, severity, firing, members } = this.view(episode);
    const entry = describe(kind + flags, { status, severity, firing: firing.size, members: members.size });
    // Whatever is told has just become a fact.
    const told = { what: kind + flags, time: this.#facts.at(-1)?.time ?? 0 };
    const last = this.#lastTold.get(episode);
    const isMore = kind === 'updated' && last?.what === told.what && told.time - last.time <= second;
    this.#lastTold.set(episode, told);
    const log = this.log.get(episode) ?? [];
    this.log.set(episode, [...(isMore ? log.slice(0, -1) : log), entry]);
    return { result: 'grouped', group: episode, status };
  }
}

/** A log's entry as both sides write it. */
export function describe(
  kind: string,
  after: { status: GroupStatus; severity: Severity; firing: number; members: number },
): Told {
  return `${kind}: ${after.status}, ${after.severity}, ${after.firing} of ${after.members}`;
}

function worst(facts: Fact[]): Severity {
  return severities.find((severity) => facts.some((fact) => fact.severity === severity)) ?? 'unknown';
}
