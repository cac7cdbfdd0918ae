import { parseMatchers } from '@tocsin/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary, noon, openTestHost, type TestHost, tokens } from './api-host.ts';
import { dangers, elementsOf, lacks } from './pages-structure.ts';

// The way of an alert, from a real store: in the API, and on a page.

let host: TestHost;
beforeEach(async () => {
  host = await openTestHost();
  host.context.config.routes = [
    { match: parseMatchers('team="nobody"'), to: [] },
    { match: [], to: [{ target: 'ops' }] },
  ];
});
afterEach(() => host.close());

async function ask(query: Record<string, string>, token: { value: string } = tokens.vic) {
  const url = `/api/v1/why?${new URLSearchParams(query)}`;
  const answer = await host.app.inject({ url, headers: { authorization: `Bearer ${token.value}` } });
  return { status: answer.statusCode, body: answer.json(), text: answer.body };
}

async function open(id: string) {
  const headers = { cookie: await host.signIn(tokens.vic), accept: 'text/html' };
  return host.app.inject({ url: `/g/${id}/why`, headers });
}

/** What no escaping changes. */
const startOfCanary = canary.slice(0, 10);

const hostile = `<img src=x onerror=alert(1)> "${canary}" \u202egnp`;

describe('the way of an alert', () => {
  it('goes from the request to the attempts', async () => {
    await host.store.commit([
      {
        kind: 'request',
        source: 'prod',
        reason: null,
        path: '/x',
        body: '{"secret":1}',
        contentType: 'application/json',
      },
      {
        kind: 'alert',
        source: 'prod',
        fingerprint: 'disk/1',
        group: 'disk',
        status: 'firing',
        severity: 'critical',
        labels: { team: 'web' },
        data: '{}',
      },
    ]);
    const { body: found } = await ask({ source: 'prod', fingerprint: 'disk/1' });
    const { id } = found.group;
    host.at(60_000);
    await host.deliver(
      { outcome: 'retry', reason: 'HTTP 503' },
      {
        request: { method: 'POST', url: 'https://x.example', headers: {}, body: 'what was sent' },
        response: { status: 503, headers: {}, body: 'what was answered' },
      },
    );
    const { body, text } = await ask({ group: id });
    expect(body).toMatchObject({
      answer: 'Nobody was told so far: ops fails since 12:01 CET (just now): HTTP 503.',
      advice: [expect.stringContaining('See whether ops can be reached')],
      alert: null,
      group: { id, url: `http://127.0.0.1:8080/g/${id}` },
      request: { first: new Date(noon).toISOString(), kept: { id: 1, path: '/x' }, rejected: [] },
      decisions: [{ number: 1, kind: 'firing' }],
      ways: [
        {
          labels: { team: 'web', tocsin_source: 'prod', tocsin_severity: 'critical', tocsin_key: 'disk' },
          routes: [
            { path: 'routes[0]', line: 1, failed: { matcher: 'team="nobody"', label: 'team', value: 'web' } },
            { path: 'routes[1]', selected: true, subscriptions: ['ops'] },
          ],
        },
      ],
      tellings: [
        {
          target: 'ops',
          state: 'retrying',
          verdict: 'trouble',
          routes: ['routes[1]'],
          owes: [{ number: 1, kind: 'firing', at: new Date(noon).toISOString() }],
          attempts: [{ outcome: 'retry', status: 503, duration: 12 }],
        },
      ],
    });
    // What was sent and stored is elsewhere; here it is only said that it was.
    for (const other of ['what was sent', 'what was answered', '{\\"secret', 'clause'])
      expect(text).not.toContain(other);
    expect((await ask({ fingerprint: 'disk/1' })).body.alert).toMatchObject({
      fingerprint: 'disk/1',
      status: 'firing',
    });
  });

  it('names the silence that holds it, with its author and reason, and what inhibits it', async () => {
    await host.store.putSilence({
      id: 's1',
      matchers: parseMatchers('alertname="DiskFull"'),
      startsAt: noon,
      endsAt: noon + 3_600_000,
      comment: `work ${canary}`,
      author: 'ann',
    });
    const id = await host.alert();
    await host.deliver({ outcome: 'delivered' });
    const { body, text } = await ask({ group: id });
    expect(body.answer).toBe(
      'Nobody was told so far: ops waits until 13:00 CET (in 1 hour): silence s1 of ann (work ${env:CANARY}).',
    );
    expect(body.silences).toMatchObject([{ id: 's1', state: 'active', author: 'ann' }]);
    expect(text).not.toContain(JSON.stringify(canary).slice(1, -1));

    await host.store.setRules({
      version: '2',
      routes: [{ match: [], to: [{ target: 'ops' }] }],
      targets: { ops: { mode: 'latest' } },
      sources: {},
      inhibit: [{ source: parseMatchers('net="down"'), target: parseMatchers('site="a"'), equal: [] }],
    });
    const by = await host.alert({ fingerprint: 'net', group: 'net', labels: { net: 'down' }, severity: 'error' });
    const inhibited = await host.alert({ fingerprint: 'site', group: 'site', labels: { site: 'a' } });
    await host.deliver({ outcome: 'delivered' });
    expect((await ask({ group: inhibited })).body.tellings[0].says).toEqual([
      `Held for as long as group ${by} (firing, error) inhibits it.`,
    ]);
    // However many there are.
    const more = { matchers: parseMatchers('team="x"'), startsAt: noon, endsAt: noon + 1, comment: 'c', author: 'bob' };
    await Promise.all(Array.from({ length: 201 }, (_, index) => host.store.putSilence({ ...more, id: `x${index}` })));
    await host.deliver({ outcome: 'delivered' });
    expect((await ask({ group: id })).body.answer).toContain('silence s1 of ann');
  });

  it('ends where nobody is told', async () => {
    await host.store.setRules({ version: '3', routes: [], targets: { ops: { mode: 'latest' } }, sources: {} });
    host.context.config.routes = [{ match: parseMatchers('team="db"'), to: [{ target: 'ops' }] }];
    const id = await host.alert();
    const { body } = await ask({ group: id });
    expect(body.answer).toBe(
      'Nobody was told: none of the routes matches; routes[0] (line 1) wants team="db", and the alert has no team.',
    );
    expect(body.tellings).toEqual([]);
  });

  it('is told of the right alert, or not at all', async () => {
    await host.alert({ fingerprint: 'one' });
    await host.alert({ fingerprint: 'both' });
    await host.alert({ fingerprint: 'both', source: 'lab', group: 'b' });
    expect((await ask({ fingerprint: 'one' })).status).toBe(200);
    const several = await ask({ fingerprint: 'both' });
    expect([several.status, several.body.error.faults]).toEqual([
      400,
      [{ path: 'query.source', message: 'several have this alert; name one of: prod, lab' }],
    ]);
    expect((await ask({ fingerprint: 'both', source: 'lab' })).body.group.source).toBe('lab');
    for (const query of [{ fingerprint: 'one', source: 'lab' }, { fingerprint: 'none' }]) {
      const { status, body } = await ask(query as Record<string, string>);
      expect([status, body.error.message]).toEqual([404, expect.stringContaining('ever came into a group')]);
    }
    expect((await ask({ group: 'zzzz' })).status).toBe(404);
    expect((await ask({})).status).toBe(400);
    expect((await ask({ group: '1001', fingerprint: 'one' })).status).toBe(400);
    expect((await ask({ group: '1001' }, tokens.met)).status).toBe(403);
  });
});

describe('the page', () => {
  it('answers first, for keyboards and screen readers, whatever the texts are', async () => {
    const id = await host.alert({
      labels: { alertname: hostile, '<b>': hostile, instance: 'db-1' },
      fingerprint: hostile,
      group: hostile,
    });
    await host.store.commit([
      { kind: 'request', source: 'prod', reason: hostile, path: '', body: hostile, contentType: '' },
    ]);
    await host.store.commit([{ kind: 'action', action: 'acknowledge', group: id, actor: 'ann', comment: hostile }]);
    await host.store.putSilence({
      id: 's1',
      matchers: parseMatchers('instance="db-1"'),
      startsAt: noon,
      endsAt: noon + 3_600_000,
      comment: hostile,
      author: 'ann',
    });
    await host.deliver({ outcome: 'delivered' });
    const { statusCode, body, headers } = await open(id);
    expect(statusCode).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect([lacks(body), dangers(body)]).toEqual([[], []]);
    expect(body).not.toContain(startOfCanary);
    expect(body).toContain('${env:CANARY}');
    const paragraphs = elementsOf(body).filter(({ tag, inside }) => tag === 'p' && inside.includes('main'));
    expect(paragraphs[1]?.text).toMatch(
      /^Nobody was told so far: ops waits until 13:00 CET \(in 1 hour\): silence s1 of ann/,
    );
    const headings = elementsOf(body).filter(({ tag }) => tag === 'h2');
    expect(headings.map(({ text }) => text)).toEqual([
      'How it came in',
      'What was decided',
      'Which routes were tried',
      'Silences that match',
      'Who is told',
    ]);
    expect(body).toContain('could not be read since');
  });

  it('shows routes that failed and attempts, and is reached from the group', async () => {
    const id = await host.alert();
    await host.deliver(
      { outcome: 'refused', reason: 'HTTP 400: no such channel' },
      { response: { status: 400, headers: {}, body: '' } },
    );
    const { body } = await open(id);
    expect([lacks(body), dangers(body)]).toEqual([[], []]);
    const text = elementsOf(body).find(({ tag }) => tag === 'main')?.text ?? '';
    expect(text).toContain('No: team="nobody", and there is no team');
    expect(text).toContain('Yes: tells ops');
    expect(text).toContain('Refused just now, up to event 1, after 12 ms: HTTP 400: no such channel');
    const headers = { cookie: await host.signIn(tokens.vic), accept: 'text/html' };
    const group = await host.app.inject({ url: `/g/${id}`, headers });
    expect(group.body).toContain(`href="/g/${id}/why"`);
  });

  it('says that nobody is told, and is for who is signed in', async () => {
    await host.store.setRules({ version: '3', routes: [], targets: { ops: { mode: 'latest' } }, sources: {} });
    const { body } = await open(await host.alert());
    expect(body).toContain('Nobody was told');
    expect(body).toContain('Tell whoever should know by hand: the next change may come late.');
    expect([lacks(body), dangers(body)]).toEqual([[], []]);
    expect((await open('zzzz')).statusCode).toBe(404);
    const stranger = await host.app.inject({ url: '/g/1001/why', headers: { accept: 'text/html' } });
    expect(stranger.headers.location).toBe('/sign-in?return=%2Fg%2F1001%2Fwhy');
  });
});
