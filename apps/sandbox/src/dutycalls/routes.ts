import type { FastifyInstance } from 'fastify';
import { receive, type ServiceAnswer, type Stage } from '../receive.ts';
import { type Call, type CallName, readCall } from './call.ts';
import { ticketRules } from './rules.ts';
import type { Ticket, Tickets } from './tickets.ts';

const calls: readonly { method: 'GET' | 'POST' | 'PUT'; path: string; name: CallName }[] = [
  { method: 'POST', path: 'ticket', name: 'open' },
  { method: 'GET', path: 'ticket', name: 'tickets' },
  { method: 'PUT', path: 'ticket/status', name: 'status' },
  { method: 'POST', path: 'ticket/hit', name: 'hit' },
  { method: 'GET', path: 'ticket/hit', name: 'hits' },
];

/** DutyCalls' ticket API: https://docs.dutycalls.me/rest-api/ */
export function addDutyCallsRoutes(app: FastifyInstance, stage: Stage): void {
  for (const { method, path, name } of calls) {
    app.route({
      method,
      url: `/dutycalls/api/${path}`,
      handler(request, reply) {
        const call = readCall(name, request);
        return receive(request, reply, stage, {
          kind: 'dutycalls',
          channel: channelOf(call, stage.tickets),
          payload: call.payload,
          answer: () => judge(call, stage.tickets),
          demanded: ({ status, body, retryAfter }) => ({
            ...json(status, { error: 'as demanded' }),
            ...(body !== undefined && { answer: body }),
            ...(retryAfter !== undefined && { retryAfter }),
          }),
        });
      },
    });
  }
}

/** What DutyCalls would answer, and by which rule; what it takes is done. */
function judge(call: Call, tickets: Tickets): ServiceAnswer {
  for (const { name, calls, status, says, source, error, broken } of ticketRules) {
    const at = calls.includes(call.name) ? broken(call, tickets) : undefined;
    if (at === undefined) continue;
    return { ...json(status, { error: error?.(call) ?? says }), refusal: { rule: name, says, source, at } };
  }
  return serve(call, tickets);
}

function serve({ name, fields, channels, sids }: Call, tickets: Tickets): ServiceAnswer {
  const found = foundIn(tickets, sids);
  switch (name) {
    case 'open': {
      // No page says what is answered where a ticket got a hit; its sid is what a client can go on with.
      const opened = [...new Set(channels)].map((channel) => tickets.open(channel, fields));
      return json(201, { tickets: opened.map(({ sid, channel }) => ({ sid, channel })) });
    }
    case 'tickets':
      return json(200, { tickets: found.map(({ ticket, hits: _, ...rest }) => ({ ...ticket, ...rest })) });
    case 'hits':
      return json(200, { hits: found.flatMap(({ hits }) => hits) });
    case 'hit':
      for (const ticket of found) tickets.hit(ticket, String(fields.summary));
      return nothing;
    case 'status': {
      const comment = typeof fields.comment === 'string' ? fields.comment : undefined;
      for (const ticket of found)
        tickets.setStatus(ticket, fields.status === 'closed' ? 'closed' : 'unacknowledged', comment);
      return nothing;
    }
  }
}

/** Where it belongs on the page: all channels of a ticket together. */
function channelOf({ channels, sids }: Call, tickets: Tickets): string {
  const named = channels.length > 0 ? channels : foundIn(tickets, sids).map(({ channel }) => channel);
  return [...new Set(named)].join(', ') || 'no channel';
}

function foundIn(tickets: Tickets, sids: readonly string[]): Ticket[] {
  return [...new Set(sids)].flatMap((sid) => tickets.find(sid) ?? []);
}

const contentType = 'application/json; charset=utf-8';
const nothing: ServiceAnswer = { status: 204, answer: '', contentType };

function json(status: number, body: object): ServiceAnswer {
  return { status, answer: JSON.stringify(body), contentType };
}
