import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox, type SlackState, sandboxSlackApp, signSlackRequest } from '../src/index.ts';

interface Heard {
  headers: IncomingMessage['headers'];
  body: string;
}

const heard: Heard[] = [];
let answer: (body: string) => { status: number; body?: string } | undefined;
const app = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8');
    heard.push({ headers: request.headers, body });
    const said = answer(body);
    if (said) response.writeHead(said.status).end(said.body ?? '');
  });
});

let sandbox: ReturnType<typeof buildSandbox>;
let url: string;
let client: WebClient;
beforeEach(async () => {
  heard.length = 0;
  answer = () => ({ status: 200 });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo; // a TCP server that listens has no other kind
  sandbox = buildSandbox({ slackCallbacks: `http://127.0.0.1:${port}/callbacks/chat` });
  url = await sandbox.listen({ port: 0, host: '127.0.0.1' });
  client = clientWith(sandboxSlackApp.botToken);
});
afterEach(async () => {
  await sandbox.close();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

const clientWith = (token: string) =>
  new WebClient(token, { slackApiUrl: `${url}/slack/api/`, retryConfig: { retries: 0 } });
const channel = sandboxSlackApp.channel;
const state = async () => (await sandbox.inject('/slack/state')).json<SlackState>();
const messagesIn = async (id: string) =>
  (await state()).teams.flatMap((team) => team.channels).find((one) => one.id === id)?.messages ?? [];
const acknowledge = {
  type: 'actions',
  block_id: 'answers',
  elements: [
    { type: 'button', action_id: 'acknowledge', text: { type: 'plain_text', text: 'Acknowledge' }, value: 'g1' },
    {
      type: 'static_select',
      action_id: 'silence',
      placeholder: { type: 'plain_text', text: 'Silence' },
      options: [
        { text: { type: 'plain_text', text: '1 hour' }, value: '1h' },
        { text: { type: 'plain_text', text: '1 day' }, value: '1d' },
      ],
    },
  ],
};
const press = (body: object) => sandbox.inject({ method: 'POST', url: '/control/slack/press', payload: body });
const payloadOf = ({ body }: Heard) => JSON.parse(new URLSearchParams(body).get('payload')!);

describe('Slack’s own client', () => {
  it('posts, answers in a thread, edits and deletes', async () => {
    const posted = await client.chat.postMessage({ channel, text: 'Disk full', blocks: [acknowledge] });
    expect(posted).toMatchObject({ ok: true, channel, message: { text: 'Disk full', user: 'U0BELLTOCSN' } });
    const ts = posted.ts!;
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, reply_broadcast: true, text: 'Worse' });
    expect(reply.message?.thread_ts).toBe(ts);
    await client.chat.update({ channel, ts, text: 'Disk full, acknowledged' });
    expect(await messagesIn(channel)).toEqual([
      {
        ts,
        user: 'U0BELLTOCSN',
        text: 'Disk full, acknowledged',
        edited: { user: 'U0BELLTOCSN', ts: expect.any(String) },
        replies: [{ ts: reply.ts, user: 'U0BELLTOCSN', text: 'Worse', broadcast: true }],
      },
    ]);
    await client.chat.delete({ channel, ts });
    expect(await messagesIn(channel)).toEqual([]);
    await expect(client.chat.update({ channel, ts, text: 'more' })).rejects.toMatchObject({
      data: { ok: false, error: 'message_not_found' },
    });
  });
});

describe('a press', () => {
  it('reaches the app signed, from the person, with a response_url that works', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'Disk full', blocks: [acknowledge] });
    const pressed = await press({ channel, ts, action_id: 'acknowledge', user: 'U0BELLBEN02' });
    expect(pressed.json()).toMatchObject({ ok: true, status: 200, milliseconds: expect.any(Number) });
    const [callback] = heard;
    const stamp = Number(callback!.headers['x-slack-request-timestamp']);
    expect(callback!.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      ...signSlackRequest(callback!.body, stamp).headers,
    });
    const payload = payloadOf(callback!);
    expect(payload).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0BELLBEN02', name: 'ben.okoye' },
      team: { id: sandboxSlackApp.team },
      channel: { id: channel, name: 'ops' },
      message: { ts, text: 'Disk full' },
      actions: [{ action_id: 'acknowledge', block_id: 'answers', value: 'g1', type: 'button' }],
    });
    expect(payload.response_url.startsWith(`${url}/slack/actions/${sandboxSlackApp.team}/`)).toBe(true);
    const respond = (body: object) =>
      fetch(payload.response_url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect(await (await respond({ text: 'Only for you' })).json()).toEqual({ ok: true });
    await respond({ replace_original: true, text: 'Acknowledged' });
    expect(await messagesIn(channel)).toMatchObject([
      { ts, text: 'Acknowledged' },
      { text: 'Only for you', visibleTo: 'U0BELLBEN02' },
    ]);
  });

  it('chooses from a menu', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'Disk full', blocks: [acknowledge] });
    await press({ channel, ts, action_id: 'silence', value: '1d' });
    expect(payloadOf(heard[0]!)).toMatchObject({
      actions: [{ type: 'static_select', action_id: 'silence', selected_option: { value: '1d' } }],
    });
    expect((await press({ channel, ts, action_id: 'silence', value: '2d' })).statusCode).toBe(404);
  });

  it('says what went wrong where the app is late or away', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'Disk full', blocks: [acknowledge] });
    answer = () => undefined;
    expect((await press({ channel, ts, action_id: 'acknowledge' })).json()).toMatchObject({
      ok: false,
      error: 'no answer within 3 seconds',
    });
    answer = () => ({ status: 500, body: 'broken' });
    expect((await press({ channel, ts, action_id: 'acknowledge' })).json()).toMatchObject({
      ok: false,
      status: 500,
      body: 'broken',
    });
  });
});
