import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { press, pressSchema } from './press.ts';
import { stateOf } from './state.ts';
import type { Workspaces } from './workspaces.ts';

/** The handle for tests: what people do in the workspaces, and how these stand. */
export function addSlackControlRoutes(app: FastifyInstance, workspaces: Workspaces): void {
  app.get('/slack/state', async () => stateOf(workspaces));

  app.post('/control/slack/press', async (request, reply) => {
    const wanted = pressSchema.safeParse(request.body);
    if (!wanted.success) return reply.code(400).send({ error: z.prettifyError(wanted.error) });
    const result = await press(wanted.data, workspaces);
    if ('fault' in result) return reply.code(result.status).send({ error: result.fault });
    return { ...result.answer, payload: result.payload };
  });
}
