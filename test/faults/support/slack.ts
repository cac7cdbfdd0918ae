import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  sandboxSlackApp as app,
  buildSandbox,
  type MessageState,
  type SlackState,
  signSlackRequest,
} from '@tocsin/sandbox';
import { writeIntegration } from '../../../apps/host/test/support/integration-folder.ts';
import { until } from '../../evidence/support/until.ts';
import type { Bench } from '../bench.ts';
import { anySource } from './configs.ts';
import type { Hub } from './hub.ts';

export { sandboxSlackApp as app } from '@tocsin/sandbox';

/** One button or menu of a message, as a callback names it. */
export interface Pressed {
  block_id: string;
  action_id: string;
  selected_option?: { value: string };
}

/** What of a callback is not as Slack would have it. */
export interface Oddity {
  secret?: string;
  /** Milliseconds since 1970. */
  time?: number;
  /** Person, workspace, address to reply to. */
  user?: { id: string; name: string };
  team?: string;
  replyTo?: string;
  headers?: Record<string, string>;
}

/** The same bytes, however often they are sent. */
export interface SlackCallback {
  body: string;
  headers: Record<string, string>;
}

/** A Slack in this process, where hubs may reach it. */
export interface PlayedSlack {
  url: string;
  state(): Promise<SlackState>;
  /** What people and admins do: `app`, `delete`, `channel`, `event`, `workspace`, `press`. */
  control<Result = object>(what: string, body: object): Promise<Result>;
  /** What the next calls of these methods are answered, in place of Slack's own words. */
  answerNext(
    method: string,
    answer: object,
    more?: { count?: number; status?: number; retryAfter?: number },
  ): Promise<void>;
  forgetAnswers(): Promise<void>;
  /** Calls of a method so far, those that were refused too. */
  calls(method: string): Promise<number>;
  /** The messages about a group that all see, the oldest first, wherever they are. */
  messagesOf(group: string): Promise<MessageState[]>;
  /** The only one, once there is one that is so. */
  messageOf(group: string, isSo?: (message: MessageState) => boolean, patience?: number): Promise<MessageState>;
}

/** Ends with the row. */
export async function playSlack(bench: Bench): Promise<PlayedSlack> {
  const sandbox = buildSandbox({ capacity: 100_000 });
  await sandbox.listen({ port: 0, host: '127.0.0.2' });
  bench.onEnd(() => sandbox.close());
  const { port } = sandbox.server.address() as AddressInfo; // a TCP server that listens has no other kind
  const control = async (url: string, payload?: object) => {
    const { statusCode, body } = await sandbox.inject({ method: 'POST', url, ...(payload ? { payload } : {}) });
    if (statusCode >= 300) throw new Error(`${url}: ${statusCode} ${body}`);
    return body;
  };
  const state = async () => (await sandbox.inject('/slack/state')).json<SlackState>();
  const messagesOf = async (group: string) => {
    const { teams } = await state();
    return teams
      .flatMap(({ channels }) => channels.flatMap(({ messages }) => messages))
      .filter((one) => one.visibleTo === undefined && JSON.stringify(one).includes(`/g/${group}|`));
  };
  return {
    url: `http://127.0.0.2:${port}`,
    state,
    control: async (what, body) => JSON.parse(await control(`/control/slack/${what}`, body)), // the caller names the shape
    async answerNext(method, answer, { count = 1, status = 200, ...more } = {}) {
      const path = `/slack/api/${method}`;
      await control('/control/next', { path, status, count, body: JSON.stringify(answer), ...more });
    },
    async forgetAnswers() {
      await sandbox.inject({ method: 'DELETE', url: '/control' });
    },
    async calls(method) {
      const all = (await sandbox.inject('/messages')).json<{ path: string }[]>();
      return all.filter(({ path }) => path === `/slack/api/${method}`).length;
    },
    messagesOf,
    messageOf: (group, isSo = () => true, patience) =>
      until(`a message about ${group}`, async () => (await messagesOf(group)).find(isSo), patience),
  };
}

/** Of a target that is Slack's app, with buttons. */
export function slackSettings({ url }: PlayedSlack): object {
  return { token: app.botToken, signingSecret: app.signingSecret, apiUrl: `${url}/slack/api` };
}

/** A hub that tells a channel of Slack everything. */
export function slackHub(slack: PlayedSlack, { use = 'slack', packages = [] as string[], ...more } = {}): object {
  const settings = slackSettings(slack);
  return {
    integrations: ['@tocsin/source-webhook', '@tocsin/target-slack', ...packages],
    sources: [{ ...anySource, settings: { key: 'group', fingerprint: 'id' } }],
    targets: [{ id: 'chat', use, settings }],
    routes: [{ to: [{ target: 'chat', address: `${app.team}/${app.channel}`, interval: '0s' }] }],
    ...more,
  };
}

/** Writes a target of its own: Slack's, where these parts of it are another's. `slack` is the real one. */
export function writeSlackVariant(folder: string, name: string, parts: string): void {
  const real = join(import.meta.dirname, '..', '..', '..', 'integrations', 'targets', 'slack', 'dist', 'index.js');
  writeIntegration(
    folder,
    name,
    `import { existsSync, unlinkSync } from 'node:fs';\nimport slack from ${JSON.stringify(pathToFileURL(real).href)};\nexport default defineTarget({ ...slack, ${parts} });`,
  );
}

/** A firing alert of a group of its own; the group's id. */
export async function fire(hub: Hub, key: string, more: object = {}): Promise<string> {
  const { status, text } = await hub.post('any', { id: key, group: key, title: 'Disk', status: 'firing', ...more });
  if (status !== 202) throw new Error(`an alert was answered ${status} ${text}`);
  const { groups } = JSON.parse(text) as { groups: { id: string }[] };
  return groups[0]?.id ?? '';
}

/** What is pressed to act by a message, whatever stands on the button. */
export function buttonOf(message: MessageState, action = 'acknowledge'): Pressed {
  const { attachments = [] } = message as { attachments?: { blocks?: { type: string; block_id?: string }[] }[] };
  const row = attachments.flatMap(({ blocks = [] }) => blocks).find(({ type }) => type === 'actions');
  return { block_id: row?.block_id ?? '', action_id: action };
}

/** As Slack sends it, but for what is odd. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function callbackOf(
  pressed: Pressed,
  { secret, time = Date.now(), headers, ...odd }: Oddity = {},
): SlackCallback {
  const { user = { id: 'U0BELLANN01', name: 'ann' }, team = app.team, replyTo } = odd;
  const payload = {
    type: 'block_actions',
    user: { ...user, username: user.name, team_id: team },
    team: { id: team, domain: 'bell-tower' },
    channel: { id: app.channel, name: 'ops' },
    ...(replyTo === undefined ? {} : { response_url: replyTo }),
    actions: [{ type: pressed.selected_option ? 'static_select' : 'button', ...pressed }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const signed = signSlackRequest(body, Math.floor(time / 1000), secret);
  return { body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...signed.headers, ...headers } };
}

/** The status, 0 without an answer. */
export async function send(hub: Hub, { body, headers }: SlackCallback, target = 'chat'): Promise<number> {
  try {
    const answer = await fetch(`${hub.address}/callbacks/${target}`, { method: 'POST', body, headers });
    await answer.text();
    return answer.status;
  } catch {
    return 0;
  }
}
