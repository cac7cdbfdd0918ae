import { buildSandbox, type SlackState, sandboxSlackApp } from '@tocsin/sandbox';
import { expect } from 'vitest';
import { type HostProcess, key, startHostProcess, token } from '../../apps/host/test/support/host-process.ts';
import { until } from '../../apps/host/test/support/until.ts';
import { Browser } from './browser.ts';

export const [first, second] = [sandboxSlackApp.team, 'T0LANTERN01'];
/** Addresses of a channel in each. */
export const [firstOps, secondOps] = [`${first}/${sandboxSlackApp.channel}`, `${second}/C0LANTOPS01`];

export interface Installation {
  id: string;
  name: string;
  author: string;
  endedAt: string | null;
  reason: string | null;
}

export interface Answer {
  status: number;
  retryAfter: string | null;
  // The API's own tests hold its shapes.
  // biome-ignore lint/suspicious/noExplicitAny: each test reads its part of an answer
  body: any;
}

export type Workplace = Awaited<ReturnType<typeof openWorkplace>>;

/**
 * A hub with a Slack app as its target `chat`, the Slack of the sandbox, and an admin who is signed in. Where it has
 * routes, alerts with the label `to` go to the first or the second workspace; what the hub says of itself goes to a
 * webhook.
 */
export async function openWorkplace({ hasRoutes = true } = {}) {
  const sandbox = buildSandbox();
  const slack = await sandbox.listen({ port: 0, host: '127.0.0.1' });
  const host = await startHostProcess({
    config: configFor(slack, hasRoutes ? routes : []),
    env: {
      CLIENT_SECRET: sandboxSlackApp.clientSecret,
      SIGNING_SECRET: sandboxSlackApp.signingSecret,
      LOG_LEVEL: 'trace',
    },
  });
  /** Every answer of the API. */
  const heard: string[] = [];
  const ask = async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${host.address}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    heard.push(`${method} ${path} ${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: JSON.parse(text) };
  };
  const control = async (name: string, body: object): Promise<void> => {
    const answer = await sandbox.inject({ method: 'POST', url: `/control/slack/${name}`, payload: body });
    expect(answer.statusCode, answer.body).toBe(200);
  };
  const teams = async () => (await sandbox.inject('/slack/state')).json<SlackState>().teams;
  /** What stands in a channel, without the headlines. */
  const textsIn = async (address: string): Promise<string[]> => {
    const [team, channel] = address.split('/');
    const found = (await teams()).find(({ id }) => id === team)?.channels.find(({ id }) => id === channel);
    return (found?.messages ?? []).map(({ text }) => text.replace(/^.*?: /, ''));
  };
  const callbacks = `${host.address}/callbacks/chat`;
  await control('app', { interactivity: callbacks, events: callbacks });
  const ann = new Browser();
  await signIn(ann, host);
  return {
    sandbox,
    slack,
    host,
    ann,
    heard,
    ask,
    control,
    teams,
    textsIn,
    callbacks,
    raise: (to: 'first' | 'second', title: string) => host.post('any', { title, labels: { to } }),
    isTold: (address: string, title: string) =>
      until(async () => (await textsIn(address)).includes(title), `${title} in ${address}`),
    installations: async (): Promise<Installation[]> => (await ask('GET', 'targets/chat/installations')).body.items,
    /** What the hub said of itself. */
    troubles: async (): Promise<string[]> => {
      const messages = (await sandbox.inject('/messages?channel=/webhook/operators')).json<{ body: string }[]>();
      return messages.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    },
    /** As far as the page on which Slack asks; gives its address. */
    begin: (browser = ann) => begin(browser, host),
    install: async (team: string, browser = ann): Promise<void> => {
      await begin(browser, host);
      await browser.submit(browser.address, { answer: 'allow', team });
    },
    /** Where Slack leads who allows it, without going there. */
    allowed: async (asked: URL, team: string): Promise<string> => {
      const answer = await sandbox.inject({
        method: 'POST',
        url: asked.pathname + asked.search,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ answer: 'allow', team }).toString(),
      });
      return String(answer.headers.location);
    },
    close: async (): Promise<void> => {
      await host.remove();
      await sandbox.close();
    },
  };
}

export async function signIn(browser: Browser, host: HostProcess): Promise<void> {
  await browser.visit(`${host.address}/installations`);
  await browser.submit(`${host.address}/sign-in`, { token, return: '/installations' });
  expect(browser.text).toContain('<h1>Installations</h1>');
}

async function begin(browser: Browser, host: HostProcess): Promise<URL> {
  await browser.visit(`${host.address}/installations`);
  await browser.visit(`${host.address}${/href="(\/oauth\/[^"]+)"/.exec(browser.text)?.[1]}`);
  expect(browser.text).toContain('Let Tocsin into a workspace?');
  return new URL(browser.address);
}

const routes = [
  { match: 'to="first"', to: [{ target: 'chat', address: firstOps }] },
  { match: 'to="second"', to: [{ target: 'chat', address: secondOps }] },
];

function configFor(slack: string, more: readonly object[]): object {
  return {
    integrations: ['@tocsin/source-webhook', '@tocsin/source-tocsin', '@tocsin/target-webhook', '@tocsin/target-slack'],
    sources: [
      { id: 'any', use: 'webhook', key },
      { id: 'hub', use: 'tocsin' },
    ],
    targets: [
      {
        id: 'chat',
        use: 'slack',
        settings: {
          clientId: sandboxSlackApp.clientId,
          clientSecret: '${env:CLIENT_SECRET}',
          signingSecret: '${env:SIGNING_SECRET}',
          apiUrl: `${slack}/slack/api`,
        },
      },
      { id: 'operators', use: 'webhook', settings: { url: `${slack}/webhook/operators` } },
    ],
    routes: [{ match: 'tocsin_source="hub"', to: ['operators'] }, ...more],
    unrouted: 'drop',
    egress: { allow: ['127.0.0.0/8'] },
  };
}
