import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signSlackRequest } from '@tocsin/sandbox';
import { afterAll, describe, expect, test } from 'vitest';
import { token } from '../apps/host/test/support/host-process.ts';
import { until } from '../apps/host/test/support/until.ts';
import { first, firstOps, openWorkplace, second, secondOps } from './slack/workplace.ts';

// Workspaces that let an app go, tokens that nobody sees, and what is removed; the sandbox plays Slack.

const place = await openWorkplace({ hasRoutes: false });
const { host, ann, ask, control, install, installations, raise, isTold, textsIn, troubles } = place;
afterAll(() => place.close());

await install(first);
await install(second);
for (const [to, address] of [
  ['first', firstOps],
  ['second', secondOps],
]) {
  await ask('PUT', `channels/${to}`, { match: [`to="${to}"`], subscriptions: [{ target: 'chat', address }] });
}

describe('A workspace that lets the app go', () => {
  const gone = () => until(async () => (await installations()).find(({ endedAt }) => endedAt !== null), 'its end');

  test('is told nothing more, an alarm says so, and what it is owed goes once it has the app again', async () => {
    await control('event', { type: 'app_uninstalled', team: second });
    expect(await gone()).toMatchObject({ id: second });
    const alarm = await until(async () => (await troubles())[0], 'an alarm');
    expect(alarm).toContain('chat');
    expect(alarm).toContain('It is missing in “Lantern” (T0LANTERN01).');
    expect(alarm).toContain('on the page /installations of the hub');
    await ann.visit(`${host.address}/installations`);
    expect(ann.text).toContain('Install it again, or remove it.');
    await raise('second', 'While it was gone');
    await raise('first', 'Beside it');
    await isTold(firstOps, 'Beside it');
    expect(await textsIn(secondOps)).not.toContain('While it was gone');
    await install(second);
    await isTold(secondOps, 'While it was gone');
    expect(await installations()).toMatchObject([{ id: first }, { id: second, endedAt: null }]);
    await until(async () => (await troubles()).some((text) => text.startsWith('Resolved')), 'the end of the alarm');
  });

  test('without saying so is found out by its answer, and the other is told on', async () => {
    await control('app', { events: `${place.slack}/webhook/nobody`, verify: false });
    await control('event', { type: 'tokens_revoked', team: second });
    expect((await installations()).every(({ endedAt }) => endedAt === null)).toBe(true);
    await raise('second', 'To a token that is no more');
    expect(await gone()).toMatchObject({ id: second, reason: 'the workspace has let the app go' });
    await raise('first', 'Told on');
    await isTold(firstOps, 'Told on');
    const { items } = (await ask('GET', 'targets')).body;
    expect(items).toMatchObject([{ id: 'chat', state: 'open' }, {}]);
    await install(second);
    await isTold(secondOps, 'To a token that is no more');
    await control('app', { events: place.callbacks });
  });

  test('and has taken it in again since then has not, however late the news comes', async () => {
    const event = { team_id: second, event: { type: 'app_uninstalled' }, event_time: 1_700_000_000 };
    const body = JSON.stringify({ type: 'event_callback', ...event });
    const { headers } = signSlackRequest(body, Math.floor(Date.now() / 1000));
    const signed = { 'content-type': 'application/json', ...headers };
    const response = await fetch(place.callbacks, { method: 'POST', headers: signed, body });
    expect(response.status).toBe(200);
    expect(await installations()).toMatchObject([{ endedAt: null }, { endedAt: null }]);
  });
});

describe('A token', () => {
  test('goes on under the next key of the secrets', async () => {
    const rotated = (await ask('POST', 'secrets/rotate', {})).body;
    expect(rotated).toEqual({ resealed: 2, total: 2, unreadable: [] });
    await raise('first', 'After the rotation');
    await isTold(firstOps, 'After the rotation');
  });

  test('canary: is in no log, page, answer, metric or file', async () => {
    const tokens = await tokensInUse();
    expect(tokens.length).toBeGreaterThan(2);
    // Somebody on the way repeats it.
    const next = { status: 503, path: '/slack/api/chat.postMessage', body: `failed with ${tokens.join(' and ')}` };
    await place.sandbox.inject({ method: 'POST', url: '/control/next', payload: next });
    await raise('second', 'Repeated');
    const repeated = async () =>
      JSON.stringify((await ask('GET', 'attempts?target=chat')).body).includes('failed with');
    await until(repeated, 'an attempt with that answer');
    const paths = ['attempts?limit=200', 'deliveries?limit=200', 'integrations', 'secrets', 'targets', 'groups'];
    for (const path of paths) await ask('GET', path);
    await ann.visit(`${host.address}/installations`);
    const metrics = await fetch(`${host.address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const files = readdirSync(host.folder).filter((name) => /\.db|key$/.test(name));
    const places = [
      ['the log', host.output()],
      ['the answers', place.heard.join('\n')],
      ['the pages', ann.seen.join('\n')],
      ['the metrics', await metrics.text()],
      ...files.map((name) => [name, readFileSync(join(host.folder, name), 'latin1')] as const),
    ] as const;
    for (const [where, text] of places) {
      const found = tokens.filter((one) => text.includes(one) || text.includes(Buffer.from(one).toString('base64')));
      expect([where, found]).toEqual([where, []]);
    }
    expect(files).toEqual(expect.arrayContaining(['tocsin.db', 'secrets-key']));
  });
});

describe('An admin', () => {
  test('removes a workspace after being asked, and its token is revoked', async () => {
    await ann.visit(`${host.address}/installations/chat/${second}/remove`);
    expect(ann.text).toContain('Remove the app of <bdi>chat</bdi> from <bdi>Lantern</bdi>?');
    expect((await installations()).length).toBe(2);
    await ann.submit(ann.address, {});
    expect(ann.address).toBe(`${host.address}/installations?removed=1`);
    expect(await installations()).toMatchObject([{ id: first }]);
    expect((await place.teams()).find(({ id }) => id === second)?.installed).toBe(false);
  });

  test('removes one by the API, and hears what its alerts wait for', async () => {
    expect((await ask('DELETE', `targets/chat/installations/${second}`)).status).toBe(404);
    const removed = (await ask('DELETE', `targets/chat/installations/${first}`)).body;
    expect(removed).toEqual({ deleted: first, notRevoked: null });
    expect((await ask('GET', 'targets/chat/installations')).body).toEqual({ items: [], missing: [first, second] });
  });
});

/** The tokens that Slack was shown. */
async function tokensInUse(): Promise<string[]> {
  const messages = (await place.sandbox.inject('/messages')).json<{ headers: Record<string, string> }[]>();
  const shown = messages.flatMap(({ headers }) => /^Bearer (xoxb-\S+)$/.exec(headers.authorization ?? '')?.[1] ?? []);
  return [...new Set(shown)];
}
