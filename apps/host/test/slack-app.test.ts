import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxSlackApp as app, buildSandbox, type SlackState, signSlackRequest } from '@tocsin/sandbox';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';

// From an alert to a message of an app in Slack, to a press, to everybody who was told.

const token = 'token-of-the-slack-app-test';
const callbackKey = 'key-of-the-callbacks-of-the-test';
let folder: string;
let sandbox: FastifyInstance;
let address: string;
let host: Host;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-slack-app-'));
  sandbox = buildSandbox();
  await sandbox.listen({ port: 0, host: '127.0.0.1' });
  address = `http://127.0.0.1:${(sandbox.server.address() as AddressInfo).port}`;
  await start();
});

async function start(): Promise<void> {
  const settings = { token: app.botToken, signingSecret: app.signingSecret, apiUrl: `${address}/slack/api` };
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-slack'],
    sources: [
      {
        id: 'scripts',
        use: 'webhook',
        key: 'key-of-the-slack-app-test',
        settings: { key: 'group', fingerprint: 'id' },
      },
    ],
    targets: [
      { id: 'chat', use: 'slack', settings: { ...settings, channel: app.channel }, keys: { one: callbackKey } },
    ],
    routes: [{ to: [{ target: 'chat', interval: '0s' }] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
  await control('app', { interactivity: `${host.address}/callbacks/chat/${callbackKey}` });
}

afterAll(async () => {
  await host?.stop();
  await sandbox?.close();
  rmSync(folder, { recursive: true });
});

async function control(what: string, body: object): Promise<Record<string, unknown>> {
  const response = await sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload: body });
  expect(response.statusCode, response.body).toBeLessThan(300);
  return response.json();
}

async function say(body: object): Promise<string> {
  const response = await fetch(`${host.address}/in/scripts`, {
    method: 'POST',
    headers: { 'x-tocsin-key': 'key-of-the-slack-app-test', 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Disk', status: 'firing', ...body }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { groups: { id: string }[] }).groups[0]?.id ?? '';
}

async function state(): Promise<SlackState> {
  return (await sandbox.inject('/slack/state')).json();
}

interface Block {
  type: string;
  block_id?: string;
  text?: { text: string };
  elements?: { action_id?: string; text?: { text: string } | string; options?: { value: string }[] }[];
}

type Message = SlackState['teams'][number]['channels'][number]['messages'][number] & {
  attachments?: { blocks?: Block[] }[];
};

/** The messages about a group, wherever they are; those that only one person sees are left out. */
async function messagesOf(group: string, channel: string = app.channel): Promise<Message[]> {
  const { teams } = await state();
  const { messages = [] } = teams.flatMap(({ channels }) => channels).find(({ id }) => id === channel) ?? {};
  return messages.filter((one) => JSON.stringify(one).includes(`/g/${group}|`) && one.visibleTo === undefined);
}

async function messageOf(group: string, isSo: (message: Message) => boolean = () => true): Promise<Message> {
  return until(async () => (await messagesOf(group)).find(isSo), `a message about ${group}`);
}

function buttonsOf(message: Message): string[] {
  const rows = (message.attachments ?? [])
    .flatMap(({ blocks = [] }) => blocks)
    .filter(({ type }) => type === 'actions');
  return rows.flatMap(({ elements = [] }) => elements.map(({ action_id: id = '' }) => id));
}

const people = { ann: 'U0BELLANN01', ben: 'U0BELLBEN02', duty: 'U0BELLDUT03' } as const;

async function press(message: Message, action: string, user: string = people.ann, value?: string) {
  return control('press', {
    channel: app.channel,
    ts: message.ts,
    action_id: action,
    user,
    ...(value === undefined ? {} : { value }),
  });
}

interface Known {
  status: string;
  acknowledged: { by: string } | null;
  eventCount: number;
}

async function groupOf(id: string): Promise<Known> {
  const response = await fetch(`${host.address}/api/v1/groups/${id}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { status, acknowledged, eventCount } = (await response.json()) as Known;
  return { status, acknowledged, eventCount };
}

/** A callback as Slack would send it, with what no button of its page says. */
interface Changes {
  secret?: string;
  time?: number;
  more?: object;
  to?: string;
}

async function pressed(
  action: object,
  { secret = app.signingSecret, time = Date.now(), more = {}, to = '' }: Changes = {},
): Promise<Response> {
  const { callbacks } = await state();
  const last = callbacks.at(-1)?.payload as object; // of a press before
  const payload = { ...last, ...more, actions: [{ type: 'button', ...action }] };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const signed = signSlackRequest(body, Math.floor(time / 1000), secret);
  return send(body, signed.headers, to);
}

function send(body: string, headers: Record<string, string>, to = ''): Promise<Response> {
  const type = 'application/x-www-form-urlencoded';
  const address = to || `${host.address}/callbacks/chat/${callbackKey}`;
  return fetch(address, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
}

const seconds = () => Math.floor(Date.now() / 1000);

/** With a signature of the test's own making. */
function raw(headers: Record<string, string>): Promise<Response> {
  return send('payload={}', { 'x-slack-request-timestamp': String(seconds()), ...headers });
}

function signedBody(body: string): Promise<Response> {
  return send(body, signSlackRequest(body, seconds()).headers);
}

/** The same bytes each time, with the address of the host as it is then. */
async function signedPress(action: object): Promise<() => Promise<Response>> {
  const { callbacks } = await state();
  const payload = { ...(callbacks.at(-1)?.payload as object), actions: [{ type: 'button', ...action }] };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const { headers } = signSlackRequest(body, seconds());
  return () => send(body, headers);
}

async function act(group: string, action: string): Promise<void> {
  const response = await fetch(`${host.address}/api/v1/groups/${group}/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
}

const fresh = async (more: object = {}) => say({ id: `a-${++count}`, group: `g-${count}`, ...more });

test('seed-O11 a group has one message with buttons, which is edited as the group changes', async () => {
  const group = await fresh();
  const posted = await messageOf(group);
  expect(posted.text).toMatch(/^Firing.*: Disk$/);
  expect(buttonsOf(posted)).toEqual(['acknowledge', 'resolve', 'silence']);
  await say({ id: `a-${count}`, group: `g-${count}`, status: 'ok' });
  const ended = await messageOf(group, ({ text }) => text.startsWith('Resolved'));
  expect(ended).toMatchObject({ ts: posted.ts, edited: expect.anything(), replies: [] });
  expect(buttonsOf(ended)).toEqual([]);
  expect(await messagesOf(group)).toHaveLength(1);
});

test('seed-O4 a press acknowledges under the name that people know, and seed-O12 the message says so', async () => {
  const group = await fresh();
  const posted = await messageOf(group);
  expect(await press(posted, 'acknowledge')).toMatchObject({ ok: true, status: 200 });
  const taken = await messageOf(group, ({ text }) => text.startsWith('Acknowledged'));
  expect(await groupOf(group)).toMatchObject({ status: 'acknowledged', acknowledged: { by: 'Ann Archer' } });
  expect(JSON.stringify(taken)).toContain('Already acknowledged by Ann Archer');
  expect(buttonsOf(taken)).toEqual(['acknowledge', 'unacknowledge', 'resolve', 'silence']);
  // Others may join, and one who has no real name goes by the handle.
  await press(taken, 'acknowledge', people.duty);
  const both = await messageOf(group, (one) => JSON.stringify(one).includes('Ann Archer, duty-phone'));
  await press(both, 'unacknowledge', people.ben);
  const back = await messageOf(group, ({ text }) => text.startsWith('Acknowledgement withdrawn by Benedict Okoye'));
  expect(back.ts).toBe(posted.ts);
  expect(await groupOf(group)).toMatchObject({ status: 'firing', acknowledged: null });
  await press(back, 'silence', people.ann, '60');
  await until(async () => (await groupOf(group)).status === 'silenced', 'a silence');
  await press(await messageOf(group, (one) => buttonsOf(one).includes('unsilence')), 'unsilence');
  await until(async () => (await groupOf(group)).status === 'firing', 'its end');
  await press(await messageOf(group, (one) => !buttonsOf(one).includes('unsilence')), 'resolve');
  await until(async () => (await groupOf(group)).status === 'resolved', 'a resolution');
});

test('what nobody should miss is posted in the thread', async () => {
  const group = await fresh();
  const posted = await messageOf(group);
  await press(posted, 'acknowledge');
  await messageOf(group, ({ text }) => text.startsWith('Acknowledged'));
  await say({ id: `b-${count}`, group: `g-${count}` });
  const worse = await messageOf(group, ({ replies = [] }) => replies.length === 1);
  expect(worse.ts).toBe(posted.ts);
  expect(buttonsOf(worse.replies?.[0] as Message)).toEqual([]);
  expect(await messagesOf(group)).toHaveLength(1);
});

test('a message that somebody deleted is posted anew, and edited from then on', async () => {
  const group = await fresh();
  const { ts } = await messageOf(group);
  await control('delete', { channel: app.channel, ts });
  await say({ id: `b-${count}`, group: `g-${count}` });
  const anew = await messageOf(group);
  expect(anew.ts).not.toBe(ts);
  await press(anew, 'acknowledge');
  await messageOf(group, (one) => one.ts === anew.ts && one.text.startsWith('Acknowledged'));
  expect(await messagesOf(group)).toHaveLength(1);
});

test('after a restart the same message is edited, and its buttons work', async () => {
  const group = await fresh();
  const posted = await messageOf(group);
  await host.stop();
  await start();
  await press(posted, 'acknowledge');
  const taken = await messageOf(group, ({ text }) => text.startsWith('Acknowledged'));
  expect(taken.ts).toBe(posted.ts);
});

test('who presses the button of an older firing is told, and nothing changes', async () => {
  const group = await fresh();
  const posted = await messageOf(group);
  await say({ id: `a-${count}`, group: `g-${count}`, status: 'ok' });
  await messageOf(group, ({ text }) => text.startsWith('Resolved'));
  await say({ id: `a-${count}`, group: `g-${count}` });
  await messageOf(group, ({ text }) => text.startsWith('Re-opened'));
  const old = posted.attachments?.flatMap(({ blocks = [] }) => blocks).find(({ type }) => type === 'actions')?.block_id;
  const answer = await pressed({ block_id: old, action_id: 'acknowledge' });
  expect(answer.status).toBe(200);
  await until(async () => JSON.stringify(await state()).includes('has fired again since'), 'a word to who pressed');
  expect((await groupOf(group)).status).toBe('firing');
});

test('of 200 and more callbacks that are forged, stale, replayed, elsewhere’s or too large, none does anything', async () => {
  const group = await fresh();
  const other = await say({ id: `other-${count}`, group: `other-${count}` });
  const posted = await messageOf(group);
  const blockId =
    posted.attachments?.flatMap(({ blocks = [] }) => blocks).find(({ type }) => type === 'actions')?.block_id ?? '';
  const action = { block_id: blockId, action_id: 'acknowledge' };
  const now = Date.now();
  const minute = 60_000;
  const sent: [string, () => Promise<Response>, number[]][] = [];
  const add = (what: string, send: () => Promise<Response>, ...statuses: number[]) => sent.push([what, send, statuses]);
  // Signed by others, or by nobody.
  for (let index = 0; index < 60; index++)
    add('another secret', () => pressed(action, { secret: `${app.signingSecret}${index}` }), 401);
  for (const header of ['', 'v0=', 'v1=00', `v0=${'0'.repeat(64)}`, `v0=${'0'.repeat(63)}`, 'v0=é'])
    add(`the signature ${header}`, () => raw({ 'x-slack-signature': encodeURI(header) }), 401);
  add('no time', () => raw({ 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': '' }), 401);
  // Signed, and long ago or in time to come.
  for (const offset of [6, 10, 60, 1440, 525_600, -6, -60, -525_600])
    for (let more = 0; more < 4; more++)
      add('another time', () => pressed(action, { time: now - offset * minute - more }), 401);
  // Signed, with a handle that is not one of this group.
  const handle = blockId.split('.')[0] ?? '';
  for (let index = 0; index < handle.length; index++) {
    const changed = `${handle.slice(0, index)}${handle[index] === 'A' ? 'B' : 'A'}${handle.slice(index + 1)}.1`;
    add('a changed handle', () => pressed({ ...action, block_id: changed }), 200);
  }
  for (const id of [
    '',
    '.',
    '\0',
    'null',
    '__proto__',
    '../..',
    '{{group}}',
    handle.slice(1),
    `${handle}x`,
    'x'.repeat(255),
  ])
    add('no handle', () => pressed({ ...action, block_id: id }), 200);
  for (const id of ['', 'delete', 'constructor', 'Acknowledge', 'acknowledge ', 'silence'])
    add('an action that there is not', () => pressed({ ...action, action_id: id }), 200);
  for (const value of ['0', '-5', '1e99', 'NaN', '9'.repeat(400), '', '1.5'])
    add('a silence without sense', () => pressed({ ...action, action_id: 'silence', selected_option: { value } }), 200);
  // To another address.
  const callback = `${host.address}/callbacks`;
  for (const path of [
    '/chat',
    '/chat/wrong-key',
    '/nobody',
    `/nobody/${callbackKey}`,
    `/chat/${callbackKey}/more`,
    '/chat/',
    `/CHAT/${callbackKey}`,
  ])
    add(`the address ${path}`, () => pressed(action, { to: callback + path }), 404);
  // What is too large, or nothing that Slack says.
  add('too large', () => pressed(action, { more: { message: 'x'.repeat(300_000) } }), 413);
  for (const body of [
    '',
    'payload=',
    'payload={',
    'payload=null',
    'payload=[]',
    'payload=%7B%22type%22%3A%22block_actions%22%7D',
    `payload=${'['.repeat(50_000)}`,
    '{"type":"block_actions"}',
    '\u0000',
  ])
    add('no callback', () => signedBody(body), 200, 400);
  // Replayed: the same bytes, once good.
  const foreign = await pressed({ ...action, action_id: 'unacknowledge' });
  expect(foreign.status).toBe(200);
  const before = { own: await groupOf(group), other: await groupOf(other) };
  expect(sent.length).toBeGreaterThanOrEqual(175);
  for (const [what, send, statuses] of sent)
    expect([what, (await send()).status]).toEqual([
      what,
      expect.toSatisfy((status: number) => statuses.includes(status)),
    ]);
  const good = await signedPress(action);
  expect((await good()).status).toBe(200);
  await until(async () => (await groupOf(group)).status === 'acknowledged', 'the good one');
  await act(group, 'unacknowledge');
  for (let again = 0; again < 25; again++) expect((await good()).status).toBe(200);
  await host.stop();
  await start();
  const replay = await good();
  expect(replay.status).toBe(200);
  await fresh();
  expect(await groupOf(other)).toEqual(before.other);
  // The good one, and what took it back.
  expect(await groupOf(group)).toEqual({ ...before.own, eventCount: before.own.eventCount + 2 });
});
