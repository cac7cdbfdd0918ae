import { afterAll, describe, expect, it } from 'vitest';
import { ticketRules } from '../src/dutycalls/rules.ts';
import { buildSandbox } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';

interface Sent {
  method?: 'GET' | 'POST' | 'PUT';
  /** After `/dutycalls/api/`. */
  path?: string;
  login?: string;
  contentType?: string;
  text?: string;
  body?: object;
}

const ticket = { title: 'Disk is full', body: '/var on db-1' };
const open = (more: object): Sent => ({ body: { ...ticket, ...more } });
const status = (body: object, query = '?sid=SID'): Sent => ({ method: 'PUT', path: `ticket/status${query}`, body });
const hit = (body: object): Sent => ({ path: 'ticket/hit?sid=SID', body });

/** For each rule a call that it refuses, and its nearest neighbour that passes; `SID` is that of a ticket. */
const cases: Record<string, { refused: Sent[]; passes: Sent; error?: string }> = {
  authorization: {
    refused: [{ login: '' }, { login: ':b' }, { login: 'a:' }, { login: 'a' }, { login: 'a:invalid' }],
    passes: { login: 'a:b:c' },
    error: 'Invalid API key provided.',
  },
  'content-type': {
    refused: [{ contentType: 'text/plain' }, { ...hit({ summary: 'x' }), contentType: 'application/x-json' }],
    passes: { contentType: 'application/json; charset=utf-8' },
  },
  'json-object': { refused: [{ text: '[]' }, { text: '{"title":"a",}' }], passes: { text: JSON.stringify(ticket) } },
  channel: {
    refused: [{ path: 'ticket' }, { path: 'ticket?channel=ops&channel=' }],
    passes: { path: 'ticket?channel=ops' },
  },
  'channel-known': {
    refused: [{ path: 'ticket?channel=ops&channel=unknown' }],
    passes: { path: 'ticket?channel=ops&channel=Data+base' },
    error: 'The channel with the name: unknown, does not exist or is not linked to the current service.',
  },
  title: { refused: [{ body: { body: 'x' } }, open({ title: ' ' })], passes: open({ title: 'x' }) },
  body: { refused: [{ body: { title: 'x' } }, open({ body: 7 })], passes: open({ body: 'x' }) },
  'date-time': {
    refused: [open({ dateTime: '2020-10-01' })],
    passes: open({ dateTime: 1_768_468_980 }),
    error: "Invalid 'dateTime' provided.",
  },
  properties: {
    refused: [open({ subject: 'x' }), open({ tags: 'db' }), open({ link: null }), open({ constructor: 'x' })],
    passes: open({
      bodyType: 'plain_text',
      severity: 0.66,
      sender: 'me',
      link: 'https://example.com/t/7',
      identifier: '7',
      dedupKey: 'db-1/disk',
      tags: ['db'],
    }),
  },
  sid: { refused: [status({ status: 'closed' }, '')], passes: status({ status: 'closed' }) },
  'sid-known': {
    refused: [status({ status: 'closed' }, '?sid=SID&sid=other'), { method: 'GET', path: 'ticket?sid=other' }],
    passes: status({ status: 'closed' }),
  },
  status: { refused: [status({ status: 'acknowledged' }), status({})], passes: status({ status: 'unacknowledged' }) },
  comment: {
    refused: [status({ status: 'closed', comment: null })],
    passes: status({ status: 'closed', comment: 'well again' }),
  },
  summary: { refused: [hit({}), hit({ summary: '' })], passes: hit({ summary: '97 %' }) },
};

const app = buildSandbox();
afterAll(() => app.close());

async function send({
  method = 'POST',
  path = 'ticket?channel=ops',
  login = 'a:b',
  contentType,
  text,
  body = ticket,
}: Sent) {
  const opened = await call({
    method: 'POST',
    path: 'ticket?channel=of-the-test',
    login: 'a:b',
    payload: JSON.stringify(ticket),
  });
  const [{ sid }] = opened.json().tickets;
  const payload = method === 'GET' ? undefined : (text ?? JSON.stringify(body));
  const answer = await call({ method, path: path.replace('SID', sid), login, contentType, payload });
  const stored = (await app.inject('/messages')).json<Message[]>().at(-1);
  return { status: answer.statusCode, text: answer.body, refusal: stored?.refusal };
}

function call({
  method,
  path,
  login,
  contentType = 'application/json',
  payload,
}: Required<Pick<Sent, 'method' | 'path' | 'login'>> & { contentType?: string; payload?: string }) {
  const authorization = login === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return app.inject({
    method,
    url: `/dutycalls/api/${path}`,
    headers: { ...authorization, ...(payload !== undefined && { 'content-type': contentType }) },
    ...(payload !== undefined && { payload }),
  });
}

describe('the rules of DutyCalls’ ticket API', () => {
  it('has a refused call for each rule, and no call without a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(ticketRules.map(({ name }) => name).sort());
  });

  it.each(ticketRules)('$name: $says', async ({ name, says, status, source }) => {
    expect(['docs.dutycalls.me', 'pypi.org', 'github.com']).toContain(new URL(source).host);
    const { refused, passes, error = says } = cases[name]!;
    for (const sent of refused) {
      expect(await send(sent), JSON.stringify(sent)).toEqual({
        status,
        text: JSON.stringify({ error }),
        refusal: { rule: name, says, source, at: expect.any(String) },
      });
    }
    const { status: taken, refusal } = await send(passes);
    expect([Math.floor(taken / 100), refusal]).toEqual([2, undefined]);
  });

  it('refuses another scheme than basic', async () => {
    const headers = { authorization: 'Bearer YTpi', 'content-type': 'application/json' };
    const answer = await app.inject({
      method: 'POST',
      url: '/dutycalls/api/ticket?channel=ops',
      headers,
      payload: ticket,
    });
    expect(answer.statusCode).toBe(401);
  });
});
