import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMatchers } from '../src/matcher-parser.ts';
import { checkSilence, compileSilences, type Silence, silenceState } from '../src/silence.ts';
import upstream from './data/alertmanager-silences.json' with { type: 'json' };
import { type RestatedCase, restated } from './data/restated.ts';
import { code, picker } from './support/digits.ts';

/** Times are minutes. */
interface SilenceCase extends RestatedCase {
  sets?: string[][];
  silences?: { matchers: string[]; from: number; to: number }[];
  at?: number;
  held?: boolean;
  matchers?: string[];
  from?: number;
  to?: number;
  faults?: string[];
  states?: string[];
  kept?: boolean;
}

function silence(id: string, matchers: string[], startsAt: number, endsAt: number): Silence {
  return { id, matchers: matchers.flatMap(parseMatchers), startsAt, endsAt, comment: 'upgrade', author: 'ann' };
}

// JSON's types are a union of every case's own shape.
restated(upstream, upstream.cases as SilenceCase[], (one) => {
  const { from = 0, to = 0, at = 0 } = one;
  if (one.sets) {
    const silences = one.sets.map((matchers, index) => silence(`${index}`, matchers, 0, 1));
    expect(compileSilences(silences).find(upstream.labels, 0) !== null).toBe(one.held);
  } else if (one.silences) {
    const silences = one.silences.map((each, index) => silence(`${index}`, each.matchers, each.from, each.to));
    expect(compileSilences(silences).find({ team: 'db' }, at) !== null).toBe(one.held);
  } else if (one.states) {
    expect(one.states.includes(silenceState(silence('1', [], from, to), 0))).toBe(one.kept);
  } else {
    expect(checkSilence(silence('1', one.matchers ?? [], from, to)).map(({ path }) => path)).toEqual(one.faults);
  }
});

describe('a silence', () => {
  const db = silence('1', ['team=db'], 100, 200);

  test('holds from its start to just before its end, and says so', () => {
    const silencer = compileSilences([db]);
    expect([99, 100, 199, 200].map((now) => silencer.find({ team: 'db' }, now)?.id)).toEqual([
      undefined,
      '1',
      '1',
      undefined,
    ]);
    expect([99, 100, 199, 200].map((now) => silenceState(db, now))).toEqual(['pending', 'active', 'active', 'expired']);
    expect(silencer.mute({ team: 'db' }, 150)).toEqual({ until: 200, by: ['silence 1'] });
    expect(silencer.mute({ team: 'web' }, 150)).toBeNull();
  });

  test('of several is the one that ends last', () => {
    const silencer = compileSilences([db, silence('2', ['team=~".+"'], 0, 300), silence('3', [], 250, 400)]);
    expect([50, 150, 260, 399].map((now) => silencer.find({ team: 'db' }, now)?.id)).toEqual(['2', '2', '3', '3']);
  });

  test('that would hold everything is refused with what to do', () => {
    expect(checkSilence(silence('1', ['team!=db'], 0, 1))).toEqual([
      {
        path: 'matchers',
        message:
          'are satisfied by an alert without any label, so everything would be silent; add one such as severity="warning"',
      },
    ]);
    expect(checkSilence(silence('1', ['team!=db', 'severity=warning'], 0, 1))).toEqual([]);
    expect(checkSilence(silence('1', ['team=db'], 1, 0))).toEqual([
      { path: 'endsAt', message: 'is before startsAt; give a later end' },
    ]);
  });
});

test('a plain model says the same', () => {
  fc.assert(
    fc.property(fc.array(code, { maxLength: 5 }), fc.nat(8), (shapes, now) => {
      const silences = shapes.map((shape, index) => {
        const pick = picker(shape);
        const startsAt = pick([0, 1, 2, 3, 4, 5, 6]);
        return silence(
          `${index}`,
          [pick(['team=db', 'team=web', 'team=~".*"'])],
          startsAt,
          startsAt + pick([0, 1, 2, 5]),
        );
      });
      const active = silences.filter(
        ({ matchers, startsAt, endsAt }) => startsAt <= now && now < endsAt && matchers[0]?.value !== 'web',
      );
      const hold = compileSilences(silences).mute({ team: 'db' }, now);
      expect(hold?.until ?? 0).toBe(Math.max(0, ...active.map(({ endsAt }) => endsAt)));
    }),
    { numRuns: 150 },
  );
});
