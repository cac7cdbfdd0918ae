import type { HttpResponse } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

const settings = slack.settings.parse({
  clientId: '123.456',
  clientSecret: 'client-secret-of-a-test',
  signingSecret: 'signing-secret-of-a-test',
});
const installation = slack.installation!;
const redirectUri = 'https://alerts.example.com/oauth/chat/callback';

function answer(body: object, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: JSON.stringify(body) };
}

function faultsOf(given: object): string[] {
  return (slack.settings.safeParse(given).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  );
}

describe('seed-D2 Installing the app', () => {
  test('begins on Slack’s own page', () => {
    const url = new URL(installation.authorize({ redirectUri, state: 'state-of-a-test' }, settings));
    expect(url.origin + url.pathname).toBe('https://slack.com/oauth/v2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: '123.456',
      scope: 'channels:read,groups:read,chat:write,chat:write.public,users:read',
      redirect_uri: redirectUri,
      state: 'state-of-a-test',
    });
    expect(new URL(installation.api(settings)).origin).toBe('https://slack.com');
  });

  test('makes a token of the code', () => {
    const { url, body } = installation.exchange.request({ code: 'code&1', redirectUri }, settings);
    expect(url).toBe('https://slack.com/api/oauth.v2.access');
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      client_id: '123.456',
      client_secret: 'client-secret-of-a-test',
      code: 'code&1',
      redirect_uri: redirectUri,
    });
    const given = { ok: true, access_token: 'xoxb-1', scope: 'chat:write,users:read', team: { id: 'T1', name: 'One' } };
    expect(installation.exchange.read(answer(given))).toEqual({
      id: 'T1',
      name: 'One',
      token: 'xoxb-1',
      scopes: ['chat:write', 'users:read'],
    });
  });

  test('is not for a whole organisation', () => {
    const given = { ok: true, access_token: 'xoxb-1', team: null, is_enterprise_install: true };
    expect(installation.exchange.read(answer(given))).toEqual({
      refused: 'it was installed for a whole organisation; install it into one workspace after the other',
    });
  });

  test.each([
    ['bad_client_secret', /clientId and clientSecret/],
    ['code_already_used', /start it again/],
    ['bad_redirect_uri', /tocsin slack manifest/],
    ['missing_scope', /install it again/],
    ['fatal_error <b>', /^Slack says fatal_errorb;/],
  ])('says what %s means', (error, words) => {
    expect(installation.exchange.read(answer({ ok: false, error }))).toEqual({
      refused: expect.stringMatching(words),
    });
  });

  test('waits as long as Slack says', () => {
    const limited = answer({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': '7' });
    expect(installation.places.read(limited)).toMatchObject({ after: 7_000 });
    expect(installation.places.read({ status: 502, headers: {}, body: '<html>' })).toEqual({
      refused: 'Slack answered HTTP 502; try again in a minute',
    });
  });

  test.each(['account_inactive', 'token_revoked'])('is over with %s', (error) => {
    expect(installation.isEnded(answer({ ok: false, error }))).toBe(true);
    expect(installation.places.read(answer({ ok: false, error }))).toMatchObject({ isEnded: true });
  });

  test.each(['invalid_auth', 'not_in_channel', 'ratelimited'])('is not over with %s', (error) => {
    expect(installation.isEnded(answer({ ok: false, error }))).toBe(false);
  });

  test('is not over with an answer that is none', () => {
    expect(installation.isEnded({ status: 200, headers: {}, body: 'account_inactive' })).toBe(false);
  });
});

describe('seed-D6 The channels to choose from', () => {
  test('come page by page', () => {
    const url = (cursor?: string) => new URL(installation.places.request({ cursor }, settings).url);
    expect(Object.fromEntries(url().searchParams)).toEqual({ types: 'public_channel,private_channel', limit: '200' });
    expect(url('dXNl==').searchParams.get('cursor')).toBe('dXNl==');
    const channel = { id: 'C1', name: 'ops', is_private: true, is_member: true, is_archived: false };
    const page = (next: string) =>
      installation.places.read(answer({ ok: true, channels: [channel], response_metadata: { next_cursor: next } }));
    const places = [{ id: 'C1', name: 'ops', isPrivate: true, isMember: true, isArchived: false }];
    expect(page('dXNl==')).toEqual({ places, next: 'dXNl==' });
    expect(page('')).toEqual({ places });
  });
});

describe('The manifest', () => {
  test('asks for the scopes that are used, and has the addresses of this hub', () => {
    const callbacks = 'https://alerts.example.com/callbacks/chat';
    expect(installation.manifest({ redirect: redirectUri, callbacks })).toMatchObject({
      oauth_config: { redirect_urls: [redirectUri], scopes: { bot: [...installation.scopes] } },
      settings: {
        event_subscriptions: { request_url: callbacks, bot_events: ['app_uninstalled', 'tokens_revoked'] },
        interactivity: { is_enabled: true, request_url: callbacks },
        token_rotation_enabled: false,
      },
    });
  });
});

describe('The settings of an app that workspaces install', () => {
  const app = { clientId: '1.2', clientSecret: 'secret-1', signingSecret: 'secret-2' };

  test('are offered to be installed, and those of one workspace are not', () => {
    expect(installation.offered(settings)).toBe(true);
    expect(installation.offered(slack.settings.parse({ token: 'xoxb-1', channel: 'C024BE91L' }))).toBe(false);
  });

  test.each(['clientId', 'clientSecret', 'signingSecret'] as const)('need the %s', (name) => {
    expect(faultsOf({ ...app, [name]: undefined })).toEqual([expect.stringContaining(`${name} is missing`)]);
  });

  test.each([{ token: 'xoxb-1' }, { channel: 'C024BE91L' }, { webhookUrl: 'https://hooks.slack.com/services/1' }])(
    'have no place for %o',
    (more) => {
      expect(faultsOf({ ...app, ...more })).toEqual([expect.stringContaining('stands beside `clientId`')]);
    },
  );
});

describe('What Slack tells of the app', () => {
  const read = (event: object) =>
    slack.actions!.read(
      {
        method: 'POST',
        path: '',
        query: {},
        headers: { 'content-type': 'application/json' },
        rawBody: JSON.stringify({ type: 'event_callback', team_id: 'T1', event_time: 1_700_000_000, event }),
      },
      settings,
    );

  test('that it was removed has its time, to the end of that second', () => {
    expect(read({ type: 'app_uninstalled' })).toMatchObject({
      kind: 'ended',
      installation: 'T1',
      at: 1_700_000_000_999,
    });
    expect(read({ type: 'tokens_revoked', tokens: { bot: ['U1'] } })).toMatchObject({ kind: 'ended' });
  });

  test('that a person’s token was revoked is none of its own', () => {
    expect(read({ type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } })).toEqual({ kind: 'nothing' });
  });
});
