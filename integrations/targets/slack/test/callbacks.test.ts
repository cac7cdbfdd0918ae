import type { Callback } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

// What Slack sends when people press, when it tries the address, and when the app is removed.

const settings = slack.settings.parse({ token: 'xoxb-made-up', channel: 'C024BE91L', signingSecret: 'made-up' });
const elsewhere = { ...settings, apiUrl: 'http://127.0.0.1:8081/slack/api' };
const { actions } = slack;

function request(contentType: string, rawBody: string) {
  return { method: 'POST', path: '', query: {}, headers: { 'content-type': contentType }, rawBody };
}

function read(contentType: string, rawBody: string, given = settings): Callback | undefined {
  return actions?.read(request(contentType, rawBody), given);
}

const form = (payload: unknown, given = settings) =>
  read(
    'application/x-www-form-urlencoded',
    new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    given,
  );
const json = (body: unknown) => read('application/json; charset=utf-8', JSON.stringify(body));

const responseUrl = 'https://hooks.slack.com/actions/T024BE7LD/1/made-up';
const from = {
  user: { id: 'U061F7AUR', username: 'ann.archer', name: 'ann.archer', team_id: 'T024BE7LD' },
  team: { id: 'T024BE7LD', domain: 'example' },
  response_url: responseUrl,
};

function pressed(action: object, more: object = {}): Callback | undefined {
  return form({ type: 'block_actions', ...from, actions: [{ block_id: 'Ab_9-.17', ...action }], ...more });
}

describe('a press', () => {
  test('of a button says what, who, where from, and how to answer', () => {
    expect(pressed({ type: 'button', action_id: 'acknowledge' })).toEqual({
      kind: 'presses',
      presses: [{ handle: 'Ab_9-', action: 'acknowledge' }],
      person: { id: 'U061F7AUR', name: 'ann.archer' },
      installation: 'T024BE7LD',
      replyTo: responseUrl,
    });
  });

  test('of a menu says for how long', () => {
    const action = { type: 'static_select', action_id: 'silence', selected_option: { value: '240' } };
    expect(pressed(action)).toMatchObject({ presses: [{ handle: 'Ab_9-', action: 'silence', minutes: 240 }] });
  });

  test.each(['0', '-1', '1e9', '1.5', ' 60', '0x10', '9999999', '', undefined])(
    'of a silence of %j is none',
    (value) => {
      expect(pressed({ action_id: 'silence', selected_option: { value: value ?? '' } })).toEqual({ kind: 'nothing' });
    },
  );

  test('of the attachments of old is one, too', () => {
    const old = { type: 'interactive_message', ...from, callback_id: 'Ab_9-' };
    expect(form({ ...old, actions: [{ name: 'acknowledge', type: 'button', value: 'x;y' }] })).toMatchObject({
      kind: 'presses',
      presses: [{ handle: 'Ab_9-', action: 'acknowledge' }],
      person: { id: 'U061F7AUR', name: 'ann.archer' },
      installation: 'T024BE7LD',
    });
    const chosen = { name: 'silence', type: 'select', selected_options: [{ value: '60' }] };
    expect(form({ ...old, actions: [chosen] })).toMatchObject({ presses: [{ action: 'silence', minutes: 60 }] });
  });

  test('in an organisation comes from the workspace of who pressed', () => {
    expect(pressed({ action_id: 'resolve' }, { team: null })).toMatchObject({ installation: 'T024BE7LD' });
  });

  test('by somebody without a name is by the id', () => {
    const action = { action_id: 'resolve' };
    expect(pressed(action, { user: { id: 'U061F7AUR' } })).toMatchObject({ person: { id: 'U061F7AUR', name: '' } });
    expect(pressed(action, { user: { id: 'U061F7AUR', username: 'ann' } })).toMatchObject({ person: { name: 'ann' } });
  });

  test.each(['delete', 'constructor', 'Acknowledge', ''])('of something else (%j) is nothing', (action) => {
    expect(pressed({ action_id: action })).toEqual({ kind: 'nothing' });
  });

  test.each(['', '.1', 'a b.1', '../x', `${'x'.repeat(101)}.1`, '__proto__ '])(
    'of another’s row (%j) is nothing',
    (id) => {
      expect(pressed({ action_id: 'acknowledge', block_id: id })).toEqual({ kind: 'nothing' });
    },
  );

  test.each([
    { actions: undefined },
    { actions: 'acknowledge' },
    { user: undefined },
    { user: { id: '<!channel>' } },
    { user: { id: 7 } },
    { team: { id: '../T1' } },
    { actions: Array.from({ length: 26 }, () => ({ action_id: 'resolve', block_id: 'h.1' })) },
  ])('of a wrong shape (%j) is refused', (change) => {
    expect(() => pressed({ action_id: 'resolve' }, change)).toThrow();
  });
});

describe('an answer goes to Slack and nowhere else', () => {
  const replyTo = (url: unknown, given = settings) =>
    form(
      { type: 'block_actions', ...from, response_url: url, actions: [{ block_id: 'h.1', action_id: 'resolve' }] },
      given,
    );

  test.each([
    'http://hooks.slack.com/actions/T/1/x',
    'https://hooks.slack.com.evil.example/actions/T/1/x',
    'https://evil.example/?https://hooks.slack.com/',
    'https://hooks.slack.com@evil.example/',
    'https://user:word@hooks.slack.com/actions/T/1/x',
    'https://user@hooks.slack.com/actions/T/1/x',
    'https://hooks.slack.com:8443/actions/T/1/x',
    'https://slack.com/actions/T/1/x',
    '//hooks.slack.com/actions',
    'http://127.0.0.1:8081/slack/actions/T/1/x',
    `https://hooks.slack.com/${'x'.repeat(2_000)}`,
    '',
    7,
  ])('so not to %j', (url) => {
    expect(replyTo(url)).toMatchObject({ kind: 'presses' });
    expect(replyTo(url)).not.toHaveProperty('replyTo');
    expect(actions?.reply?.(String(url), 'Too late', settings)).toBeUndefined();
  });

  test('or to the stand-in that takes its place', () => {
    const there = 'http://127.0.0.1:8081/slack/actions/T/1/x';
    expect(replyTo(there, elsewhere)).toMatchObject({ replyTo: there });
    expect(replyTo(responseUrl, elsewhere)).not.toHaveProperty('replyTo');
    expect(replyTo('http://127.0.0.1:8082/slack/actions/T/1/x', elsewhere)).not.toHaveProperty('replyTo');
  });

  test('and shows what it says to who pressed alone, as plain words', () => {
    const reply = actions?.reply?.(responseUrl, 'The monitor says: <!channel> *no*\n& more', settings);
    expect(reply).toMatchObject({ method: 'POST', url: responseUrl });
    expect(JSON.parse(reply?.body ?? '')).toEqual({
      response_type: 'ephemeral',
      replace_original: false,
      text: 'The monitor says: &lt;!channel&gt; ∗no∗ &amp; more',
    });
  });
});

describe('an event', () => {
  const wrapped = (event: object) => json({ type: 'event_callback', team_id: 'T024BE7LD', event });

  test('that tries the address gets what it wants to read', () => {
    const asked = { type: 'url_verification', token: 'made-up', challenge: '3eZbrw1aBm2rZgRN' };
    expect(json(asked)).toEqual({ kind: 'answer', contentType: 'text/plain; charset=utf-8', body: '3eZbrw1aBm2rZgRN' });
    expect(() => json({ ...asked, challenge: 'x'.repeat(2_001) })).toThrow();
  });

  test('that the app is gone ends the workspace', () => {
    expect(wrapped({ type: 'app_uninstalled' })).toEqual({
      kind: 'ended',
      installation: 'T024BE7LD',
      reason: 'the app was removed from the workspace',
    });
    expect(wrapped({ type: 'tokens_revoked', tokens: { bot: ['U0BOT'], oauth: [] } })).toMatchObject({
      kind: 'ended',
      installation: 'T024BE7LD',
    });
  });

  test.each([
    { type: 'tokens_revoked', tokens: { oauth: ['U061F7AUR'] } },
    { type: 'tokens_revoked', tokens: { oauth: ['U061F7AUR'], bot: [] } },
    { type: 'message', text: 'app_uninstalled' },
    { type: 'app_home_opened' },
  ])('that is about something else (%j) is nothing', (event) => {
    expect(wrapped(event)).toEqual({ kind: 'nothing' });
  });
});

test.each<[string, string]>([
  ['application/x-www-form-urlencoded', 'ssl_check=1&token=made-up'],
  ['application/x-www-form-urlencoded', 'payload=%7B%22type%22%3A%22view_submission%22%7D'],
  ['application/x-www-form-urlencoded', ''],
  ['application/json', '{"type":"app_rate_limited"}'],
])('%s %j is nothing', (type, body) => {
  expect(read(type, body)).toEqual({ kind: 'nothing' });
});

test.each<[string, string]>([
  ['application/x-www-form-urlencoded', 'payload='],
  ['application/x-www-form-urlencoded', 'payload=null'],
  ['application/x-www-form-urlencoded', 'payload=[]'],
  ['application/json', ''],
  ['application/json', 'null'],
])('%s %j is refused', (type, body) => {
  expect(() => read(type, body)).toThrow();
});

describe('a person', () => {
  const named = (user: unknown, more: object = { ok: true }) =>
    actions?.person?.name({ status: 200, headers: {}, body: JSON.stringify({ ...more, user }) });

  test('is asked for by the id that Slack gave', () => {
    expect(actions?.person?.request('U061F7AUR', settings, 'T024BE7LD')).toEqual({
      method: 'GET',
      url: 'https://slack.com/api/users.info?user=U061F7AUR',
      headers: { authorization: 'Bearer xoxb-made-up' },
    });
    for (const id of ['', '../auth.revoke', 'U1&token=x', 'C024BE91L', 'u061f7aur'])
      expect(actions?.person?.request(id, settings, undefined)).toBeUndefined();
  });

  test('seed-O4 goes by the real name, else by what there is', () => {
    const profile = { real_name: 'Ann Archer', display_name: 'ann' };
    expect(named({ name: 'ann.archer', real_name: 'Old', profile })).toBe('Ann Archer');
    expect(named({ name: 'ann.archer', real_name: 'Ann Archer', profile: { real_name: ' ' } })).toBe('Ann Archer');
    expect(named({ name: 'ann.archer', profile: { real_name: null, display_name: 'ann' } })).toBe('ann');
    expect(named({ name: 'ann.archer' })).toBe('ann.archer');
  });

  test.each([undefined, null, {}, 'Ann', { real_name: '' }])('has no name in %j', (user) => {
    expect(named(user)).toBeUndefined();
  });

  test('has none where Slack says no', () => {
    expect(named({ real_name: 'Ann' }, { ok: false, error: 'missing_scope' })).toBeUndefined();
    expect(actions?.person?.name({ status: 502, headers: {}, body: '<html>' })).toBeUndefined();
  });
});
