import { computeQuality, type SourceFacts, type TargetFacts } from '@tocsin/testkit';
import { describe, expect, test } from 'vitest';

// Each level is seen being lost: from what is gold one fact is taken away, and that fact is what is said to be missing.

const captured = {
  kind: 'captured',
  url: 'https://acme.example/',
  product: 'Acme',
  version: '2.1',
  date: '2026-01-15',
} as const;
const documented = { ...captured, kind: 'documented' } as const;
const constructed = { ...captured, kind: 'constructed' } as const;
const { version: _, ...ofNoVersion } = documented;

const source: SourceFacts = {
  kind: 'source',
  examples: [
    { name: 'firing', origin: captured, statuses: ['firing'] },
    { name: 'resolved', origin: captured, statuses: ['resolved'] },
    { name: 'several', origin: captured, statuses: ['firing', 'resolved'] },
  ],
  isSigned: true,
  writesBack: false,
  overrides: ['title.sms.hbs'],
  notOffered: { writeBack: 'https://acme.example/api' },
};

const answer = (status: number, outcome: 'delivered' | 'retry' | 'refused', after?: number) => ({
  name: `${status}`,
  origin: captured,
  response: { status, headers: {}, body: '' },
  expected: { outcome, ...(after === undefined ? {} : { after }) },
});

const target: TargetFacts = {
  kind: 'target',
  answers: [answer(200, 'delivered'), answer(404, 'refused'), answer(500, 'retry'), answer(429, 'retry')],
  limits: ['message'],
  edits: false,
  hasActions: false,
  notOffered: { edit: 'https://acme.example/api', actions: 'https://acme.example/api' },
};

/** The source with other examples: `origins` in the order firing, resolved, several; none leaves the example out. */
function withOrigins(...origins: (SourceFacts['examples'][number]['origin'] | null)[]): SourceFacts {
  const examples = source.examples.flatMap((example, index) => {
    const origin = origins[index];
    return origin ? [{ ...example, origin }] : [];
  });
  return { ...source, examples };
}

describe('a source', () => {
  test('that has all is gold', () => {
    expect(computeQuality(source)).toEqual({ level: 'gold', missing: [] });
  });

  test.each<[string, SourceFacts, string[]]>([
    ['no signature', { ...source, isSigned: false }, ['a signature that is verified']],
    [
      'made-up examples',
      withOrigins(constructed, captured, captured),
      ['an example of several alerts or of an edge, documented or captured, with version'],
    ],
    [
      'examples of no version',
      withOrigins(captured, captured, ofNoVersion),
      ['an example of several alerts or of an edge, documented or captured, with version'],
    ],
    [
      'no end',
      withOrigins(captured, null, null),
      [
        'an example of a resolved alert, documented or captured, with version',
        'an example of several alerts or of an edge, documented or captured, with version',
      ],
    ],
    [
      'no examples',
      withOrigins(),
      [
        'an example of a firing alert, documented or captured, with version',
        'an example of a resolved alert, documented or captured, with version',
        'an example of several alerts or of an edge, documented or captured, with version',
      ],
    ],
  ])('with %s is bronze', (_, facts, missing) => {
    expect(computeQuality(facts)).toEqual({ level: 'bronze', next: 'silver', missing });
  });

  test.each<[string, SourceFacts, string[]]>([
    [
      'an example that is only documented',
      withOrigins(captured, captured, documented),
      ['an example of several alerts or of an edge, captured from the real system'],
    ],
    ['no write-back', { ...source, notOffered: {} }, ['a write-back']],
    [
      'the same words everywhere',
      { ...source, overrides: [] },
      ["a medium's own words, or the reason why none needs them"],
    ],
  ])('with %s is silver', (_, facts, missing) => {
    expect(computeQuality(facts)).toEqual({ level: 'silver', next: 'gold', missing });
  });

  test('lacks nothing that its vendor does not offer, and no override where a reason says why', () => {
    const notOffered = { signature: 'https://acme.example/api', writeBack: 'https://acme.example/api' };
    const facts = { ...source, isSigned: false, overrides: [], whyNoOverride: 'It is short.', notOffered };
    expect(computeQuality(facts).level).toBe('gold');
  });
});

describe('a target', () => {
  test('that has all is gold', () => {
    expect(computeQuality(target)).toEqual({ level: 'gold', missing: [] });
  });

  const without = (status: number) => target.answers.filter(({ response }) => response.status !== status);

  test.each<[string, TargetFacts, string[]]>([
    ['limits that nobody knows', { ...target, limits: [] }, ['limits that are tried']],
    [
      'no refusal',
      { ...target, answers: without(404) },
      ["an answer that refuses for good, from the vendor's documentation"],
    ],
    [
      'nothing to try again',
      { ...target, answers: without(500) },
      ["an answer to try again, from the vendor's documentation"],
    ],
    [
      'no limit of the rate',
      { ...target, answers: without(429) },
      ["an answer that there were too many, from the vendor's documentation"],
    ],
    [
      'a made-up refusal',
      { ...target, answers: [...without(404), { ...answer(404, 'refused'), origin: constructed }] },
      ["an answer that refuses for good, from the vendor's documentation"],
    ],
    [
      'messages that stay',
      { ...target, notOffered: { actions: 'https://acme.example/api' } },
      ['messages that are edited in place'],
    ],
  ])('with %s is bronze', (_, facts, missing) => {
    expect(computeQuality(facts)).toEqual({ level: 'bronze', next: 'silver', missing });
  });

  test('that has a handle of what it told lacks no editing', () => {
    const notOffered = { actions: 'https://acme.example/api' };
    expect(computeQuality({ ...target, edits: true, notOffered }).level).toBe('gold');
  });

  test('whose answers are only documented, or that calls nobody back, is silver', () => {
    const answers = target.answers.map((one) => ({ ...one, origin: documented }));
    const facts = { ...target, answers, notOffered: { edit: 'https://acme.example/api' } };
    expect(computeQuality(facts)).toEqual({
      level: 'silver',
      next: 'gold',
      missing: [
        'an answer that refuses for good, captured from the real system',
        'an answer to try again, captured from the real system',
        'an answer that there were too many, captured from the real system',
        'actions',
      ],
    });
  });

  test('is told of too many by a time to wait as well as by 429', () => {
    const answers = [...without(429), answer(503, 'retry', 30_000)];
    expect(computeQuality({ ...target, answers }).level).toBe('gold');
  });
});
