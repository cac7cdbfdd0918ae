import { type Fault, type SourceRequest, type SourceResult, TocsinError, takesNoBody, wellFormed } from '@tocsin/core';
import { type Outcome, type Signal, type Signals, unpackSignals } from '@tocsin/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HostContext } from '../context.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { HostMetrics, RequestResult } from '../metrics/host-metrics.ts';
import { sendHowTo } from '../pages/how-to.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { decodeBody, isJson, largestBody } from './body.ts';
import { InFlight } from './in-flight.ts';
import { isRightPlace, keyInHeaders, type OwnerKeys, splitKey } from './keys.ts';
import type { Vouched } from './proof.ts';
import { Samples } from './samples.ts';
import { Signatures } from './signatures.ts';
import type { FetchText } from './sns.ts';

/** Bytes of bodies under way with which callers may still prove themselves by a signature: strangers can fill no more. */
const mostUnproven = 16 * 1024 * 1024;

/** Bytes of a body that is refused for its size, up to which it is read to its end, and forgotten. */
const mostUnread = 16 * largestBody;

/** Characters of a body that are kept. */
const keptOfBody = 16 * 1024;

interface IngestParameters {
  source: string;
  '*'?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The source, the vendor's own path, and the key; without one, the caller has yet to prove itself by a signature. */
    caller: { source: string; key?: string; path: string; isPartlyRead?: boolean } | undefined;
  }
}

/**
 * `/in/<source>`: verify, bound, normalise, commit, answer. Nothing is stored before the key or the signature was checked,
 * and without a key nothing is read but what claims to be signed.
 */
export async function registerIngest(
  app: FastifyInstance,
  context: HostContext,
  keys: OwnerKeys,
  pool: IntegrationPool,
  troubles: Troubles,
  fetchText: FetchText,
  metrics: HostMetrics,
  checks: Checks = { largestBody },
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: checks.largestBody }, (_request, body, done) =>
      done(null, body),
    );
    scope.decorateRequest('caller', undefined);
    const signatures = new Signatures(context.registry, fetchText, checks.isAnySignatureGood);
    const inFlight = new InFlight();
    inFlight.watch(scope);
    metrics.bytesInFlight = () => inFlight.bytes;
    scope.addHook('onRequest', (request, reply, done) => {
      const caller = identify(request as FastifyRequest<{ Params: IngestParameters }>, context, keys, signatures);
      if (!caller) return void reply.code(404).send(notFound);
      const reason = context.notReady();
      if (reason && request.method === 'POST') {
        return void reply.code(503).header('retry-after', '5').send(failure('store', reason));
      }
      if (!inFlight.take(request, caller.key === undefined ? mostUnproven : undefined)) {
        const message = 'more is being received than fits the memory';
        return void reply.code(503).header('retry-after', '5').send(failure('store', message));
      }
      request.caller = caller;
      done();
    });
    scope.addHook('onResponse', (request, { statusCode, elapsedTime }, done) => {
      tellOf(request, statusCode, troubles);
      if (request.method === 'POST') {
        const { source } = request.params as IngestParameters; // every route of this scope has them
        metrics.requested(source, resultOf(statusCode, request.caller), elapsedTime);
      }
      done();
    });
    scope.setErrorHandler((error, { headers }, reply) => {
      // A sender that is cut off in the middle of its body gets no answer, and doesn't hear what is wrong.
      if (Number(headers['content-length']) <= mostUnread) reply.removeHeader('connection');
      throw error;
    });
    const refusals = new Samples();
    const tools: Tools = { context, pool, signatures, samples: new Samples(), refusals, troubles, metrics, checks };
    const post = (request: FastifyRequest, reply: FastifyReply) => receive(request, reply, tools);
    scope.post('/in/:source', post);
    scope.post('/in/:source/*', post);
    const get = (request: FastifyRequest, reply: FastifyReply) => sendHowTo(request, reply, context);
    scope.get('/in/:source', get);
    scope.get('/in/:source/*', get);
    for (const url of ['/in/:source', '/in/:source/*'])
      scope.route({ method: otherMethods, url, handler: refuseMethod });
  });
}

/** After the answer: whether the source could read what came with its key or under its signature. */
function tellOf({ method, caller }: FastifyRequest, status: number, troubles: Troubles): void {
  if (!caller || method !== 'POST') return;
  // What is too large is refused before a signature is looked at.
  const isProven = status !== 413 || caller.key !== undefined;
  if (status === 202 && !caller.isPartlyRead) troubles.requestRead(caller.source);
  else if (isProven && [202, 413, 415, 422].includes(status)) troubles.requestRejected(caller.source);
}

function resultOf(status: number, caller: FastifyRequest['caller']): RequestResult {
  if (status === 202) return caller?.isPartlyRead ? 'partly_accepted' : 'accepted';
  if (status === 401) return 'unauthorized';
  if (status === 404) return 'unknown';
  if (status === 503) return 'unavailable';
  return status >= 400 && status < 500 ? 'rejected' : 'failed';
}

const otherMethods = ['PUT', 'PATCH', 'DELETE', 'OPTIONS'];

async function refuseMethod(request: FastifyRequest, reply: FastifyReply) {
  const body = failure('payload', `a source takes no ${request.method}`, [], 'Send alerts with POST.');
  return reply.code(405).header('allow', 'GET, POST').send(body);
}

/** One text for an unknown source and a wrong key: nobody learns which it was. */
const notFound = {
  error: {
    code: 'not-found',
    message: 'no such source, or a wrong key',
    remedy: 'Use the URL from the source’s how-to page; the key goes into the path, or into the header X-Tocsin-Key.',
  },
};

const badSignature = {
  error: {
    code: 'unauthorized',
    message: 'the key is right, and the signature is not',
    remedy: 'Enter the source’s key as the secret, see that both clocks are right, or leave the signature out.',
  },
};

/** One text for everything that a stranger may have got wrong: nobody learns which source there is, and which signs. */
const unproven = {
  error: {
    code: 'unauthorized',
    message: 'no such source, or a wrong signature',
    remedy: 'Compare the address and the secret with the source’s how-to page, and see that both clocks are right.',
  },
};

const notSigned = {
  error: {
    code: 'unauthorized',
    message: 'the key is right, and the signature is missing',
    remedy: 'Have the sender sign, as the how-to page says; the config has `signed: required` for this source.',
  },
};

function identify(
  request: FastifyRequest<{ Params: IngestParameters }>,
  { registry }: HostContext,
  keys: OwnerKeys,
  signatures: Signatures,
): FastifyRequest['caller'] {
  const { source, '*': rest = '' } = request.params;
  const configured = registry.sources.get(source);
  const path = rest === '' ? '' : `/${rest}`;
  const shown = keyInHeaders(request.headers);
  if (shown && keys.isValid(source, shown.key) && isRightPlace(configured, shown))
    return { source, key: shown.key, path };
  const inAddress = splitKey(rest, (key) => keys.isValid(source, key));
  // The how-to page is read with the key in its address, however the vendor shows it.
  const isRead = request.method !== 'POST';
  if (inAddress && (isRead || isRightPlace(configured, { ...inAddress, place: 'address' })))
    return { source, ...inAddress };
  return !isRead && signatures.isClaimed(request.headers) ? { source, path } : undefined;
}

interface Tools {
  context: HostContext;
  pool: IntegrationPool;
  signatures: Signatures;
  samples: Samples;
  /** Which refused signatures are told to the log. */
  refusals: Samples;
  troubles: Troubles;
  metrics: HostMetrics;
  checks: Checks;
}

export interface Checks {
  /** Bytes. */
  largestBody: number;
  /** Only to see what comes in then: whoever claims a signature has it. */
  isAnySignatureGood?: boolean;
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  { context, pool, signatures, samples, refusals, troubles, metrics, checks }: Tools,
): Promise<unknown> {
  const caller = request.caller as NonNullable<FastifyRequest['caller']>; // set before the body was read
  const { source, path, key } = caller;
  const body = (request.body as Buffer | null) ?? Buffer.alloc(0); // as the parser above gives it
  const configured = context.registry.sources.get(source);
  const proof = await signatures.check(source, { headers: request.headers, body, now: Date.now() });
  if (proof.outcome === 'unavailable') {
    context.log.warn({ source, reason: proof.reason }, 'signature not checked');
    return reply.code(503).header('retry-after', '60').send(failure('unavailable', proof.reason));
  }
  // Nobody at the sender's end may ever read the answer. A stranger fills no log.
  if (proof.outcome === 'invalid' && refusals.take(source, performance.now()))
    context.log.warn({ source, reason: proof.reason ?? 'its signature or its time is wrong' }, 'signature refused');
  if (proof.outcome !== 'valid' && key === undefined) return reply.code(401).send(unproven);
  if (proof.outcome === 'invalid') return reply.code(401).send(badSignature);
  if (proof.outcome === 'none' && configured?.config.signed) return reply.code(401).send(notSigned);
  const vouched: Vouched = proof.outcome === 'valid' ? proof : {};
  if (vouched.done) {
    context.log.info({ source, done: vouched.done }, 'not for the source');
    return answer(reply, context, source, { groups: [], rejected: [] });
  }
  const contentType = request.headers['content-type'];
  const saysEnough = body.length === 0 && configured !== undefined && takesNoBody(configured.integration.definition);
  if (!saysEnough && !vouched.isJson && !isJson(contentType)) {
    return reply
      .code(415)
      .send(
        failure(
          'payload',
          `content-type ${JSON.stringify(contentType ?? 'none')} is not JSON`,
          [],
          'Send the header content-type: application/json.',
        ),
      );
  }
  const encoding = request.headers['content-encoding'];
  const decoded =
    encoding === undefined ? { text: body.toString('utf8') } : await decodeBody(body, encoding, checks.largestBody);
  if (!('text' in decoded)) return reply.code(decoded.status).send(failure('payload', decoded.message));
  const sourceRequest: SourceRequest = {
    method: request.method,
    path,
    query: request.query as Record<string, string>,
    headers: singleHeaders(request.headers),
    rawBody: decoded.text,
  };
  try {
    const { signals, rejected, problems } = await pool.run<'normalise'>({
      kind: 'normalise',
      source,
      request: sourceRequest,
      ...(vouched.deliveryId === undefined ? {} : { deliveryId: vouched.deliveryId }),
      receivedAt: Date.now(),
    });
    for (const problem of problems) context.log.warn({ source, problem }, 'template');
    if (problems.length > 0) {
      troubles.templateFailed(source);
      metrics.renderFailed(source);
    }
    const kept = rejected.length > 0 ? reasonOf(rejected) : samples.take(source, performance.now()) ? null : undefined;
    const said = context.echoes.named(source, signals);
    const outcomes = await context.store.commit(
      kept === undefined ? said : [...listOf(said), keptRequest(source, sourceRequest, kept)],
    );
    caller.isPartlyRead = rejected.length > 0;
    return answer(reply, context, source, { groups: groupsOf(outcomes), rejected });
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return refuse(error, source, sourceRequest, reply, context);
  }
}

function listOf(signals: Signals): readonly Signal[] {
  return 'packed' in signals ? unpackSignals(signals.packed) : signals;
}

/** A request that can't be read is kept and answered 422; what can't be made durable is 503, so that it is sent again. */
async function refuse(
  error: TocsinError,
  source: string,
  request: SourceRequest,
  reply: FastifyReply,
  context: HostContext,
): Promise<unknown> {
  if (error.code === 'store' || error.code === 'budget') {
    context.log.error({ source, err: error.message }, 'request not accepted');
    return reply
      .code(503)
      .header('retry-after', error.code === 'budget' ? '60' : '5')
      .send(failureOf(error));
  }
  const faults = error.faults.length > 0 ? error.faults : [{ path: '', message: error.message }];
  try {
    await context.store.commit([keptRequest(source, request, reasonOf(faults))]);
  } catch (cause) {
    if (cause instanceof TocsinError && cause.code === 'store') {
      return reply.code(503).header('retry-after', '5').send(failureOf(cause));
    }
    throw cause;
  }
  return reply.code(422).send(failureOf(error));
}

function answer(reply: FastifyReply, context: HostContext, source: string, result: SourceResult): FastifyReply {
  const custom = context.registry.sources.get(source)?.integration.definition.reply?.(result);
  if (custom) return reply.code(202).header('content-type', custom.contentType).send(custom.body);
  return reply.code(202).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(result));
}

function groupsOf(outcomes: readonly Outcome[]): SourceResult['groups'] {
  const groups = new Map<string, string>();
  for (const outcome of outcomes) {
    if ('group' in outcome && outcome.group !== undefined) groups.set(outcome.group, outcome.status ?? 'resolved');
  }
  return [...groups].map(([id, status]) => ({ id, status }));
}

function reasonOf(faults: readonly Fault[]): string {
  const lines = faults.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return lines.join('\n').slice(0, 8192).toWellFormed();
}

/** `reason`: null for a sample of those that could be read. */
function keptRequest(source: string, request: SourceRequest, reason: string | null): Signal {
  return {
    kind: 'request',
    source,
    reason,
    path: wellFormed(request.path.slice(0, 1024)),
    body: wellFormed(request.rawBody.slice(0, keptOfBody)),
    contentType: request.headers['content-type'] ?? '',
  };
}

/** The key is not the integration's business, and how the bytes came is the host's. */
const keptBack = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'transfer-encoding',
  'x-tocsin-key',
]);

function singleHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !keptBack.has(name)) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}

function failureOf(error: TocsinError) {
  return failure(error.code, error.message, error.faults, error.remedy);
}

function failure(code: string, message: string, faults: readonly Fault[] = [], remedy?: string) {
  return {
    error: {
      code,
      message,
      ...(faults.length > 0 ? { faults: faults.map((fault) => ({ path: fault.path, message: fault.message })) } : {}),
      ...(remedy ? { remedy } : {}),
    },
  };
}
