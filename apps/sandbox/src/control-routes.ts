import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { demandSchema } from './failures.ts';
import type { Stage } from './receive.ts';

const messagesQuery = z.strictObject({
  since: z.coerce.number().int().min(0).default(0),
  channel: z.string().optional(),
});

/** The handle for tests: what arrived, and what shall be answered next. */
export function addControlRoutes(app: FastifyInstance, { log, failures, tickets, slack }: Stage): void {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/messages', async (request, reply) => {
    const query = messagesQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: z.prettifyError(query.error) });
    return log.list(query.data.since, query.data.channel);
  });

  app.get('/tickets', async () => tickets.list());

  app.delete('/messages', async (_, reply) => {
    tickets.clear();
    slack.messages.clear();
    slack.callbacks.clear();
    log.clear();
    return reply.code(204).send();
  });

  app.get('/control', async () => failures.outstanding());

  app.post('/control/next', async (request, reply) => {
    const demand = demandSchema.safeParse(request.body);
    if (!demand.success) return reply.code(400).send({ error: z.prettifyError(demand.error) });
    if (!failures.demand(demand.data)) {
      return reply.code(409).send({ error: 'too many demands are outstanding; DELETE /control forgets them' });
    }
    return failures.outstanding();
  });

  app.delete('/control', async (_, reply) => {
    failures.clear();
    return reply.code(204).send();
  });
}
