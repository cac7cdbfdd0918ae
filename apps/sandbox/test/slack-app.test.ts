import { createHmac } from 'node:crypto';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox, type SlackState, sandboxSlackApp } from '../src/index.ts';
import { FakeApp, payloadOf } from './fake-app.ts';

const { channel, team } = sandboxSlackApp;
const bot = 'U0BELLTOCSN';
const ben = 'U0BELLBEN02';

let now: Date;
let app: FakeApp;
let sandbox: ReturnType<typeof buildSandbox>;
let url: string;
let client: WebClient;
beforeEach(async () => {
  now = new Date('2026-03-02T09:00:00Z');
  app = new FakeApp();
  sandbox = buildSandbox({ slackCallbacks: await app.listen(), now: () => now });
  url = await sandbox.listen({ port: 0, host: '127.0.0.1' });
  client = new WebClient(sandboxSlackApp.botToken, {
    slackApiUrl: `${url}/slack/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
});
afterEach(async () => {
  await sandbox.close();
  await app.close();
});

const state = async () => (await sandbox.inject('/slack/state')).json<SlackState>();
const messagesIn = async (id: string) =>
  (await state()).teams.flatMap((one) => one.channels).find((one) => one.id === id)?.messages ?? [];
const control = (what: string, payload: object) =>
  sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload });
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const answers = {
  type: 'actions' as const,
  block_id: 'answers',
  elements: [
    { type: 'button' as const, action_id: 'acknowledge', text: plain('Acknowledge'), value: 'g1' },
    {
      type: 'static_select' as const,
      action_id: 'silence',
      placeholder: plain('Silence'),
      options: [
        { text: plain('1 hour'), value: '1h' },
        { text: plain('1 day'), value: '1d' },
      ],
    },
  ],
};
const postWithButtons = async (): Promise<string> =>
  (await client.chat.postMessage({ channel, text: 'Disk full', blocks: [answers] })).ts!;

describe('Slack’s own client', () => {
  it('posts, answers in a thread, edits and deletes', async () => {
    const posted = await client.chat.postMessage({ channel, text: 'Disk full', blocks: [answers] });
    expect(posted).toMatchObject({ ok: true, channel, message: { text: 'Disk full', user: bot } });
    const ts = posted.ts!;
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, reply_broadcast: true, text: 'Worse' });
    expect(reply.message?.thread_ts).toBe(ts);
    await client.chat.update({ channel, ts, text: 'Disk full, acknowledged' });
    const told = { ts: reply.ts, user: bot, text: 'Worse', broadcast: true };
    expect(await messagesIn(channel)).toEqual([
      {
        ts,
        user: bot,
        text: 'Disk full, acknowledged',
        edited: { user: bot, ts: expect.any(String) },
        replies: [told],
      },
    ]);
    await client.chat.delete({ channel, ts });
    expect(await messagesIn(channel)).toEqual([]);
    await expect(client.chat.update({ channel, ts, text: 'more' })).rejects.toMatchObject({
      data: { ok: false, error: 'message_not_found' },
    });
  });

  it('keeps blocks where an update gives none but no text either, and takes them away with a text', async () => {
    const ts = await postWithButtons();
    await client.chat.update({ channel, ts, attachments: [{ text: 'more' }] });
    expect(await messagesIn(channel)).toMatchObject([
      { text: 'Disk full', blocks: [answers], attachments: [{ text: 'more' }] },
    ]);
    await client.chat.update({ channel, ts, text: 'Well again' });
    expect((await messagesIn(channel))[0]).not.toHaveProperty('blocks');
  });

  it('has its reply stand in the channel where the message it answers is gone', async () => {
    const ts = await postWithButtons();
    await client.chat.delete({ channel, ts });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: 'Worse' });
    expect(reply.message).not.toHaveProperty('thread_ts');
    expect(await messagesIn(channel)).toMatchObject([{ text: 'Worse' }]);
  });

  it('says something to one person', async () => {
    await client.chat.postEphemeral({ channel, user: ben, text: 'Too late' });
    expect(await messagesIn(channel)).toMatchObject([{ text: 'Too late', visibleTo: ben }]);
  });

  it('lists channels page by page: not what its bot can’t see, nor what is archived if it says so', async () => {
    const names = [];
    const pages = client.paginate('conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: 2,
    });
    for await (const page of pages) {
      const { channels } = page as Awaited<ReturnType<typeof client.conversations.list>>; // of that method
      names.push(channels?.map(({ name }) => name));
    }
    expect(names).toEqual([['ops', 'general'], ['noc', 'databases'], ['war-room']]);
    expect((await client.conversations.list()).channels?.find(({ is_archived }) => is_archived)?.name).toBe(
      'old-incidents',
    );
  });

  it('knows itself, its workspace, and people: who has no real name has an empty one', async () => {
    expect(await client.auth.test()).toMatchObject({
      team: 'Bell Tower',
      team_id: team,
      user_id: bot,
      bot_id: 'B0BELLTOCSN',
    });
    expect((await client.team.info()).team).toMatchObject({ id: team, name: 'Bell Tower' });
    expect((await client.users.info({ user: ben })).user).toMatchObject({
      name: 'ben.okoye',
      real_name: 'Benedict Okoye',
    });
    expect((await client.users.info({ user: 'U0BELLDUT03' })).user).toMatchObject({
      name: 'duty-phone',
      real_name: '',
    });
    expect((await client.users.info({ user: bot })).user).toMatchObject({ is_bot: true });
  });

  it('is told how long to wait', async () => {
    await sandbox.inject({ method: 'POST', url: '/control/next', payload: { status: 429, retryAfter: 3 } });
    await expect(client.auth.test()).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 3 });
  });

  it('finds a channel by its id after it was renamed', async () => {
    await control('channel', { channel, name: 'operations' });
    expect((await client.chat.postMessage({ channel, text: 'hello' })).ok).toBe(true);
    await expect(client.chat.postMessage({ channel: '#ops', text: 'hello' })).rejects.toMatchObject({
      data: { error: 'channel_not_found' },
    });
  });
});

describe('a press', () => {
  const press = (body: object) => control('press', { channel, action_id: 'acknowledge', ...body });

  it('reaches the app signed, from the person, with the message as it stands', async () => {
    const ts = await postWithButtons();
    const pressed = await press({ ts, user: ben });
    expect(pressed.json()).toMatchObject({ ok: true, status: 200, milliseconds: expect.any(Number) });
    const [callback] = app.heard;
    const stamp = Number(callback!.headers['x-slack-request-timestamp']);
    expect(stamp).toBe(now.getTime() / 1_000);
    const hash = createHmac('sha256', 'sandbox-signing-secret').update(`v0:${stamp}:${callback!.body}`);
    expect(callback!.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-signature': `v0=${hash.digest('hex')}`,
    });
    expect(payloadOf(callback)).toMatchObject({
      type: 'block_actions',
      user: { id: ben, name: 'ben.okoye', team_id: team },
      team: { id: team },
      channel: { id: channel, name: 'ops' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      message: { ts, text: 'Disk full', blocks: [{ block_id: 'answers' }] },
      actions: [
        { action_id: 'acknowledge', block_id: 'answers', value: 'g1', type: 'button', text: plain('Acknowledge') },
      ],
    });
    expect(payloadOf(callback)).toEqual(pressed.json().payload);
    expect((await state()).callbacks).toMatchObject([{ type: 'block_actions', answer: { status: 200 } }]);
  });

  it('finds buttons in attachments, and in messages for one person, whose text is not sent along', async () => {
    await client.chat.postEphemeral({ channel, user: ben, text: 'a', attachments: [{ blocks: [answers] }] });
    const [message] = await messagesIn(channel);
    expect((await press({ ts: message!.ts })).statusCode).toBe(404);
    await press({ ts: message!.ts, user: ben });
    const payload = payloadOf(app.heard[0]);
    expect(payload.container).toMatchObject({ type: 'message_attachment', attachment_id: 1, is_ephemeral: true });
    expect(payload).not.toHaveProperty('message');
  });

  it('chooses from a menu', async () => {
    const ts = await postWithButtons();
    await press({ ts, action_id: 'silence', value: '1d' });
    expect(payloadOf(app.heard[0]).actions).toEqual([
      {
        type: 'static_select',
        action_id: 'silence',
        block_id: 'answers',
        selected_option: { text: plain('1 day'), value: '1d' },
        placeholder: plain('Silence'),
        action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
      },
    ]);
    expect((await press({ ts, action_id: 'silence', value: '2d' })).statusCode).toBe(404);
    expect((await press({ ts, value: 'g2' })).statusCode).toBe(404);
    expect((await press({ ts, user: 'U0LANTCAR01' })).statusCode).toBe(404);
  });

  it('says what went wrong where the app is late, refuses, or is away', async () => {
    const ts = await postWithButtons();
    app.answer = () => undefined;
    const late = (await press({ ts })).json();
    expect(late).toMatchObject({ ok: false, error: 'no answer within 3 seconds' });
    expect(late.milliseconds).toBeLessThan(5_000);
    app.answer = () => ({ status: 500, body: 'broken' });
    expect((await press({ ts })).json()).toMatchObject({ ok: false, status: 500, body: 'broken' });
    app.answer = () => ({ status: 307, location: '/' });
    expect((await press({ ts })).json()).toMatchObject({ ok: false, status: 307 });
    await control('app', { interactivity: 'http://127.0.0.1:1/' });
    expect((await press({ ts })).json()).toMatchObject({
      ok: false,
      error: expect.stringMatching(/bad port|ECONNREFUSED/),
    });
  });

  it('needs an address of the app', async () => {
    const lonely = buildSandbox();
    const post = (path: string, payload: object) =>
      lonely.inject({
        method: 'POST',
        url: path,
        payload,
        headers: { authorization: `Bearer ${sandboxSlackApp.botToken}` },
      });
    const { ts } = (await post('/slack/api/chat.postMessage', { channel, text: 'a', blocks: [answers] })).json();
    const pressed = await post('/control/slack/press', { channel, ts, action_id: 'acknowledge' });
    expect([pressed.statusCode, pressed.json().error]).toEqual([409, expect.stringContaining('--slack-callbacks')]);
    await lonely.close();
  });
});

describe('the response_url of a press', () => {
  const pressed = async (): Promise<{
    ts: string;
    respond: (body: object, change?: (url: string) => string) => Promise<{ status: number; said: object }>;
  }> => {
    const ts = await postWithButtons();
    const { payload } = (await control('press', { channel, ts, action_id: 'acknowledge', user: ben })).json();
    expect(payload.response_url.startsWith(`${url}/slack/actions/${team}/`)).toBe(true);
    return {
      ts,
      async respond(body, change = (url) => url) {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(change(payload.response_url), {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        });
        return { status: answer.status, said: (await answer.json()) as object };
      },
    };
  };

  it('tells the presser, tells all, answers in the thread, replaces and deletes', async () => {
    const { ts, respond } = await pressed();
    expect(await respond({ text: 'Only for you' })).toEqual({ status: 200, said: { ok: true } });
    await respond({ text: 'For all', response_type: 'in_channel' });
    await respond({ text: 'Below', response_type: 'in_channel', thread_ts: ts });
    await respond({ text: 'Acknowledged', replace_original: true });
    const found = await messagesIn(channel);
    expect(found).toMatchObject([
      { ts, text: 'Acknowledged', replies: [{ text: 'Below' }] },
      { text: 'Only for you', visibleTo: ben },
      { text: 'For all' },
    ]);
    expect(found[0]).not.toHaveProperty('blocks');
    expect(found[2]).not.toHaveProperty('visibleTo');
    await respond({ delete_original: true });
    expect((await messagesIn(channel)).map(({ text }) => text)).toEqual(['Only for you', 'For all']);
  });

  it('takes five messages', async () => {
    const { respond } = await pressed();
    for (let count = 0; count < 5; count += 1) expect((await respond({ text: 'a' })).status).toBe(200);
    expect(await respond({ text: 'a' })).toEqual({ status: 404, said: { ok: false, error: 'used_url' } });
  });

  it('holds for half an hour', async () => {
    const { respond } = await pressed();
    now = new Date(now.getTime() + 30 * 60_000 + 1);
    expect(await respond({ text: 'a' })).toEqual({ status: 404, said: { ok: false, error: 'expired_url' } });
  });

  it('refuses what is no message, and guesses', async () => {
    const { respond } = await pressed();
    expect(await respond({ text: '' })).toMatchObject({ status: 400, said: { error: 'no_text' } });
    expect(await respond({ blocks: [{ type: 'none' }] })).toMatchObject({
      status: 400,
      said: { error: 'invalid_blocks' },
    });
    const guesses = [/[^/]+$/, /[^/]+(?=\/[^/]+$)/, /T0\w+/];
    for (const part of guesses) {
      const guessed = await respond({ text: 'a' }, (address) => address.replace(part, 'T0LANTERN01'));
      expect(guessed).toEqual({ status: 404, said: { ok: false, error: 'invalid_url' } });
    }
    expect(await messagesIn(channel)).toHaveLength(1);
  });
});
