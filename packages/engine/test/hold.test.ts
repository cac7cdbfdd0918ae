import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routingLabels } from '../src/decide.ts';
import { claimed, nextStep, reschedule, settled, skipped } from '../src/delivery.ts';
import { type HeldStep, type Hold, heldStep, holdMembers, type Muter, parked } from '../src/hold.ts';
import { compileInhibition, InhibitionIndex } from '../src/inhibition.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import { compileSilences } from '../src/silence.ts';
import type { Delivery, Group } from '../src/types.ts';
import { code, picker } from './support/digits.ts';
import { milliseconds, Scenario, start } from './support/scenario.ts';

interface Held {
  mode?: Delivery['mode'];
  /** Such as `instance=a from 0m to 10m`. */
  silences?: string[];
  /** Held by the clock, such as `0m to 10m`. */
  clock?: string[];
  /** Firing members that the store may be asked for are counted here. */
  asked?: { times: number };
}

/** Delivers the groups with the key `disk`, with everything that may hold them. An alert `switch` inhibits all others. */
class Warder {
  readonly scenario: Scenario;
  readonly told: string[] = [];
  readonly ends = { told: 0, suppressed: 0 };
  readonly index = new InhibitionIndex(
    compileInhibition([
      { source: parseMatchers('instance=switch'), target: parseMatchers('instance!=switch'), equal: [] },
    ]),
  );
  readonly muters: Muter[];
  readonly #clock: { from: number; to: number }[];
  readonly #asked: { times: number };

  constructor({ mode = 'latest', silences = [], clock = [], asked = { times: 0 } }: Held) {
    const routes = [{ match: parseMatchers('tocsin_key=disk'), to: [{ target: 'chat' }] }];
    this.scenario = new Scenario({ targets: { chat: { mode } }, routes });
    this.#asked = asked;
    this.#clock = clock.map((text) => readSpan(text));
    const silencer = compileSilences(
      silences.map((text, index) => {
        const [matcher = '', span = ''] = text.split(' from ');
        const { from, to } = readSpan(span);
        return {
          id: `${index + 1}`,
          matchers: parseMatchers(matcher),
          startsAt: from,
          endsAt: to,
          comment: '',
          author: 'ann',
        };
      }),
    );
    this.muters = [silencer, this.index];
  }

  get deliveries(): Delivery[] {
    return [...this.scenario.state.groups.keys()].flatMap((id) => this.scenario.state.deliveries(id));
  }

  clockAt(now: number): Hold | null {
    const span = this.#clock.find(({ from, to }) => from <= now && now < to);
    return span ? { until: span.to, by: ['clock'] } : null;
  }

  /** Delivers what is due, each at its time, up to another time. */
  pass(until: number): void {
    for (let looks = 0; looks < 1000; looks++) {
      const next = this.deliveries
        .filter(({ due }) => due !== null)
        .sort((left, right) => (left.due ?? 0) - (right.due ?? 0))[0];
      if (!next || (next.due ?? 0) > until) {
        this.scenario.now = until;
        return;
      }
      this.scenario.now = Math.max(this.scenario.now, next.due ?? 0);
      this.look(next);
    }
    throw new Error('a delivery is due for ever');
  }

  do(line: string): void {
    this.scenario.do(line);
    for (const member of [...this.scenario.state.members.values()].flatMap((members) => [...members.values()])) {
      this.index.update(member, member.labels);
    }
  }

  look(delivery: Delivery): HeldStep {
    const { state, now } = this.scenario;
    const group = state.group(delivery.group) as Group;
    const events = state.eventsAfter(group.id, delivery.cursor);
    const firing = () => {
      this.#asked.times++;
      return this.firing(group);
    };
    const holding = { clock: this.clockAt(now), muters: this.muters, firing };
    const step = heldStep(nextStep(delivery, group, events, now), { delivery, group, events }, holding, now);
    const passed = (cursor: number) => state.countEvents(group.id, delivery.cursor, cursor, delivery.events);
    if (step.do === 'hold') state.putDelivery(parked(delivery, step.hold, now));
    else if (step.do === 'send') {
      const next = settled(claimed(delivery, now + 1), step, { outcome: 'delivered' }, now, 0);
      state.putDelivery(reschedule(next, group, state.eventsAfter(group.id, next.cursor), now));
      this.ends.told += passed(step.cursor);
      this.told.push(`${(now - start) / 60_000}m ${step.since.map(({ kind }) => kind).join(', ')}`);
    } else {
      const next = skipped(delivery, step.do === 'skip' ? step.cursor : delivery.cursor);
      state.putDelivery(reschedule(next, group, state.eventsAfter(group.id, next.cursor), now));
      if (step.do === 'skip') {
        this.ends.suppressed += passed(step.cursor);
        this.told.push(`${(now - start) / 60_000}m ${step.reason}`);
        expect(step.count).toBe(passed(step.cursor));
      }
    }
    return step;
  }

  firing(group: Group) {
    return [...(this.scenario.state.members.get(group.id)?.values() ?? [])].filter(({ status }) => status === 'firing');
  }
}

function readSpan(text: string): { from: number; to: number } {
  const [from = '', to = ''] = text.split(' to ');
  return { from: start + milliseconds(from), to: start + milliseconds(to) };
}

/** The groups but for their events: how updates fold depends on what was told. */
function statesOf({ state }: Scenario): Partial<Group>[] {
  return [...state.groups.values()].map(({ events, openedBy, updatedAt, ...rest }) => rest);
}

/** Plays lines such as `5m firing a`, and says what was told when. */
function play(story: string, held: Held = {}): string[] {
  const warder = new Warder(held);
  for (const line of story.trim().split('\n')) {
    const [time = '', ...command] = line.trim().split(' ');
    warder.pass(start + milliseconds(time));
    if (command.length > 0) warder.do(command.join(' '));
  }
  return warder.told;
}

describe('a delivery', () => {
  const silences = ['instance=a from 0m to 30m'];

  test('is held while its only alert is silenced, and told when the silence ends', () => {
    const story = `
      5m firing a
      60m`;
    expect(play(story)).toEqual(['5m firing']);
    expect(play(story, { silences })).toEqual(['30m firing']);
    expect(play(story, { silences: [...silences, 'instance=~"a|b" from 20m to 40m'] })).toEqual(['40m firing']);
  });

  test('is free as soon as one alert that it tells of is not silenced', () => {
    const story = `
      5m firing a
      10m firing b
      60m`;
    expect(play(story, { silences })).toEqual(['10m firing, updated']);
    expect(play(story, { silences, mode: 'every' })).toEqual(['10m firing', '11m updated']);
    expect(play(story, { silences: ['instance=~"a|b" from 0m to 30m'] })).toEqual(['30m firing, updated']);
    expect(play(story, { silences: [...silences, 'instance=b from 0m to 20m'] })).toEqual(['20m firing, updated']);
  });

  test('is held while its alerts are inhibited, whichever of the two holds each', () => {
    const story = `
      0m firing switch key=core
      5m firing a
      20m resolved switch key=core
      60m`;
    expect(play(story)).toEqual(['21m firing']);
    expect(play(story, { silences })).toEqual(['30m firing']);
    const mixed = new Warder({ silences: ['instance=switch from 0m to 30m'] });
    expect(holdMembers([{ instance: 'switch' }, { instance: 'a' }], mixed.muters, start)).toBeNull();
    mixed.do('firing switch key=core');
    expect(holdMembers([{ instance: 'switch' }, { instance: 'a' }], mixed.muters, start)).toEqual({
      until: start + 60_000,
      by: ['silence 1', 'inhibited by group g1'],
    });
    const twice = new Warder({ silences });
    twice.do('firing switch key=core');
    expect(holdMembers([{ instance: 'a' }], twice.muters, start)?.until).toBe(start + milliseconds('30m'));
  });

  test('about nothing that changed looks at all that fire', () => {
    const story = `
      0m firing a
      1m firing b
      10m ann acknowledge
      60m`;
    const later = (matcher: string) => ({ silences: [`${matcher} from 5m to 30m`] });
    expect(play(story, later('instance=a'))).toEqual(['0m firing', '1m updated', '10m acknowledged']);
    expect(play(story, later('instance=~"a|b"'))).toEqual(['0m firing', '1m updated', '30m acknowledged']);
  });

  test('about more alerts than an event keeps looks at all that fire, otherwise not', () => {
    const asked = { times: 0 };
    const storm = (matcher: string, alerts: number) => {
      asked.times = 0;
      const warder = new Warder({ silences: [`${matcher} from 0m to 30m`], asked });
      for (let index = 0; index < alerts; index++) warder.do(`firing b${index}`);
      warder.pass(start + milliseconds('60m'));
      return warder.told;
    };
    expect(storm('instance=~".*"', 9)).toEqual(['30m firing, updated']);
    expect(asked.times).toBe(0);
    expect(storm('instance=~".*"', 13)).toEqual(['30m firing, updated']);
    expect(asked.times).toBe(1);
    // The events keep b0 and the last ten.
    expect(storm('instance!=b1', 13)).toEqual(['0m firing, updated']);
  });

  test('of no alert at all is not held', () => {
    expect(holdMembers([], [{ mute: () => ({ until: 1, by: [] }) }], 0)).toBeNull();
    expect(holdMembers([{}], [], 0)).toBeNull();
  });
});

describe('a group that ends', () => {
  const silences = ['instance=a from 0m to 30m'];

  test('while it is held, and of which nothing was told, is not told', () => {
    const story = `
      5m firing a
      10m resolved a
      60m`;
    for (const mode of ['latest', 'every'] as const) {
      expect(play(story, { silences, mode })).toEqual(['10m resolved-while-held']);
      expect(play(story, { clock: ['0m to 30m'], mode })).toEqual(['10m resolved-while-held']);
    }
  });

  test('and was told before is told at once through a silence, with what stands before it', () => {
    const story = `
      0m firing a
      10m ann acknowledge
      15m resolved a
      60m`;
    const late = ['instance=a from 5m to 30m'];
    expect(play(story, { silences: late })).toEqual(['0m firing', '15m acknowledged, resolved']);
    expect(play(story, { silences: late, mode: 'every' })).toEqual(['0m firing', '15m acknowledged', '15m resolved']);
  });

  test('and was told before is told when the clock allows it', () => {
    const story = `
      0m firing a
      15m resolved a
      60m`;
    expect(play(story, { clock: ['5m to 30m'] })).toEqual(['0m firing', '30m resolved']);
  });

  test('and opens again in the silence is told of neither', () => {
    const story = `
      0m firing a
      10m resolved a
      12m firing a
      14m resolved a
      60m`;
    for (const mode of ['latest', 'every'] as const) {
      const told = play(story, { silences: ['instance=a from 5m to 30m'], mode });
      expect(told).toEqual(['0m firing', '10m resolved', '14m resolved-while-held']);
    }
  });

  test('and fires again before anybody looked has its end told where every event is', () => {
    const flap = (mode: Delivery['mode']) => {
      const warder = new Warder({ silences: ['instance=a from 5m to 30m'], mode });
      warder.do('firing a');
      warder.pass(start + milliseconds('10m'));
      warder.do('resolved a');
      warder.do('firing a');
      warder.pass(start + milliseconds('60m'));
      return warder.told;
    };
    expect(flap('every')).toEqual(['0m firing', '10m resolved', '30m firing']);
    expect(flap('latest')).toEqual(['0m firing', '30m resolved, firing']);
  });

  test('while a notice is held waits with it', () => {
    const story = `
      5m firing a
      6m notice a
      10m resolved a
      60m`;
    expect(play(story, { silences })).toEqual(['30m firing, notice, resolved']);
  });
});

test('what may have been seen before the hold counts as told', () => {
  const warder = new Warder({ silences: ['instance=a from 5m to 30m'] });
  warder.do('firing a');
  const [delivery] = warder.deliveries as [Delivery];
  const failed = settled(
    claimed(delivery, 0),
    { cursor: 1, telling: 'firing' },
    { outcome: 'retry', reason: 'reset' },
    start,
    0.5,
  );
  warder.scenario.state.putDelivery({ ...failed, due: start + milliseconds('10m') });
  warder.pass(start + milliseconds('20m'));
  expect(warder.deliveries).toMatchObject([{ attempt: 1, failingSince: null, due: start + milliseconds('21m') }]);
  warder.do('resolved a');
  warder.pass(start + milliseconds('60m'));
  expect(warder.told).toEqual(['21m firing, resolved']);
});

test('holds never change a group, and in the end everybody knows how it is', () => {
  const tally = { holds: 0, skips: 0 };
  const spans = ['0m to 20m', '10m to 40m', '30m to 35m', '5m to 90m'];
  const lines = [
    'firing a',
    'firing b',
    'resolved a',
    'resolved b',
    'ann acknowledge',
    'firing switch key=core',
    'resolved switch key=core',
    'notice a',
  ];
  fc.assert(
    fc.property(fc.array(code, { minLength: 2, maxLength: 9 }), code, (moves, shape) => {
      const pick = picker(shape);
      const warder = new Warder({
        mode: pick(['latest', 'every']),
        silences: pick([[], ['a'], ['b'], ['a', 'b'], ['a', 'a', 'b']]).map(
          (name) => `instance=${name} from ${pick(spans)}`,
        ),
        clock: pick([[], [], [pick(spans)]]),
      });
      const free = new Scenario(warder.scenario.rules.rules);
      const seen = new Map<string, string>();
      const { look } = warder;
      warder.look = (delivery) => {
        const { now } = warder.scenario;
        const group = warder.scenario.state.group(delivery.group) as Group;
        const step = look.call(warder, delivery);
        if (step.do === 'hold') tally.holds++;
        if (step.do === 'skip') tally.skips++;
        if (step.do !== 'send') return step;
        expect(warder.clockAt(now)).toBeNull();
        const told = [...step.since.flatMap(({ changed }) => changed), ...warder.firing(group)];
        const held =
          told.length > 0 &&
          told.every((one) =>
            warder.muters.some(({ mute }, index) => mute.call(warder.muters[index], routingLabels(group, one), now)),
          );
        // In `every`, what is told may go before something else that nothing holds.
        if (held && delivery.mode === 'latest')
          expect([seen.get(delivery.group), step.telling]).toEqual([
            expect.stringMatching(/firing|acknowledged/),
            'resolved',
          ]);
        seen.set(delivery.group, step.telling);
        return step;
      };
      for (const move of moves) {
        const choose = picker(move);
        const line = choose(lines);
        warder.pass(warder.scenario.now + choose([0, 1, 3, 8, 15]) * 60_000);
        free.now = warder.scenario.now;
        warder.do(line);
        free.do(line);
      }
      warder.do('resolved switch key=core');
      free.do('resolved switch key=core');
      warder.pass(start + milliseconds('20h'));
      expect(statesOf(warder.scenario)).toEqual(statesOf(free));
      for (const delivery of warder.deliveries) {
        const group = warder.scenario.state.group(delivery.group) as Group;
        expect(delivery).toMatchObject({ due: null, cursor: group.events });
        if (group.status !== 'resolved' || delivery.toldStatus !== null) expect(delivery.toldStatus).toBe(group.status);
      }
      expect(warder.ends.told + warder.ends.suppressed).toBe(warder.scenario.state.tally.owed ?? 0);
    }),
    { numRuns: 200 },
  );
  expect(tally.holds).toBeGreaterThan(80);
  expect(tally.skips).toBeGreaterThan(5);
});
