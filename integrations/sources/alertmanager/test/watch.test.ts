import { expect, test } from 'vitest';
import alertmanager from '../src/index.ts';

// What Alertmanager says nothing of while it is silenced is found by looking.

const { writeBack } = alertmanager;
if (writeBack?.kind !== 'http' || !writeBack.watch) throw new Error('Alertmanager is looked at');
const { watch } = writeBack;
const settings = writeBack.settings.parse({ url: 'https://alertmanager.example.com/am/' });
const now = Date.UTC(2026, 0, 15, 9, 30);
const minute = 60_000;

const answer = (body: unknown, status = 200) => ({ status, headers: {}, body: JSON.stringify(body) });
const startedAt = (time: number) => answer({ uptime: new Date(time).toISOString() });
const showing = (...fingerprints: string[]) =>
  answer(
    fingerprints.map((fingerprint) => ({ fingerprint, labels: {}, status: { state: 'suppressed', silencedBy: [] } })),
  );

const old = now - 60 * minute;
const alerts = ['a', 'b'].map((fingerprint) => ({ fingerprint, since: now - 10 * minute }));

function over(earlier: object, later: object, started = old): string[] {
  const looks = { earlier: [startedAt(started), earlier], later: [startedAt(started), later], now };
  return watch.over(alerts, looks as Parameters<typeof watch.over>[1], settings);
}

test('a look is the time of its start, and all that fires', () => {
  const status = watch.request(settings, []);
  expect(status?.url).toBe('https://alertmanager.example.com/am/api/v2/status');
  const shown = watch.request(settings, [startedAt(old)]);
  expect(shown?.url).toBe('https://alertmanager.example.com/am/api/v2/alerts');
  expect(watch.request(settings, [startedAt(old), showing()])).toBeUndefined();
});

test('what neither of two looks shows is over', () => {
  expect(over(showing('b'), showing('b'))).toEqual(['a']);
  expect(over(showing('a', 'b'), showing('b'))).toEqual([]);
  expect(over(showing('b'), showing('a', 'b'))).toEqual([]);
  expect(over(showing(), showing())).toEqual(['a', 'b']);
});

test('an Alertmanager that was started after it told us may not have heard yet', () => {
  expect(over(showing(), showing(), now - 4 * minute)).toEqual([]);
  expect(over(showing(), showing(), now - 6 * minute)).toEqual(['a', 'b']);
  // Before that, it knows what it told.
  expect(
    watch.over(
      [{ fingerprint: 'a', since: now - minute }],
      {
        earlier: [startedAt(now - 2 * minute), showing()],
        later: [startedAt(now - 2 * minute), showing()],
        now,
      },
      settings,
    ),
  ).toEqual(['a']);
});

test('an answer that is none says nothing', () => {
  expect(() => over(showing('a'), answer({ error: 'no' }, 500))).toThrow('Alertmanager');
  expect(() => over(answer('<html>'), showing())).toThrow('Alertmanager');
});
