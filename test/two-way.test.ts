import { personActions } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, picker } from '../packages/engine/test/support/digits.ts';
import { type Break, World } from './two-way/world.ts';

// Three people, two channels, one problem that comes and goes, and a hub that is ended at any moment: whatever they meet
// in, everybody reads the same in the end, and each press was done once or not at all.

const mostKills = 3;
const second = 1_000;
const minute = 60 * second;
const pauses = [2 * second, 2 * second, 30 * second, minute, 4 * minute, 6 * minute, 61 * minute];

type Pick = ReturnType<typeof picker>;

/** What may happen next, as often as it stands here. */
const steps: readonly ((world: World, pick: Pick) => void | Promise<void>)[] = [
  ...Array(3).fill((world: World, pick: Pick) => world.fire(pick(['a', 'a', 'b']))),
  ...Array(2).fill((world: World, pick: Pick) => world.recover(pick(['a', 'a', 'b']))),
  ...Array(5).fill((world: World, pick: Pick) => {
    const [who, which, look] = [pick([0, 1, 2]), pick([0, 1, 2, 3]), pick([0, 0, 0, 1, 2])];
    return world.press(who, which, look, pick([...personActions, 'acknowledge']), pick([2, 10]));
  }),
  ...Array(5).fill((world: World, pick: Pick) => world.turn(pick([0, 0, 1, 2]))),
  ...Array(2).fill((world: World) => world.hurry()),
  ...Array(2).fill((world: World) => world.claim()),
  ...Array(2).fill((world: World, pick: Pick) => world.send(pick([0, 1]))),
  ...Array(2).fill((world: World, pick: Pick) => world.settle(pick([0, 1]))),
  (world, pick) => world.replay(pick([0, 0, 1])),
  (world, pick) => world.later(pick(pauses)),
  (world) => world.calm(),
  (world) => world.calm(),
  (world, pick) => (pick([0, 1]) === 0 ? world.restart() : undefined),
  (world, pick) => (world.kills < mostKills ? world.kill(pick([0, 0, 0, 2 * minute, 6 * minute])) : undefined),
];

async function play(codes: readonly number[], interval: string, broken?: Break): Promise<World> {
  const world = await World.open(interval, broken);
  world.fire('a');
  if (codes.length % 4 > 0) await world.calm();
  for (const each of codes) {
    const pick = picker(each);
    await pick(steps)(world, pick);
    if (world.differences.length > 0) return world;
  }
  await world.end();
  return world;
}

function agrees(seen = new Set<string>(), broken?: Break) {
  const codes = fc.array(code, { minLength: 4, maxLength: 24, size: 'max' });
  return fc.asyncProperty(codes, fc.constantFrom('0s', '0s', '1m'), async (all, interval) => {
    const world = await play(all, interval, broken);
    for (const each of world.seen) seen.add(each);
    if (world.differences.length > 0) expect(world.differences).toEqual([]);
  });
}

test('10,000 ways in which firing, recovery, restarts and presses meet end as a plain model says', async () => {
  const seen = new Set<string>();
  await fc.assert(agrees(seen), { numRuns: 10_000 });
  // They really met.
  expect([...seen].sort()).toEqual([
    'a callback again',
    'a message that nobody wrote down',
    'a press that waited for too long',
    'a press that was done already',
    'refused by the store: duplicate',
    'refused by the store: older-incarnation',
    'refused by the store: resolved',
    'told that fired again',
    'told that resolved already',
    'told that restarted',
  ]);
});

describe('The model sees it', () => {
  test.each<Break>([
    'callbacks that come again are new',
    'no button is too old',
    'a press is done again after a crash',
    'references of messages get lost',
    'claims outlast their process',
    'only one channel is told of acknowledgements',
  ])('when %s', async (broken) => {
    const { failed } = await fc.check(agrees(new Set(), broken), { numRuns: 50_000, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
