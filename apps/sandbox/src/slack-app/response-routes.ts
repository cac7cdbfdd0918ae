import { type Fields, isFields } from '@tocsin/message-view';
import type { FastifyInstance } from 'fastify';
import type { Refusal } from '../message-log.ts';
import { receive, type ServiceAnswer, type Stage } from '../receive.ts';
import { readBody } from '../slack/request.ts';
import { findChannel } from './directory.ts';
import { isTrue, type ResponseFault } from './responses.ts';
import { judgeMessage } from './verdict.ts';

const source = 'https://docs.slack.dev/interactivity/handling-user-interaction#message_responses';

const faults: Record<ResponseFault, string> = {
  invalid_url: 'A response_url is the one that came with a press.',
  expired_url: 'A response_url holds for 30 minutes.',
  used_url: 'A response_url takes 5 messages.',
};

/** Where a press is answered: `response_url` of its payload. */
export function addResponseRoutes(app: FastifyInstance, stage: Stage): void {
  app.post('/slack/actions/:team/:id/:secret', (request, reply) => {
    const { team, id, secret } = request.params as { team: string; id: string; secret: string }; // the route's own
    const { payload } = readBody(
      request.headers['content-type'],
      Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    );
    const found = stage.slack.responses.find(team, id, secret);
    const channel =
      'address' in found ? findChannel(stage.slack.teams, found.address.message.channel)?.channel : undefined;
    return receive(request, reply, stage, {
      kind: 'slack-api',
      channel: channel ? `#${channel.name}` : 'Slack API',
      payload,
      answer() {
        if ('fault' in found) return refused(404, found.fault, { at: 'url', says: faults[found.fault] });
        if (!isFields(payload))
          return refused(400, 'invalid_payload', { at: 'body', says: 'The body is a JSON object.' });
        const broken = isTrue(payload.delete_original) ? undefined : judgeMessage(payload);
        if (broken) return { ...json(400, broken.answer), ...(broken.refusal && { refusal: broken.refusal }) };
        stage.slack.responses.take(found.address, payload);
        return json(200, { ok: true });
      },
      demanded: ({ status, body, retryAfter }) => ({
        ...json(status, { ok: status < 300 }),
        ...(body !== undefined && { answer: body }),
        ...(retryAfter !== undefined && { retryAfter }),
      }),
    });
  });
}

/** No page lists the words; these are what Slack answers. */
function refused(status: number, error: string, { at, says }: Pick<Refusal, 'at' | 'says'>): ServiceAnswer {
  return { ...json(status, { ok: false, error }), refusal: { rule: error.replaceAll('_', '-'), says, source, at } };
}

function json(status: number, body: Fields): ServiceAnswer {
  return { status, answer: JSON.stringify(body), contentType: 'application/json; charset=utf-8' };
}
