import {
  type Attempt,
  type Delivery,
  type GroupEvent,
  type GroupSummary,
  type Member,
  parseMatchers,
  type Route,
  type Silence,
  type StoredRequest,
} from '@tocsin/engine';
import { describe, expect, it } from 'vitest';
import type { WhyFacts } from '../src/why/facts.ts';
import { holdersOf } from '../src/why/held.ts';
import { explain } from '../src/why/why.ts';

// 12:00 in Berlin; times in the tests are minutes before and after it.
const noon = Date.parse('2026-03-01T11:00:00.000Z');
const at = (minutes: number) => noon + minutes * 60_000;
const clock = { now: noon, zone: 'Europe/Berlin' };

const group: GroupSummary = {
  id: '1003',
  source: 'prod',
  key: 'disk',
  status: 'firing',
  severity: 'critical',
  labels: { alertname: 'DiskFull' },
  firingBySeverity: [1, 0, 0, 0, 0],
  firing: 1,
  members: 1,
  stored: 2,
  events: 1,
  incarnation: 1,
  openedBy: 1,
  startedAt: at(-10),
  updatedAt: at(-10),
  resolvedAt: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  silencedBy: null,
  silencedUntil: null,
  previous: null,
};

const member: Member = {
  group: '1003',
  source: 'prod',
  fingerprint: 'disk-1',
  status: 'firing',
  severity: 'critical',
  labels: { alertname: 'DiskFull', team: 'web' },
  data: '{}',
  startedAt: null,
  firingSince: at(-10),
  resolvedAt: null,
  at: null,
  said: 'firing',
  closedByPersonAt: null,
};

function event(number: number, kind: GroupEvent['kind'], minutes: number, more: Partial<GroupEvent> = {}): GroupEvent {
  return {
    group: '1003',
    number,
    kind,
    at: at(minutes),
    vendorAt: null,
    actor: null,
    comment: null,
    incarnation: 1,
    worse: false,
    quiet: false,
    after: { status: 'firing', severity: 'critical', firing: 1, members: 1 },
    changed: [],
    ...more,
  };
}

function delivery(more: Partial<Delivery> = {}): Delivery {
  const { target = 'ops', address = null } = more;
  return {
    group: '1003',
    subscription: address === null ? target : `${target}|${address}`,
    target,
    address,
    mode: 'latest',
    events: ['firing', 'acknowledged', 'updated', 'resolved'],
    posts: null,
    wait: 0,
    interval: 60_000,
    repeat: null,
    escalation: null,
    times: [],
    wording: null,
    cursor: 0,
    toldStatus: null,
    toldAt: null,
    ref: null,
    due: null,
    held: null,
    attempt: 0,
    failingSince: null,
    leaseUntil: null,
    claims: 0,
    fence: 0,
    dead: null,
    replays: [],
    channel: null,
    ...more,
  };
}

const told = { cursor: 1, toldStatus: 'firing', toldAt: at(-2) } as const;

function attempt(more: Partial<Attempt> = {}): Attempt {
  return {
    id: 1,
    group: '1003',
    subscription: 'ops',
    target: 'ops',
    event: 1,
    startedAt: at(-2),
    duration: 120,
    outcome: 'retry',
    reason: 'HTTP 503',
    request: null,
    response: { status: 503, headers: {}, body: '' },
    error: null,
    ...more,
  };
}

const silence: Silence = {
  id: 's7',
  matchers: parseMatchers('alertname="DiskFull"'),
  startsAt: at(-60),
  endsAt: at(125),
  comment: 'disks are replaced',
  author: 'ann',
};

const routes: Route[] = [
  { match: parseMatchers('team="db"'), to: [{ target: 'dba' }] },
  { match: [], to: [{ target: 'ops' }] },
];

const rules = (tree: Route[]) => ({ routes: tree, channels: [], lineOf: (path: string) => path.length });

function why(facts: Partial<WhyFacts> = {}) {
  return explain(
    {
      group,
      alert: null,
      members: [member],
      events: [event(1, 'firing', -10)],
      deliveries: [delivery(told)],
      attempts: [],
      lanes: [],
      silences: [],
      inhibitors: [],
      requests: [],
      rules: rules(routes),
      ...facts,
    },
    clock,
  );
}

const answerTo = (facts: Partial<WhyFacts>) => why(facts).answer;
const one = (facts: Partial<WhyFacts>) => {
  const [telling] = why(facts).tellings;
  if (!telling) throw new Error('no telling');
  return telling;
};

describe('the first line answers', () => {
  it('who was told, and what the others wait for', () => {
    const answer = answerTo({
      deliveries: [delivery({ target: 'phone', address: '+49 1', due: at(125), held: 'silence s7' }), delivery(told)],
      silences: [silence],
    });
    expect(answer).toBe(
      'Told to ops at 11:58 CET (2 minutes ago); phone (+49 1) waits until 14:05 CET (in 2 hours): silence s7 of ann (disks are replaced).',
    );
  });

  it('that nobody was told so far, where somebody still may be', () => {
    expect(answerTo({ deliveries: [delivery({ due: at(0) })] })).toBe('Nobody was told so far: ops is told next.');
  });

  it('a few targets, and how many more there are', () => {
    const deliveries = ['a', 'b', 'c', 'd', 'e', 'f'].map((target) => delivery({ ...told, target }));
    expect(answerTo({ deliveries }).split('; ')).toHaveLength(5);
    expect(answerTo({ deliveries })).toMatch(/; and 2 more below\.$/);
  });

  it('what was told before, where something is owed again', () => {
    const { answer } = why({
      deliveries: [delivery({ ...told, due: at(3), attempt: 2, failingSince: at(-1) })],
      events: [event(1, 'firing', -10), event(2, 'acknowledged', -1)],
      attempts: [attempt()],
    });
    expect(answer).toBe('Told to ops (firing) before, and now ops fails since 11:59 CET (1 minute ago): HTTP 503.');
  });
});

describe('nobody is told', () => {
  const nobody = { deliveries: [] };

  it('because no route matches: which one came nearest, what it wants, and what to do', () => {
    const tree: Route[] = [
      { match: parseMatchers('team="db"'), to: [{ target: 'dba' }] },
      { match: parseMatchers('team="web"'), to: [], routes: [] },
      { match: parseMatchers('region=~"eu|us"'), to: [{ target: 'ops' }] },
    ];
    const { answer, advice, ways } = why({ ...nobody, rules: rules(tree.filter((_, index) => index !== 1)) });
    expect(answer).toBe(
      'Nobody was told: none of the routes matches; routes[0] (line 9) wants team="db", and team is "web".',
    );
    expect(advice[0]).toBe('Tell whoever should know by hand.');
    expect(advice[1]).toContain('a last route that matches everything');
    expect(ways).toEqual([
      {
        labels: expect.objectContaining({ team: 'web', source: 'prod', tocsin_key: 'disk', severity: 'critical' }),
        alerts: 1,
        fingerprints: ['disk-1'],
        routes: [
          {
            path: 'routes[0]',
            line: 9,
            matchers: ['team="db"'],
            matched: false,
            failed: { matcher: 'team="db"', label: 'team', value: 'web' },
            selected: false,
            subscriptions: [],
          },
          expect.objectContaining({ failed: { matcher: 'region=~"eu|us"', label: 'region', value: '' } }),
        ],
      },
    ]);
    expect(answerTo({ ...nobody, rules: rules(tree.slice(2)) })).toContain(
      'wants region=~"eu|us", and the alert has no region.',
    );
    expect(answerTo({ ...nobody, rules: rules(tree.slice(1)) })).toContain(
      'routes[0] (line 9) takes it and names no target.',
    );
    expect(answerTo({ ...nobody, rules: rules([]) })).toBe('Nobody was told: the configuration has no routes.');
  });

  it('yet, where a route matches only since', () => {
    const { answer, advice } = why(nobody);
    expect(answer).toBe(
      "Nobody was told: when this came in, no route took it anywhere. routes[1] (line 9) does now, from the group's next change on.",
    );
    expect(advice).toHaveLength(1);
  });
});

describe('each delivery says why it is as it is', () => {
  it('told, with a reminder', () => {
    expect(one({ deliveries: [delivery({ ...told, repeat: 3_600_000, due: at(58) })] })).toMatchObject({
      verdict: 'told',
      says: [
        'Told firing at 11:58 CET (2 minutes ago).',
        'A reminder is due at 12:58 CET (in 58 minutes), while it fires.',
      ],
      routes: ['routes[1]'],
      told: { status: 'firing', at: at(-2) },
      owes: [],
      advice: null,
    });
  });

  it('held by silences, inhibition and times', () => {
    const held = (text: string, more: Partial<WhyFacts> = {}) =>
      one({ deliveries: [delivery({ due: at(1), held: text })], silences: [silence], ...more });
    expect(held('silence s7')).toMatchObject({
      verdict: 'waits',
      state: 'held',
      says: ['Held by silence s7 until 14:05 CET (in 2 hours); ann: disks are replaced'],
    });
    // What ended holds nothing, though nobody has looked since.
    expect(one({ deliveries: [delivery({ due: at(0), held: 'silence s7' })] }).clause).toBe('ops is told next');
    expect(held('silence gone').says).toEqual(['Held by silence gone.']);
    const inhibitors = [{ ...group, id: '1001', severity: 'error' as const }];
    expect(held('inhibited by group 1001', { inhibitors }).says).toEqual([
      'Held for as long as group 1001 (firing, error) inhibits it.',
    ]);
    // Nobody knows when that ends: the next look is no promise.
    expect(held('inhibited by group 1001').clause).toBe('ops waits: group 1001 inhibits it');
    expect(held('outside of office, weekend').says).toEqual([
      'Held until 12:01 CET (in 1 minute): outside of office, weekend.',
    ]);
    expect(held('silence s7, inhibited by group 1001', { inhibitors }).says).toHaveLength(2);
    expect(why({ deliveries: [delivery({ due: at(1), held: 'silence s7' })], silences: [silence] }).silences).toEqual([
      silence,
    ]);
  });

  it('waits: for its route, for an escalation, for an interval, for the silence of the group', () => {
    const events = [event(1, 'firing', -10), event(2, 'updated', -1)];
    const says = (more: Partial<Delivery>, facts: Partial<WhyFacts> = {}) =>
      one({ events, deliveries: [delivery({ due: at(5), ...more })], ...facts });
    expect(says({ wait: 30_000 })).toMatchObject({
      verdict: 'waits',
      says: ['It is told at 12:05 CET (in 5 minutes): its route waits 30 s before the first message.'],
      owes: [
        { number: 1, kind: 'firing' },
        { number: 2, kind: 'updated' },
      ],
    });
    expect(says({ escalation: { after: 900_000, while: 'firing' } }).says).toEqual([
      'It is told at 12:05 CET (in 5 minutes), if the group is still firing then: its route says after 15 min.',
    ]);
    expect(says(told).says[1]).toBe(
      'What changed is told at 12:05 CET (in 5 minutes): messages about changes are at least 1 min apart.',
    );
    // An escalation that has begun tells what changes as any other does.
    expect(says({ ...told, escalation: { after: 900_000, while: 'firing' } }).says[1]).toContain(
      'What changed is told',
    );
    expect(says(told, { group: { ...group, silencedUntil: at(5), silencedBy: 'bob' } }).says[1]).toBe(
      'Changes are told once the silence of this group ends; bob made it.',
    );
  });

  it('fails, with the reason and the next try', () => {
    const failing = { due: at(4), attempt: 3, failingSince: at(-30) };
    expect(
      one({ deliveries: [delivery(failing)], attempts: [attempt(), attempt({ subscription: 'other' })] }),
    ).toMatchObject({
      verdict: 'trouble',
      state: 'retrying',
      says: [
        '3 attempts failed since 11:30 CET (30 minutes ago): HTTP 503; the next try is at 12:04 CET (in 4 minutes).',
      ],
      advice: expect.stringContaining('See whether ops can be reached'),
      attempts: [{ id: 1 }],
    });
  });

  it('is given up, or was cancelled', () => {
    expect(
      one({ deliveries: [delivery({ cursor: 1, dead: 'HTTP 400: bad\nchannel' })], attempts: [attempt()] }),
    ).toMatchObject({
      verdict: 'trouble',
      says: ["Given up: HTTP 400: bad channel. Nothing more is tried until the group's next event."],
      advice: expect.stringContaining('`tocsin deliveries retry --target ops --group 1003`'),
    });
    const { verdict, advice } = one({ deliveries: [delivery({ cursor: 1, dead: 'target removed' })] });
    expect([verdict, advice]).toEqual(['never', null]);
    const unsubscribed = { cursor: 1, dead: 'subscription removed', channel: 'storage/on call' };
    expect(one({ deliveries: [delivery(unsubscribed)] })).toMatchObject({
      verdict: 'never',
      says: ['Cancelled: the subscription storage/on call is no more.'],
      advice: null,
    });
  });

  it('finds its target paused or switched off', () => {
    const owed = { deliveries: [delivery({ due: at(-5) })] };
    expect(one({ ...owed, lanes: [{ target: 'ops', pausedUntil: at(2), disabled: null }] })).toMatchObject({
      verdict: 'waits',
      says: ['The target asked for no request before 12:02 CET (in 2 minutes) (Retry-After).'],
    });
    const disabled = { reason: 'HTTP 410', at: at(-60) };
    expect(one({ ...owed, lanes: [{ target: 'ops', pausedUntil: null, disabled }] })).toMatchObject({
      verdict: 'trouble',
      clause: 'ops takes nothing since 11:00 CET (1 hour ago)',
      advice: expect.stringContaining('`tocsin deliveries enable ops`'),
    });
    const others = [
      { target: 'phone', pausedUntil: at(2), disabled: null },
      { target: 'ops', pausedUntil: at(-1), disabled: null },
    ];
    expect(one({ ...owed, lanes: others })).toMatchObject({
      verdict: 'trouble',
      clause: expect.stringContaining('is due since 11:55'),
    });
    // What was told in full isn't touched by it.
    expect(one({ lanes: [{ target: 'ops', pausedUntil: null, disabled }] }).verdict).toBe('told');
  });

  it('is told again, because somebody asked for it', () => {
    expect(one({ deliveries: [delivery({ ...told, due: at(0), replays: [1] })] })).toMatchObject({
      verdict: 'waits',
      says: [expect.any(String), 'Somebody asked for one event to be told again.', 'It is due now.'],
    });
  });

  it('is being sent', () => {
    expect(one({ deliveries: [delivery({ due: at(0), leaseUntil: at(1) })] }).clause).toBe('ops is being told now');
    expect(one({ deliveries: [delivery({ due: at(0), leaseUntil: at(-1) })] }).clause).toBe('ops is told next');
  });

  it('was not told: over before it was to be, or nothing that it wants has happened', () => {
    const resolved = { ...group, status: 'resolved' as const, resolvedAt: at(-9) };
    const events = [event(1, 'firing', -10), event(2, 'resolved', -9)];
    const says = (more: Partial<Delivery>) =>
      one({ group: resolved, events, deliveries: [delivery({ cursor: 2, ...more })] });
    expect(says({ wait: 120_000 })).toMatchObject({
      verdict: 'never',
      says: ['Not told: it was over after 1 min, within the wait of 2 min.'],
    });
    expect(says({ escalation: { after: 900_000, while: 'firing' } }).clause).toContain(
      'was firing for less than 15 min',
    );
    expect(says({ wait: 10_000 }).clause).toContain('while something held it back');
    expect(one({ deliveries: [delivery({ events: ['resolved'] })] })).toMatchObject({
      verdict: 'never',
      says: ['Nothing to tell: it asks for resolved, and nothing of that has happened.'],
    });
    // A quiet event is told to nobody.
    expect(one({ events: [event(1, 'firing', -10, { quiet: true })], deliveries: [delivery()] }).clause).toContain(
      'other events only',
    );
  });

  it('stays, though no route leads there any more', () => {
    expect(one({ deliveries: [delivery({ ...told, target: 'pager' })] })).toMatchObject({
      routes: [],
      says: [expect.any(String), expect.stringContaining('No route leads here now')],
    });
  });
});

describe('the way in', () => {
  const request: StoredRequest = {
    id: 4,
    source: 'prod',
    receivedAt: at(-10),
    reason: null,
    path: '',
    contentType: 'application/json',
    body: '{}',
  };

  it('names the request that was kept, and those that could not be read since', () => {
    const bad = (id: number, minutes: number) => ({ ...request, id, receivedAt: at(minutes), reason: 'no status' });
    const requests = [bad(9, -1), bad(8, -2), bad(3, -20), { ...request, id: 6, receivedAt: at(-5) }, request];
    const { request: found, advice } = why({ requests });
    expect(found).toMatchObject({ first: at(-10), last: at(-10), kept: { id: 4 }, rejected: [{ id: 9 }, { id: 8 }] });
    expect(advice).toEqual([expect.stringContaining('2 requests of prod could not be read since this began')]);
    expect(why({ requests, group: { ...group, status: 'resolved' } }).advice).toEqual([]);
    expect(why({}).request).toMatchObject({ kept: null, rejected: [] });
  });

  it('has one way for alerts that go alike, and the one that was asked about alone', () => {
    const members = [
      member,
      { ...member, fingerprint: 'disk-2' },
      { ...member, fingerprint: 'db-1', labels: { team: 'db' } },
    ];
    const { ways, tellings } = why({ members, deliveries: [delivery({ ...told, target: 'dba' }), delivery(told)] });
    expect(ways.map(({ alerts, fingerprints }) => [alerts, fingerprints])).toEqual([
      [2, ['disk-1', 'disk-2']],
      [1, ['db-1']],
    ]);
    expect(tellings.map(({ routes: from }) => from)).toEqual([['routes[0]'], ['routes[1]']]);
    const [, , asked] = members;
    const alone = why({ alert: asked ?? null, members, deliveries: [delivery(told)] });
    expect(alone.ways.map(({ fingerprints }) => fingerprints)).toEqual([['db-1']]);
    // The others of its group are told of together with it.
    expect(alone.tellings[0]?.routes).toEqual(['routes[1]']);
  });

  it('shows silences that match or are to begin, and no other', () => {
    const silences = [
      silence,
      { ...silence, id: 'later', startsAt: at(10) },
      { ...silence, id: 'over', endsAt: at(-1) },
      { ...silence, id: 'other', matchers: parseMatchers('team="db"') },
    ];
    expect(why({ silences }).silences.map(({ id }) => id)).toEqual(['s7', 'later']);
    const held = why({ silences, deliveries: [delivery({ due: at(1), held: 'silence over, outside of office' })] });
    expect(held.silences.map(({ id }) => id)).toEqual(['s7', 'later', 'over']);
  });
});

it('reads what holds a delivery as the engine writes it', () => {
  expect(holdersOf('silence s7, inhibited by group 1001, within night, outside of office, weekend')).toEqual([
    { kind: 'silence', id: 's7' },
    { kind: 'inhibition', group: '1001' },
    { kind: 'other', text: 'within night' },
    { kind: 'other', text: 'outside of office, weekend' },
  ]);
});
