import Fastify, { LogController } from 'fastify';

/** The floor: the same Fastify that answers 202 after `JSON.parse` alone. Prints its port. */
const app = Fastify({ logController: new LogController({ disableRequestLogging: true }), bodyLimit: 1024 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/in/:source/*', async (request, reply) => {
  const { alerts } = JSON.parse(String(request.body)) as { alerts: unknown[] };
  return reply.code(202).send({ groups: [], rejected: [], read: alerts.length });
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`listens on ${typeof address === 'object' ? address?.port : ''}\n`);
process.on('SIGTERM', () => app.close());
