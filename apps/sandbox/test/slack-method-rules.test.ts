import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox, sandboxSlackApp } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';
import { methodRules } from '../src/slack-app/verdict.ts';

interface Sent {
  method: string;
  args?: Record<string, unknown>;
  token?: string | null;
  /** In place of the arguments as a form. */
  body?: string;
  contentType?: string;
}

const { clientId, clientSecret, channel, team } = sandboxSlackApp;
const otherTeam = 'T0LANTERN01';
const otherOps = 'C0LANTOPS01';
const otherGeneral = 'C0LANTALL02';
const redirectUri = 'http://127.0.0.1:8080/oauth/chat/callback';
const long = (length: number): string => 'x'.repeat(length);

let now: Date;
let sandbox: ReturnType<typeof buildSandbox>;
/** A message of the app, one of a person, a code, and the token of the case where it isn't the preset one. */
let own: string;
let foreign: string;
let code: string;
let token: string;
beforeEach(async () => {
  now = new Date('2026-03-02T09:00:00Z');
  sandbox = buildSandbox({ now: () => now });
  token = sandboxSlackApp.botToken;
  own = (await call(post())).json().ts;
  foreign = (await control('say', { channel, text: 'I am on it' })).json().ts;
  code = await allowed('users:read', team);
});
afterEach(() => sandbox.close());

const test = (more: Partial<Sent> = {}): Sent => ({ method: 'auth.test', ...more });
const post = (args: object = {}): Sent => ({ method: 'chat.postMessage', args: { channel, text: 'hello', ...args } });
const update = (args: object = {}): Sent => ({
  method: 'chat.update',
  args: { channel, ts: own, text: 'new', ...args },
});
const remove = (args: object = {}): Sent => ({ method: 'chat.delete', args: { channel, ts: own, ...args } });
const list = (args: Record<string, unknown> = {}): Sent => ({ method: 'conversations.list', args });
const ask = (method: string, args: Record<string, unknown>): Sent => ({ method, args });
const whisper = (args: object = {}): Sent => ({
  method: 'chat.postEphemeral',
  args: { channel, user: 'U0BELLANN01', text: 'hello', ...args },
});
const access = (args: object = {}): Sent => ({
  method: 'oauth.v2.access',
  args: { client_id: clientId, client_secret: clientSecret, code, redirect_uri: redirectUri, ...args },
  token: null,
});

const control = (what: string, payload: object) =>
  sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload });
const inChannel = (id: string, changes: object) => control('channel', { channel: id, ...changes });

/** A person allows the scopes; answers the code. */
async function allowed(scope: string, chosen: string): Promise<string> {
  const query = new URLSearchParams({ client_id: clientId, scope, redirect_uri: redirectUri });
  const answer = await sandbox.inject({
    method: 'POST',
    url: `/slack/oauth/v2/authorize?${query}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ answer: 'allow', team: chosen }).toString(),
  });
  return new URL(String(answer.headers.location)).searchParams.get('code')!;
}

/** From here on the case has the token of the other workspace, with those scopes. */
async function installElsewhere(scope: string): Promise<void> {
  token = (await call(access({ code: await allowed(scope, otherTeam) }))).json().access_token;
}

function call({ method, args = {}, token: own = token, body, contentType }: Sent) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    if (value !== undefined) form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return sandbox.inject({
    method: 'POST',
    url: `/slack/api/${method}`,
    headers: {
      'content-type': contentType ?? 'application/x-www-form-urlencoded',
      ...(own !== null && { authorization: `Bearer ${own}` }),
    },
    payload: body ?? form.toString(),
  });
}

async function judged(sent: Sent) {
  const answer = await call(sent);
  const stored = (await sandbox.inject('/messages')).json<Message[]>().at(-1);
  const { ok, error } = answer.json();
  return { status: answer.statusCode, ok, error, rule: stored?.refusal?.rule };
}

interface Case {
  before?: () => Promise<unknown>;
  refused: () => Sent;
  /** What happens between, where a call passes for another reason than its arguments. */
  between?: () => Promise<unknown>;
  passes: () => Sent;
}

/** For each rule a call that it refuses, and its nearest neighbour that passes. */
const cases: Record<string, Case> = {
  'unknown-method': { refused: () => test({ method: 'auth.tests' }), passes: () => test() },
  'post-type': {
    refused: () => test({ body: '<test/>', contentType: 'text/xml' }),
    passes: () => test({ body: '{}', contentType: 'application/json' }),
  },
  json: {
    refused: () => test({ body: '{"a":', contentType: 'application/json' }),
    passes: () => test({ body: '{"a":1}', contentType: 'application/json' }),
  },
  'not-authed': {
    refused: () => test({ token: null, body: JSON.stringify({ token }), contentType: 'application/json' }),
    passes: () => test({ token: null, args: { token } }),
  },
  'invalid-auth': { refused: () => test({ token: 'xoxb-unknown' }), passes: () => test() },
  'account-inactive': {
    before: () => control('event', { type: 'app_uninstalled', team }),
    refused: () => test(),
    between: () => installElsewhere('chat:write'),
    passes: () => test(),
  },
  'token-revoked': {
    before: () => call(ask('auth.revoke', {})),
    refused: () => test(),
    between: () => installElsewhere('chat:write'),
    passes: () => test(),
  },
  'missing-scope': {
    before: () => installElsewhere('users:read'),
    refused: () => post({ channel: otherOps }),
    between: () => installElsewhere('chat:write'),
    passes: () => post({ channel: otherOps }),
  },

  'client-id': { refused: () => access({ client_id: '1.2' }), passes: () => access() },
  'client-secret': { refused: () => access({ client_secret: 'guess' }), passes: () => access() },
  'grant-type': {
    refused: () => access({ grant_type: 'refresh_token' }),
    passes: () => access({ grant_type: 'authorization_code' }),
  },
  code: {
    before: async () => {
      now = new Date(now.getTime() + 601_000);
    },
    refused: () => access(),
    between: async () => {
      now = new Date(now.getTime() - 1_000);
    },
    passes: () => access(),
  },
  'code-used': {
    before: () => call(access()),
    refused: () => access(),
    between: async () => {
      code = await allowed('users:read', team);
    },
    passes: () => access(),
  },
  'redirect-uri': { refused: () => access({ redirect_uri: `${redirectUri}/` }), passes: () => access() },

  'list-types': {
    refused: () => list({ types: 'channel' }),
    passes: () => list({ types: 'public_channel,private_channel' }),
  },
  'list-scope': {
    refused: () => list({ types: 'public_channel,im' }),
    passes: () => list({ types: 'public_channel' }),
  },
  'list-limit': { refused: () => list({ limit: '1000' }), passes: () => list({ limit: '999' }) },
  'list-cursor': { refused: () => list({ cursor: 'MTA=' }), passes: () => list({ cursor: btoa('channel:2') }) },
  'user-not-found': {
    refused: () => ask('users.info', { user: 'U0LANTCAR01' }),
    passes: () => ask('users.info', { user: 'U0BELLANN01' }),
  },
  'team-not-found': {
    refused: () => ask('team.info', { team: otherTeam }),
    passes: () => ask('team.info', { team }),
  },

  'required-arguments': { refused: () => update({ ts: '' }), passes: () => update() },
  'channel-not-found': {
    refused: () => post({ channel: 'C0BELLBRD07' }),
    passes: () => post({ channel: 'C0BELLWAR06' }),
  },
  'is-archived': { refused: () => post({ channel: 'C0BELLOLD05' }), passes: () => post({ channel: '#ops' }) },
  'is-inactive': {
    before: () => inChannel(channel, { isArchived: true }),
    refused: () => update(),
    between: () => inChannel(channel, { isArchived: false }),
    passes: () => update(),
  },
  'not-in-channel': {
    before: () => installElsewhere('chat:write'),
    refused: () => post({ channel: otherGeneral }),
    between: () => inChannel(otherGeneral, { hasBot: true }),
    passes: () => post({ channel: otherGeneral }),
  },
  'user-not-in-channel': { refused: () => whisper({ user: 'U0LANTCAR01' }), passes: () => whisper() },
  'thread-ts': { refused: () => post({ thread_ts: '0' }), passes: () => post({ thread_ts: own }) },
  'message-not-found': { refused: () => update({ ts: '1700000000.000001' }), passes: () => update() },
  'cant-update-message': { refused: () => update({ ts: foreign }), passes: () => update() },
  'cant-delete-message': { refused: () => remove({ ts: foreign }), passes: () => remove() },
  'edit-window-closed': {
    before: async () => {
      await control('workspace', { team, editWindow: 60 });
      now = new Date(now.getTime() + 61_000);
    },
    refused: () => update(),
    between: () => control('workspace', { team, editWindow: null }),
    passes: () => update(),
  },
  'update-text-length': { refused: () => update({ text: long(4_001) }), passes: () => update({ text: long(4_000) }) },
  'ephemeral-text-length': {
    refused: () => whisper({ text: long(40_001) }),
    passes: () => whisper({ text: long(40_000) }),
  },
  'blocks-json': { refused: () => post({ blocks: '[{]' }), passes: () => post({ blocks: '[{"type":"divider"}]' }) },
  'attachments-json': {
    refused: () => post({ attachments: '{"text":"a"}' }),
    passes: () => post({ attachments: '[{"text":"a"}]' }),
  },
};

describe('the rules of Slack’s Web API', () => {
  it('has a refused call for each rule, and no call without a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(methodRules.map(({ name }) => name).sort());
  });

  it.each(methodRules)('$name: $says', async ({ name, error, source }) => {
    expect(new URL(source).host).toBe('docs.slack.dev');
    const { before, refused, between, passes } = cases[name]!;
    await before?.();
    const word = typeof error === 'string' ? error : 'invalid_json';
    expect(await judged(refused())).toEqual({ status: 200, ok: false, error: word, rule: name });
    await between?.();
    expect(await judged(passes())).toEqual({ status: 200, ok: true, error: undefined, rule: undefined });
  });

  it('say which scope is missing', async () => {
    await installElsewhere('users:read');
    expect((await call(post({ channel: otherOps }))).json()).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'users:read',
    });
  });

  it('point to the block that is wrong, in an attachment too', async () => {
    const blocks = [{ type: 'divider' }, { type: 'section', fields: [{ type: 'mrkdwn', text: '' }] }];
    expect((await call(post({ blocks }))).json()).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: { messages: [expect.stringContaining('[json-pointer:/blocks/1/fields/0]')] },
    });
    expect(await judged(post({ attachments: [{ blocks }] }))).toMatchObject({ error: 'invalid_attachments' });
    expect(await judged(post({ text: '' }))).toMatchObject({ error: 'no_text', rule: 'no-text' });
    expect(await judged(update({ text: undefined }))).toMatchObject({ error: 'no_text' });
  });

  it('hold for the forms that a method takes: JSON isn’t read where its page doesn’t list it', async () => {
    const body = JSON.stringify({ user: 'U0BELLANN01' });
    const asJson = { ...ask('users.info', {}), body, contentType: 'application/json' };
    expect(await judged(asJson)).toMatchObject({ error: 'user_not_found' });
  });

  it('change nothing where they refuse', async () => {
    const state = () => sandbox.inject('/slack/state').then((answer) => answer.json());
    const before = await state();
    for (const refused of [post({ blocks: [{ type: 'none' }] }), update({ text: '' }), remove({ ts: foreign })]) {
      expect((await call(refused)).json().ok).toBe(false);
    }
    expect(await state()).toEqual(before);
  });
});

describe('a demanded answer', () => {
  const demand = (body: object) => sandbox.inject({ method: 'POST', url: '/control/next', payload: body });

  it('is Slack’s own where too many calls came, with Retry-After', async () => {
    await demand({ status: 429, retryAfter: 7, path: '/slack/api/chat.postMessage' });
    const answer = await call(post());
    expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([
      429,
      '7',
      { ok: false, error: 'ratelimited' },
    ]);
    expect((await call(post())).json().ok).toBe(true);
  });

  it('can be any error, in its own words', async () => {
    await demand({ status: 200, body: '{"ok":false,"error":"restricted_action"}', path: '/slack/api/' });
    expect((await call(post())).json()).toEqual({ ok: false, error: 'restricted_action' });
  });
});
