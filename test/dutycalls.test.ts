import type { AddressInfo } from 'node:net';
import { buildSandbox } from '@tocsin/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from '../apps/host/test/support/host-process.ts';
import { until } from '../apps/host/test/support/until.ts';

// A hub beside DutyCalls: alerts that become its tickets, and a webhook that is told each event as DutyCalls tells its own.
// Everything is real between but DutyCalls itself, which the sandbox plays.

interface Ticket {
  sid: string;
  channel: string;
  status: string;
  comment?: string;
  ticket: { title: string };
  hits: { summary: string }[];
}

const sandbox = buildSandbox();
const password = 'canary: of the source';
const everyKind = [
  'firing',
  'updated',
  'acknowledged',
  'unacknowledged',
  'silenced',
  'unsilenced',
  'notice',
  'resolved',
];

let host: HostProcess;

beforeAll(async () => {
  await sandbox.listen({ port: 0, host: '127.0.0.1' });
  const { port } = sandbox.server.address() as AddressInfo; // a TCP server that listens has no other kind
  const url = `http://127.0.0.1:${port}`;
  const duty = (id: string, settings: object) => ({
    id,
    use: 'dutycalls',
    settings: { login: 'tocsin', password: '${env:PASSWORD}', baseUrl: `${url}/dutycalls/api`, ...settings },
  });
  host = await startHostProcess({
    env: { PASSWORD: password },
    config: {
      integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', '@tocsin/target-dutycalls'],
      sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'key', fingerprint: 'id' } }],
      targets: [
        duty('duty', { channels: ['Operations', 'Data base'] }),
        duty('misspelt', { channels: ['unknown'] }),
        { id: 'hook', use: 'webhook', settings: { url: `${url}/webhook/events` } },
      ],
      routes: [
        { match: 'to="hook"', interval: '0s', events: everyKind, to: ['hook'] },
        { match: 'to="misspelt"', to: ['misspelt'] },
        { interval: '0s', to: ['duty'] },
      ],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await sandbox.close();
});

/** Sends an alert, and gives its group. */
async function send(id: string, alertKey: string, more: object = {}): Promise<string> {
  const alert = { id, key: alertKey, title: `${id} is full`, severity: 'critical', ...more };
  const response = await host.post('any', alert);
  expect(response.status).toBe(202);
  const { groups } = (await response.json()) as { groups: { id: string }[] };
  return groups[0]?.id ?? '';
}

const act = async (path: string, body?: object) => expect((await host.act(path, body)).status).toBe(200);

/** The tickets, once they are as wanted. */
function tickets(isSo: (tickets: Ticket[]) => boolean, what: string): Promise<Ticket[]> {
  return until(async () => {
    const found = (await sandbox.inject('/tickets')).json<Ticket[]>();
    return isSo(found) ? found : undefined;
  }, what);
}

const all = (given: Ticket[], status: string) => given.every((ticket) => ticket.status === status);

test('seed-D15 seed-D18 a group is a ticket in each channel, with a hit for each change, and all are closed with it', async () => {
  const group = await send('/var', 'db-1');
  const opened = await tickets(({ length }) => length === 2, 'two tickets');
  expect(opened.map(({ channel, status, ticket }) => [channel, status, ticket.title])).toEqual([
    ['Operations', 'unacknowledged', '/var is full'],
    ['Data base', 'unacknowledged', '/var is full'],
  ]);

  await send('/tmp', 'db-1');
  await tickets((found) => found.every(({ hits }) => hits.length === 1), 'a hit for the second alert');
  await act(`groups/${group}/acknowledge`, { comment: 'I delete logs' });
  await tickets((found) => found.every(({ hits }) => hits.length === 2), 'a hit for the acknowledgement');
  await act(`groups/${group}/unacknowledge`, { comment: 'no time' });
  const withdrawn = await tickets((found) => found.every(({ comment }) => comment), 'the withdrawal');
  for (const { status, comment, hits } of withdrawn) {
    expect([status, comment]).toEqual([
      'unacknowledged',
      expect.stringMatching(/^Acknowledgement withdrawn by ann.*“no time”$/),
    ]);
    expect(hits.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^Update · critical · 2 of 2 firing: /),
      expect.stringMatching(/^Acknowledged by ann · critical: .*“I delete logs”$/),
    ]);
  }

  await act(`groups/${group}/resolve`, { comment: 'done' });
  const closed = await tickets((found) => all(found, 'closed'), 'both closed');
  expect(closed.map(({ sid }) => sid)).toEqual(opened.map(({ sid }) => sid));
  expect(closed.map(({ comment }) => comment)).toEqual(
    Array(2).fill(expect.stringMatching(/^Resolved by ann · .*“done”$/)),
  );

  const { items } = await host.get<{ items: unknown[] }>('attempts?target=duty');
  expect(JSON.stringify(items)).toContain('"authorization":"Basic <login>:<password>"');
  expect(JSON.stringify(items) + host.output()).not.toContain('canary');
});

test('seed-D18 an answer that was lost makes no second ticket, and what fires again makes a new one', async () => {
  await sandbox.inject({ method: 'DELETE', url: '/messages' });
  // Only the hub names the channels in this order.
  const refusal = { status: 503, count: 100, path: '/dutycalls/api/ticket?channel=Operations' };
  await sandbox.inject({ method: 'POST', url: '/control/next', payload: refusal });
  const group = await send('/srv', 'db-2');
  const attempted = async () => (await sandbox.inject('/messages')).json<unknown[]>().length > 0;
  await until(attempted, 'the first attempt');
  // As if DutyCalls had taken it, and the connection had ended before its answer.
  const taken = await sandbox.inject({
    method: 'POST',
    url: '/dutycalls/api/ticket?channel=Data+base&channel=Operations',
    headers: { authorization: `Basic ${Buffer.from(`tocsin:${password}`).toString('base64')}` },
    payload: { title: '/srv is full', body: 'x', dedupKey: `${host.address}/g/${group}` },
  });
  expect(taken.statusCode).toBe(201);
  await sandbox.inject({ method: 'DELETE', url: '/control' });
  const found = await tickets((given) => given.every(({ hits }) => hits.length > 0), 'the second attempt');
  expect(found).toHaveLength(2);

  await send('/srv', 'db-2', { status: 'resolved' });
  await tickets((given) => all(given, 'closed'), 'both closed');
  await send('/srv', 'db-2');
  const again = await tickets(({ length }) => length === 4, 'two new tickets');
  expect(again.map(({ status }) => status)).toEqual(['closed', 'closed', 'unacknowledged', 'unacknowledged']);
  await send('/srv', 'db-2', { status: 'resolved' });
  await tickets((given) => all(given, 'closed'), 'all closed');
});

test('a channel that is not there is said in the words of whoever can mend it', async () => {
  const refused = await (await host.act('targets/misspelt/test')).json();
  expect(refused).toMatchObject({
    outcome: 'refused',
    setUp: expect.stringMatching(/^one of its `channels` does not exist or belongs to another source/),
    response: { body: expect.stringContaining('The channel with the name: unknown,') },
  });
});

describe('seed-D11 the text that a webhook gets describes the event', () => {
  const texts = async () => {
    const messages = (await sandbox.inject('/messages?channel=/webhook/events')).json<
      { payload: { text: string } }[]
    >();
    for (const { payload } of messages) expect(Object.keys(payload)).toEqual(['text']);
    return messages.map(({ payload }) => payload.text);
  };
  const untilTold = (count: number) => until(async () => (await texts()).length >= count, `${count} events are told`);

  test('seed-D8 each by a sentence of its own', async () => {
    const labels = { to: 'hook' };
    const group = await send('/home', 'web-1', { labels });
    const steps: [() => Promise<unknown>, RegExp][] = [
      [async () => {}, /^Firing · critical: \/home is full/],
      [() => send('/opt', 'web-1', { labels }), /^Update · critical · 2 of 2 firing: /],
      [() => act(`groups/${group}/acknowledge`), /^Acknowledged by ann · critical: /],
      [() => act(`groups/${group}/unacknowledge`), /^Acknowledgement withdrawn by ann · critical: /],
      [() => act(`groups/${group}/silence`, { until: '2h' }), /^Silenced by ann · critical · until \d{4}-.*: /],
      [() => act(`groups/${group}/unsilence`), /^Silence ended by ann · critical: /],
      [() => send('/home', 'web-1', { labels, status: 'notice', deliveryId: 'n1' }), /^Notice · critical: /],
      [() => act(`groups/${group}/resolve`), /^Resolved by ann · was critical: /],
    ];
    for (const [index, [step]] of steps.entries()) {
      await step();
      await untilTold(index + 1);
    }
    const told = await texts();
    expect(told).toEqual(steps.map(([, sentence]) => expect.stringMatching(sentence)));
    expect(new Set(told.map((text) => text.split(':', 1)[0])).size).toBe(everyKind.length);
  });
});
