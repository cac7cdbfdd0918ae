import { type Alert, normalise, type Source } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import definition from '../src/index.ts';
import { parsePath, readPath } from '../src/path.ts';

const source = definition as unknown as Source; // the types of one source are of no use to who runs all

function readAll(body: unknown, given: object = {}): Alert[] {
  const settings = definition.settings?.parse(given);
  const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
  return normalise(source, body, request, { source: 'scripts', settings, receivedAt: Date.UTC(2026, 0, 15) }).alerts;
}

function read(body: unknown, given: object = {}): Alert & { data: { title: string; message: string; link?: string } } {
  const [alert] = readAll(body, given);
  return alert as ReturnType<typeof read>; // of this source's own making
}

const identity = (body: unknown, given?: object) => {
  const { fingerprint, group } = read(body, given);
  return [fingerprint, group];
};

describe('without settings', () => {
  test.each<[object, Partial<Alert>]>([
    [
      { title: 'Disk full' },
      { status: 'firing', severity: 'unknown', fingerprint: 'Disk full', group: 'Disk full', labels: {} },
    ],
    [
      { title: 'Disk full', status: 'firing', severity: 'critical' },
      { status: 'firing', severity: 'critical', labels: { severity: 'critical' } },
    ],
    [{ Title: 'Disk full', State: 'ALERTING' }, { status: 'firing' }],
    [{ title: 'Disk full', alert_status: 'In Alarm' }, { status: 'firing' }],
    [
      { name: 'Shop', status: 'down' },
      { status: 'firing', fingerprint: 'Shop' },
    ],
    [{ name: 'Shop', status: 'Up' }, { status: 'resolved' }],
    [{ name: 'Shop', state: 'OK' }, { status: 'resolved' }],
    [{ title: 't', status: 'acknowledged' }, { status: 'acknowledged' }],
    [{ title: 't', status: 'muted' }, { status: 'silenced' }],
    [{ title: 't', status: 'info' }, { status: 'notice' }],
    [
      { title: 't', status: 'warning' },
      { status: 'firing', severity: 'warning' },
    ],
    [{ title: 't', event: 'incident.opened', state: 'closed' }, { status: 'resolved' }],
    [{ title: 't', action: 'closed' }, { status: 'resolved' }],
    [{ title: 't', ok: true }, { status: 'resolved' }],
    [{ title: 't', ok: false }, { status: 'firing' }],
    [{ title: 't', resolved: true }, { status: 'resolved' }],
    [{ title: 't', status: 'gone fishing' }, { status: 'firing' }],
    [{ title: 't', status: 3 }, { status: 'firing' }],
    [{ title: 't', status: null }, { status: 'firing' }],
    [{ title: 't', priority: 'High' }, { severity: 'error' }],
    [{ title: 't', level: 'warn' }, { severity: 'warning' }],
    [
      { title: 't', host: 'db-1', port: 5432, up: false },
      { labels: { host: 'db-1', port: '5432' }, status: 'firing' },
    ],
    [
      { title: 't', labels: { team: 'core' }, tags: ['env:prod', 'b=2', 'plain'] },
      { labels: { team: 'core', env: 'prod', b: '2' } },
    ],
    [{ title: 't', check: { name: 'http', zone: { id: 7 } } }, { labels: { check_name: 'http', check_zone_id: '7' } }],
    [
      { status: 'down', host: 'db-1' },
      { status: 'firing', fingerprint: '{"host":"db-1","title":"db-1"}' },
    ],
    [{ text: '[RESOLVED] Shop is slow' }, { status: 'resolved', fingerprint: 'Shop is slow' }],
    [{ text: 'PROBLEM: Shop is slow' }, { status: 'firing', fingerprint: 'Shop is slow' }],
    [{ text: 'Shop is up' }, { status: 'resolved', fingerprint: 'Shop' }],
    [{ text: 'Disk: full' }, { status: 'firing', fingerprint: 'Disk: full' }],
    [{ alert: { title: 't', status: 'ok' } }, { status: 'resolved', fingerprint: 't' }],
    [
      { title: 't', fingerprint: 'abc' },
      { fingerprint: 'abc', group: 'abc' },
    ],
    [{ title: 't', dedup_key: 7 }, { fingerprint: '7' }],
    [
      { title: 't', groupKey: 'g' },
      { fingerprint: 't', group: 'g' },
    ],
  ])('%j', (body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });

  test('the texts are found, and each is shown once', () => {
    const body = { name: 'Backup', message: 'It failed.', url: 'https://ci.example/7', host: 'db-1' };
    expect(read(body)).toMatchObject({
      data: { title: 'Backup', message: 'It failed.', link: 'https://ci.example/7' },
      labels: { host: 'db-1' },
    });
    expect(read({ message: 'It failed.' }).data).toMatchObject({ title: 'It failed.', message: '' });
    expect(read({ message: 'It failed.\nExit code 3' }).data).toMatchObject({
      title: 'It failed.',
      message: 'It failed.\nExit code 3',
    });
    expect(read({ title: 't', url: 'javascript:alert(1)' }).data.link).toBeUndefined();
  });

  test('a list is a list of alerts, and what is in it may be plain text', () => {
    expect(
      readAll([{ title: 'a' }, 'b', { title: 'c', status: 'ok' }]).map(({ fingerprint, status }) => [
        fingerprint,
        status,
      ]),
    ).toEqual([
      ['a', 'firing'],
      ['b', 'firing'],
      ['c', 'resolved'],
    ]);
  });

  test.each([[{}], [{ value: 3 }], [[null]], ['text'], [7], [null]])('%j is no alert', (body) => {
    expect(() => readAll(body)).toThrow(/not what Webhook sends/);
  });

  test('one that says nothing does not drop its neighbours', () => {
    expect(readAll([{ value: 3 }, { title: 'a' }])).toHaveLength(1);
  });
});

describe('firing and ok of the same thing are about the same thing', () => {
  test.each<[string, object, object]>([
    ['with another message', { title: 'Disk', message: '97 %' }, { title: 'Disk', message: '40 %', status: 'ok' }],
    [
      'with another value and time',
      { title: 'Disk', host: 'a', value: '97', at: '2026-01-01T00:00:00Z' },
      { title: 'Disk', host: 'a', value: '40', at: '2026-01-02T00:00:00Z', status: 'ok' },
    ],
    [
      'with a time in words',
      { title: 'Disk', raised_at: 'Jan 15 10:00', lastSeenAt: 'noon' },
      { title: 'Disk', raised_at: 'Jan 16 11:00', lastSeenAt: 'one', status: 'ok' },
    ],
    [
      'with another id of the event',
      { title: 'Disk', id: 'e1', event_id: 'x' },
      { title: 'Disk', id: 'e2', event_id: 'y', status: 'ok' },
    ],
    ['with a severity only while it fires', { title: 'Disk', severity: 'critical' }, { title: 'Disk', status: 'ok' }],
    ['with the state in the title', { title: '[DOWN] Shop' }, { title: '[UP] Shop' }],
    ['with the state in the title and a sign', { title: '[🔴 Down] Shop' }, { title: '[✅ Up] Shop' }],
    ['with the state before the title', { subject: 'PROBLEM: Shop' }, { subject: 'RECOVERY: Shop' }],
    [
      'with the old state beside',
      { title: 'Shop', status: 'down', old_status: 'up' },
      { title: 'Shop', status: 'up', old_status: 'down' },
    ],
    ['with who did it', { title: 'Shop' }, { title: 'Shop', status: 'closed', user: 'ann', comment: 'done' }],
    ['in another order', { title: 'Shop', a: 'x', b: 'y' }, { b: 'y', a: 'x', title: 'Shop', status: 'ok' }],
  ])('%s', (_, firing, ok) => {
    expect(identity(ok)).toEqual(identity(firing));
    expect(read(ok).status).toBe('resolved');
    expect(read(firing).status).toBe('firing');
  });

  test.each<[string, object, object]>([
    ['hosts', { title: 'Disk', host: 'a' }, { title: 'Disk', host: 'b' }],
    ['titles', { title: 'Disk full on db-1' }, { title: 'Disk full on db-2' }],
    ['things of an unknown name', { title: 'Backup', database: 'a' }, { title: 'Backup', database: 'b' }],
    ['nested names', { title: 'Slow', service: { name: 'a' } }, { title: 'Slow', service: { name: 'b' } }],
    ['fingerprints', { title: 'Disk', fingerprint: '1' }, { title: 'Disk', fingerprint: '2' }],
  ])('but other %s are other things', (_, left, right) => {
    expect(identity(left)).not.toEqual(identity(right));
  });
});

describe('with settings', () => {
  const body = {
    meta: { at: 1_768_000_000, run: 'r-1', team: 'core' },
    problems: [
      {
        what: { text: 'Disk' },
        state: 'PROBLEM',
        id: 7,
        group: 'storage',
        grade: 'S1',
        dims: { host: 'a', n: 1 },
        more: 'm',
        page: 'https://x.example/7',
      },
      { what: { text: 'Net' }, state: 'OK', id: 8, group: 'storage', grade: 'S2', dims: { host: 'b' } },
    ],
  };
  const settings = {
    alerts: 'problems',
    title: 'what.text',
    message: 'more',
    link: 'page',
    status: 'state',
    severity: 'grade',
    key: 'group',
    fingerprint: 'id',
    labels: { host: 'dims.host', team: 'meta.team' },
    at: 'meta.at',
    startedAt: 'meta.at',
    deliveryId: 'meta.run',
    firing: ['PROBLEM'],
    resolved: ['OK'],
  };

  test('everything is where the operator says, in the alert or around it', () => {
    const [disk, net] = readAll(body, settings);
    expect(disk).toMatchObject({
      status: 'firing',
      group: 'storage',
      fingerprint: '7',
      labels: { host: 'a', team: 'core' },
      at: 1_768_000_000_000,
      startedAt: 1_768_000_000_000,
      deliveryId: 'r-1',
      data: { title: 'Disk', message: 'm', link: 'https://x.example/7' },
    });
    expect(net).toMatchObject({
      status: 'resolved',
      group: 'storage',
      fingerprint: '8',
      data: { title: 'Net', message: '' },
    });
  });

  test('labels may be an object of the payload', () => {
    expect(read(body, { ...settings, labels: 'dims' }).labels).toEqual({ host: 'a', n: '1' });
  });

  test('words may be numbers, and are found without a path too', () => {
    expect(read({ title: 't', beat: { state: 0 } }, { status: 'beat.state', firing: [0], resolved: [1] }).status).toBe(
      'firing',
    );
    expect(read({ title: 't', beat: { state: 1 } }, { status: 'beat.state', firing: [0], resolved: [1] }).status).toBe(
      'resolved',
    );
    expect(read({ title: 't', status: 'Entwarnung' }, { resolved: ['entwarnung'] }).status).toBe('resolved');
  });

  test('own words come before the usual ones', () => {
    expect(read({ title: 't', status: 'closed' }, { firing: ['closed'] }).status).toBe('firing');
  });

  test('what is not there is guessed: an alert is better than none', () => {
    expect(
      readAll({ title: 't' }, { alerts: 'problems', title: 'what.text', key: 'group', fingerprint: 'id' }),
    ).toMatchObject([{ fingerprint: 't', group: 't' }]);
  });

  test.each([
    [{ title: '' }],
    [{ title: 'a..b' }],
    [{ title: 'a[x]' }],
    [{ title: '[' }],
    [{ titel: 'a' }],
    [{ firing: 'x' }],
  ])('%j is refused', (given) => {
    expect(definition.settings?.safeParse(given).success).toBe(false);
  });
});

describe('a path', () => {
  test.each([
    ['a', ['a']],
    ['data.items[0].name', ['data', 'items', 0, 'name']],
    ['[2].x', [2, 'x']],
    ['["a key"].b', ['a key', 'b']],
    ['a["b.c\\"d"]', ['a', 'b.c"d']],
    ['check-name.Größe', ['check-name', 'Größe']],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  test.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[]', 'a[-1]', 'a[b]', 'a]b', 'a["b', 'a[0]b'])(
    '%j is none',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );

  test('reads own fields only', () => {
    const body = JSON.parse('{"a": {"__proto__": {"b": 1}, "list": [{"c": 2}]}}');
    const at = (text: string) => readPath(body, parsePath(text) ?? []);
    expect([at('a.list[0].c'), at('a.list[1].c'), at('a.list[0].c.d'), at('x.y')]).toEqual([
      2,
      undefined,
      undefined,
      undefined,
    ]);
    expect([at('a.constructor'), at('constructor.name'), at('a.list.push'), at('__proto__.toString')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('any JSON is read or refused, in bounded time, and nothing is polluted', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      try {
        for (const alert of readAll(JSON.parse(text))) expect(alert.fingerprint.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'payload' });
      }
    }),
    { numRuns: 500 },
  );
  const started = performance.now();
  readAll({
    title: `x${' '.repeat(100_000)}x`,
    wide: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, `v ${' '.repeat(50)}`])),
  });
  expect(performance.now() - started).toBeLessThan(500);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
