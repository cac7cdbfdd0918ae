import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overflowKey } from '../src/decide.ts';
import { alert } from '../src/testing/signals.ts';
import type { Limits } from '../src/types.ts';
import { Scenario } from './support/scenario.ts';

/** A source that may have three open groups, of four alerts each. */
function open(more: Partial<Limits> = {}): Scenario {
  return new Scenario({ limits: { groups: 3, members: 4, ...more } });
}

const fire = (scenario: Scenario, count: number, key = (number: number) => `key ${number}`, start = 0) =>
  Array.from(
    { length: count },
    (_, index) => scenario.send(alert(`a${start + index}`, { group: key(start + index) }))[0],
  );

const keys = (scenario: Scenario) =>
  [...scenario.state.groups.values()].map(({ key, firing, status }) => `${key} ${status} ${firing}`);

describe('Beyond a source’s bound of open groups', () => {
  test('alerts go into one group for all of them, which says why it is there', () => {
    const scenario = open();
    expect(fire(scenario, 6).map((outcome) => outcome?.result)).toEqual(Array(6).fill('grouped'));
    expect(keys(scenario)).toEqual(['key 0 firing 1', 'key 1 firing 1', 'key 2 firing 1', `${overflowKey} firing 3`]);
    const [first, ...others] = scenario.state.eventsAfter('g4', 0);
    expect(first).toMatchObject({
      kind: 'firing',
      comment: '3 groups of prod are open: what is beyond that stands in this one',
    });
    expect(others.map(({ kind }) => kind)).toEqual(['updated']);
  });

  test('the same holds within one batch', () => {
    const scenario = open();
    scenario.send(...Array.from({ length: 50 }, (_, number) => alert(`a${number}`, { group: `key ${number % 4}` })));
    expect(scenario.state.groups.size).toBe(4);
  });

  test('each is resolved by its own word, and the group with the last of them', () => {
    const scenario = open();
    fire(scenario, 5);
    scenario.send(alert('a3', { group: 'key 3', status: 'resolved' }));
    expect(keys(scenario).at(-1)).toBe(`${overflowKey} firing 1`);
    scenario.send(alert('a4', { group: 'key 4', status: 'resolved' }));
    expect(keys(scenario).at(-1)).toBe(`${overflowKey} resolved 0`);
  });

  test('a group that is open takes its own alerts all the same', () => {
    const scenario = open();
    fire(scenario, 5);
    scenario.send(alert('b', { group: 'key 0' }));
    expect(keys(scenario)[0]).toBe('key 0 firing 2');
  });

  test('there is room again once a group is closed, also by a person', () => {
    const scenario = open();
    fire(scenario, 4);
    scenario.send(alert('a0', { group: 'key 0', status: 'resolved' }));
    fire(scenario, 1, undefined, 9);
    expect(keys(scenario).at(-1)).toBe('key 9 firing 1');
    scenario.do('ann resolve group=g2');
    fire(scenario, 1, undefined, 10);
    expect(keys(scenario).at(-1)).toBe('key 10 firing 1');
  });

  test('one source takes nothing from another', () => {
    const scenario = open();
    fire(scenario, 5);
    scenario.send(alert('x', { source: 'lab', group: 'x' }));
    expect(keys(scenario).at(-1)).toBe('x firing 1');
  });

  test('a repeat of what stands there changes nothing', () => {
    const scenario = open();
    fire(scenario, 4);
    expect(scenario.send(alert('a3', { group: 'key 3' }))).toMatchObject([{ result: 'ignored', reason: 'duplicate' }]);
  });
});

describe('Beyond the alerts that a group may have', () => {
  test('others go into the group for what has no place', () => {
    const scenario = open();
    fire(scenario, 6, () => 'one');
    expect(keys(scenario)).toEqual(['one firing 4', `${overflowKey} firing 2`]);
    expect(scenario.state.eventsAfter('g2', 0)[0]).toMatchObject({
      comment: 'a group of prod has 4 alerts: what is beyond that stands in this one',
    });
  });

  test('one that was there before has its place', () => {
    const scenario = open();
    fire(scenario, 4, () => 'one');
    scenario.send(alert('a0', { group: 'one', status: 'resolved' }));
    scenario.send(alert('a0', { group: 'one' }));
    expect(keys(scenario)).toEqual(['one firing 4']);
  });

  test('and beyond that group’s too they are counted, and nothing more', () => {
    const scenario = open();
    const outcomes = fire(scenario, 9, () => 'one');
    expect(outcomes.at(-1)).toEqual({ result: 'ignored', reason: 'overflow' });
    expect(scenario.state.tally).toMatchObject({ received: 9, grouped: 8, 'ignored.overflow': 1 });
    // Who stands there is heard all the same.
    scenario.send(alert('a7', { group: 'one', status: 'resolved' }), alert('a7', { group: 'one' }));
    expect(keys(scenario)).toEqual(['one firing 4', `${overflowKey} firing 4`]);
  });
});

describe('Beyond what a source’s alerts may take up', () => {
  const long = (length: number) => JSON.stringify('x'.repeat(length - 2));
  const dataOf = (scenario: Scenario, group: string, name: string) =>
    scenario.state.memberIn(group, name)?.data.length ?? 0;

  test('further alerts go, without what came with them, into the group for what has no place', () => {
    const scenario = open({ stored: 100 });
    scenario.send(alert('a0', { group: 'one', data: long(60) }));
    scenario.send(alert('a1', { group: 'one', data: long(60) }));
    expect(keys(scenario)).toEqual(['one firing 1', `${overflowKey} firing 1`]);
    expect(dataOf(scenario, 'g2', 'a1')).toBe('null'.length);
    expect(scenario.state.eventsAfter('g2', 0)[0]?.comment).toBe(
      'the alerts of prod take up 100 characters: what is beyond that stands in this one',
    );
  });

  test('what is there grows no more, and shrinks', () => {
    const scenario = open({ stored: 100 });
    scenario.send(alert('a0', { group: 'one', data: long(60) }), alert('a1', { group: 'one', data: long(30) }));
    const grow = (length: number) =>
      scenario.send(alert('a1', { group: 'one', data: long(length), deliveryId: `d${length}` }));
    grow(50);
    expect([dataOf(scenario, 'g1', 'a1'), scenario.state.usage('prod').stored]).toEqual([30, 90]);
    grow(40);
    expect([dataOf(scenario, 'g1', 'a1'), scenario.state.usage('prod').stored]).toEqual([40, 100]);
    scenario.send(alert('a0', { group: 'one', data: long(10), status: 'resolved' }));
    expect(scenario.state.usage('prod')).toEqual({ groups: 1, stored: 50 });
  });

  test('there is room again once a group is closed', () => {
    const scenario = open({ stored: 100 });
    scenario.send(
      alert('a0', { group: 'one', data: long(90) }),
      alert('a0', { group: 'one', data: long(90), status: 'resolved' }),
    );
    expect(scenario.state.usage('prod')).toEqual({ groups: 0, stored: 0 });
    scenario.send(alert('b', { group: 'two', data: long(90) }));
    expect(dataOf(scenario, 'g2', 'b')).toBe(90);
  });

  test('a group knows what its alerts take up, whatever happens to them', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      group: fc.constantFrom('one', 'two'),
      status: fc.constantFrom('firing', 'resolved', 'notice'),
      data: fc.integer({ min: 2, max: 70 }).map(long),
    });
    const property = fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(0, 600_000), (steps, pause) => {
      const scenario = open({ stored: 120 });
      for (const { name, ...rest } of steps) {
        scenario.now += pause;
        scenario.send(alert(name, { ...rest, at: scenario.now }));
        // A group that is opened again brings what it has.
        if (pause > 0) expect(scenario.state.usage('prod').stored).toBeLessThanOrEqual(120 + 4 * 'null'.length);
      }
      for (const { id, stored } of scenario.state.groups.values()) {
        const members = [...(scenario.state.members.get(id)?.values() ?? [])];
        expect(stored).toBe(members.reduce((sum, { data }) => sum + data.length, 0));
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
