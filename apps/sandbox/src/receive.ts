import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tickets } from './dutycalls/tickets.ts';
import type { Demand, Failures } from './failures.ts';
import type { Message, MessageLog, Refusal } from './message-log.ts';
import type { Workspaces } from './slack-app/workspaces.ts';

/** What the routes of every service share. */
export interface Stage {
  log: MessageLog;
  failures: Failures;
  /** Of DutyCalls. */
  tickets: Tickets;
  /** The workspaces in which the app is, or could be. */
  slack: Workspaces;
  now: () => Date;
}

export interface ServiceAnswer {
  status: number;
  answer: string;
  contentType: string;
  /** Seconds. */
  retryAfter?: number;
  headers?: Record<string, string>;
  refusal?: Refusal;
}

/** One request as its service understands it. */
export interface Exchange {
  kind: Message['kind'];
  channel: string;
  payload: unknown;
  /** The service's own answer. */
  answer: () => ServiceAnswer;
  /** The service's words for an answer that a test demanded. */
  demanded: (demand: Demand & { status: number }) => ServiceAnswer;
}

/** Answers a request as its service would, or as a test demanded, and keeps it with what was answered. */
export function receive(request: FastifyRequest, reply: FastifyReply, stage: Stage, exchange: Exchange): FastifyReply {
  const demand = stage.failures.take(request.url);
  if (demand?.status === 'hang' || demand?.status === 'reset') {
    keep(request, stage, exchange, { status: demand.status, answer: '', demanded: true });
    reply.hijack();
    stage.failures.abandon(request.raw.socket, demand.status);
    return reply;
  }
  const { status, answer, contentType, retryAfter, headers, refusal } =
    typeof demand?.status === 'number' ? exchange.demanded({ ...demand, status: demand.status }) : exchange.answer();
  keep(request, stage, exchange, { status, answer, ...(refusal && { refusal }), ...(demand && { demanded: true }) });
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (headers) reply.headers(headers);
  return reply.code(status).type(contentType).send(answer);
}

function keep(
  request: FastifyRequest,
  { log, now }: Stage,
  { kind, channel, payload }: Exchange,
  outcome: Pick<Message, 'status' | 'answer' | 'refusal' | 'demanded'>,
): void {
  log.add({
    at: now().toISOString(),
    kind,
    channel,
    method: request.method,
    path: request.url,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')])),
    body: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
    ...(payload !== undefined && { payload }),
    ...outcome,
  });
}
