import type { Delivery } from '@tocsin/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Agenda, type Appointment, inOrder, type Lease } from '../src/agenda.ts';
import { groupId, groupSeq } from '../src/rows.ts';

/** What the table has: every delivery as it was put last. */
class Table {
  readonly #rows = new Map<string, Delivery>();
  reads = 0;

  put(delivery: Delivery): void {
    this.#rows.set(`${delivery.group} ${delivery.subscription}`, delivery);
  }

  sorted(target: string): Appointment[] {
    const all = [...this.#rows.values()].flatMap(({ target: to, due, leaseUntil, group, subscription }) =>
      to === target && due !== null
        ? [{ at: Math.max(due, leaseUntil ?? due), seq: groupSeq(group), subscription }]
        : [],
    );
    return all.sort(inOrder);
  }

  leases(target: string): Lease[] {
    return [...this.#rows.values()].flatMap(({ target: to, leaseUntil, group, subscription, claims }) =>
      to === target && leaseUntil !== null
        ? [{ until: leaseUntil, seq: groupSeq(group), subscription, isSuspect: claims > 1 }]
        : [],
    );
  }

  of(target: string) {
    const read = (after: Appointment | undefined, most: number) => {
      this.reads++;
      const left = this.sorted(target).filter((one) => !after || inOrder(one, after) > 0);
      return left.slice(0, most);
    };
    return { read, leases: () => this.leases(target) };
  }
}

const named = (leases: Lease[]) => leases.map((lease) => Object.values(lease).join(' ')).sort();

const change = fc.record({
  group: fc.integer({ min: 1, max: 12 }).map(groupId),
  subscription: fc.constantFrom('chat', 'chat|\u{1f514}', 'chat|\uffee'),
  target: fc.constantFrom('chat', 'log'),
  due: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 4 }),
  leaseUntil: fc.option(fc.integer({ min: 5, max: 15 }), { freq: 2 }),
  claims: fc.integer({ min: 0, max: 3 }),
});

test('What comes first is what comes first in the table, however little of it is in memory', () => {
  const steps = fc.array(fc.oneof({ weight: 9, arbitrary: change }, fc.constant('clear' as const)), { maxLength: 80 });
  const property = fc.property(steps, fc.constantFrom(2, 4, 1_000), (all, most) => {
    const table = new Table();
    const agenda = new Agenda((target) => table.of(target), most);
    for (const step of all) {
      if (step === 'clear') agenda.clear();
      else {
        // A delivery keeps its target.
        const { target, subscription, ...rest } = step;
        const delivery = { ...rest, target, subscription: `${target} ${subscription}` } as Delivery;
        table.put(delivery);
        agenda.put(delivery);
      }
      for (const target of ['chat', 'log', 'nobody']) {
        expect(agenda.first(target)).toEqual(table.sorted(target)[0]);
        const held = table.leases(target).filter(({ until }) => until > 8);
        expect(named(agenda.leases(target, 8))).toEqual(named(held));
      }
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('A delivery that comes back to a time it had stays known when the queue is cut', () => {
  const table = new Table();
  const agenda = new Agenda((target) => table.of(target), 2);
  expect(agenda.first('chat')).toBeUndefined();
  for (const leaseUntil of [14, null, 14]) {
    const delivery = {
      group: groupId(1),
      subscription: 'chat',
      target: 'chat',
      due: 1,
      leaseUntil,
      claims: 0,
    } as Delivery;
    table.put(delivery);
    agenda.put(delivery);
  }
  expect(agenda.first('chat')).toEqual({ at: 14, seq: 1, subscription: 'chat' });
});

test('A long queue is read in pieces, and not once for each that is taken', () => {
  const table = new Table();
  const deliveries = Array.from({ length: 1_000 }, (_, index) => ({
    group: groupId(index + 1),
    subscription: 'chat',
    target: 'chat',
    due: 1_000 - (index % 7),
    leaseUntil: null,
  })) as Delivery[];
  for (const delivery of deliveries) table.put(delivery);
  const agenda = new Agenda((target) => table.of(target), 200);
  const taken: number[] = [];
  for (let first = agenda.first('chat'); first; first = agenda.first('chat')) {
    taken.push(first.at);
    const done = { ...(deliveries[first.seq - 1] as Delivery), due: null };
    table.put(done);
    agenda.put(done);
  }
  expect(taken).toHaveLength(1_000);
  expect(taken).toEqual(taken.toSorted((left, right) => left - right));
  expect(table.reads).toBe(11);
});
