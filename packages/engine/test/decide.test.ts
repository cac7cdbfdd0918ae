import { type GroupStatus, severities } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { decide } from '../src/decide.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import { MemoryState } from '../src/testing/memory-state.ts';
import { act, alert } from '../src/testing/signals.ts';
import type { Delivery, Rules } from '../src/types.ts';
import type { State } from '../src/working-set.ts';
import { milliseconds, rulesOf, Scenario, start, tell } from './support/scenario.ts';

// Each test is named after the sentence of the design that it holds. Not here: `resolveAfter`, which isn't built, and
// the bound on `at`, which `normalise` of core holds.

describe('Alert', () => {
  test('`at` is the vendor’s time of this event, never of the start', () => {
    const { state } = tell(`
      firing a at=1m start=30s
      firing b at=2m severity=critical
      resolved a at=3m
    `);
    expect(state.eventsAfter('g1', 0).map(({ vendorAt }) => vendorAt)).toEqual(
      ['1m', '2m', '3m'].map((text) => start + milliseconds(text)),
    );
    expect(state.member('prod', 'a')).toMatchObject({ startedAt: start + 30_000, at: start + 180_000 });
  });

  test('`data` is the part of the payload that templates may read', () => {
    const scenario = new Scenario();
    scenario.send(alert('a', { data: '{"disk":"/dev/sda1"}' }));
    scenario.send(alert('a', { status: 'notice', data: '{"downtime":"starts"}' }));
    const changed = scenario.state.eventsAfter('g1', 0).map((event) => event.changed.map(({ data }) => data));
    expect(changed).toEqual([['{"disk":"/dev/sda1"}'], ['{"downtime":"starts"}']]);
    expect(scenario.state.member('prod', 'a')?.data).toBe('{"disk":"/dev/sda1"}');
  });
});

describe('Replay', () => {
  test('A signal is a replay if its `deliveryId` was seen within 24 h', () => {
    tell(`
      firing a id=1      → g1 firing
      firing a id=1      → ignored(duplicate)
      firing b id=1      → g1 firing
      resolved a id=2    → g1 firing
      firing a id=1      → ignored(duplicate)
      later 24h
      firing a id=1      → ignored(duplicate)
      later 1ms
      firing a id=1      → g1 firing
      log                → firing, updated, updated
    `);
  });

  test('or its `at` is older than the member’s last', () => {
    tell(`
      firing a at=10m    → g1 firing
      firing b at=5m     → g1 firing
      resolved a at=9m   → ignored(stale)
      later 2s
      resolved a at=11m  → g1 firing
      firing a at=10m    → ignored(stale)
      acknowledged a at=10m → ignored(stale)
      log                → firing, updated, updated
    `);
  });

  test('also when the last came without a firing member, or in a group of another key', () => {
    tell(`
      firing a at=1m     → g1 firing
      resolved a at=2m   → g1 resolved
      resolved a at=5m   → ignored(orphan)
      firing a at=4m     → ignored(stale)
      notice a key=cpu   → g2 resolved
      firing a at=4m     → ignored(stale)
      firing a at=6m     → g1 firing
    `);
  });

  test('or equal with the same status', () => {
    tell(`
      firing a at=10m    → g1 firing
      firing a at=10m    → ignored(duplicate)
      resolved a at=10m  → g1 resolved
      resolved a at=10m  → ignored(duplicate)
      firing a at=10m    → g1 firing
      log                → firing, resolved, firing
    `);
  });

  test('With neither, repeating a member’s present state changes nothing', () => {
    tell(`
      firing a           → g1 firing
      firing a           → ignored(duplicate)
      ann acknowledge    → g1 acknowledged
      firing a           → ignored(duplicate)
      resolved a         → g1 resolved
      resolved a         → ignored(orphan)
      log                → firing, acknowledged, resolved
    `);
  });

  test('With one of them, a repeat is taken in and nobody is told', () => {
    tell(`
      firing a at=1m     → g1 firing
      firing a at=2m     → g1 firing
      firing a id=3      → g1 firing
      resolved a at=1m   → ignored(stale)
      log                → firing
    `);
  });

  test('and firing after resolved is real', () => {
    tell(`
      firing a           → g1 firing
      resolved a         → g1 resolved
      firing a           → g1 firing
      log                → firing, resolved, firing
    `);
  });

  test('Bodies are never hashed to find duplicates: in doubt, alert', () => {
    const scenario = new Scenario();
    const same = alert('a', { data: '{"body":"the very same"}' });
    const results = [same, alert('a', { status: 'resolved' }), same, alert('b', { data: same.data })].map(
      (signal) => scenario.send(signal)[0]?.result,
    );
    expect(results).toEqual(['grouped', 'grouped', 'grouped', 'grouped']);
  });
});

describe('Episode', () => {
  test('At most one group is open per (source, key)', () => {
    const scenario = tell(`
      firing a           → g1 firing
      firing b           → g1 firing
      firing c key=cpu   → g2 firing
      groups             → g1, g2
      counts g1          → 2 of 2 warning, incarnation 1
    `);
    scenario.send(alert('a', { source: 'stage' }));
    expect(scenario.state.groups.get('g3')).toMatchObject({ source: 'stage', key: 'disk', previous: null });
  });

  test('Look-up is by fingerprint first: a signal for a member that is firing in an open group goes there, whatever its key says now', () => {
    tell(`
      firing a           → g1 firing
      firing b key=cpu   → g2 firing
      firing a key=cpu severity=critical → g1 firing
      acknowledged a key=cpu → g1 acknowledged
      notice a key=cpu   → g1 acknowledged
      resolved a key=cpu → g1 resolved
      firing a key=cpu   → g2 firing
      log g1             → firing, updated worse, acknowledged, notice, resolved
      log g2             → firing, updated
    `);
  });

  test('also when the key changes and changes back', () => {
    tell(`
      firing a           → g1 firing
      resolved a         → g1 resolved
      firing a key=cpu   → g2 firing
      resolved a key=cpu → g2 resolved
      firing a           → g1 firing
      counts g1          → 1 of 1 warning, incarnation 2
      resolved a         → g1 resolved
      status g1          → resolved
    `);
  });

  test('also when all of that comes in one batch', () => {
    const scenario = new Scenario();
    const [there, back] = [alert('a'), alert('a', { status: 'resolved' })];
    scenario.send(there, back, { ...there, group: 'cpu' }, { ...back, group: 'cpu' }, there);
    expect(scenario.send(back)).toEqual([{ result: 'grouped', group: 'g1', status: 'resolved' }]);
  });

  test('Firing within `reopen` (5 min) of the resolution re-opens the group with the next incarnation', () => {
    tell(`
      firing a           → g1 firing
      resolved a         → g1 resolved
      counts             → 0 of 1 warning, incarnation 1
      later 5m
      firing b           → g1 firing
      log                → firing, resolved, firing
      counts             → 1 of 2 warning, incarnation 2
    `);
  });

  test('later it makes a new group that links to the last', () => {
    tell(`
      firing a           → g1 firing
      resolved a         → g1 resolved
      later 5m+1ms
      firing a           → g2 firing
      previous g1        → null
      previous g2        → g1
      counts g2          → 1 of 1 warning, incarnation 1
      log g1             → firing, resolved
    `);
  });

  test('A resolved without a firing member is `ignored(orphan)` and makes no group', () => {
    tell(`
      resolved a         → ignored(orphan)
      acknowledged a     → ignored(orphan)
      silenced a         → ignored(orphan)
      groups             →
      firing a           → g1 firing
      resolved b         → ignored(orphan)
      log                → firing
    `);
  });

  test('What is always told is a notice where it changes nothing', () => {
    tell(`
      resolved a at=1m told=always → g1 resolved
      log                          → notice
      resolved a at=2m told=always → g2 resolved
      firing a at=3m told=always   → g3 firing
      firing a at=4m told=always   → g3 firing
      firing a at=4m told=always   → ignored(duplicate)
      resolved a at=5m told=always → g3 resolved
      log                          → firing, notice, resolved
      resolved a at=6m told=always → g4 resolved
      resolved a at=5m told=always → ignored(stale)
      log                          → notice
    `);
  });

  test('What is always told and is worse than before is an update, and a notice where it is better', () => {
    tell(`
      firing a at=1m told=always                   → g1 firing
      firing a at=2m severity=critical told=always → g1 firing
      firing a at=3m severity=info told=always     → g1 firing
      counts                                       → 1 of 1 info, incarnation 1
      log                                          → firing, updated worse, notice
    `);
  });

  test('After a person resolved, what is always told ends as a notice of its own, and may begin anew', () => {
    tell(`
      firing a at=1m               → g1 firing
      ann resolve                  → g1 resolved
      resolved a at=2m told=always → g2 resolved
      log                          → notice
      firing a at=3m told=always   → g3 firing
    `);
  });

  test('A notice without an open group makes one that is born closed', () => {
    const { state } = tell(`
      notice a           → g1 resolved
      log                → notice
      counts             → 0 of 0 warning, incarnation 0
      notice a           → g2 resolved
      previous g2        → g1
      firing a key=cpu   → g3 firing
      notice b key=cpu   → g3 firing
      log g3             → firing, notice
      counts g3          → 1 of 1 warning, incarnation 1
    `);
    expect(state.group('g1')?.resolvedAt).toBe(start);
  });
});

describe('Status', () => {
  const facts = [0, 1].flatMap((firing) =>
    [false, true].flatMap((acknowledged) => [false, true].map((silenced) => ({ firing, acknowledged, silenced }))),
  );
  test.each(facts)(
    'is derived from independent facts, number of firing members, acknowledgement, silence until: %o',
    ({ firing, acknowledged, silenced }) => {
      const scenario = new Scenario();
      const { group } = scenario.send(alert('a'))[0] as { group: string };
      if (acknowledged) scenario.send(act(group, 'acknowledge'));
      if (silenced) scenario.send(act(group, 'silence', { until: start + 60_000 }));
      if (firing === 0) scenario.send(alert('a', { status: 'resolved' }));
      // `resolved` if none fires, else `silenced`, else `acknowledged`, else `firing`.
      const expected: GroupStatus =
        firing === 0 ? 'resolved' : silenced ? 'silenced' : acknowledged ? 'acknowledged' : 'firing';
      expect(scenario.state.group(group)?.status).toBe(expected);
    },
  );

  test('`resolved` if none fires: a group fires until its last member resolves', () => {
    tell(`
      firing a
      firing b severity=critical
      counts             → 2 of 2 critical, incarnation 1
      resolved b         → g1 firing
      counts             → 1 of 2 warning, incarnation 1
      resolved a         → g1 resolved
    `);
  });

  test('Acknowledgement and silence come and go on their own', () => {
    tell(`
      firing a
      ann silence until=10m → g1 silenced
      bob acknowledge       → g1 silenced
      facts                 → acknowledged by bob, silenced by ann
      ann silence until=10m → ignored(duplicate)
      ann silence until=20m → g1 silenced
      ann unsilence         → g1 acknowledged
      ann unsilence         → ignored(duplicate)
      bob acknowledge       → ignored(duplicate)
      bob unacknowledge     → g1 firing
      bob unacknowledge     → ignored(duplicate)
      log → firing, silenced, acknowledged, silenced, unsilenced, unacknowledged
    `);
  });

  test('The vendor acknowledges and silences too', () => {
    const { state } = tell(`
      firing a
      acknowledged a     → g1 acknowledged
      silenced a until=5m → g1 silenced
      unsilenced a       → g1 acknowledged
      unacknowledged a   → g1 firing
      acknowledged z     → g1 acknowledged
    `);
    expect(state.eventsAfter('g1', 1).map(({ actor }) => actor)).toEqual(Array(5).fill('prod'));
  });

  test('Resolving clears both', () => {
    tell(`
      firing a
      ann acknowledge
      ann silence until=1h
      facts              → acknowledged by ann, silenced by ann
      resolved a         → g1 resolved
      facts              → acknowledged by null, silenced by null
      firing a           → g1 firing
      ann acknowledge
      ann resolve        → g1 resolved
      facts              → acknowledged by null, silenced by null
    `);
  });

  test('A new firing member of an acknowledged group is a change for the worse', () => {
    tell(`
      firing a
      firing b
      ann acknowledge
      firing c           → g1 acknowledged
      resolved c
      firing c           → g1 acknowledged
      log → firing, updated, acknowledged, updated worse, updated, updated worse
    `);
  });

  test.each([
    ['keep', 'g1 acknowledged', 'firing, acknowledged, updated worse quiet'],
    ['post', 'g1 acknowledged', 'firing, acknowledged, updated worse'],
    ['unacknowledge', 'g1 firing', 'firing, acknowledged, unacknowledged worse'],
    [undefined, 'g1 acknowledged', 'firing, acknowledged, updated worse'],
  ] as const)('`onNewMember: keep | post | unacknowledge`, default `post`: %s', (onNewMember, outcome, log) => {
    tell(`firing a\n ann acknowledge\n firing b → ${outcome}\n log → ${log}`, { sources: { prod: { onNewMember } } });
  });

  test('a higher severity clears the acknowledgement', () => {
    tell(`
      firing a severity=info
      ann acknowledge             → g1 acknowledged
      firing a severity=unknown   → g1 acknowledged
      firing a severity=warning   → g1 firing
      ann acknowledge
      firing b severity=error     → g1 firing
      ann acknowledge
      ann silence until=1h
      firing b severity=critical  → g1 silenced
      facts                       → acknowledged by null, silenced by ann
      log → firing, acknowledged, updated, unacknowledged worse, acknowledged, unacknowledged worse, acknowledged, silenced, unacknowledged worse
    `);
  });

  test('After a person resolves, the same `startedAt` opens nothing and is `ignored(closed-by-person)`', () => {
    tell(`
      firing a start=1m
      ann resolve        → g1 resolved
      firing a start=1m  → ignored(closed-by-person)
      later 48h
      firing a start=1m  → ignored(closed-by-person)
      firing a start=2m  → g2 firing
      log g1             → firing, resolved
    `);
  });

  test('or, where the source gives none, a repeat with no `resolved` between, for at most 1 h', () => {
    tell(`
      firing a
      ann resolve
      firing a           → ignored(closed-by-person)
      firing b           → g1 firing
      resolved b
      later 1h
      firing a           → ignored(closed-by-person)
      later 1ms
      firing a           → g2 firing
      ann resolve
      resolved a         → ignored(orphan)
      firing a           → g2 firing
    `);
  });

  test('A notice in between doesn’t undo what the person resolved', () => {
    tell(`
      firing a start=1m
      ann resolve
      notice a           → g2 resolved
      firing a start=1m  → ignored(closed-by-person)
    `);
  });
});

describe('seed-Q12 A source whose alert has one status', () => {
  /** A story in which all that the source says is of that kind. */
  const exclusively = (story: string) =>
    tell(story.replace(/^ *(firing|acknowledged|silenced|resolved|notice) .*?(?=→|$)/gm, '$& exclusive=yes '));

  test('takes an acknowledgement back by firing, for the worse', () => {
    exclusively(`
      firing a           → g1 firing
      acknowledged a     → g1 acknowledged
      firing a           → g1 firing
      facts              → acknowledged by null, silenced by null
      firing a           → ignored(duplicate)
      log                → firing, acknowledged, unacknowledged worse
    `);
  });

  test('takes a silence back by firing', () => {
    exclusively(`
      firing a
      silenced a until=5m → g1 silenced
      firing a            → g1 firing
      log                 → firing, silenced, unsilenced worse
    `);
  });

  test('goes from one to the other, and the first doesn’t stay behind it', () => {
    exclusively(`
      firing a
      acknowledged a      → g1 acknowledged
      silenced a until=5m → g1 silenced
      facts               → acknowledged by null, silenced by prod
      acknowledged a      → g1 acknowledged
      facts               → acknowledged by prod, silenced by null
      firing a            → g1 firing
      log → firing, acknowledged, silenced, acknowledged, unacknowledged worse
    `);
  });

  test('says nothing new by saying the same again', () => {
    exclusively(`
      firing a
      firing a             → ignored(duplicate)
      acknowledged a       → g1 acknowledged
      acknowledged a       → ignored(duplicate)
      silenced a until=5m  → g1 silenced
      silenced a until=5m  → ignored(duplicate)
      silenced a until=10m → g1 silenced
      log → firing, acknowledged, silenced, silenced
    `);
  });

  test('leaves alone what a person here did', () => {
    exclusively(`
      firing a
      ann acknowledge      → g1 acknowledged
      firing a             → ignored(duplicate)
      acknowledged a       → ignored(duplicate)
      bob silence until=1h → g1 silenced
      firing a             → ignored(duplicate)
      facts                → acknowledged by ann, silenced by bob
    `);
  });

  test('opens a group by an acknowledgement or a silence of what the hub doesn’t know', () => {
    exclusively(`
      acknowledged a         → g1 acknowledged
      log g1                 → firing, acknowledged
      silenced b key=cpu until=5m → g2 silenced
      log g2                 → firing, silenced
      resolved a             → g1 resolved
      later 6m
      acknowledged a         → g3 acknowledged
      resolved c             → ignored(orphan)
    `);
  });

  test('joins what somebody has already in hand', () => {
    exclusively(`
      acknowledged a
      acknowledged b         → g1 acknowledged
      log                    → firing, acknowledged, updated worse
    `);
  });

  test('is silenced when it says so, however long the end is past', () => {
    const { state } = exclusively(`
      firing a
      later 1h
      silenced a until=5m    → g1 silenced
      silenced a until=5m    → ignored(duplicate)
      firing a               → g1 firing
      silenced a             → g1 silenced
    `);
    expect(state.group('g1')?.silencedUntil).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('says with each of them how bad it is, and whoever acknowledges has seen that', () => {
    const { state } = exclusively(`
      firing a
      acknowledged a severity=error    → g1 acknowledged
      counts                           → 1 of 1 error, incarnation 1
      acknowledged a severity=critical → g1 acknowledged
      firing a severity=warning        → g1 firing
      counts                           → 1 of 1 warning, incarnation 1
      log → firing, acknowledged, updated worse, unacknowledged worse
    `);
    expect(state.eventsAfter('g1', 1).map(({ changed }) => changed[0]?.severity)).toEqual([
      'error',
      'critical',
      'warning',
    ]);
  });

  test('is taken at its word on its labels and data with each of them', () => {
    const scenario = new Scenario();
    for (const status of ['firing', 'acknowledged', 'silenced', 'firing'] as const) {
      const number = scenario.state.group('g1')?.events ?? 0;
      scenario.send(
        alert('a', { status, exclusive: true, labels: { count: `${number}` }, data: `{"count":${number}}` }),
      );
    }
    const told = scenario.state.eventsAfter('g1', 0).map(({ changed }) => [changed[0]?.labels.count, changed[0]?.data]);
    expect(told).toEqual([0, 1, 2, 3].map((number) => [`${number}`, `{"count":${number}}`]));
  });

  test('tells those, too, who match what it says by now', () => {
    const scenario = new Scenario({
      targets: { chat: { mode: 'latest' } },
      routes: [{ match: parseMatchers('team=db'), to: [{ target: 'chat' }] }],
    });
    scenario.send(alert('a', { exclusive: true }));
    expect(scenario.state.deliveries('g1')).toEqual([]);
    scenario.send(alert('a', { exclusive: true, status: 'acknowledged', labels: { team: 'db' } }));
    expect(scenario.state.deliveries('g1')).toHaveLength(1);
  });

  test('opens again by firing what a person here closed, if it was in hand there', () => {
    exclusively(`
      firing a start=1m
      ann resolve            → g1 resolved
      firing a start=1m      → ignored(closed-by-person)
      acknowledged a start=1m → ignored(closed-by-person)
      firing a start=1m      → g1 firing
      log                    → firing, resolved, firing
    `);
  });

  test('is over without news after an acknowledgement, too', () => {
    const scenario = tell('acknowledged a exclusive=yes → g1 acknowledged\n timers → a in 60m', {
      sources: { prod: { resolveAfter: 3_600_000 } },
    });
    scenario.now += 3_600_000;
    expect(scenario.do('ring')).toBe('g1 resolved');
  });
});

describe('Order', () => {
  test('within a group is the event’s number, never a time', () => {
    const { state } = tell(`
      firing a at=10m
      firing b at=5m
      ann acknowledge
      resolved b at=7m
    `);
    const events = state.eventsAfter('g1', 0);
    expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(events.map(({ vendorAt }) => vendorAt && (vendorAt - start) / 60_000)).toEqual([10, 5, null, 7]);
  });

  test('The clock may go back', () => {
    const scenario = new Scenario();
    scenario.send(alert('a'));
    scenario.now -= 3_600_000;
    scenario.send(alert('a', { status: 'resolved' }));
    scenario.now -= 3_600_000;
    expect(scenario.send(alert('a'))[0]).toEqual({ result: 'grouped', group: 'g1', status: 'firing' });
    expect(scenario.state.eventsAfter('g1', 0).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('Group summaries carry counters; a group of 100,000 members is not loaded to change one', () => {
    const scenario = new Scenario();
    scenario.send(...Array.from({ length: 1000 }, (_, index) => alert(`m${index}`)));
    const reads: string[] = [];
    const counting: State = {
      usage: (source) => scenario.state.usage(source),
      member: (source, fingerprint) => {
        reads.push(fingerprint);
        return scenario.state.member(source, fingerprint);
      },
      memberIn: (group, fingerprint) => {
        reads.push(fingerprint);
        return scenario.state.memberIn(group, fingerprint);
      },
      newestGroup: (source, key) => scenario.state.newestGroup(source, key),
      group: (id) => scenario.state.group(id),
      deliveries: (id) => scenario.state.deliveries(id),
      countEvents: (...range) => scenario.state.countEvents(...range),
      lastEvent: (id) => scenario.state.lastEvent(id),
      seen: (...seen) => scenario.state.seen(...seen),
      timer: (...of) => scenario.state.timer(...of),
    };
    const options = { now: start, newId: () => 'g2' };
    const one = decide(counting, [alert('m7', { status: 'resolved' })], rulesOf(), options);
    expect(reads).toEqual(['m7']);
    expect(one.changes.groups[0]).toMatchObject({ firing: 999, members: 1000, status: 'firing' });
    const all = decide(counting, [act('g1', 'resolve')], rulesOf(), options);
    expect(reads).toEqual(['m7']);
    expect(all.changes).toMatchObject({ members: [], closed: [{ group: 'g1', at: start }], groups: [{ firing: 0 }] });
  });

  test('Updates of one batch are one event with up to ten changed alerts', () => {
    const scenario = new Scenario();
    scenario.send(...Array.from({ length: 64 }, (_, index) => alert(`m${index}`)));
    const [first, second] = scenario.state.eventsAfter('g1', 0);
    expect(scenario.state.group('g1')).toMatchObject({ events: 2, firing: 64, members: 64 });
    expect(first?.changed.map(({ fingerprint }) => fingerprint)).toEqual(['m0']);
    expect(second?.changed.map(({ fingerprint }) => fingerprint)).toEqual(
      Array.from({ length: 10 }, (_, index) => `m${54 + index}`),
    );
    expect(second?.after).toEqual({ status: 'firing', severity: 'warning', firing: 64, members: 64 });
  });

  test('Updates within a second of each other are one event, until somebody was told or is being told', () => {
    const everything = [{ match: [], to: [{ target: 'chat' }] }];
    const scenario = new Scenario({ targets: { chat: { mode: 'latest' } }, routes: everything });
    const events = () =>
      scenario.state.eventsAfter('g1', 0).map(({ changed }) => changed.map((one) => one.fingerprint).join(' '));
    const owed = () => scenario.state.deliveries('g1')[0] as Delivery;
    for (const fingerprint of ['a', 'b', 'c']) {
      scenario.send(alert(fingerprint));
      scenario.now += 1000;
    }
    expect(events()).toEqual(['a', 'b c']);
    expect(scenario.state.tally.owed).toBe(2);
    scenario.now += 1;
    scenario.send(alert('d'));
    expect(events()).toEqual(['a', 'b c', 'd']);
    scenario.state.putDelivery({ ...owed(), leaseUntil: scenario.now + 1000 });
    scenario.send(alert('e'));
    expect(events()).toEqual(['a', 'b c', 'd', 'e']);
    scenario.state.putDelivery({ ...owed(), leaseUntil: null, cursor: 4 });
    scenario.send(alert('f'), alert('g'));
    expect(events()).toEqual(['a', 'b c', 'd', 'e', 'f g']);
    scenario.send(alert('h'));
    expect(events()).toEqual(['a', 'b c', 'd', 'e', 'f g h']);
    expect(scenario.state.tally.owed).toBe(5);
    expect(scenario.state.group('g1')).toMatchObject({ events: 5, firing: 8 });
  });
});

describe('Rules', () => {
  const to = (target: string, ...match: string[]): Rules['routes'][number] => ({
    match: match.flatMap(parseMatchers),
    continue: true,
    to: [{ target }],
  });
  const targets: Rules['targets'] = { chat: { mode: 'latest' }, log: { mode: 'every' } };
  const owedTo = (scenario: Scenario, target: string, group = 'g1'): Delivery | undefined =>
    scenario.state.deliveries(group).find((delivery) => delivery.target === target);

  test('The route is not part of the group key', () => {
    const routes = [to('chat', 'severity="critical"'), to('log', 'severity="warning"')];
    tell(
      `
      firing a severity=critical → g1 firing
      firing b severity=warning  → g1 firing
    `,
      { routes, targets },
    );
  });

  test('A subscription matches when one changed member satisfies all its matchers', () => {
    const routes = [to('chat', 'instance="a"', 'severity="critical"')];
    const scenario = new Scenario({ routes, targets });
    scenario.send(alert('a'), alert('b', { severity: 'critical' }));
    expect(owedTo(scenario, 'chat')).toBeUndefined();
    scenario.send(alert('a', { severity: 'critical' }));
    expect(owedTo(scenario, 'chat')).toMatchObject({ cursor: 0, due: start });
  });

  test('A resolution that is always told is told to those who want such an end alone', () => {
    const routes = [to('log', 'alertname="Passed"')];
    for (const alwaysTold of [true, undefined]) {
      const scenario = new Scenario({ routes, targets });
      scenario.send(alert('a'));
      scenario.send(alert('a', { status: 'resolved', labels: { alertname: 'Passed' }, alwaysTold }));
      const delivery = owedTo(scenario, 'log');
      if (alwaysTold) expect(delivery).toMatchObject({ cursor: 1, due: start });
      else expect(delivery).toBeUndefined();
      expect(scenario.state.tally.owed ?? 0).toBe(alwaysTold ? 1 : 0);
    }
  });

  test('It is stored with the group, and lasts as long as the group: whoever was told stays told', () => {
    const scenario = new Scenario({ routes: [to('chat', 'severity="critical"')], targets });
    scenario.send(alert('a', { severity: 'critical' }));
    scenario.send(alert('a', { severity: 'info' }));
    scenario.rules = rulesOf({ targets });
    scenario.send(alert('a', { status: 'resolved', severity: 'info' }));
    expect(owedTo(scenario, 'chat')).toMatchObject({ cursor: 0, due: start });
    expect(scenario.state.tally.owed).toBe(3);
  });

  test('Whoever newly matches is told from the opening of this incarnation on, whatever it wants of the rest', () => {
    const routes = [{ ...to('chat', 'severity="critical"'), events: ['firing' as const, 'resolved' as const] }];
    const scenario = new Scenario({ routes, targets });
    scenario.send(alert('a'), alert('a', { status: 'resolved' }));
    scenario.send(alert('a'));
    expect(owedTo(scenario, 'chat')).toBeUndefined();
    scenario.now += 60_000;
    scenario.send(alert('b', { severity: 'critical' }));
    expect(owedTo(scenario, 'chat')).toMatchObject({ cursor: 2, due: scenario.now });
    expect(scenario.state.tally.owed).toBe(1);
  });

  test('Routes to one target and address are one subscription: union of events, smallest timings', () => {
    const slow = { ...to('chat', 'instance="a"'), events: ['resolved' as const], wait: 60_000, interval: 600_000 };
    const fast = { ...to('chat', 'instance="b"'), events: ['firing' as const], wait: 5000, interval: 1000 };
    const scenario = new Scenario({ routes: [slow, fast], targets });
    scenario.send(alert('a'));
    expect(owedTo(scenario, 'chat')).toMatchObject({ events: ['resolved'], due: null });
    scenario.send(alert('b'));
    expect(owedTo(scenario, 'chat')).toMatchObject({
      events: ['resolved', 'firing'],
      wait: 5000,
      interval: 1000,
      due: start,
    });
    expect(scenario.state.tally.owed).toBe(1);
  });

  test('Removing a target cancels what it is owed, and it is owed nothing more until it is back', () => {
    const scenario = new Scenario({ routes: [to('chat')], targets });
    scenario.send(alert('a'));
    scenario.rules = rulesOf();
    scenario.send(alert('b'));
    expect(owedTo(scenario, 'chat')).toMatchObject({ cursor: 2 });
    expect(scenario.state.tally.owed).toBe(1);
    scenario.rules = rulesOf({ targets });
    scenario.send(alert('c'));
    expect(owedTo(scenario, 'chat')).toMatchObject({ cursor: 2, due: start });
    expect(scenario.state.tally.owed).toBe(2);
  });

  test('Matchers see the vendor’s labels unchanged, plus ours; `severity` and `source` only where the vendor has none', () => {
    const routes = [
      to('chat', 'severity="SEV1"', 'source="eu"', 'tocsin_severity="warning"'),
      to('log', 'tocsin_source="prod"', 'tocsin_key="disk"', 'severity="warning"', 'source="prod"'),
    ];
    const scenario = new Scenario({ routes, targets });
    scenario.send(alert('a', { labels: { severity: 'SEV1', source: 'eu' } }));
    expect(scenario.state.deliveries('g1').map(({ target }) => target)).toEqual(['chat']);
    scenario.send(alert('b', { labels: {} }));
    expect(scenario.state.deliveries('g1').map(({ target }) => target)).toEqual(['chat', 'log']);
  });
});

describe('Actions', () => {
  test('Pressed on an older incarnation it changes nothing and says so', () => {
    tell(`
      firing a
      resolved a
      firing a
      ann acknowledge incarnation=1 → refused(older-incarnation)
      ann resolve incarnation=1     → refused(older-incarnation)
      log                           → firing, resolved, firing
      ann acknowledge incarnation=2 → g1 acknowledged
    `);
  });

  test('An action on a group that is resolved, or that there is none of, changes nothing and says so', () => {
    tell(`
      firing a
      ann resolve              → g1 resolved
      ann resolve              → refused(resolved)
      ann acknowledge          → refused(resolved)
      ann acknowledge group=g9 → refused(unknown-group)
      log                      → firing, resolved
    `);
  });

  test('Asked for twice under one id it is done once, in one request and in the next', () => {
    const scenario = new Scenario();
    const taken = act('g1', 'unacknowledge', { id: 'press 1' });
    scenario.send(alert('a'), act('g1', 'acknowledge'), taken, act('g1', 'acknowledge', { actor: 'ben' }), taken);
    expect(scenario.send(taken)).toEqual([
      { result: 'ignored', reason: 'duplicate', group: 'g1', status: 'acknowledged' },
    ]);
    expect(scenario.do('log')).toBe('firing, acknowledged, unacknowledged, acknowledged');
  });

  test('Events carry who and why', () => {
    const scenario = new Scenario();
    scenario.send(alert('a'), act('g1', 'acknowledge', { comment: 'on it' }));
    expect(scenario.state.eventsAfter('g1', 1)).toMatchObject([
      { kind: 'acknowledged', actor: 'ann', comment: 'on it', changed: [] },
    ]);
  });

  test('What happens in one batch is seen by what follows in it', () => {
    const scenario = new Scenario();
    const outcomes = scenario.send(
      alert('a', { deliveryId: '1' }),
      alert('a', { deliveryId: '1' }),
      act('g1', 'resolve'),
      alert('a'),
      alert('a', { status: 'resolved' }),
      alert('a'),
    );
    expect(outcomes.map(({ result }) => result)).toEqual([
      'grouped',
      'ignored',
      'grouped',
      'ignored',
      'ignored',
      'grouped',
    ]);
    expect(scenario.state.group('g1')).toMatchObject({ firing: 1, members: 1, incarnation: 2 });
  });
});

test('A rejected request is counted and kept, a sample of those that were read is kept', () => {
  const scenario = new Scenario();
  const rejection = {
    kind: 'request',
    source: 'prod',
    reason: 'no',
    path: '',
    body: '{',
    contentType: 'text/plain',
  } as const;
  expect(scenario.send(rejection, { ...rejection, reason: null }, alert('a'))).toMatchObject([
    { result: 'kept' },
    { result: 'kept' },
    { result: 'grouped' },
  ]);
  expect(scenario.state.tally).toEqual({ received: 2, rejected: 1, grouped: 1 });
});

test('The severity counters are in the order of the severities', () => {
  const scenario = new Scenario();
  scenario.send(...severities.flatMap((severity, index) => Array(index + 1).fill(severity)).map(signalOf));
  expect(scenario.state.group('g1')?.firingBySeverity).toEqual([1, 2, 3, 4, 5]);
});

function signalOf(severity: (typeof severities)[number], index: number) {
  return alert(`m${index}`, { severity });
}

test('The state itself is never touched', () => {
  const scenario = new Scenario();
  scenario.send(alert('a'));
  const before = structuredClone([...scenario.state.groups]);
  const options = { now: start, newId: () => 'g2' };
  decide(scenario.state, [alert('b'), act('g1', 'resolve'), alert('c', { group: 'cpu' })], rulesOf(), options);
  expect([...scenario.state.groups]).toEqual(before);
  expect(scenario.state).toBeInstanceOf(MemoryState);
});
