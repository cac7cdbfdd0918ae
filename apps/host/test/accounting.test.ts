import type { OldestOwed } from '@tocsin/engine';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { account } from '../src/accounting/accounting.ts';
import { canary, firing, noon, openTestHost, type TestHost, tokens } from './api-host.ts';
import { dangers, lacks } from './pages-structure.ts';

test('each sum is of everything that has its name, with a reason or without', () => {
  const counters = {
    received: 10,
    grouped: 4,
    'ignored.duplicate': 3,
    'ignored.stale': 1,
    rejected: 2,
    owed: 21,
    delivered: 6,
    pending: 5,
    superseded: 4,
    'suppressed.not-needed': 3,
    'dead.refused': 1,
    'dead.expired': 1,
    cancelled: 1,
  };
  const { alerts, notifications } = account(counters, []);
  expect(alerts).toEqual({ total: 10, accounted: 10, holds: true });
  expect(notifications).toEqual({ total: 21, accounted: 21, holds: true });
  expect(account({ ...counters, grouped: 3 }, []).alerts).toEqual({ total: 10, accounted: 9, holds: false });
  expect(account({ ...counters, pending: 6 }, []).notifications.holds).toBe(false);
  expect(account({}, []).alerts).toEqual({ total: 0, accounted: 0, holds: true });
});

describe('the accounting', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await openTestHost();
  });
  afterEach(() => host.close());

  const ask = async () =>
    (
      await host.app.inject({
        url: '/api/v1/accounting',
        headers: { authorization: `Bearer ${tokens.vic.value}` },
      })
    ).json();
  const page = async () =>
    host.app.inject({ url: '/accounting', headers: { cookie: await host.signIn(tokens.vic), accept: 'text/html' } });

  it('says in numbers that it adds up, and what is owed for the longest', async () => {
    expect(await ask()).toMatchObject({ alerts: { total: 0, holds: true }, oldestOwed: null, targets: [] });
    const id = await host.alert();
    await host.store.commit([firing]);
    host.at(90_000);
    const oldest = {
      group: id,
      subscription: 'ops',
      since: new Date(noon).toISOString(),
      age: 90_000,
      url: `http://127.0.0.1:8080/g/${id}`,
    };
    expect(await ask()).toEqual({
      counters: { received: 2, grouped: 1, 'ignored.duplicate': 1, owed: 1, pending: 1 },
      alerts: { total: 2, accounted: 2, holds: true },
      notifications: { total: 1, accounted: 1, holds: true },
      oldestOwed: { target: 'ops', ...oldest },
      targets: [{ target: 'ops', deliveries: 1, oldest, late: oldest }],
    });
    await host.deliver({ outcome: 'retry', reason: '503', after: 3_600_000 });
    host.at(120_000);
    const failing = await ask();
    expect(failing.targets[0].late).toMatchObject({ age: 30_000 });
    await host.store.putSilence({
      id: 's1',
      matchers: [{ name: 'alertname', op: '=', value: 'DiskFull' }],
      startsAt: noon,
      endsAt: noon + 90_000_000,
      comment: 'c',
      author: 'ann',
    });
    host.at(3_900_000);
    expect(await host.deliver({ outcome: 'delivered' })).toBe(0);
    // It waits because somebody said so: the age is told, and it isn't late.
    expect(await ask()).toMatchObject({ oldestOwed: { age: 3_900_000 }, targets: [{ late: null }] });
  });

  it('is a page for people as well', async () => {
    const id = await host.alert({ labels: { alertname: `<script>${canary}</script>` } });
    await host.store.commit([firing, { ...firing, fingerprint: 'o', status: 'resolved' }]);
    await host.deliver({ outcome: 'disabled', reason: `HTTP 410 ${canary} <b>gone</b>` });
    host.at(7_200_000);
    const { statusCode, body } = await page();
    expect(statusCode).toBe(200);
    expect([lacks(body), dangers(body)]).toEqual([[], []]);
    expect(body).toContain(`/g/${id}/why`);
    expect(body).toContain('2 hours ago');
    expect(body).toContain('switched off');
    expect(body).toContain('ignored.orphan');
    expect(body.match(/It adds up/g)).toHaveLength(2);
    // As far as no escaping changes it.
    expect(body).not.toContain(canary.slice(0, 10));
    expect(body).toContain('${env:CANARY}');
    expect(body).not.toContain('<b>gone');
  });

  it('says when it does not add up', async () => {
    host.store.query.tally = async () => ({ received: 2, grouped: 1, owed: 1, 'dead.refused': 1 });
    host.store.query.oldestOwed = async (): Promise<OldestOwed[]> => [];
    const { body } = await page();
    expect(body).toContain('It does not add up</b>: 2 is not 1');
    expect(body.match(/It adds up/g)).toHaveLength(1);
    expect(body).toContain('Nothing: everybody was told');
    expect((await ask()).alerts).toEqual({ total: 2, accounted: 1, holds: false });
  });

  it('needs a sign-in', async () => {
    const answer = await host.app.inject({ url: '/accounting', headers: { accept: 'text/html' } });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in?return=%2Faccounting']);
  });
});
