import { type ErrorCode, TocsinError } from '@tocsin/core';
import type { FastifyError, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

/** Why a request isn't answered as asked. */
export interface Failure {
  /** The HTTP status. */
  status: number;
  /** For programs; people read the message. */
  code: string;
  message: string;
  /** What to do, as an imperative sentence. */
  remedy?: string;
  faults?: { path: string; message: string }[];
  headers?: Record<string, string>;
}

/** The body of every failure of the API. */
export interface FailureBody {
  error: Pick<Failure, 'code' | 'message' | 'remedy' | 'faults'>;
}

function failureBody({ code, message, remedy, faults = [] }: Failure): FailureBody {
  return { error: { code, message, ...(remedy ? { remedy } : {}), ...(faults.length > 0 ? { faults } : {}) } };
}

/** Sets status and headers; what it returns is the answer. */
export function refused(
  reply: { statusCode: number; headers(values: Record<string, string>): unknown },
  failure: Failure,
): FailureBody {
  reply.statusCode = failure.status;
  reply.headers(failure.headers ?? {});
  return failureBody(failure);
}

/** The message of a failure for people, with a capital and a full stop. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** What to answer after an error. What isn't the caller's doing is logged, and told without its inner workings. */
export function failureOf(error: unknown, request: FastifyRequest): Failure {
  const failure = knownFailure(error);
  if (failure && failure.status < 500) return failure;
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return (
    failure ?? {
      status: 500,
      code: 'internal',
      message: 'something went wrong here',
      remedy: `Look for request ${request.id} in the log of the host.`,
    }
  );
}

export function unknownGroup(id: string): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `there is no group ${JSON.stringify(id.slice(0, 40))}`,
    remedy: 'Take the id from the list of groups.',
  };
}

export function invalid(path: string, message: string): Failure {
  return { status: 400, code: 'invalid-request', message: 'the request has a fault', faults: [{ path, message }] };
}

const statuses: Partial<Record<ErrorCode, number>> = {
  payload: 422,
  'store-data': 422,
  'not-found': 404,
  store: 503,
  budget: 503,
};

function knownFailure(error: unknown): Failure | undefined {
  if (error instanceof TocsinError) {
    const status = statuses[error.code];
    if (status === undefined) return undefined;
    return {
      status,
      code: error.code,
      message: error.message,
      ...(error.remedy ? { remedy: error.remedy } : {}),
      faults: error.faults.map(({ path, message }) => ({ path, message })),
      ...(status === 503 ? { headers: { 'retry-after': '5' } } : {}),
    };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = places[(error as FastifyError).validationContext ?? ''] ?? '';
    const faults = error.validation.map(({ instancePath, message }) => ({
      path: [place, ...instancePath.split('/')].filter(Boolean).join('.'),
      message: message ?? 'is wrong',
    }));
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
    return { status: 400, code: 'invalid-request', message: `the request has ${count}`, faults };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 400 || status >= 500) return undefined;
  return { status, code: 'invalid-request', message: (error as Error).message };
}

/** How callers name what Fastify calls `querystring` and `params`. */
const places: Record<string, string> = { querystring: 'query', params: 'path', body: 'body', headers: 'headers' };
