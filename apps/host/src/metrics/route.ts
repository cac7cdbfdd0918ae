import type { FastifyInstance } from 'fastify';
import { authorize } from '../api/access.ts';
import { failureOf, refused } from '../api/failure.ts';
import type { HostContext } from '../context.ts';
import type { HostMetrics } from './host-metrics.ts';
import { readSnapshot, StoreMetrics } from './store-metrics.ts';

/** Milliseconds for which an answer stands: scraped more often, nothing is read more often. */
const standsFor = 1_000;

export interface MetricsOptions {
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** `/metrics`, for Prometheus: by a bearer token of any role. */
export async function registerMetrics(
  app: FastifyInstance,
  { store, registry, tokens, quarantined, log }: HostContext,
  host: HostMetrics,
  { now = Date.now }: MetricsOptions = {},
): Promise<void> {
  host.quarantined = () => quarantined().keys();
  const stored = new StoreMetrics({ sources: [...registry.sources.keys()], targets: [...registry.targets.keys()] });
  let last: { at: number; text: Promise<string>; isUnderWay: boolean } | undefined;

  /** Whoever asks while an answer is being made, or soon after, gets that one. */
  function text(): Promise<string> {
    const at = now();
    if (last && (last.isUnderWay || (at >= last.at && at - last.at < standsFor))) return last.text;
    const made = { at, text: make(at), isUnderWay: true };
    const end = () => {
      made.isUnderWay = false;
    };
    made.text.then(end, end);
    last = made;
    return made.text;
  }

  async function make(at: number): Promise<string> {
    const snapshot = await readSnapshot({ query: store.query }).catch((error: unknown) => {
      log.error({ err: error }, 'the store can’t be read for the metrics');
      return undefined;
    });
    const own = await host.text(snapshot !== undefined);
    return snapshot ? `${own}${await stored.text(snapshot, at)}` : own;
  }

  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => reply.send(refused(reply, failureOf(error, request))));
    scope.get('/metrics', async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
      const token = authorize(request.headers.authorization, tokens, 'metrics');
      if ('status' in token) return reply.send(refused(reply, token));
      return reply.type(host.registry.contentType).send(await text());
    });
  });
}
