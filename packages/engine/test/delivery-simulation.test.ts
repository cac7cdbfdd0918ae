import { eventKinds } from '@tocsin/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep, type SendResult } from '../src/delivery.ts';
import type { Delivery, EventKind, Group, GroupEvent } from '../src/types.ts';
import { code, type Pick, picker } from './support/digits.ts';
import { type Claim, Postman, type Subscribed } from './support/postman.ts';
import { milliseconds, start } from './support/scenario.ts';

const usual = ['say', 'say', 'say', 'say', 'pass', 'pass', 'pass', 'work', 'work', 'fail', 'hold', 'settle'] as const;
const troubles = ['crash', 'restart', 'refuse', 'clock'] as const;

/** One thing that happens, with all that it may need. */
interface Move {
  what: (typeof usual)[number] | (typeof troubles)[number];
  line: string;
  pause: number;
  step: number;
}

interface Simulation {
  subscribed: Subscribed;
  moves: Move[];
}

const flapping = ['firing a', 'resolved a', 'firing a', 'resolved a', 'ann acknowledge'];
const others = [
  ...['firing b', 'resolved b', 'firing a', 'resolved a', 'firing c key=cpu', 'notice a'],
  ...['ann unsilence', 'ann resolve', 'silence', 'silence'],
];

const wishes: readonly (EventKind[] | undefined)[] = [
  undefined,
  undefined,
  ['firing', 'resolved'],
  ['firing', 'updated', 'resolved'],
  ['firing', 'acknowledged', 'resolved', 'notice'],
  ['firing'],
  ['resolved', 'updated'],
];

function moveOf(pick: Pick, isTroubled: boolean, isFlapping: boolean): Move {
  return {
    what: pick<Move['what']>(isTroubled ? [...usual, ...troubles] : usual),
    line: pick(isFlapping ? flapping : [...flapping, ...others]),
    pause: pick([1000, 10_000, 29_000, 31_000, 60_000, 301_000]),
    step: pick([3_600_000, -3_600_000]),
  };
}

const simulations = fc
  .tuple(code, fc.array(code, { minLength: 4, maxLength: 30, size: 'max' }))
  .map(([first, rest]): Simulation => {
    const pick = picker(first);
    const [isTroubled, isFlapping] = [pick([false, true]), pick([false, true])];
    const subscribed: Subscribed = {
      mode: pick(['latest', 'every'] as const),
      events: pick(wishes),
      wait: pick(['0s', '0s', '30s']),
      interval: pick(['1m', '1m', '0s', '5m']),
    };
    return { subscribed, moves: rest.map((digits) => moveOf(picker(digits), isTroubled, isFlapping)) };
  });

/** Plays the moves, then lets everything come to rest with a target that works, and asks the recipient. */
function simulate({ subscribed, moves }: Simulation, plan: typeof nextStep = nextStep): void {
  const postman = new Postman(subscribed, plan);
  const { scenario } = postman;
  const recipient = new Recipient(postman, subscribed);
  const inHand: Claim[] = [];
  const work = (result: SendResult | 'nothing') => {
    for (const claim of postman.claim()) {
      recipient.hears(claim);
      if (result === 'nothing') continue;
      postman.settle(claim, result);
      if (result.outcome === 'delivered') recipient.keeps(claim);
    }
  };
  for (const { what, line, pause, step } of moves) {
    if (what === 'say') {
      const until = `${scenario.now - start + 180_000}ms`;
      // After the clock went back, a story's moment may lie before its start.
      if (line !== 'silence') scenario.do(line);
      else if (scenario.now >= start) scenario.do(`ann silence until=${until}`);
    }
    if (what === 'pass') scenario.now += pause;
    if (what === 'work') work({ outcome: 'delivered' });
    if (what === 'fail') work({ outcome: 'retry', reason: '503' });
    if (what === 'refuse') work({ outcome: 'refused', reason: 'no_service' });
    if (what === 'crash') work('nothing');
    if (what === 'restart') inHand.length = 0;
    if (what === 'clock') scenario.now += step;
    if (what === 'hold') {
      for (const claim of postman.claim()) {
        recipient.hears(claim);
        inHand.push(claim);
      }
    }
    const first = what === 'settle' ? inHand.shift() : undefined;
    if (first && postman.settle(first, { outcome: 'delivered' })) recipient.keeps(first);
    if (!moves.some(({ what }) => what === 'clock')) recipient.looksAtDues();
  }
  for (let rounds = 0; postman.next < Infinity; rounds++) {
    if (rounds > 500) throw new Error('it never comes to rest');
    scenario.now = Math.max(scenario.now, postman.next);
    work({ outcome: 'delivered' });
  }
  recipient.sumsUp(moves);
}

/** Knows nothing of the planner: it remembers what it was told, and what happened. */
class Recipient {
  readonly #postman: Postman;
  readonly #interval: number;
  /** By group: everything that was sent, whether or not the sender ever knew. */
  readonly #heard = new Map<string, Claim[]>();
  readonly #kept: Claim[] = [];
  #isOrdered = true;

  constructor(postman: Postman, { interval = '1m' }: Subscribed) {
    this.#postman = postman;
    this.#interval = milliseconds(interval);
  }

  hears(claim: Claim): void {
    const { delivery, step } = claim;
    const { state, now } = this.#postman.scenario;
    const group = state.group(delivery.group) as Group;
    const before = this.#heard.get(group.id) ?? [];
    const last = before.at(-1);
    if (last && last.step.cursor > step.cursor) throw new Error(`${step.cursor} is told after ${last.step.cursor}`);
    this.#heard.set(group.id, [...before, claim]);
    const isUpdate = step.since.every(({ kind }) => kind === 'updated');
    if (delivery.mode === 'latest') {
      expect(step.telling).toBe(group.status);
      expect(wanted(delivery, state.eventsAfter(group.id, step.cursor))).toEqual([]);
    } else {
      expect(step.telling).toBe(step.event.after.status);
      if (!isUpdate) expect(step.since).toHaveLength(1);
    }
    if (isUpdate && group.silencedUntil !== null) expect(group.silencedUntil).toBeLessThanOrEqual(now);
    const isFlapping = step.since.every(({ kind }) => ['updated', 'firing', 'resolved'].includes(kind));
    const opening = step.since.find(({ kind }) => kind === 'firing');
    const isReopening =
      opening && opening.incarnation > 1 && (delivery.mode === 'every' || step.telling !== 'resolved');
    // A last post in the future says that the clock was put back.
    if (delivery.toldAt === null || delivery.toldAt > now || !isFlapping || !(isUpdate || isReopening)) return;
    expect(now - delivery.toldAt).toBeGreaterThanOrEqual(this.#interval);
  }

  keeps(claim: Claim): void {
    const last = this.#kept.findLast(({ delivery }) => delivery.group === claim.delivery.group);
    if (last && last.step.cursor >= claim.step.cursor) this.#isOrdered = false;
    this.#kept.push(claim);
  }

  /** Something is due if and only if something is owed, and never later than the events after the cursor say. */
  looksAtDues(): void {
    const { state, now } = this.#postman.scenario;
    for (const delivery of this.#postman.deliveries) {
      const events = state.eventsAfter(delivery.group, delivery.cursor);
      expect(delivery.due !== null).toBe(wanted(delivery, events).length > 0);
      if (delivery.leaseUntil !== null || delivery.attempt > 0) continue;
      const step = nextStep(delivery, state.group(delivery.group) as Group, events, now);
      if (step.do === 'send') expect(delivery.due).toBeLessThanOrEqual(now);
      if (step.do === 'wait') expect(delivery.due).toBeLessThanOrEqual(step.until);
    }
  }

  sumsUp(moves: Move[]): void {
    const { scenario, deliveries, ends } = this.#postman;
    expect(this.#isOrdered).toBe(true);
    const { delivered, superseded, suppressed, dead } = ends;
    expect(scenario.state.tally.owed ?? 0).toBe(delivered + superseded + suppressed + dead);
    for (const delivery of deliveries) {
      const group = scenario.state.group(delivery.group) as Group;
      const heard = this.#heard.get(group.id) ?? [];
      const kept = this.#kept.filter((claim) => claim.delivery.group === group.id);
      const last = kept.at(-1)?.step.telling;
      const [isOver, wantsEnd] = [group.status === 'resolved', delivery.events.includes('resolved')];
      if (dead > 0) continue;
      // Whoever was told that it fires is told that it ended.
      if (isOver && wantsEnd && heard.some(({ step }) => step.telling !== 'resolved')) expect(last).toBe('resolved');
      // Whoever wants to know everything knows how it is.
      if (delivery.events.length === eventKinds.length && !(isOver && heard.length === 0))
        expect(last).toBe(group.status);
      if (!isOver && delivery.events.includes('firing') && group.incarnation > 0) expect(last).not.toBe('resolved');
      if (!moves.some(({ what }) => what === 'clock')) this.#missesNothing(delivery, kept);
    }
  }

  /** What was never told is an update that was overtaken, or (but for notices) an incarnation of which nothing was told. */
  #missesNothing(delivery: Delivery, kept: Claim[]): void {
    const told = new Set(kept.flatMap(({ step }) => step.since.map(({ number }) => number)));
    const events = wanted(delivery, this.#postman.scenario.state.eventsAfter(delivery.group, 0));
    for (const { kind, number, incarnation } of events) {
      if (kind === 'updated' || told.has(number)) continue;
      expect(kind).not.toBe('notice');
      const firing = events.find((event) => event.kind === 'firing' && event.incarnation === incarnation);
      expect(firing && !told.has(firing.number), `event ${number} (${kind})`).toBe(true);
    }
  }
}

function wanted(delivery: Delivery, events: GroupEvent[]): GroupEvent[] {
  return events.filter(({ kind, quiet }) => !quiet && delivery.events.includes(kind));
}

test('Whatever happens, nobody is told the wrong thing, too often, in the wrong order, or nothing', () => {
  fc.assert(
    fc.property(simulations, (simulation) => simulate(simulation)),
    { numRuns: 5000 },
  );
});

/** Planners with one fault each. */
const broken: Record<string, typeof nextStep> = {
  'forgets what it told': (delivery, ...rest) => nextStep({ ...delivery, toldStatus: 'resolved' }, ...rest),
  'jumps where it should walk': (delivery, ...rest) => nextStep({ ...delivery, mode: 'latest' }, ...rest),
  'doesn’t keep posts apart': (delivery, ...rest) => nextStep({ ...delivery, interval: 0 }, ...rest),
  'speaks during a silence': (delivery, group, ...rest) =>
    nextStep(delivery, { ...group, silencedUntil: null }, ...rest),
  'takes a resolution for news of its own': (delivery, group, events, now) => {
    const step = nextStep(delivery, group, events, now);
    const end = events.find(({ kind }) => kind === 'resolved');
    return step.do === 'send' && end ? { ...step, cursor: end.number, telling: 'firing' } : step;
  },
  'skips whatever ended before it was sent': (delivery, group, events, now) => {
    const step = nextStep(delivery, group, events, now);
    if (step.do !== 'send' || group.status !== 'resolved') return step;
    return { do: 'skip', cursor: step.cursor, reason: 'superseded', count: step.since.length };
  },
};

test.each(Object.entries(broken))('A planner that %s is caught', (_, plan) => {
  const property = fc.property(simulations, (simulation) => simulate(simulation, plan));
  expect(fc.check(property, { numRuns: 20_000, endOnFailure: true }).failed).toBe(true);
});
