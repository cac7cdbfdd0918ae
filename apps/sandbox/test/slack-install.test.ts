import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Installation, InstallProvider } from '@slack/oauth';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox, type SlackState, sandboxSlackApp, signSlackRequest } from '../src/index.ts';
import { FakeApp } from './fake-app.ts';

const { clientId, clientSecret, team, botToken } = sandboxSlackApp;
const lantern = 'T0LANTERN01';

let app: FakeApp;
let callbacks: string;
let sandbox: ReturnType<typeof buildSandbox>;
let url: string;
beforeEach(async () => {
  app = new FakeApp();
  callbacks = await app.listen();
  sandbox = buildSandbox({ slackCallbacks: callbacks });
  url = await sandbox.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await sandbox.close();
  await app.close();
});

const clientWith = (token?: string) =>
  new WebClient(token, { slackApiUrl: `${url}/slack/api/`, retryConfig: { retries: 0 } });
const control = (what: string, payload: object) =>
  sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload });
const installed = async () =>
  (await sandbox.inject('/slack/state')).json<SlackState>().teams.map((one) => one.installed);
const redirectUri = 'http://127.0.0.1:8080/oauth/chat/callback';
const asked = { client_id: clientId, scope: 'chat:write,users:read', state: 's&1', redirect_uri: redirectUri };
const page = (query: Record<string, string>) => `/slack/oauth/v2/authorize?${new URLSearchParams(query)}`;
const decide = (query: Record<string, string>, form: Record<string, string>) =>
  sandbox.inject({
    method: 'POST',
    url: page(query),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
const codeFor = async (scope: string, chosen: string) => {
  const { headers } = await decide({ ...asked, scope }, { answer: 'allow', team: chosen });
  return new URL(String(headers.location)).searchParams.get('code')!;
};
const exchange = (code: string) =>
  clientWith().oauth.v2.access({ client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirectUri });

describe('the page of authorization', () => {
  it('is a form without script, which may lead to the app alone', async () => {
    const answer = await sandbox.inject(page(asked));
    expect(answer.statusCode).toBe(200);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:8080;");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(answer.body).not.toMatch(/<script|<style|style=|\son\w+=/i);
    for (const text of ['Bell Tower', 'Lantern', 'chat:write', 'users:read', '>Allow<', '>Cancel<']) {
      expect(answer.body).toContain(text);
    }
  });

  it('goes back with a code and the state, or without a code', async () => {
    const allowed = await decide(asked, { answer: 'allow', team: lantern });
    expect(allowed.statusCode).toBe(303);
    expect(allowed.headers.location).toMatch(
      /^http:\/\/127\.0\.0\.1:8080\/oauth\/chat\/callback\?code=\w{48}&state=s%261$/,
    );
    const cancelled = await decide(asked, { answer: 'cancel', team: lantern });
    expect(cancelled.headers.location).toBe(`${redirectUri}?error=access_denied&state=s%261`);
  });

  it.each([
    [{ client_id: '1.2' }, 'Invalid client_id parameter'],
    [{ scope: '' }, 'No scopes requested'],
    [{ scope: 'chat:write,chat:shout' }, 'Invalid permissions requested: chat:shout'],
    [{ redirect_uri: 'javascript:alert(1)' }, 'redirect_uri must be an address'],
    [{ redirect_uri: 'https://a.example/#b' }, 'redirect_uri must be an address'],
  ])('shows what is wrong with %j and sends nobody anywhere', async (change, fault) => {
    const answer = await sandbox.inject(page({ ...asked, ...change }));
    expect([answer.statusCode, answer.headers.location]).toEqual([400, undefined]);
    expect(answer.body).toContain(fault);
    expect((await decide({ ...asked, ...change }, { answer: 'allow', team })).statusCode).toBe(400);
  });

  it('shows what it was sent as text', async () => {
    const answer = await sandbox.inject(page({ ...asked, state: '"><b>', scope: '<b>' }));
    expect(answer.body).not.toContain('<b>');
    expect((await sandbox.inject(page({ ...asked, state: '"><b>' }))).body).not.toContain('<b>');
    expect((await decide(asked, { answer: 'allow', team: 'T1' })).statusCode).toBe(400);
  });
});

describe('an installation', () => {
  it('goes by Slack’s own library', async () => {
    const found: Installation[] = [];
    const provider = new InstallProvider({
      clientId,
      clientSecret,
      stateSecret: 'any',
      directInstall: true,
      authorizationUrl: `${url}/slack/oauth/v2/authorize`,
      clientOptions: { slackApiUrl: `${url}/slack/api/` },
      installationStore: {
        storeInstallation: async (installation) => void found.push(installation),
        fetchInstallation: async () => found[0] as Installation<'v2', false>, // of a workspace, not of an organisation
      },
    });
    const server = createServer((request, response) => {
      if (request.url === '/install') {
        const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
        const options = { scopes: ['chat:write'], redirectUri: `http://127.0.0.1:${port}/callback` };
        void provider.handleInstallPath(request, response, undefined, options);
      } else void provider.handleCallback(request, response, undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // as above
    const start = await fetch(`http://127.0.0.1:${port}/install`, { redirect: 'manual' });
    const cookie = start.headers.get('set-cookie')!.split(';')[0]!;
    const allowed = await fetch(start.headers.get('location')!, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ answer: 'allow', team: lantern }),
    });
    await fetch(allowed.headers.get('location')!, { headers: { cookie } });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(found).toMatchObject([
      {
        team: { id: lantern, name: 'Lantern' },
        bot: { scopes: ['chat:write'], userId: 'U0LANTTOCSN' },
        tokenType: 'bot',
      },
    ]);
    expect(await clientWith(found[0]?.bot?.token).auth.test()).toMatchObject({ team_id: lantern });
    expect(await installed()).toEqual([true, true]);
  });

  it('gives the same token again, with the scopes of both, and another one after the app had left', async () => {
    const first = await exchange(await codeFor('chat:write', lantern));
    const second = await exchange(await codeFor('users:read', lantern));
    expect(second.access_token).toBe(first.access_token);
    expect(second.scope).toBe('chat:write,users:read');
    await control('event', { type: 'app_uninstalled', team: lantern });
    const third = await exchange(await codeFor('users:read', lantern));
    expect([third.access_token === first.access_token, third.scope]).toEqual([false, 'users:read']);
  });

  it('takes the app’s proof by basic authentication, and gives a person’s token for a person’s scopes', async () => {
    const { headers } = await decide({ ...asked, scope: '', user_scope: 'chat:write' }, { answer: 'allow', team });
    const code = new URL(String(headers.location)).searchParams.get('code')!;
    const answer = await sandbox.inject({
      method: 'POST',
      url: '/slack/api/oauth.v2.access',
      headers: {
        authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ code, redirect_uri: redirectUri }).toString(),
    });
    const { authed_user: user, ...rest } = answer.json();
    expect(rest).not.toHaveProperty('access_token');
    expect(user).toMatchObject({ id: 'U0BELLANN01', scope: 'chat:write' });
    expect(await clientWith(user.access_token).auth.test()).toMatchObject({ user_id: 'U0BELLANN01', user: 'ann' });
  });
});

describe('events', () => {
  const types = () => app.heard.map(({ body }) => JSON.parse(body).event.type);

  it('tell the app that it was removed, signed, and its token ends', async () => {
    const { events } = (await control('event', { type: 'app_uninstalled', team })).json();
    expect(events).toMatchObject([
      { type: 'tokens_revoked', answer: { status: 200 } },
      { type: 'app_uninstalled', answer: { status: 200 } },
    ]);
    const { headers, body } = app.heard[1]!;
    expect(headers).toMatchObject(signSlackRequest(body, Number(headers['x-slack-request-timestamp'])).headers);
    expect(JSON.parse(body)).toMatchObject({
      type: 'event_callback',
      team_id: team,
      event: { type: 'app_uninstalled' },
      event_id: expect.stringMatching(/^Ev\w+$/),
    });
    expect(JSON.parse(app.heard[0]!.body).event.tokens).toEqual({ oauth: [], bot: ['U0BELLTOCSN'] });
    await expect(clientWith(botToken).auth.test()).rejects.toMatchObject({ data: { error: 'account_inactive' } });
    expect(await installed()).toEqual([false, false]);
    expect((await control('event', { type: 'app_uninstalled', team })).statusCode).toBe(409);
  });

  it('come when the app revokes its token or leaves by itself', async () => {
    expect(await clientWith(botToken).auth.revoke({ test: true })).toMatchObject({ revoked: false });
    expect(await clientWith(botToken).auth.revoke()).toMatchObject({ ok: true, revoked: true });
    await expect.poll(types).toEqual(['tokens_revoked', 'app_uninstalled']);
    const { access_token: token } = await exchange(await codeFor('chat:write', lantern));
    await clientWith(token).apps.uninstall({ client_id: clientId, client_secret: clientSecret });
    await expect.poll(types).toHaveLength(4);
    await expect(clientWith(token).auth.test()).rejects.toMatchObject({ data: { error: 'account_inactive' } });
  });

  it('go to an address only after it has repeated the challenge', async () => {
    const other = new FakeApp();
    const events = await other.listen();
    expect((await control('app', { events })).statusCode).toBe(422);
    other.answer = ({ body }) => ({ status: 200, body: JSON.parse(body).challenge });
    expect((await control('app', { events })).json()).toEqual({ interactivity: callbacks, events });
    other.answer = ({ body }) => ({
      status: 200,
      body: JSON.stringify({ challenge: JSON.parse(body).challenge }, null, 2),
    });
    expect((await control('app', { events })).statusCode).toBe(200);
    other.answer = () => undefined;
    expect((await control('app', { events, verify: false })).statusCode).toBe(200);
    expect((await control('app', { events: 'ftp://a.example/' })).statusCode).toBe(400);
    await other.close();
  });
});
