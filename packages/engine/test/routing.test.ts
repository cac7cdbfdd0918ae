import { type EventKind, eventKinds } from '@tocsin/core';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import type { Matcher, MatchOperator } from '../src/matcher.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import { compileRoutes, type Route, type Subscription, type To } from '../src/routing.ts';
import upstream from './data/alertmanager-routes.json' with { type: 'json' };
import { type RestatedCase, restated } from './data/restated.ts';

/** A route as people write it. */
type Written = Omit<Route, 'match' | 'routes'> & { match: string[]; routes?: Written[] };

function read({ match, routes, ...rest }: Written): Route {
  return { ...rest, match: match.flatMap(parseMatchers), routes: routes?.map(read) };
}

interface RouteCase extends RestatedCase {
  labels: Record<string, string>;
  /** The routes that are told, in order. */
  selected?: { path: string; target: string; wait: number; interval: number }[];
  /** The routes that are tried, in order. */
  visited?: string[];
  routes?: Written[];
}

/** A subscription without reminders, escalation and time intervals. */
const always = { repeat: null, escalation: null, times: [] };

// JSON's types are a union of every case's own shape.
const trees = upstream.trees as Record<string, Written[]>;
const cases = [...upstream.cases, ...upstream.visits] as RouteCase[];

restated(upstream, cases, ({ routes, labels, selected, visited }, name) => {
  const router = compileRoutes((routes ?? trees[name] ?? []).map(read));
  const steps = router.explain(labels);
  if (visited) {
    expect(steps.map((step) => step.path)).toEqual(visited);
    expect(new Set(visited).size).toBe(visited.length);
  }
  if (!selected) return;
  const told = selected.map(({ path, ...rest }) => ({ ...rest, address: null, events: [...eventKinds], ...always }));
  expect(router.match(labels)).toEqual(told);
  expect(steps.filter((step) => step.selected).map((step) => step.path)).toEqual(selected.map(({ path }) => path));
});

function route(match: string, to: (string | To)[], more: Partial<Route> = {}): Route {
  return {
    match: parseMatchers(match),
    to: to.map((one) => (typeof one === 'string' ? { target: one } : one)),
    ...more,
  };
}

function targets(routes: Route[], labels: Record<string, string>): string[] {
  return compileRoutes(routes)
    .match(labels)
    .map((subscription) => subscription.target);
}

describe('the implicit root', () => {
  test('has no target: what no route takes is told to nobody', () => {
    expect(targets([], { team: 'db' })).toEqual([]);
    expect(targets([route('team=web', ['chat'])], { team: 'db' })).toEqual([]);
  });

  test('gives all events, no wait and an interval of a minute', () => {
    expect(compileRoutes([route('', ['chat'])]).match({})).toEqual([
      { target: 'chat', address: null, events: [...eventKinds], wait: 0, interval: 60_000, ...always },
    ]);
  });
});

describe('what a route has from the one above', () => {
  const child = (more: Partial<Route>, to: (string | To)[] = ['pager']) =>
    compileRoutes([
      route('', [{ target: 'chat', address: '#ops', wait: 5 }], {
        events: ['firing', 'resolved'],
        wait: 30_000,
        interval: 1000,
        routes: [route('team=db', to, more)],
      }),
    ]).match({ team: 'db' });

  test('events, wait and interval', () => {
    expect(child({})).toEqual([
      { target: 'pager', address: null, events: ['firing', 'resolved'], wait: 30_000, interval: 1000, ...always },
    ]);
  });

  test('its own come first, zero and no events too', () => {
    expect(child({ events: ['notice'], wait: 0, interval: 0 })).toEqual([
      { target: 'pager', address: null, events: ['notice'], wait: 0, interval: 0, ...always },
    ]);
    expect(child({ events: [] })[0]?.events).toEqual([]);
  });

  test('the destinations, with what they give for themselves, at its own timings', () => {
    expect(child({ wait: 0, interval: 7 }, [])).toEqual([
      { target: 'chat', address: '#ops', events: ['firing', 'resolved'], wait: 5, interval: 7, ...always },
    ]);
  });

  test('one destination overrides its route', () => {
    expect(child({ wait: 9 }, [{ target: 'pager', events: ['updated'], wait: 0, interval: 2 }, 'mail'])).toEqual([
      { target: 'pager', address: null, events: ['updated'], wait: 0, interval: 2, ...always },
      { target: 'mail', address: null, events: ['firing', 'resolved'], wait: 9, interval: 1000, ...always },
    ]);
  });
});

describe('timings', () => {
  const first = (to: To, more: Partial<Route> = {}) => compileRoutes([route('', [to], more)]).match({})[0];

  test('reminders come from the route above, time intervals don’t', () => {
    const above = { repeat: 60_000, active: ['office'], routes: [route('team=db', ['pager'])] };
    const [told] = compileRoutes([route('', ['chat'], above)]).match({ team: 'db' });
    expect(told).toMatchObject({ target: 'pager', repeat: 60_000, times: [] });
    expect(first({ target: 'chat' }, above)).toMatchObject({ repeat: 60_000, times: [{ active: ['office'] }] });
  });

  test('an entry’s own time intervals take the place of its route’s, each list by itself', () => {
    const more = { active: ['office'], mute: ['lunch'] };
    expect(first({ target: 'chat', active: ['night'] }, more)).toMatchObject({
      times: [{ active: ['night'], mute: ['lunch'] }],
    });
    expect(first({ target: 'chat', active: [], mute: [] }, more)).toMatchObject({ times: [] });
  });

  test('an escalation doesn’t wait besides', () => {
    const escalation = { after: 900_000, while: 'firing' } as const;
    expect(first({ target: 'phone', escalation }, { wait: 30_000 })).toMatchObject({ wait: 0, escalation });
  });
});

describe('continue', () => {
  test('goes on to the next routes of its level, not of the level above', () => {
    const routes = [
      route('', ['a'], { routes: [route('', ['b'], { continue: true }), route('', ['c']), route('', ['d'])] }),
      route('', ['e']),
    ];
    expect(targets(routes, {})).toEqual(['b', 'c']);
  });

  test('of a route whose children took the alert counts too', () => {
    const routes = [route('', ['a'], { continue: true, routes: [route('', ['b'])] }), route('', ['e'])];
    expect(targets(routes, {})).toEqual(['b', 'e']);
  });
});

describe('the same target and address', () => {
  test('are one subscription: every event, the smallest timings, where the first stood', () => {
    const routes = [
      route('', [{ target: 'chat', events: ['resolved', 'firing'], wait: 9, interval: 5 }, 'mail'], { continue: true }),
      route('', [{ target: 'chat', events: ['notice', 'firing'], wait: 3, interval: 8 }]),
    ];
    expect(compileRoutes(routes).match({})).toEqual([
      { target: 'chat', address: null, events: ['firing', 'resolved', 'notice'], wait: 3, interval: 5, ...always },
      { target: 'mail', address: null, events: [...eventKinds], wait: 0, interval: 60_000, ...always },
    ]);
  });

  test('is reminded as often as one asks, and told as soon as one allows', () => {
    const night = { after: 900_000, while: 'firing' } as const;
    const joined = (one: Partial<To>, other: Partial<To>) =>
      compileRoutes([
        route('', [{ target: 'chat', ...one }], { continue: true }),
        route('', [{ target: 'chat', ...other }]),
      ]).match({})[0];
    expect(joined({ repeat: 9 }, {})).toMatchObject({ repeat: 9 });
    expect(joined({ repeat: 9 }, { repeat: 5 })).toMatchObject({ repeat: 5 });
    expect(joined({ escalation: night }, {})).toMatchObject({ escalation: null });
    expect(joined({ escalation: night }, { escalation: { ...night, after: 1 } })).toMatchObject({
      escalation: { after: 1, while: 'firing' },
    });
    expect(joined({ active: ['office'] }, {})).toMatchObject({ times: [] });
    expect(joined({ active: ['office'] }, { mute: ['lunch'] })).toMatchObject({
      times: [{ active: ['office'] }, { mute: ['lunch'] }],
    });
    expect(joined({ active: ['office'] }, { active: ['office'] })?.times).toHaveLength(1);
  });

  test('differ by address, an empty one included', () => {
    const to: To[] = [{ target: 'chat', address: '#a' }, { target: 'chat', address: '' }, { target: 'chat' }];
    expect(
      compileRoutes([route('', to)])
        .match({})
        .map(({ address }) => address),
    ).toEqual(['#a', '', null]);
  });

  test("an answer can't be changed, since the next is the same", () => {
    const router = compileRoutes([route('', ['chat'])]);
    expect(() => router.match({})[0]?.events.pop()).toThrow(TypeError);
    expect(router.match({})[0]?.events).toEqual([...eventKinds]);
  });
});

describe('explain', () => {
  test('names each route that was tried, and the matcher that failed', () => {
    const router = compileRoutes([
      route('team=web', ['chat']),
      route('team=db', ['pager'], { routes: [route('team!="", severity=critical', ['phone'])] }),
      route('', ['mail']),
    ]);
    const pager: Subscription = {
      target: 'pager',
      address: null,
      events: [...eventKinds],
      wait: 0,
      interval: 60_000,
      ...always,
    };
    expect(router.explain({ team: 'db' })).toEqual([
      {
        path: 'routes[0]',
        matched: false,
        failed: { matcher: { name: 'team', op: '=', value: 'web' }, value: 'db' },
        selected: false,
        subscriptions: [],
      },
      { path: 'routes[1]', matched: true, failed: null, selected: true, subscriptions: [pager] },
      {
        path: 'routes[1].routes[0]',
        matched: false,
        failed: { matcher: { name: 'severity', op: '=', value: 'critical' }, value: '' },
        selected: false,
        subscriptions: [],
      },
    ]);
  });
});

test('a refused expression is an error of the config', () => {
  const match: Matcher[] = [{ name: 'team', op: '=~', value: '(' }];
  expect(() => compileRoutes([{ match, to: [] }])).toThrow("'(' is not a regular expression: missing closing )");
});

describe('a plain model', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const word = fc.constantFrom('', 'x', 'y', 'xy');
  const matcher: fc.Arbitrary<Matcher> = fc.oneof(
    fc.record({ name, op: fc.constantFrom<MatchOperator>('=', '!='), value: word }),
    fc.record({
      name,
      op: fc.constantFrom<MatchOperator>('=~', '!~'),
      value: fc.constantFrom('x|y', 'x.*', '.+', '[xy]', ''),
    }),
  );
  const settings = {
    events: fc.option(fc.subarray([...eventKinds]), { nil: undefined }),
    wait: fc.option(fc.nat(3), { nil: undefined }),
    interval: fc.option(fc.nat(3), { nil: undefined }),
  };
  const to: fc.Arbitrary<To> = fc.record({
    target: fc.constantFrom('t', 'u', 'v'),
    address: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
    ...settings,
  });
  const { routes } = fc.letrec<{ routes: Route[]; route: Route }>((tie) => ({
    routes: fc.array(tie('route'), { maxLength: 4 }),
    route: fc.record({
      match: fc.array(matcher, { maxLength: 2 }),
      continue: fc.option(fc.boolean(), { nil: undefined }),
      to: fc.array(to, { maxLength: 2 }),
      routes: fc.oneof({ maxDepth: 3 }, fc.constant(undefined), tie('routes')),
      ...settings,
    }),
  }));
  const labels = fc.dictionary(name, word, { maxKeys: 3 });

  test('the router says what the plain model says, and explains it', () => {
    let told = 0;
    fc.assert(
      fc.property(routes, fc.array(labels, { minLength: 1, maxLength: 5 }), (tree, samples) => {
        const router = compileRoutes(tree);
        for (const sample of samples) {
          const expected = modelJoin(modelRoutes(tree, [], sample) ?? []);
          const answer = router.match(sample);
          equal(answer, expected);
          const steps = router.explain(sample).flatMap((step) => step.subscriptions);
          equal(modelJoin(steps), expected);
          told += answer.length;
        }
      }),
      { numRuns: 5000 },
    );
    expect(told).toBeGreaterThan(1000);
  });
});

/** `toEqual` is too slow for so many. */
function equal(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

/** Every subscription of a level, in order; null if none of its routes matches. `above` are the routes around it. */
function modelRoutes(level: Route[], above: Route[], labels: Record<string, string>): Subscription[] | null {
  const [first, ...rest] = level;
  if (first === undefined) return null;
  if (!first.match.every((matcher) => modelMatches(matcher, labels))) return modelRoutes(rest, above, labels);
  const chain = [first, ...above];
  const own = modelRoutes(first.routes ?? [], chain, labels) ?? modelTold(chain);
  return first.continue ? [...own, ...(modelRoutes(rest, above, labels) ?? [])] : own;
}

function modelTold(chain: Route[]): Subscription[] {
  const destinations = chain.find((one) => one.to.length > 0)?.to ?? [];
  return destinations.map((to) => ({
    target: to.target,
    address: (to.address as string | undefined) ?? null,
    events: [to, ...chain].find((one) => one.events)?.events ?? [...eventKinds],
    wait: [to, ...chain].find((one) => one.wait !== undefined)?.wait ?? 0,
    interval: [to, ...chain].find((one) => one.interval !== undefined)?.interval ?? 60_000,
    ...always,
  }));
}

function modelMatches({ name, op, value }: Matcher, labels: Record<string, string>): boolean {
  const label = labels[name] ?? '';
  const equal = op === '=' || op === '!=' ? label === value : RE2JS.compile(`^(?:${value})$`).test(label);
  return op.startsWith('!') ? !equal : equal;
}

function modelJoin(all: Subscription[]): Subscription[] {
  const groups = Map.groupBy(all, ({ target, address }) => JSON.stringify([target, address]));
  return [...groups.values()].map((same) => ({
    target: same[0]!.target,
    address: same[0]!.address,
    events: eventKinds.filter((kind: EventKind) => same.some((one) => one.events.includes(kind))),
    wait: Math.min(...same.map((one) => one.wait)),
    interval: Math.min(...same.map((one) => one.interval)),
    ...always,
  }));
}
