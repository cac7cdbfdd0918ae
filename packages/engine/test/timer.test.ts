import { describe, expect, test } from 'vitest';
import { alert } from '../src/testing/signals.ts';
import { start, tell } from './support/scenario.ts';

describe('A source whose alerts are over without news', () => {
  const rules = { sources: { prod: { resolveAfter: 12 * 3_600_000 } } };

  test('has them resolved by actor timeout, in words that name no recovery', () => {
    const scenario = tell('firing a\n later 12h\n ring → g1 resolved\n log → firing, resolved\n timers →', rules);
    const [, event] = scenario.state.eventsAfter('g1', 0);
    expect(event).toMatchObject({ kind: 'resolved', actor: 'timeout', comment: 'no news for 12 h' });
  });

  test('puts that off with every word that they still fire, a repeat too', () => {
    tell(
      `
      firing a
      later 11h
      firing a → ignored(duplicate)
      timers → a in 1380m
      firing a id=7
      later 1h
      firing a id=7 → ignored(duplicate)
      timers → a in 1440m
      later 11h
      ring →
      resolved a → g1 resolved
      timers →
    `,
      rules,
    );
  });

  test('waits for nothing where nothing fires, and forgets what a person resolved', () => {
    tell(
      `
      resolved a → ignored(orphan)
      notice b
      timers →
      firing a
      ann resolve
      later 12h
      ring → ignored(orphan)
      timers →
    `,
      rules,
    );
  });

  test('leaves a heartbeat its own time', () => {
    tell('resolved a next=5m\n timers → a in 5m', rules);
  });
});

describe('A source that says when it will be heard of again', () => {
  test('is raised by its silence, once, and resolved by its next word', () => {
    tell(`
      resolved a next=25h → ignored(orphan)
      timers → a in 1500m
      later 25h
      ring → g1 firing
      log → firing
      timers →
      later 100h
      ring →
      resolved a next=25h → g1 resolved
      timers → a in 9000m
    `);
  });

  test('is not raised while it speaks in time, in the very moment too', () => {
    const scenario = tell(`
      resolved a next=5m
      later 5m
      resolved a next=5m → ignored(orphan)
      ring →
      timers → a in 10m
    `);
    const late = { kind: 'timer', source: 'prod', fingerprint: 'a' } as const;
    expect(scenario.send(late)).toEqual([{ result: 'waiting' }]);
    scenario.now += 5 * 60_000;
    const word = alert('a', { status: 'resolved', next: 60_000 });
    expect(scenario.send(word, late).map(({ result }) => result)).toEqual(['ignored', 'waiting']);
    expect(scenario.send(late, word)[0]).toEqual({ result: 'waiting' });
  });

  test('fires with the words of its last signal, since then, by actor timeout', () => {
    const scenario = tell('resolved a next=5m severity=critical');
    scenario.now += 7 * 60_000;
    scenario.ring();
    const [event] = scenario.state.eventsAfter('g1', 0);
    expect(event).toMatchObject({ kind: 'firing', actor: 'timeout', at: start + 7 * 60_000 });
    expect(event?.changed).toMatchObject([{ severity: 'critical', startedAt: start, labels: { instance: 'a' } }]);
  });

  test('is forgotten when it says that nothing is expected any more', () => {
    tell(`
      resolved a next=5m
      resolved a next=0s
      timers →
      later 10m
      ring →
    `);
  });

  test('stays watched while it fires, and its silence adds nothing to that', () => {
    tell(`
      firing a next=5m → g1 firing
      later 5m
      ring → ignored(duplicate)
      log → firing
      timers →
    `);
  });

  test('is raised after a person resolved it, if it stays silent then', () => {
    tell(`
      firing a next=5m → g1 firing
      ann resolve → g1 resolved
      later 5m
      ring → g1 firing
    `);
  });

  test('keeps its time when it says nothing of the next, or is a replay', () => {
    tell(`
      resolved a next=5m id=1 → ignored(orphan)
      later 1m
      resolved a next=5m id=1 → ignored(duplicate)
      firing a → g1 firing
      timers → a in 5m
    `);
  });

  test('has one timer for each of its alerts', () => {
    const scenario = tell(`
      resolved a next=5m
      resolved b next=10m key=cpu
      later 10m
      resolved b next=10m key=cpu
      ring → g1 firing
      timers → b in 20m
    `);
    expect(scenario.state.tally).toMatchObject({ received: 3, 'ignored.orphan': 3 });
    expect(scenario.state.tally.grouped).toBeUndefined();
  });
});
