import type { Fields } from '@tocsin/message-view';
import type { FastifyInstance } from 'fastify';
import { receive, type ServiceAnswer, type Stage } from '../receive.ts';
import { type Call, readApiCall, structureOf } from './call.ts';
import { target } from './chat-rules.ts';
import { serveCall } from './verdict.ts';

/** The Web API, below `/slack/api/`. https://docs.slack.dev/apis/web-api */
export function addSlackApiRoutes(app: FastifyInstance, stage: Stage): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/slack/api/:method',
    handler(request, reply) {
      const call = readApiCall(request, stage.slack);
      return receive(request, reply, stage, {
        kind: 'slack-api',
        channel: channelNameOf(call),
        payload: readArguments(call),
        answer() {
          const { answer, refusal } = serveCall(call, stage.slack);
          return { ...json(200, answer), headers: scopeHeaders(call), ...(refusal && { refusal }) };
        },
        demanded: ({ status, body, retryAfter = status === 429 ? 1 : undefined }) => ({
          // https://docs.slack.dev/apis/web-api/rate-limits#headers: a 429 always comes with Retry-After.
          ...json(status, status < 300 ? { ok: true } : { ok: false, error: words[status] ?? 'internal_error' }),
          ...(body !== undefined && { answer: body }),
          ...(retryAfter !== undefined && { retryAfter }),
        }),
      });
    },
  });
}

/** The arguments with their structures, which a form has as text. */
function readArguments(call: Call): Fields {
  const structures = ['blocks', 'attachments'].filter((name) => call.args[name] !== undefined);
  return { ...call.args, ...Object.fromEntries(structures.map((name) => [name, structureOf(call, name)])) };
}

/** Slack's own words for a status; every method's page lists them. */
const words: Record<number, string> = { 429: 'ratelimited', 500: 'internal_error', 503: 'service_unavailable' };

/** `#ops`, so that it stands beside what webhooks posted there; what belongs to no channel stands together. */
function channelNameOf(call: Call): string {
  const channel = target(call);
  return channel ? `#${channel.name}` : 'Slack API';
}

/** https://docs.slack.dev/authentication/installing-with-oauth#inspecting */
function scopeHeaders({ token }: Call): Record<string, string> {
  return token ? { 'x-oauth-scopes': token.scopes.join(',') } : {};
}

function json(status: number, body: object): ServiceAnswer {
  return { status, answer: JSON.stringify(body), contentType: 'application/json; charset=utf-8' };
}
