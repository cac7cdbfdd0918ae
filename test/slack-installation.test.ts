import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { printedBy } from '../apps/host/test/support/host-here.ts';
import { token } from '../apps/host/test/support/host-process.ts';
import { until } from '../apps/host/test/support/until.ts';
import { Browser } from './slack/browser.ts';
import { first, firstOps, openWorkplace, second, secondOps, signIn } from './slack/workplace.ts';

// An app that several workspaces of Slack install, from the button to the message; the sandbox plays Slack.

const place = await openWorkplace();
const { host, ann, ask, begin, install, allowed, installations, raise, isTold, textsIn, troubles } = place;
afterAll(() => place.close());

describe('Before a workspace has the app', () => {
  test('seed-D7 a channel that names it is refused, with what to do first', async () => {
    const channel = { subscriptions: [{ target: 'chat', address: firstOps }] };
    const { status, body } = await ask('PUT', 'channels/night', channel);
    expect([status, body.error.code, body.error.remedy]).toEqual([
      409,
      'not-installed',
      `Install the app there first: ${host.address}/installations`,
    ]);
    expect((await ask('GET', 'channels/night')).status).toBe(404);
    expect((await ask('GET', 'targets/chat/places')).body.error.code).toBe('not-installed');
  });

  test('the start warns of addresses in it, what is owed waits, and an alarm says why', async () => {
    expect(host.output()).toContain(`"workspace":"${first}"`);
    await raise('first', 'Disk full');
    const attempts = () => ask('GET', 'attempts?target=chat').then(({ body }) => body.items);
    const [attempt] = await until(async () => ((await attempts()).length > 0 ? attempts() : undefined), 'an attempt');
    expect(attempt.error).toContain(`in the workspace ${first}: the app is not installed there`);
    await until(
      async () => (await troubles()).some((text) => text.includes(`missing in ${first}, ${second}.`)),
      'an alarm',
    );
    expect(await textsIn(firstOps)).toEqual([]);
  });
});

describe('Who installs it', () => {
  test('seed-D3 and says no at Slack stores nothing, and is told so', async () => {
    await begin();
    await ann.submit(ann.address, { answer: 'cancel' });
    expect(ann.text).toContain('Nothing was installed');
    expect(ann.text).toContain('It was not allowed there.');
    expect(await installations()).toEqual([]);
  });

  test('seed-D2 is sent to Slack with the scopes that are used, and with the way back to this hub', async () => {
    const asked = await begin();
    expect(asked.origin).toBe(place.slack);
    expect(asked.searchParams.get('redirect_uri')).toBe(`${host.address}/oauth/chat/callback`);
    const scopes = asked.searchParams.get('scope')?.split(',').sort();
    expect(scopes).toEqual(['channels:read', 'chat:write', 'chat:write.public', 'groups:read', 'users:read']);
  });

  test('seed-D4 with a state that was made up, or in another browser, stores nothing', async () => {
    const back = await allowed(await begin(), first);
    const forged = new URL(back);
    forged.searchParams.set('state', 'A'.repeat(43));
    const bob = new Browser();
    await signIn(bob, host);
    await begin(bob);
    for (const [browser, address] of [
      [ann, forged.href],
      [bob, back],
      [new Browser(), back],
      [ann, back],
    ] as const) {
      await browser.comeFromElsewhere(address);
      expect([browser.status, browser.text.includes('was not begun in this browser')]).toEqual([400, true]);
    }
    expect(await installations()).toEqual([]);
  });

  test('seed-D2 and says yes has the workspace, seed-D5 and what waited is told there', async () => {
    await install(first);
    expect(ann.address).toBe(`${host.address}/installations?installed=chat%2F${first}`);
    expect(ann.text).toContain('The app is in <bdi>Bell Tower</bdi>.');
    expect(await installations()).toMatchObject([{ id: first, name: 'Bell Tower', author: 'ann', endedAt: null }]);
    await isTold(firstOps, 'Disk full');
    expect(
      (await troubles()).some((text) => text.startsWith('Resolved')),
      'the second lacks it still',
    ).toBe(false);
  });

  test('seed-D4 and comes back by the same address once more changes nothing', async () => {
    const back = await allowed(await begin(), second);
    await ann.comeFromElsewhere(back);
    expect(ann.text).toContain('The app is in <bdi>Lantern</bdi>.');
    await ann.comeFromElsewhere(back);
    expect([ann.status, (await installations()).length]).toEqual([400, 2]);
    await until(async () => (await troubles()).some((text) => text.startsWith('Resolved')), 'the end of the alarm');
  });

  test('seed-D4 in a workspace that has it has it once', async () => {
    await install(first);
    expect(await installations()).toMatchObject([{ id: first }, { id: second }]);
    await raise('first', 'Told after it was installed again');
    await isTold(firstOps, 'Told after it was installed again');
  });

  test('has to be an admin', async () => {
    for (const path of ['/oauth/chat', '/installations', `/installations/chat/${first}/remove`]) {
      const response = await fetch(`${host.address}${path}`, { redirect: 'manual', headers: { accept: 'text/html' } });
      expect([path, response.status]).toEqual([path, 303]);
      expect(response.headers.get('location')).toMatch(/^\/sign-in/);
    }
  });
});

describe('seed-D1 Two workspaces', () => {
  test('are each told by their own token', async () => {
    await raise('first', 'For the bell tower');
    await raise('second', 'For the lantern');
    await isTold(firstOps, 'For the bell tower');
    await isTold(secondOps, 'For the lantern');
    expect(await textsIn(secondOps)).not.toContain('For the bell tower');
  });

  test('have places to choose from, by ids that outlive a change of name', async () => {
    expect((await ask('GET', 'targets/chat/places')).body.error).toMatchObject({
      code: 'which-workspace',
      remedy: expect.stringContaining(`${first} (Bell Tower), ${second} (Lantern)`),
    });
    const { body } = await ask('GET', `targets/chat/places?installation=${second}&query=%23OPS`);
    expect(body).toMatchObject({ workspace: { name: 'Lantern' }, isComplete: true });
    expect(body.items).toMatchObject([{ name: 'ops', address: secondOps, hint: null }]);
    const all = (await ask('GET', `targets/chat/places?installation=${first}`)).body.items;
    expect(all.map(({ name, hint }: { name: string; hint: string | null }) => [name, hint])).toEqual([
      ['databases', null],
      ['general', null],
      ['noc', null],
      ['old-incidents', 'archived: nothing can be posted there'],
      ['ops', null],
      ['war-room', null],
    ]);
    await place.control('channel', { channel: 'C0LANTOPS01', name: 'operations' });
    await raise('second', 'After the change of name');
    await isTold(secondOps, 'After the change of name');
  });

  test('say in words what Slack refuses', async () => {
    const next = { status: 429, retryAfter: 9, path: '/slack/api/conversations.list' };
    await place.sandbox.inject({ method: 'POST', url: '/control/next', payload: next });
    await install(second); // its places are asked for anew
    const limited = await ask('GET', `targets/chat/places?installation=${second}`);
    expect([limited.status, limited.retryAfter]).toEqual([503, '9']);
    expect(limited.body.error.message).toBe('Slack was asked too often; ask again in a minute');
    expect((await ask('GET', `targets/chat/places?installation=${second}`)).status).toBe(200);
  });

  test('are chosen from in a terminal', async () => {
    const printed = (...words: string[]) => {
      for (const name of ['CLIENT_SECRET', 'SIGNING_SECRET']) vi.stubEnv(name, 'made-up-here');
      const config = ['--config', join(host.folder, 'tocsin.yaml')];
      const running = words[0] === 'targets' ? ['--url', host.address] : [];
      return printedBy([...words, ...config, ...running], token);
    };
    expect(await printed('targets', 'places', 'chat', '#op', '--workspace', first)).toBe(
      `Bell Tower (${first}):\n  #ops  ${firstOps}\n`,
    );
    expect(await printed('targets', 'places', 'chat', 'none', '--workspace', first)).toContain('has no such place');
    expect(JSON.parse(await printed('targets', 'places', 'chat', 'ops', '--workspace', first, '--json')).items).toEqual(
      [expect.objectContaining({ address: firstOps })],
    );
    expect(await printed('targets', 'installations', 'chat')).toMatch(
      /^T0BELLTOWER {2}Bell Tower {2}installed .* by ann$/m,
    );
    const manifest = JSON.parse(await printed('slack', 'manifest', '--json'));
    expect(manifest.oauth_config.redirect_urls[0]).toMatch(/\/oauth\/chat\/callback$/);
    expect(manifest.settings.interactivity.request_url).toMatch(/\/callbacks\/chat$/);
    expect(await printed('slack', 'manifest')).toContain('\n    bot:\n      - channels:read\n');
  });

  test('seed-D6 take channels of the API once they have the app', async () => {
    const channel = { subscriptions: [{ name: 'lantern', target: 'chat', address: secondOps }] };
    expect((await ask('PUT', 'channels/night', channel)).status).toBe(200);
    const elsewhere = { subscriptions: [{ target: 'chat', address: 'T0ELSEWHERE/C0LANTOPS01' }] };
    expect((await ask('PUT', 'channels/night', elsewhere)).status).toBe(409);
    expect((await ask('GET', 'channels/night')).body.subscriptions).toMatchObject([{ address: secondOps }]);
  });
});
