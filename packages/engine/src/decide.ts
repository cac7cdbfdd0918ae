import { compareSeverity, type Severity, severities } from '@tocsin/core/base';
import { underRules } from './channel.ts';
import { owe, skipped, subscriptionId } from './delivery.ts';
import type { Inhibition } from './inhibition.ts';
import type { Router } from './routing.ts';
import { mergeSubscription, newDelivery } from './subscribed.ts';
import type { TimeGate } from './time-gate.ts';
import { armedBy, endedBy, type TimerSignal } from './timer.ts';
import { type Facts, isTakenBack, isTurn, turnOf } from './turn.ts';
import {
  type ActionSignal,
  type AlertSignal,
  type EventKind,
  type Group,
  type GroupEvent,
  type IgnoreReason,
  type Limits,
  type Member,
  type MemberSnapshot,
  type Outcome,
  type Rules,
  type Signal,
  usualLimits,
} from './types.ts';
import { type Changes, type State, WorkingSet } from './working-set.ts';

/** The rules with their routes, time intervals and inhibition compiled. */
export interface CompiledRules {
  rules: Rules;
  router: Router;
  gate: TimeGate;
  inhibition: Inhibition;
}

export interface DecideOptions {
  /** Milliseconds since 1970: the only clock there is. */
  now: number;
  /** Makes the id of a new group. */
  newId: () => string;
}

export interface Decision {
  /** One for each signal, in its order. */
  outcomes: Outcome[];
  changes: Changes;
}

/** A firing within this time of the resolution re-opens the group; later it makes a new one. */
export const reopenWithin = 5 * 60_000;
/** How long a person's resolution stands against repeats of a source that gives no start. */
export const personHolds = 60 * 60_000;
/** How long a vendor's id of a delivery is remembered. */
export const replayWithin = 24 * 60 * 60_000;
/** How long after an update the next may still become one event with it. */
const foldWithin = 1_000;
/** The key of the group for what is beyond a source's limits. */
export const overflowKey = 'tocsin:overflow';
/** Stands for the source of what people do, where ids are remembered; no source is called so. */
const people = '';
/** Changed members that an event keeps. */
export const mostChanged = 10;

/**
 * What a batch of signals does to the state: pure, synchronous, in the order of the signals. The store runs it inside
 * its transaction and writes the changes.
 */
export function decide(
  state: State,
  signals: readonly Signal[],
  rules: CompiledRules,
  options: DecideOptions,
): Decision {
  const reducer = new Reducer(state, rules, options);
  const outcomes = signals.map((signal) => reducer.apply(signal));
  return { outcomes, changes: reducer.set.changes() };
}

class Reducer {
  readonly set: WorkingSet;
  readonly #rules: CompiledRules;
  readonly #limits: Limits;
  readonly #options: DecideOptions;

  constructor(state: State, rules: CompiledRules, options: DecideOptions) {
    this.set = new WorkingSet(state);
    this.#rules = rules;
    this.#limits = { ...usualLimits, ...rules.rules.limits };
    this.#options = options;
  }

  apply(signal: Signal): Outcome {
    if (signal.kind === 'request') {
      if (signal.reason !== null) {
        this.set.count('received');
        this.set.count('rejected');
      }
      return { result: 'kept' };
    }
    if (signal.kind === 'action') return this.#act(signal);
    if (signal.kind === 'timer') return this.#ring(signal);
    const outcome = this.#alert(signal);
    this.set.count('received');
    this.set.count(outcome.result === 'ignored' ? `ignored.${outcome.reason}` : 'grouped');
    return outcome;
  }

  #alert(signal: AlertSignal): Outcome {
    const member = this.set.member(signal.source, signal.fingerprint);
    const replay = this.#replay(signal, member);
    this.#awaitNews(signal, member, replay !== undefined);
    if (replay) return this.#ignored(replay, member?.group);
    if (signal.deliveryId !== undefined) this.set.putSeen(signal.source, deliveryKey(signal));
    if (signal.next !== undefined) this.#expect(signal, signal.next);
    return this.#take(signal, member);
  }

  /** Every word that an alert still fires, a repeat's too, puts off the end that comes without news. */
  #awaitNews(signal: AlertSignal, member: Member | undefined, isReplay: boolean): void {
    const { source, fingerprint } = signal;
    const after = this.#rules.rules.sources[source]?.resolveAfter;
    if (after === undefined || signal.next !== undefined) return;
    const fires = isReplay ? member?.status === 'firing' : signal.status === 'firing' || isTurn(signal);
    if (fires) this.set.putTimer({ source, fingerprint, timer: endedBy(signal, after, this.#options.now) });
    else if (signal.status === 'resolved') this.set.putTimer({ source, fingerprint, timer: null });
  }

  /** A word of the source moves its timer, whatever it says. */
  #expect(signal: AlertSignal, next: number): void {
    const { source, fingerprint } = signal;
    this.set.putTimer({ source, fingerprint, timer: next === 0 ? null : armedBy(signal, next, this.#options.now) });
  }

  /** The silence has lasted, unless the source was heard of in this very moment. */
  #ring({ source, fingerprint }: TimerSignal): Outcome {
    const timer = this.set.timer(source, fingerprint);
    if (!timer || timer.due > this.#options.now) return { result: 'waiting' };
    this.set.putTimer({ source, fingerprint, timer: null });
    return this.#take(timer.signal, this.set.member(source, fingerprint));
  }

  #take(signal: AlertSignal, member: Member | undefined): Outcome {
    if (isTurn(signal)) return this.#turn(signal, member);
    switch (signal.status) {
      case 'firing':
        return this.#fire(signal, member);
      case 'resolved':
        return this.#resolve(signal, member);
      case 'notice':
        return this.#notice(signal, member);
      default:
        return this.#state(signal, member);
    }
  }

  /** A signal that was seen before, or that is older than what is known, changes nothing. */
  #replay(signal: AlertSignal, member: Member | undefined): IgnoreReason | undefined {
    const since = this.#options.now - replayWithin;
    if (signal.deliveryId !== undefined && this.set.seen(signal.source, deliveryKey(signal), since)) return 'duplicate';
    if (signal.at === undefined || member?.at === undefined || member.at === null) return undefined;
    if (signal.at < member.at) return 'stale';
    return signal.at === member.at && signal.status === member.said ? 'duplicate' : undefined;
  }

  #fire(signal: AlertSignal, member: Member | undefined): Outcome {
    const home = member && this.#openGroupOf(member);
    if (home && member) return this.#repeat(signal, member, home);
    if (member && this.#personResolved(signal, member)) {
      this.set.putMember(touched(member, signal));
      return this.#ignored('closed-by-person', member.group);
    }
    const { now } = this.#options;
    const place = this.#placeFor(signal, member);
    if (!place) return this.#ignored('overflow', undefined);
    const { key, comment } = place;
    const newest = this.set.newestGroup(signal.source, key);
    const open = newest && newest.status !== 'resolved';
    // A run that only was told has its own group, and those who wanted to hear of it may not want to hear of this one.
    const mayReopen = !(signal.alwaysTold && newest?.incarnation === 0);
    const before =
      newest && (open || (mayReopen && now - (newest.resolvedAt ?? 0) <= reopenWithin))
        ? newest
        : this.#newGroup(signal, key, newest);
    const present = this.#memberIn(before, signal, member);
    const joined: Member = {
      ...present,
      status: 'firing',
      severity: signal.severity,
      labels: signal.labels,
      data: this.#dataOf(signal, present.data),
      startedAt: signal.startedAt ?? null,
      firingSince: now,
      resolvedAt: null,
      at: signal.at ?? present.at,
      said: signal.status,
      closedByPersonAt: null,
    };
    const group = this.#derived({
      ...before,
      ...counted(before, [signal.severity, 1]),
      members: before.members + (present.status === 'notice' ? 1 : 0),
      stored: storedWith(before, present, joined),
      ...(open ? {} : opened(before, now)),
    });
    this.set.putMember(joined);
    if (open) return this.#worsened(before, group, joined, signal);
    return this.#record('firing', group, {
      signal,
      members: [joined],
      subscribe: joined,
      ...(comment === undefined ? {} : { comment }),
    });
  }

  /** The key of the group that an alert goes to; none where there is no room even among those that have no other place. */
  #placeFor(signal: AlertSignal, member: Member | undefined): { key: string; comment?: string } | undefined {
    const { source } = signal;
    const own = this.set.newestGroup(source, signal.group);
    const reason = this.#noRoom(signal, own, own !== undefined && member?.group === own.id);
    if (reason === undefined) return { key: signal.group };
    const overflow = this.#overflowOf(source);
    const isFull = overflow !== undefined && overflow.members >= this.#limits.members;
    if (isFull && member?.group !== overflow.id) return undefined;
    return { key: overflowKey, comment: `${reason}: what is beyond that stands in this one` };
  }

  /** Why an alert can't go to its own group; nothing where it can. `isKnown`: it was there before. */
  #noRoom({ source, data }: AlertSignal, own: Group | undefined, isKnown: boolean): string | undefined {
    const { groups, members, stored } = this.#limits;
    if (!isKnown && own && own.members >= members) return `a group of ${source} has ${members} alerts`;
    const usage = this.set.usage(source);
    if (!isKnown && usage.stored + data.length > stored) return `the alerts of ${source} take up ${stored} characters`;
    const isOpen = own !== undefined && own.status !== 'resolved';
    if (isOpen || usage.groups < groups) return undefined;
    const others = usage.groups - (this.#overflowOf(source) ? 1 : 0);
    return others < groups ? undefined : `${groups} groups of ${source} are open`;
  }

  /** The open group for what has no other place. */
  #overflowOf(source: string): Group | undefined {
    const group = this.set.newestGroup(source, overflowKey);
    return group?.status === 'resolved' ? undefined : group;
  }

  /** What is kept of a signal's data; beyond the source's bound, what is there already (`present`) stays. */
  #dataOf({ source, data }: AlertSignal, present: string): string {
    const more = data.length - present.length;
    const fits = more <= 0 || this.set.usage(source).stored + more <= this.#limits.stored;
    return fits ? data : present || 'null';
  }

  /** A firing member's repeat: worth an event only if its severity changed. */
  #repeat(signal: AlertSignal, member: Member, home: Group): Outcome {
    const dated = signal.at !== undefined || signal.deliveryId !== undefined;
    if (!dated && signal.severity === member.severity) return this.#ignored('duplicate', home.id);
    const next = this.#renewed(signal, member);
    this.set.putMember(next);
    const stored = storedWith(home, member, next);
    const group = this.#derived({ ...home, stored, ...counted(home, [member.severity, -1], [next.severity, 1]) });
    if (signal.alwaysTold && compareSeverity(group.severity, home.severity) <= 0) {
      return this.#record('notice', group, { signal, members: [next], subscribe: next });
    }
    if (next.severity === member.severity) {
      if (stored !== home.stored) this.set.putGroup({ ...home, stored });
      return { result: 'grouped', group: home.id, status: home.status };
    }
    return this.#worsened(home, group, next, signal);
  }

  /** A member that goes on firing, as the signal has it. */
  #renewed(signal: AlertSignal, member: Member): Member {
    return {
      ...member,
      severity: signal.severity,
      labels: signal.labels,
      data: this.#dataOf(signal, member.data),
      startedAt: signal.startedAt ?? member.startedAt,
      at: signal.at ?? member.at,
      said: signal.status,
    };
  }

  /** The alert's only status at the vendor: what the last one set no longer holds, and an unknown alert fires, too. */
  #turn(signal: AlertSignal, member: Member | undefined): Outcome {
    const home = member && this.#openGroupOf(member);
    if (!home || !member) {
      const fired = this.#fire(signal, member);
      const joined = this.set.member(signal.source, signal.fingerprint);
      const joins = joined && this.#openGroupOf(joined);
      if (signal.status === 'firing' || fired.result !== 'grouped' || !joins) return fired;
      // The group may have stood so before.
      const isNews = turnOf(joins, this.#factsAfter(signal, joined, joins)) !== undefined;
      return isNews ? this.#turn(signal, joined) : fired;
    }
    const facts = this.#factsAfter(signal, member, home);
    const kind = turnOf(home, facts);
    if (kind === undefined) return this.#repeat(signal, member, home);
    const next = this.#renewed(signal, member);
    this.set.putMember(next);
    const stored = storedWith(home, member, next);
    const counts = counted(home, [member.severity, -1], [next.severity, 1]);
    return this.#record(kind, this.#derived({ ...home, ...facts, stored, ...counts }), {
      signal,
      actor: signal.actor ?? signal.source,
      members: [next],
      subscribe: next,
      ...(home.silencedUntil !== null && facts.silencedUntil === null ? { endsSilence: true } : {}),
      worse: kind === 'unacknowledged' || kind === 'unsilenced',
    });
  }

  #factsAfter(signal: AlertSignal, { said }: Member, home: Group): Facts {
    const { now } = this.#options;
    const { status, expires, actor = signal.source } = signal;
    let { acknowledgedBy, acknowledgedAt, silencedBy, silencedUntil } = home;
    if (said === 'acknowledged' && said !== status) [acknowledgedBy, acknowledgedAt] = [null, null];
    if (said === 'silenced' && said !== status) [silencedBy, silencedUntil] = [null, null];
    if (status === 'acknowledged' && acknowledgedBy === null) [acknowledgedBy, acknowledgedAt] = [actor, now];
    if (status === 'silenced') {
      // It is silenced now, so an end that is past is none.
      const until = expires !== undefined && expires > now ? expires : Number.MAX_SAFE_INTEGER;
      if (until !== silencedUntil) [silencedBy, silencedUntil] = [actor, until];
    }
    return { acknowledgedBy, acknowledgedAt, silencedBy, silencedUntil };
  }

  /** A change of an open group by a firing member: an acknowledgement falls when the severity rises. */
  #worsened(before: Group, group: Group, member: Member, signal: AlertSignal): Outcome {
    const policy = this.#rules.rules.sources[group.source]?.onNewMember ?? 'post';
    const risen = before.firing > 0 && compareSeverity(group.severity, before.severity) > 0;
    const acknowledged = before.acknowledgedBy !== null;
    const isNew = group.firing > before.firing;
    if (acknowledged && signal.status !== 'acknowledged' && (risen || (isNew && policy === 'unacknowledge'))) {
      const comment = risen ? `severity rose from ${before.severity} to ${group.severity}` : 'a new alert joined';
      const cleared = this.#derived({ ...group, acknowledgedBy: null, acknowledgedAt: null });
      const details = { signal, members: [member], subscribe: member, comment, worse: true };
      return this.#record('unacknowledged', cleared, details);
    }
    return this.#record('updated', group, {
      signal,
      members: [member],
      subscribe: member,
      worse: risen || (acknowledged && isNew),
      quiet: acknowledged && isNew && policy === 'keep',
    });
  }

  #resolve(signal: AlertSignal, member: Member | undefined): Outcome {
    const home = member && this.#openGroupOf(member);
    if (!home || !member) {
      // The vendor says itself that the problem ended: from here on a firing is a new one, and an older one is stale.
      const known = member && { ...touched(member, signal), closedByPersonAt: null };
      if (signal.alwaysTold) return this.#notice(signal, known);
      if (known) this.set.putMember(known);
      return this.#ignored('orphan', member?.group);
    }
    const { now } = this.#options;
    const resolved: Member = {
      ...member,
      status: 'resolved',
      labels: signal.labels,
      data: this.#dataOf(signal, member.data),
      resolvedAt: now,
      at: signal.at ?? member.at,
      said: 'resolved',
    };
    this.set.putMember(resolved);
    const stored = storedWith(home, member, resolved);
    const group = this.#derived({ ...home, stored, ...counted(home, [member.severity, -1]) });
    const kind = group.status === 'resolved' ? 'resolved' : 'updated';
    const subscribe = signal.alwaysTold ? { subscribe: resolved } : {};
    return this.#record(kind, group, { signal, members: [resolved], ...subscribe });
  }

  /** Told to those who subscribed; no group's status changes. */
  #notice(signal: AlertSignal, member: Member | undefined): Outcome {
    const newest = this.set.newestGroup(signal.source, signal.group);
    const home = (member && this.#openGroupOf(member)) ?? (newest?.status === 'resolved' ? undefined : newest);
    const group = home ?? this.#newGroup(signal, signal.group, newest);
    const present = this.#memberIn(group, signal, member);
    const mentioned = { ...touched(present, signal), data: present.data || this.#dataOf(signal, '') };
    this.set.putMember(mentioned);
    // The event shows what the notice says; a member that fires goes on showing why it fires.
    const told: Member = { ...mentioned, labels: signal.labels, data: signal.data };
    const resolvedAt = home ? group.resolvedAt : this.#options.now;
    const noted = { ...group, stored: storedWith(group, present, mentioned), resolvedAt };
    return this.#record('notice', noted, { signal, members: [told], subscribe: told });
  }

  /** Acknowledgement or silence by the vendor. */
  #state(signal: AlertSignal, member: Member | undefined): Outcome {
    const newest = this.set.newestGroup(signal.source, signal.group);
    const home = (member && this.#openGroupOf(member)) ?? (newest?.status === 'resolved' ? undefined : newest);
    if (!home) return this.#ignored('orphan', member?.group);
    const action = vendorActions[signal.status as keyof typeof vendorActions];
    const outcome = this.#change(home, action, {
      actor: signal.actor ?? signal.source,
      comment: signal.comment,
      until: signal.expires,
      signal,
      members: member?.group === home.id ? [member] : [],
    });
    if (member?.group === home.id) this.set.putMember(touched(member, signal));
    return outcome;
  }

  #act(signal: ActionSignal): Outcome {
    const group = this.set.group(signal.group);
    if (!group) return { result: 'refused', reason: 'unknown-group' };
    if (group.status === 'resolved') return { result: 'refused', reason: 'resolved' };
    if (signal.incarnation !== undefined && signal.incarnation !== group.incarnation) {
      return { result: 'refused', reason: 'older-incarnation' };
    }
    if (signal.id !== undefined) {
      if (this.set.seen(people, signal.id, this.#options.now - replayWithin))
        return this.#ignored('duplicate', group.id);
      this.set.putSeen(people, signal.id);
    }
    return this.#change(group, signal.action, { ...signal, members: [] });
  }

  #change(group: Group, action: ActionSignal['action'], details: ChangeDetails): Outcome {
    const { now } = this.#options;
    const { actor, comment, until } = details;
    const record = (kind: EventKind, next: Partial<Group>) =>
      this.#record(kind, this.#derived({ ...group, ...next }), { ...details, actor, comment });
    switch (action) {
      case 'acknowledge':
        // A source that says so again, or the echo of what it was told, is no news.
        if (group.acknowledgedBy !== null && (details.signal || isAmong(group.acknowledgedBy, actor)))
          return this.#ignored('duplicate', group.id);
        return record('acknowledged', {
          acknowledgedBy: group.acknowledgedBy === null ? actor : `${group.acknowledgedBy}, ${actor}`,
          acknowledgedAt: group.acknowledgedAt ?? now,
        });
      case 'unacknowledge':
        if (group.acknowledgedBy === null) return this.#ignored('duplicate', group.id);
        return record('unacknowledged', { acknowledgedBy: null, acknowledgedAt: null });
      case 'silence': {
        const end = until ?? Number.MAX_SAFE_INTEGER;
        if (group.silencedUntil === end || end <= now) return this.#ignored('duplicate', group.id);
        return record('silenced', { silencedBy: actor, silencedUntil: end });
      }
      case 'unsilence':
        if (group.silencedUntil === null) return this.#ignored('duplicate', group.id);
        return record('unsilenced', { silencedBy: null, silencedUntil: null });
      case 'resolve':
        this.set.closeMembers(group.id, now);
        return record('resolved', { firing: 0, firingBySeverity: [0, 0, 0, 0, 0] });
    }
  }

  /** Writes the group with one more event, finds its subscriptions, and owes them the event. */
  #record(kind: EventKind, group: Group, details: EventDetails): Outcome {
    const { now } = this.#options;
    const event = this.set.putEvent(
      {
        group: group.id,
        number: group.events + 1,
        kind,
        at: now,
        vendorAt: details.signal?.at ?? null,
        actor: details.actor ?? details.signal?.actor ?? null,
        comment: details.comment ?? details.signal?.comment ?? null,
        incarnation: group.incarnation,
        worse: details.worse ?? false,
        quiet: details.quiet ?? false,
        after: { status: group.status, severity: group.severity, firing: group.firing, members: group.members },
        changed: details.members.map(snapshot),
      },
      mergeUpdates,
    );
    const written: Group = { ...group, events: event.number, updatedAt: now };
    this.set.putGroup(written);
    if (details.subscribe) this.#subscribe(written, details.subscribe, group.events);
    const isFolded = event.number <= group.events;
    for (const delivery of [...this.set.deliveries(group.id).values()]) {
      const present = underRules(delivery, this.#rules);
      if (!present) {
        this.set.putDelivery(skipped(delivery, event.number));
        continue;
      }
      // What is owed to it was looked through when the rules changed; what was never owed isn't because of a change.
      const isChanged = present !== delivery && delivery.due === null;
      const wanting = isChanged ? { ...present, cursor: Math.max(present.cursor, event.number - 1) } : present;
      const owed = owe(wanting, event, written, details.endsSilence);
      // An update that was folded into one before is owed already, but to those who want updates only now.
      const isNew = !isFolded || (isChanged && !delivery.events.includes(event.kind) && delivery.cursor < event.number);
      if (owed.isOwed && isNew) this.set.count('owed');
      if (owed.delivery !== delivery) this.set.putDelivery(owed.delivery);
    }
    return { result: 'grouped', group: group.id, status: group.status };
  }

  /**
   * Whoever is told stays told; whoever newly matches is told from the opening of this incarnation on.
   * `upTo` is the last event before the one that is being recorded.
   */
  #subscribe(group: Group, member: Member, upTo: number): void {
    const known = this.set.deliveries(group.id);
    for (const wanted of this.#rules.router.match(routingLabels(group, member))) {
      const target = this.#rules.rules.targets[wanted.target];
      if (!target) continue;
      const id = subscriptionId(wanted);
      const present = known.get(id);
      if (present && present.channel !== null) continue;
      const from = group.status === 'resolved' ? group.events : group.openedBy;
      const delivery = present
        ? mergeSubscription(present, wanted)
        : newDelivery(group.id, id, wanted, target, from - 1);
      if (delivery === present) continue;
      const added = delivery.events.filter((kind) => !present?.events.includes(kind));
      const backlog = this.set.countEvents(group.id, delivery.cursor, upTo, added);
      if (backlog > 0) this.set.count('owed', backlog);
      const isOwing = backlog > 0 || delivery.due !== null;
      // What it newly wants, or wants sooner, may be due already; a retry keeps its time.
      this.set.putDelivery(isOwing && delivery.attempt === 0 ? { ...delivery, due: this.#options.now } : delivery);
    }
  }

  #openGroupOf(member: Member): Group | undefined {
    if (member.status !== 'firing') return undefined;
    const group = this.set.group(member.group);
    return group && group.status !== 'resolved' ? group : undefined;
  }

  #personResolved(signal: AlertSignal, member: Member): boolean {
    if (member.closedByPersonAt === null || isTakenBack(signal, member)) return false;
    if (signal.startedAt !== undefined) return signal.startedAt === member.startedAt;
    return this.#options.now - member.closedByPersonAt <= personHolds;
  }

  #newGroup(signal: AlertSignal, key: string, previous: Group | undefined): Group {
    const { now, newId } = this.#options;
    const group: Group = {
      id: newId(),
      source: signal.source,
      key,
      status: 'resolved',
      severity: signal.severity,
      firingBySeverity: [0, 0, 0, 0, 0],
      firing: 0,
      members: 0,
      stored: 0,
      events: 0,
      incarnation: 0,
      openedBy: 0,
      startedAt: now,
      updatedAt: now,
      resolvedAt: null,
      acknowledgedBy: null,
      acknowledgedAt: null,
      silencedBy: null,
      silencedUntil: null,
      previous: previous?.id ?? null,
    };
    this.set.putGroup(group, true);
    return group;
  }

  /**
   * The member in this very group before the signal counts. Across groups hold the vendor's last time and what a
   * person resolved: `known` is the member that the source's fingerprint was last written as. One that the group doesn't
   * have yet has no data (an empty text).
   */
  #memberIn(group: Group, signal: AlertSignal, known: Member | undefined): Member {
    if (known?.group === group.id) return known;
    const present = known && this.set.memberIn(group.id, signal.fingerprint);
    const member: Member = present ?? {
      group: group.id,
      source: signal.source,
      fingerprint: signal.fingerprint,
      status: 'notice',
      severity: signal.severity,
      labels: signal.labels,
      data: '',
      startedAt: signal.startedAt ?? null,
      firingSince: this.#options.now,
      resolvedAt: null,
      at: null,
      said: signal.status,
      closedByPersonAt: null,
    };
    if (!known) return member;
    const { at, said, closedByPersonAt } = known;
    const startedAt = closedByPersonAt === null ? member.startedAt : known.startedAt;
    return { ...member, at, said, closedByPersonAt, startedAt };
  }

  /** Status and severity follow from the facts; a resolution clears acknowledgement and silence. */
  #derived(group: Group): Group {
    if (group.firing === 0) {
      return {
        ...group,
        status: 'resolved',
        resolvedAt: this.#options.now,
        acknowledgedBy: null,
        acknowledgedAt: null,
        silencedBy: null,
        silencedUntil: null,
      };
    }
    const severity = severities[group.firingBySeverity.findIndex((count) => count > 0)] as Severity;
    const status =
      group.silencedUntil !== null ? 'silenced' : group.acknowledgedBy !== null ? 'acknowledged' : 'firing';
    return { ...group, severity, status };
  }

  #ignored(reason: IgnoreReason, id: string | undefined): Outcome {
    const group = id === undefined ? undefined : this.set.group(id);
    return { result: 'ignored', reason, ...(group ? { group: group.id, status: group.status } : {}) };
  }
}

interface EventDetails {
  signal?: AlertSignal;
  members: Member[];
  subscribe?: Member;
  actor?: string;
  comment?: string;
  worse?: boolean;
  quiet?: boolean;
  /** What a silence held is due, though the event says something else. */
  endsSilence?: boolean;
}

interface ChangeDetails {
  actor: string;
  comment?: string;
  until?: number;
  signal?: AlertSignal;
  members: Member[];
}

const vendorActions = {
  acknowledged: 'acknowledge',
  unacknowledged: 'unacknowledge',
  silenced: 'silence',
  unsilenced: 'unsilence',
} as const;

/** The vendor's labels unchanged, ours under `tocsin_`; `severity` and `source` only where the vendor has none. */
export function routingLabels(group: Pick<Group, 'source' | 'key'>, member: Pick<Member, 'severity' | 'labels'>) {
  return {
    severity: member.severity,
    source: group.source,
    ...member.labels,
    tocsin_source: group.source,
    tocsin_severity: member.severity,
    tocsin_key: group.key,
  };
}

function opened(group: Group, now: number): Partial<Group> {
  return {
    incarnation: group.incarnation + 1,
    openedBy: group.events + 1,
    startedAt: group.incarnation === 0 ? now : group.startedAt,
    resolvedAt: null,
  };
}

function counted(group: Group, ...changes: [Severity, number][]): Pick<Group, 'firing' | 'firingBySeverity'> {
  const firingBySeverity: [number, number, number, number, number] = [...group.firingBySeverity];
  let { firing } = group;
  for (const [severity, by] of changes) {
    firingBySeverity[severities.indexOf(severity) as 0 | 1 | 2 | 3 | 4] += by;
    firing += by;
  }
  return { firing, firingBySeverity };
}

/** What a group's alerts take up once one of them is another. */
function storedWith({ stored }: Group, before: Member, after: Member): number {
  return stored + after.data.length - before.data.length;
}

/** A member as it is now. */
export function snapshot(member: Member): MemberSnapshot {
  const { fingerprint, severity, labels, resolvedAt, data } = member;
  const status = member.status === 'firing' ? 'firing' : 'resolved';
  return { fingerprint, status, severity, labels, startedAt: member.startedAt ?? member.firingSince, resolvedAt, data };
}

function touched(member: Member, signal: AlertSignal): Member {
  return { ...member, at: signal.at ?? member.at, said: signal.status };
}

/**
 * Updates that follow each other closely are one event until somebody is told of it: a storm costs a log entry a post,
 * not one an alert.
 */
function mergeUpdates(last: GroupEvent, next: GroupEvent): GroupEvent | undefined {
  if (next.at - last.at > foldWithin) return undefined;
  if (last.kind !== 'updated' || next.kind !== 'updated' || last.worse !== next.worse || last.quiet !== next.quiet) {
    return undefined;
  }
  const others = last.changed.filter(({ fingerprint }) => fingerprint !== next.changed[0]?.fingerprint);
  return { ...next, number: last.number, changed: [...others, ...next.changed].slice(-mostChanged) };
}

function deliveryKey(signal: AlertSignal): string {
  return `${signal.deliveryId}\n${signal.fingerprint}`;
}

/** Characters of the names of those who have a group: beyond it, one more changes nothing. */
const longestNames = 500;

/** Whether a person has the group already, alone or with others. */
function isAmong(names: string, name: string): boolean {
  return names.length > longestNames || `, ${names}, `.includes(`, ${name}, `);
}
