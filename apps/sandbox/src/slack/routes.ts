import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Demand } from '../failures.ts';
import { type Exchange, receive, type Stage } from '../receive.ts';
import { readAddress, readBody, type SlackRequest } from './request.ts';
import { judge } from './verdict.ts';

/** What Slack says with a status that a test demanded; the pages give words for 500 only. */
const WORDS: Record<number, string> = { 429: 'rate_limited', 500: 'rollup_error', 503: 'service_unavailable' };

/** Incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function addSlackRoutes(app: FastifyInstance, stage: Stage): void {
  app.post('/slack/*', (request, reply) => {
    const read = readSlackRequest(request);
    return receive(request, reply, stage, {
      kind: 'slack',
      channel: `#${read.address.team ?? ''}`,
      payload: read.body.payload,
      answer: () => ({ ...judge(read), contentType: 'text/plain; charset=utf-8' }),
      demanded: (demand) => demandedAnswer(demand),
    });
  });
}

function readSlackRequest(request: FastifyRequest): SlackRequest {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const path = (request.params as { '*': string })['*']; // the route's only parameter, always a string
  return { address: readAddress(path), body: readBody(request.headers['content-type'], bytes) };
}

/** A 429 always comes with Retry-After: https://docs.slack.dev/apis/web-api/rate-limits#headers */
function demandedAnswer(demand: Demand & { status: number }): ReturnType<Exchange['demanded']> {
  const retryAfter = demand.retryAfter ?? (demand.status === 429 ? 1 : undefined);
  return {
    status: demand.status,
    answer: demand.body ?? WORDS[demand.status] ?? (demand.status < 300 ? 'ok' : 'error'),
    contentType: 'text/plain; charset=utf-8',
    ...(retryAfter !== undefined && { retryAfter }),
  };
}
