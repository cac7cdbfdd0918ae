import { type AlertStatus, alertStatuses, type Severity, severities } from '@tocsin/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CompiledRules, type Decision, decide, reopenWithin } from '../src/decide.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import { MemoryState } from '../src/testing/memory-state.ts';
import { act, alert } from '../src/testing/signals.ts';
import type { ActionSignal, Group, GroupEvent, OnNewMember, Outcome, Signal } from '../src/types.ts';
import type { State } from '../src/working-set.ts';
import { describe, Model } from './model.ts';
import { code, picker } from './support/digits.ts';
import { rulesOf, start } from './support/scenario.ts';

interface Step {
  /** Milliseconds that pass before it. */
  after: number;
  signal: Signal;
}

const often = ['firing', 'firing', 'firing', 'firing', 'firing', 'resolved', 'resolved', 'act', 'act'] as const;
const pauses = [60_000, reopenWithin, reopenWithin + 1, 3_600_000, 3_600_001, 86_400_001];
const minutes = [1, 2, 3].map((minute) => start + minute * 60_000);

/**
 * Few of everything, so that the steps meet: what a step is stands in the digits of one number, and each run has only
 * some of the features, by the bits of another.
 */
function stepOf(digits: number, features: number): Step {
  const pick = picker(digits);
  const some = <Choice>(feature: number, usual: Choice, choices: readonly Choice[]): Choice =>
    features & (1 << feature) ? pick([usual, ...choices]) : usual;
  const after = some(0, 0, [0, 0, ...pauses]);
  const what = pick<AlertStatus | 'act'>(features & 2 ? [...often, ...alertStatuses] : often);
  if (what === 'act') {
    const action = pick(['resolve', 'resolve', 'acknowledge', 'silence', 'unsilence', 'unacknowledge'] as const);
    const incarnation = some(2, undefined, [1, 2]);
    return { after, signal: act(pick(['g1', 'g1', 'g1', 'g2', 'g3']), action, { incarnation, until: pick(minutes) }) };
  }
  const signal = alert(pick(['a', 'a', 'b', 'c']), {
    status: what,
    at: some(3, undefined, minutes),
    group: some(4, 'disk', ['cpu']),
    severity: some<Severity>(5, 'warning', ['info', 'critical']),
    startedAt: some(6, undefined, [start + 1, start + 2]),
    deliveryId: some(7, undefined, ['1', '2']),
    source: some(8, 'prod', ['stage']),
    expires: some(9, undefined, minutes),
    next: some(10, undefined, [0, 60_000, 3_600_000]),
    exclusive: some(11, undefined, [true, true]),
    alwaysTold: some(12, undefined, [true]),
  });
  return { after, signal };
}

const steps = fc
  .tuple(code, fc.array(code, { minLength: 1, maxLength: 16, size: 'max' }))
  .map(([features, all]) => all.map((each) => stepOf(each, features)));
const policies = fc.constantFrom<OnNewMember>('post', 'keep', 'unacknowledge');

type Reducer = (state: State, signals: readonly Signal[], rules: CompiledRules, now: number) => Decision;

/** `decide` with groups named `g1`, `g2`…, as the model names them. */
function named(): Reducer {
  let groups = 0;
  return (state, signals, rules, now) => decide(state, signals, rules, { now, newId: () => `g${++groups}` });
}

/** Runs the steps through both, and holds that nobody can tell them apart. */
function agrees(reducer: () => Reducer, seen?: Set<string>) {
  return fc.property(steps, policies, (all, onNewMember) => {
    const model = new Model(onNewMember);
    const state = new MemoryState();
    const reduce = reducer();
    const rules = rulesOf({ sources: { prod: { onNewMember }, stage: { onNewMember } } });
    let now = start;
    for (const { after, signal } of all) {
      const next = now + after;
      ringUntil(next - 1);
      now = next;
      take(signal, signal.kind === 'alert' ? model.alert(signal, now) : model.action(signal as ActionSignal, now));
      ringUntil(now);
    }
    equal([...state.groups.values()].map(viewOf), model.episodes.map(modelView));
    for (const { id } of model.episodes) equal(state.eventsAfter(id, 0).map(entryOf), model.log.get(id));
    const waiting = model.silences(Number.POSITIVE_INFINITY).map(({ time, after: { signal } }) => {
      return `${signal.source} ${signal.fingerprint} at ${time}`;
    });
    const timers = [...state.timers.values()].map(
      ({ source, fingerprint, due }) => `${source} ${fingerprint} at ${due}`,
    );
    equal(timers.sort(), waiting.sort());

    function take(signal: Signal, expected: Outcome): void {
      const { outcomes, changes } = reduce(state, [signal], rules, now);
      state.apply(changes, now);
      equal(outcomes[0], expected);
      seen?.add(nameOf(signal, expected));
    }

    /** Every silence in its own time. */
    function ringUntil(end: number): void {
      for (const { time, after } of model.silences(end)) {
        now = time;
        const { source, fingerprint } = after.signal;
        take({ kind: 'timer', source, fingerprint }, model.silence(after, now));
      }
    }

    function modelView({ id, source, key, previous }: Model['episodes'][number]) {
      const view = model.view(id);
      const firing = [...view.firing.values()];
      return {
        ...{ id, source, key, previous, status: view.status, severity: view.severity, incarnation: view.incarnation },
        firing: firing.length,
        firingBySeverity: severities.map((severity) => firing.filter((fact) => fact.severity === severity).length),
        members: view.members.size,
        events: model.log.get(id)?.length,
        resolvedAt: view.status === 'resolved' ? view.endedAt : null,
        acknowledgedBy: view.acknowledgedBy,
        silencedBy: view.silencedBy,
        silencedUntil: view.silencedUntil,
      };
    }
  });
}

/** What the model leaves out. */
const unmodelled: ReadonlySet<string> = new Set(['openedBy', 'startedAt', 'updatedAt', 'acknowledgedAt', 'stored']);

function viewOf(group: Group) {
  return Object.fromEntries(Object.entries(group).filter(([name]) => !unmodelled.has(name)));
}

function entryOf({ kind, worse, quiet, after }: GroupEvent): string {
  return describe(`${kind}${worse ? ' worse' : ''}${quiet ? ' quiet' : ''}`, after);
}

/** `toEqual` is too slow for so many. */
function equal(actual: unknown, expected: unknown): void {
  if (sorted(actual) !== sorted(expected)) expect(actual).toEqual(expected);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

test('The reducer does what a plain model of the design does', () => {
  const seen = new Set<string>();
  fc.assert(agrees(named, seen), { numRuns: 10_000 });
  // The steps really met: every outcome that each kind of signal can have came up.
  const orphaned = ['resolved', 'acknowledged', 'unacknowledged', 'silenced', 'unsilenced'];
  const replayed = ['grouped', 'duplicate', 'stale'];
  const expected = alertStatuses.flatMap((status) => [
    ...replayed.map((result) => `${status} ${result}`),
    ...(orphaned.includes(status) ? [`${status} orphan`] : []),
  ]);
  const refusals = ['grouped', 'duplicate', 'unknown-group', 'resolved', 'older-incarnation'];
  expected.push(
    'timer grouped',
    'timer duplicate',
    ...['firing', 'acknowledged', 'silenced'].map((status) => `${status} closed-by-person`),
    ...refusals.map((result) => `action ${result}`),
  );
  expect([...seen].sort()).toEqual(expected.sort());
});

/** Reducers with one fault each, and the rule that it breaks. */
const broken: Record<string, () => Reducer> = {
  'takes a re-fire for a replay, by its body': () => {
    const bodies = new Set<string>();
    const reduce = named();
    return (state, signals, rules, now) => {
      const body = JSON.stringify(signals);
      if (!bodies.has(body)) {
        bodies.add(body);
        return reduce(state, signals, rules, now);
      }
      const { changes } = reduce(state, [], rules, now);
      return { outcomes: [{ result: 'ignored', reason: 'duplicate' }], changes };
    };
  },
  'looks up by key before fingerprint': () =>
    withState((state, signal) => ({
      member: (source, fingerprint) => {
        const member = state.member(source, fingerprint);
        const key = signal.kind === 'alert' ? signal.group : '';
        return member?.group === state.newestGroup(source, key)?.id ? member : undefined;
      },
    })),
  'takes signals in whatever order they come': () =>
    withState((state) => ({ member: (...of) => changed(state.member(...of), { at: null }) })),
  'remembers a delivery for ever': () =>
    withState((state) => ({ seen: (source, id) => state.seen(source, id, Number.NEGATIVE_INFINITY) })),
  'forgets what a person resolved': () =>
    withState((state) => ({ member: (...of) => changed(state.member(...of), { closedByPersonAt: null }) })),
  'forgets that the vendor said somebody has it': () =>
    withState((state) => ({
      member: (...of) => {
        const member = state.member(...of);
        return member?.said === 'acknowledged' ? { ...member, said: 'firing' } : member;
      },
    })),
  're-opens a group however long ago it ended': () =>
    withState((state, _, now) => ({ newestGroup: (...of) => changed(state.newestGroup(...of), { resolvedAt: now }) })),
  'counts a member anew when its key changes back': () => withState(() => ({ memberIn: () => undefined })),
  'lets a word pass without moving its timer': () => {
    const reduce = named();
    return (state, signals, rules, now) => {
      const { outcomes, changes } = reduce(state, signals, rules, now);
      const kept = changes.timers.filter(
        ({ source, fingerprint, timer }) => !timer || !state.timer(source, fingerprint),
      );
      return { outcomes, changes: { ...changes, timers: kept } };
    };
  },
  'rings on when nothing is expected any more': () => {
    const reduce = named();
    return (state, signals, rules, now) => {
      const { outcomes, changes } = reduce(state, signals, rules, now);
      const isWord = signals[0]?.kind === 'alert';
      return { outcomes, changes: { ...changes, timers: changes.timers.filter(({ timer }) => timer || !isWord) } };
    };
  },
  'keeps an acknowledgement beyond the resolution': () => {
    const reduce = named();
    return (state, signals, rules, now) => {
      const { outcomes, changes } = reduce(state, signals, rules, now);
      const groups = changes.groups.map((group) => {
        const acknowledgedBy = group.acknowledgedBy ?? state.group(group.id)?.acknowledgedBy ?? null;
        return group.status === 'resolved' ? { ...group, acknowledgedBy } : group;
      });
      return { outcomes, changes: { ...changes, groups } };
    };
  },
};

test.each(Object.entries(broken))('A reducer that %s is caught', (_, reducer) => {
  const { failed } = fc.check(agrees(reducer), { numRuns: 100_000, endOnFailure: true });
  expect(failed).toBe(true);
});

test('A batch does what its signals do one by one, but that updates fold into one', () => {
  const rules = rulesOf({
    targets: { chat: { mode: 'latest' }, log: { mode: 'every' } },
    routes: [
      { match: parseMatchers('severity="critical"'), continue: true, to: [{ target: 'chat', wait: 1000 }] },
      { match: parseMatchers('severity="info"'), continue: true, events: ['resolved'], to: [{ target: 'chat' }] },
      { match: [], to: [{ target: 'log' }] },
    ],
  });
  const property = fc.property(steps, (all) => {
    const [single, batched] = [named(), named()];
    const [one, many] = [new MemoryState(), new MemoryState()];
    let now = start;
    for (const batch of batchesOf(all)) {
      now += batch[0]?.after ?? 0;
      const signals = batch.map(({ signal }) => signal);
      const outcomes = signals.flatMap((signal) => {
        const decision = single(one, [signal], rules, now);
        one.apply(decision.changes, now);
        return decision.outcomes;
      });
      const decision = batched(many, signals, rules, now);
      many.apply(decision.changes, now);
      equal(decision.outcomes, outcomes);
    }
    equal(summaryOf(many), summaryOf(one));
    for (const state of [one, many]) expect(state.tally.owed ?? 0).toBe(owedBy(state));
  });
  fc.assert(property, { numRuns: 2000 });
});

/** Steps between which no time passes are one batch. */
function batchesOf(all: Step[]): Step[][] {
  return all.reduce<Step[][]>((batches, step) => {
    const last = batches.at(-1);
    if (last && step.after === 0) last.push(step);
    else batches.push([step]);
    return batches;
  }, []);
}

/** All that is in a state, without the numbers of events that were folded. */
function summaryOf(state: MemoryState) {
  const { owed: _, ...tally } = state.tally;
  const groups = [...state.groups.values()].map((group) => ({
    ...group,
    events: folded(state.eventsAfter(group.id, 0)),
    openedBy: 0,
    members: Object.fromEntries(state.members.get(group.id) ?? []),
    deliveries: state.deliveries(group.id).map((delivery) => ({ ...delivery, cursor: 0 })),
  }));
  const newest = ['a', 'b', 'c'].map((fingerprint) => state.member('prod', fingerprint)?.group);
  return { tally, groups, newest, timers: Object.fromEntries(state.timers) };
}

/** Event by subscription after its filter, where nobody was told yet. */
function owedBy(state: MemoryState): number {
  const deliveries = [...state.groups.keys()].flatMap((id) => state.deliveries(id));
  const owed = deliveries.map(({ group, cursor, events }) => state.countEvents(group, cursor, Infinity, events));
  return owed.reduce((sum, count) => sum + count, 0);
}

/** Updates of one moment that only differ in who changed, as one. */
function folded(events: readonly GroupEvent[]) {
  const entries: Pick<GroupEvent, 'kind' | 'worse' | 'quiet' | 'at' | 'after' | 'changed'>[] = [];
  for (const { kind, worse, quiet, at, after, changed } of events) {
    const last = entries.at(-1);
    const isSame = last?.kind === kind && last.worse === worse && last.quiet === quiet && last.at === at;
    if (last && isSame && kind === 'updated') {
      const others = last.changed.filter(({ fingerprint }) => fingerprint !== changed[0]?.fingerprint);
      Object.assign(last, { after, changed: [...others, ...changed] });
    } else entries.push({ kind, worse, quiet, at, after, changed });
  }
  return entries;
}

/** A reducer that reads a state other than the true one. */
function withState(wrap: (state: State, signal: Signal, now: number) => Partial<State>): Reducer {
  const reduce = named();
  return (state, signals, rules, now) => {
    const [signal] = signals;
    const bound: State = {
      member: (...of) => state.member(...of),
      memberIn: (...of) => state.memberIn(...of),
      newestGroup: (...of) => state.newestGroup(...of),
      group: (id) => state.group(id),
      usage: (source) => state.usage(source),
      deliveries: (id) => state.deliveries(id),
      countEvents: (...of) => state.countEvents(...of),
      lastEvent: (id) => state.lastEvent(id),
      seen: (...of) => state.seen(...of),
      timer: (...of) => state.timer(...of),
    };
    return reduce(signal ? { ...bound, ...wrap(state, signal, now) } : bound, signals, rules, now);
  };
}

function changed<Item>(item: Item | undefined, change: Partial<Item>): Item | undefined {
  return item && { ...item, ...change };
}

/** `firing grouped`, `action older-incarnation`. */
function nameOf(signal: Signal, outcome: Outcome): string {
  const what = signal.kind === 'alert' ? signal.status : signal.kind;
  return `${what} ${'reason' in outcome ? outcome.reason : outcome.result}`;
}
