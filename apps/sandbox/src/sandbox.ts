import Fastify, { type FastifyInstance } from 'fastify';
import { addControlRoutes } from './control-routes.ts';
import { addDutyCallsRoutes } from './dutycalls/routes.ts';
import { Tickets } from './dutycalls/tickets.ts';
import { addEventRoutes } from './event-routes.ts';
import { Failures } from './failures.ts';
import { MessageLog } from './message-log.ts';
import { addPageRoutes } from './page-routes.ts';
import type { Stage } from './receive.ts';
import { addSlackRoutes } from './slack/routes.ts';
import { addSlackApiRoutes } from './slack-app/api-routes.ts';
import { addAuthorizeRoutes } from './slack-app/authorize-routes.ts';
import { addSlackControlRoutes } from './slack-app/control-routes.ts';
import { addResponseRoutes } from './slack-app/response-routes.ts';
import { createWorkspaces } from './slack-app/workspaces.ts';
import { addWebhookRoutes } from './webhook-routes.ts';

const LARGEST_BODY = 1024 * 1024;
const STORED_BYTES = 32 * 1024 * 1024;

export interface SandboxOptions {
  /** Log requests to standard output. Default off. */
  logger?: boolean;
  /** How many messages are kept; the oldest leave first. Default 500. */
  capacity?: number;
  /** The address to which the played Slack sends the app's interactions and events. Default: none. */
  slackCallbacks?: string;
  /** The clock. Default: the machine's. */
  now?: () => Date;
}

/** The stand-ins and their page, not yet listening: `app.listen({ port })`, or `app.inject` in tests. */
export function buildSandbox(options: SandboxOptions = {}): FastifyInstance {
  const now = options.now ?? (() => new Date());
  const callbacks = options.slackCallbacks;
  const stage: Stage = {
    log: new MessageLog(options.capacity ?? 500, STORED_BYTES),
    failures: new Failures(),
    tickets: new Tickets(),
    slack: createWorkspaces(now, callbacks === undefined ? {} : { interactivity: callbacks, events: callbacks }),
    now,
  };
  const app = Fastify({
    logger: options.logger ?? false,
    bodyLimit: LARGEST_BODY,
    requestTimeout: 15_000,
    forceCloseConnections: true,
  });
  app.addHook('preClose', async () => stage.failures.clear());
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `nothing is at ${request.method} ${request.url.slice(0, 200)}`,
      paths: [
        'POST /slack/services/<channel>/<service>/<secret>',
        '/slack/api/<method>',
        '/dutycalls/api/ticket',
        '/webhook/<any path>',
        'GET /messages',
        'GET /',
      ],
    }),
  );
  app.register(async (services) => {
    // The services judge the bytes themselves, whatever their type says.
    services.removeAllContentTypeParsers();
    services.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    addSlackRoutes(services, stage);
    addSlackApiRoutes(services, stage);
    addResponseRoutes(services, stage);
    addDutyCallsRoutes(services, stage);
    addWebhookRoutes(services, stage);
  });
  app.register(async (installers) => addAuthorizeRoutes(installers, stage.slack));
  app.register(async (people) => {
    addPageRoutes(people);
    addControlRoutes(people, stage);
    addSlackControlRoutes(people, stage.slack);
    addEventRoutes(people, stage);
  });
  return app;
}
