import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../src/dutycalls/tickets.ts';
import { buildSandbox } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';
import { viewMessage } from '../src/message-view.ts';

let app: ReturnType<typeof buildSandbox>;
beforeEach(() => {
  app = buildSandbox();
});
afterEach(() => app.close());

const headers = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}`, 'content-type': 'application/json' };
const disk = { title: 'Disk is full', body: '/var on db-1', severity: 'high', dedupKey: 'db-1/disk' };

function call(method: 'GET' | 'POST' | 'PUT', path: string, payload?: object) {
  return app.inject({ method, url: `/dutycalls/api/${path}`, headers, ...(payload && { payload }) });
}

/** The sids of the tickets, in all channels. */
async function open(channels: string, ticket: object = disk): Promise<string[]> {
  const answer = await call('POST', `ticket?channel=${channels.replaceAll(',', '&channel=')}`, ticket);
  expect(answer.statusCode).toBe(201);
  return answer.json<{ tickets: { sid: string; channel: string }[] }>().tickets.map(({ sid }) => sid);
}

const tickets = async () => (await app.inject('/tickets')).json<Ticket[]>();
const messages = async () => (await app.inject('/messages')).json<Message[]>();

describe('a ticket', () => {
  it('is opened in each channel, unacknowledged', async () => {
    const [first, second] = await open('ops,noc');
    expect(await tickets()).toEqual([
      { sid: first, channel: 'ops', status: 'unacknowledged', ticket: disk, hits: [] },
      { sid: second, channel: 'noc', status: 'unacknowledged', ticket: disk, hits: [] },
    ]);
    const read = (await call('GET', `ticket?sid=${second}`)).json();
    expect(read.tickets).toEqual([{ ...disk, sid: second, channel: 'noc', status: 'unacknowledged' }]);
  });

  it('that is open gets a hit from the next one with its key, and a closed one makes way', async () => {
    const [first] = await open('ops');
    expect(await open('ops,noc', { ...disk, title: 'Disk is full still' })).toEqual([first, expect.any(String)]);
    expect((await tickets()).map(({ hits }) => hits)).toEqual([[{ summary: 'Disk is full still' }], []]);
    await call('PUT', `ticket/status?sid=${first}`, { status: 'closed' });
    expect(await open('ops')).not.toEqual([first]);
    expect(await open('ops', { title: 'a', body: 'b' })).not.toEqual(await open('ops', { title: 'a', body: 'b' }));
  });

  it('has hits, and another status with its comment, beside others in one call', async () => {
    const [first, second] = await open('ops,noc');
    const both = `sid=${first}&sid=${second}`;
    expect((await call('POST', `ticket/hit?${both}`, { summary: '98 %' })).statusCode).toBe(204);
    expect((await call('PUT', `ticket/status?${both}`, { status: 'closed', comment: 'well again' })).statusCode).toBe(
      204,
    );
    const closed = { status: 'closed', comment: 'well again', hits: [{ summary: '98 %' }] };
    expect(await tickets()).toEqual([expect.objectContaining(closed), expect.objectContaining(closed)]);
    expect((await call('GET', `ticket/hit?sid=${first}`)).json()).toEqual({ hits: [{ summary: '98 %' }] });
    await call('PUT', `ticket/status?sid=${first}`, { status: 'unacknowledged' });
    expect((await tickets()).map(({ status }) => status)).toEqual(['unacknowledged', 'closed']);
  });

  it('is forgotten with the messages', async () => {
    await open('ops');
    await app.inject({ method: 'DELETE', url: '/messages' });
    expect(await tickets()).toEqual([]);
  });
});

describe('the page', () => {
  it('has each call where its channels are, in words', async () => {
    const [first, second] = await open('ops,noc');
    await call('POST', `ticket/hit?sid=${first}&sid=${second}`, { summary: '98 %' });
    await call('PUT', `ticket/status?sid=${first}&sid=${second}`, { status: 'closed', comment: 'well again' });
    await call('GET', `ticket?sid=${first}`);
    await call('POST', 'ticket?channel=unknown', disk);
    const views = (await messages()).map((message) => viewMessage(message, { now: new Date(), zone: 'UTC' }));
    expect(views.map(({ kind, channel, accepted, summary }) => [kind, channel, accepted, summary])).toEqual([
      ['dutycalls', 'ops, noc', true, 'Ticket: Disk is full'],
      ['dutycalls', 'ops, noc', true, 'Hit: 98 %'],
      ['dutycalls', 'ops, noc', true, 'Made closed'],
      ['dutycalls', 'ops', true, 'Tickets were read'],
      ['dutycalls', 'unknown', false, 'Refused'],
    ]);
    expect(views[4]?.outcome).toContain('(query channel[0])');
    expect(JSON.stringify(views[2]?.content)).toContain('well again');
  });

  it('has the tickets as they stand, whenever one changes', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const controller = new AbortController();
    const answer = await fetch(`${url}/events`, { signal: controller.signal });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (pattern: RegExp) => {
      while (!pattern.test(text)) text += (await reader.read()).value ?? '';
    };
    const [first] = await open('ops');
    await readUntil(/event: tickets\ndata: \[\{"sid".*"status":"unacknowledged"/);
    await call('PUT', `ticket/status?sid=${first}`, { status: 'closed' });
    await readUntil(/event: tickets\ndata: .*"status":"closed"/);
    expect(text.match(/event: tickets/g)).toHaveLength(2);
    controller.abort();
  });

  it('answers as a test demands', async () => {
    await app.inject({
      method: 'POST',
      url: '/control/next',
      payload: { status: 503, retryAfter: 7, path: '/dutycalls/' },
    });
    const answer = await call('POST', 'ticket?channel=ops', disk);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '7']);
    expect(await tickets()).toEqual([]);
  });
});
