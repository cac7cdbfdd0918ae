import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxSlackApp as app, buildSandbox, type SlackState, signSlackRequest } from '@tocsin/sandbox';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';

// What is wrong with a press is said to who pressed, or to who sent it; and nothing comes of it.

const token = 'token-of-the-press-faults';
const sourceKey = 'key-of-the-press-faults';
const callbackKeys = { old: 'key-of-the-callbacks-of-before', new: 'key-of-the-callbacks-of-today' };
const ann = 'U0BELLANN01';
let folder: string;
let sandbox: FastifyInstance;
let host: Host;
let callback: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-press-faults-'));
  sandbox = buildSandbox();
  await sandbox.listen({ port: 0, host: '127.0.0.1' });
  const { port } = sandbox.server.address() as AddressInfo; // it listens on a port
  const files = { commandFile: join(folder, 'nagios.cmd'), statusFile: join(folder, 'status.dat') };
  execFileSync('mkfifo', [files.commandFile]);
  // As if Nagios had written it after the press: what it doesn't know then, it doesn't know.
  const status = readFileSync(join(import.meta.dirname, 'data/nagios/acknowledged.dat'), 'utf8');
  writeFileSync(files.statusFile, status.replace(/created=\d+/, `created=${Math.floor(Date.now() / 1000) + 600}`));
  const { botToken, signingSecret, channel } = app;
  const settings = { token: botToken, signingSecret, channel, apiUrl: `http://127.0.0.1:${port}/slack/api` };
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-nagios', '@tocsin/target-slack'],
    sources: [{ id: 'nagios', use: 'nagios', key: sourceKey, writeBack: files }],
    targets: [{ id: 'chat', use: 'slack', settings, keys: callbackKeys }],
    routes: [{ to: ['chat'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, token);
  callback = `${host.address}/callbacks/chat`;
  await control('app', { interactivity: `${callback}/${callbackKeys.new}` });
});

afterAll(async () => {
  await host?.stop();
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function control(what: string, body: object): Promise<{ ok?: boolean; status?: number; payload?: object }> {
  const response = await sandbox.inject({ method: 'POST', url: `/control/slack/${what}`, payload: body });
  expect(response.statusCode, response.body).toBeLessThan(300);
  return response.json();
}

/** A problem of a host or a service; gives its group and the message about it. */
async function problem(names: { HOSTNAME: string; SERVICEDESC?: string }): Promise<{ group: string; ts: string }> {
  const states = names.SERVICEDESC === undefined ? { HOSTSTATE: 'DOWN' } : { SERVICESTATE: 'CRITICAL' };
  const response = await fetch(`${host.address}/in/nagios/${sourceKey}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ NOTIFICATIONTYPE: 'PROBLEM', HOSTSTATE: 'UP', ...states, ...names, TIMET: '1795325700' }),
  });
  expect(response.status).toBe(202);
  const { groups } = (await response.json()) as { groups: { id: string }[] };
  const group = groups[0]?.id ?? '';
  const message = await until(
    async () => (await messages()).find((one) => JSON.stringify(one).includes(`/g/${group}|`)),
    'a message',
  );
  return { group, ts: message.ts };
}

async function messages(): Promise<SlackState['teams'][number]['channels'][number]['messages']> {
  const state: SlackState = (await sandbox.inject('/slack/state')).json();
  return state.teams.flatMap(({ channels }) => channels).find(({ id }) => id === app.channel)?.messages ?? [];
}

/** What was said to Ann alone since the messages were forgotten. */
async function aside(): Promise<string> {
  const said = await until(async () => (await messages()).find(({ visibleTo }) => visibleTo === ann), 'a word to Ann');
  return said.text;
}

async function statusOf(group: string): Promise<{ status: string; eventCount: number }> {
  const response = await fetch(`${host.address}/api/v1/groups/${group}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { status, eventCount } = (await response.json()) as { status: string; eventCount: number };
  return { status, eventCount };
}

const untouched = { status: 'firing', eventCount: 1 };

describe('seed-O15 a press', () => {
  test.each([
    [{ HOSTNAME: 'web-2' }, /Nagios’ status file \S+ knows no host web-2\./],
    [{ HOSTNAME: 'web-1', SERVICEDESC: 'Disk' }, /Nagios’ status file \S+ knows no service Disk of host web-1\./],
    [{ HOSTNAME: 'web;1' }, /Nagios’ status file \S+ knows no host web 1\./],
  ])('on %j, which the monitor doesn’t know, is told why nothing was done', async (names, why) => {
    await sandbox.inject({ method: 'DELETE', url: '/messages' });
    const { group, ts } = await problem(names);
    expect(await control('press', { channel: app.channel, ts, action_id: 'acknowledge', user: ann })).toMatchObject({
      ok: true,
      status: 200,
    });
    const said = await aside();
    expect(said).toMatch(/^Nothing was changed here, as nagios did not do it: /);
    expect(said).toMatch(why);
    expect(await statusOf(group)).toEqual(untouched);
  });

  test.each([
    ['without a person', { type: 'block_actions', actions: [] }],
    ['without a message', { type: 'block_actions', user: { id: ann } }],
    ['that is no press', { type: 'block_actions', user: ann, actions: 'acknowledge' }],
  ])('%s is refused, and does nothing', async (_what, payload) => {
    const { group } = await problem({ HOSTNAME: 'web-1' });
    const before = await statusOf(group);
    expect((await send(JSON.stringify(payload))).status).toBe(400);
    expect(await statusOf(group)).toEqual(before);
  });

  test.each(['', '{', '[1', 'payload'])('whose payload is %j is refused', async (payload) => {
    const answer = await send(payload);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: { code: 'payload', message: 'this is nothing that the target understands' },
    });
  });
});

describe('seed-O2 the address of callbacks', () => {
  const payload = JSON.stringify({ type: 'block_actions', user: { id: ann }, actions: [] });

  test.each(Object.values(callbackKeys))('takes presses with the key %s, while it is exchanged', async (key) => {
    expect((await send(payload, `/${key}`)).status).toBe(200);
  });

  test.each(['', '/', '/key-of-the-press-faults', `/${callbackKeys.new}x`, `?apikey=${callbackKeys.new}`])(
    'is unknown with %j at its end',
    async (end) => {
      const answer = await send(payload, end);
      expect(answer.status).toBe(404);
      expect(await answer.text()).not.toContain('key-of');
    },
  );
});

/** A payload, signed as Slack does. */
function send(payload: string, end = `/${callbackKeys.new}`): Promise<Response> {
  const body = new URLSearchParams({ payload }).toString();
  const { headers } = signSlackRequest(body, Math.floor(Date.now() / 1000));
  const type = 'application/x-www-form-urlencoded';
  return fetch(`${callback}${end}`, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
}
