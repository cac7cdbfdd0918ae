import { createHash, randomUUID } from 'node:crypto';
import { type Callback, type SourceRequest, TocsinError } from '@tocsin/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HostContext } from '../context.ts';
import type { Failpoints } from '../failpoints.ts';
import { hmacVerifier } from '../ingest/hmac.ts';
import { InFlight } from '../ingest/in-flight.ts';
import type { OwnerKeys } from '../ingest/keys.ts';
import { headerOf, type Verifier } from '../ingest/proof.ts';
import type { IntegrationPool } from '../integrations/pool.ts';

/** Bytes of a callback: a message comes back whole with what was pressed in it. */
export const largestCallback = 256 * 1024;

/** Bytes that are read at a time of those who have yet to prove themselves. */
const mostUnproven = 8 * 1024 * 1024;

export interface CallbackTools {
  /** Those that the addresses of targets' callbacks end with, where the config has some. */
  keys: OwnerKeys;
  /** How each target's callbacks are signed; one that isn't there takes none. */
  verifiers: ReadonlyMap<string, Verifier>;
  pool: Pick<IntegrationPool, 'run'>;
  /** A workspace that took us in has let us go. */
  onEnded: (target: string, ended: Extract<Callback, { kind: 'ended' }>) => Promise<void>;
  now?: () => number;
  /** What is taken away for a test. */
  failpoints?: Pick<Failpoints, 'has'>;
}

/** The verifiers of all targets whose messages have something to press. */
export function callbackVerifiers(
  targets: HostContext['registry']['targets'],
  reveal: (target: string, reference: string) => string,
  failpoints?: Pick<Failpoints, 'has'>,
): Map<string, Verifier> {
  const verifiers = new Map<string, Verifier>();
  for (const [id, { integration, settings }] of targets) {
    const { actions } = integration.definition;
    if (!actions?.offered(settings)) continue;
    const { secret, ...verification } = actions.verify;
    const written = (Object(settings) as Record<string, unknown>)[secret];
    const { timestamp } = verification;
    const checked =
      timestamp && failpoints?.has('any-time')
        ? { ...verification, timestamp: { ...timestamp, tolerance: Number.POSITIVE_INFINITY } }
        : verification;
    // A key of the secret store may change while the host runs.
    const current = () => hmacVerifier(checked, [reveal(id, String(written))]);
    const verify: Verifier['verify'] = (claim) =>
      failpoints?.has('any-signature') ? { outcome: 'valid' } : current().verify(claim);
    verifiers.set(id, { header: verification.header, verify });
  }
  return verifiers;
}

type CallbackRequest = FastifyRequest<{ Params: { target: string; key?: string } }>;

/**
 * `/callbacks/<target>`: what people press. It is verified, written down and answered, and done after that: vendors wait
 * three seconds. https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
 */
export async function registerCallbacks(app: FastifyInstance, host: HostContext, tools: CallbackTools): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestCallback }, (_request, body, done) =>
      done(null, body),
    );
    const inFlight = new InFlight();
    inFlight.watch(scope);
    scope.addHook('onRequest', (request, reply, done) => {
      const { target, key } = (request as CallbackRequest).params;
      const isKeyed = tools.keys.has(target);
      const isKnown =
        tools.verifiers.has(target) && (isKeyed ? tools.keys.isValid(target, key ?? '') : key === undefined);
      if (!isKnown) return void reply.code(404).send(unknown);
      const reason = host.notReady();
      if (reason) return void reply.code(503).header('retry-after', '5').send(failure('store', reason));
      if (!inFlight.take(request, mostUnproven)) {
        const message = 'more is being received than fits the memory';
        return void reply.code(503).header('retry-after', '5').send(failure('store', message));
      }
      done();
    });
    const post = (request: FastifyRequest, reply: FastifyReply) =>
      receive(request as CallbackRequest, reply, host, tools);
    scope.post('/callbacks/:target', post);
    scope.post('/callbacks/:target/:key', post);
  });
}

async function receive(request: CallbackRequest, reply: FastifyReply, host: HostContext, tools: CallbackTools) {
  const { target } = request.params;
  const { headers } = request;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const verifier = tools.verifiers.get(target) as Verifier; // the hook saw to it
  const now = tools.now?.() ?? Date.now();
  const { outcome } = await verifier.verify({ headers, body, now });
  if (outcome !== 'valid') {
    host.log.warn({ target }, 'a callback with a wrong signature');
    return reply.code(401).send(unsigned);
  }
  let callback: Callback;
  try {
    callback = await tools.pool.run<'callback'>({ kind: 'callback', target, request: read(request, body) });
  } catch (error) {
    if (error instanceof TocsinError && error.code === 'budget') throw error;
    host.log.warn({ target, reason: error instanceof Error ? error.message : String(error) }, 'an unreadable callback');
    return reply.code(400).send(unreadable);
  }
  switch (callback.kind) {
    case 'answer':
      return reply.header('content-type', callback.contentType).send(callback.body);
    case 'ended':
      await tools.onEnded(target, callback);
      return reply.send('');
    case 'nothing':
      return reply.send('');
    case 'presses': {
      const id = tools.failpoints?.has('no-replay-check')
        ? randomUUID()
        : idOf(target, headerOf(headers, verifier.header) ?? '');
      await host.presses.press(target, callback, id);
      return reply.send('');
    }
  }
}

/** The same for the same bytes signed at the same time, and for nothing else. */
function idOf(target: string, signature: string): string {
  return createHash('sha256')
    .update(JSON.stringify([target, signature]))
    .digest('base64url');
}

function read({ method, headers, query }: CallbackRequest, body: Buffer): SourceRequest {
  const shown = ['content-type', 'user-agent'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const texts = Object.entries(Object(query) as Record<string, unknown>).filter(
    ([, value]) => typeof value === 'string',
  );
  return {
    method,
    path: '',
    query: Object.fromEntries(texts) as Record<string, string>, // the others were left out
    headers: Object.fromEntries(shown),
    rawBody: body.toString('utf8'),
  };
}

function failure(code: string, message: string, remedy?: string) {
  return { error: { code, message, ...(remedy ? { remedy } : {}) } };
}

const unknown = failure(
  'not-found',
  'no such target, or a wrong key',
  'Use the address /callbacks/<id of the target>, and the key of its `keys` after it if the config has some.',
);

const unsigned = failure(
  'unauthorized',
  'the signature is not right, or too old',
  'Compare the signing secret in the settings of the target with the vendor’s, and see that both clocks are right.',
);

const unreadable = failure('payload', 'this is nothing that the target understands');
