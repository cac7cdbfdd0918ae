import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openTestHost, type TestHost, tokens } from './api-host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(() => host.close());

async function call(method: 'GET' | 'POST', path: string, body?: object, token: { value: string } = tokens.oli) {
  const answer = await host.app.inject({
    method,
    url: `/api/v1/${path}`,
    headers: { authorization: `Bearer ${token.value}` },
    ...(body ? { payload: body } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const made = { matchers: ['alertname="DiskFull"', 'instance=~"db-.*"'], until: '2h', comment: 'disks are replaced' };

describe('silences', () => {
  it('hold back messages, with who made them and why, until somebody ends them', async () => {
    const { status, body: silence } = await call('POST', 'silences', made);
    expect(status).toBe(200);
    expect(silence).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{10}$/),
      state: 'active',
      matchers: made.matchers,
      startsAt: new Date(noon).toISOString(),
      endsAt: new Date(noon + 7_200_000).toISOString(),
      comment: made.comment,
      author: 'oli',
    });
    const id = await host.alert();
    expect(await host.deliver({ outcome: 'delivered' })).toBe(0);
    const { body: group } = await call('GET', `groups/${id}`, undefined, tokens.vic);
    expect(group.status).toBe('firing');
    expect(group.deliveries.items).toMatchObject([
      { state: 'held', held: `silence ${silence.id}`, due: silence.endsAt },
    ]);

    host.at(60_000);
    const { body: ended } = await call('POST', `silences/${silence.id}/end`);
    expect(ended).toMatchObject({ state: 'expired', endsAt: new Date(noon + 60_000).toISOString() });
    expect(await host.deliver({ outcome: 'delivered' })).toBe(1);
    expect((await call('GET', 'silences')).body.items).toEqual([]);
    expect((await call('GET', 'silences?all=true')).body.items).toEqual([ended]);
    expect((await call('POST', `silences/${silence.id}/end`)).body).toEqual(ended);
  });

  it('may begin later, and are never longer than they were when they are ended before', async () => {
    const later = { ...made, from: '1h', until: '2h' };
    const { body: silence } = await call('POST', 'silences', later);
    expect(silence).toMatchObject({ state: 'pending' });
    const { body: ended } = await call('POST', `silences/${silence.id}/end`);
    expect(ended).toMatchObject({ state: 'expired' });
    expect(ended.startsAt).toBe(ended.endsAt);
  });

  it.each([
    [{ ...made, matchers: [] }, 'body.matchers', 'are none, so everything would be silent'],
    [{ ...made, matchers: 'a=~".*"' }, 'body.matchers', 'would be silent'],
    [{ ...made, matchers: 'a=~"("' }, 'body.matchers', '('],
    [{ ...made, matchers: 'nonsense' }, 'body.matchers', 'expected = != =~ or !~'],
    [{ ...made, until: 'never' }, 'body.until', 'is neither a duration'],
    [{ ...made, until: '9999h' }, 'body.until', 'is more than a year ahead'],
    [{ ...made, from: '3h' }, 'body.until', 'is before startsAt'],
    [{ ...made, comment: ' ' }, 'body/comment', 'say why'],
  ])('say what is wrong with %j', async (body, path, message) => {
    const answer = await call('POST', 'silences', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.error)).toContain(message);
    expect(JSON.stringify(answer.body.error).replace('/', '.')).toContain(path.replace('/', '.'));
  });

  it('are for operators to make, and for viewers to read', async () => {
    expect((await call('POST', 'silences', made, tokens.vic)).status).toBe(403);
    expect((await call('GET', 'silences', undefined, tokens.vic)).status).toBe(200);
    expect((await call('GET', 'silences', undefined, tokens.met)).status).toBe(403);
  });
});

describe('a target that says that it is no more', () => {
  it('takes nothing until somebody enables it', async () => {
    await host.alert({ group: 'gone', fingerprint: 'gone', labels: { alertname: 'Other' } });
    await host.deliver({ outcome: 'disabled', reason: 'HTTP 410' });
    const { body } = await call('GET', 'targets');
    expect(body.items.find(({ id }: { id: string }) => id === 'ops')).toMatchObject({
      state: 'disabled',
      reason: 'HTTP 410',
      until: null,
    });
    expect(await host.deliver({ outcome: 'delivered' })).toBe(0);
    expect((await call('POST', 'targets/ops/enable')).body).toEqual({ changed: true });
    expect((await call('POST', 'targets/ops/enable')).body).toEqual({ changed: false });
    expect(await host.deliver({ outcome: 'delivered' })).toBe(1);
  });

  it('may ask for a pause too', async () => {
    await host.alert({ group: 'busy', fingerprint: 'busy', labels: { alertname: 'Other' } });
    await host.deliver({ outcome: 'retry', reason: 'HTTP 429', after: 600_000, pausesLane: true });
    const { body } = await call('GET', 'targets');
    expect(body.items.find(({ id }: { id: string }) => id === 'ops')).toMatchObject({ state: 'paused', reason: null });
  });
});
