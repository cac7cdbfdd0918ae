import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Role } from '../config/config.ts';
import type { AccessToken } from '../context.ts';
import { failureShape } from './schemas.ts';

/** The part of the server that speaks the API. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

interface Words {
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
}

interface Parts {
  params?: z.ZodType;
  querystring?: z.ZodType;
  body?: z.ZodType;
  /** The refusals that this route has beyond the usual ones. */
  refusals?: readonly (404 | 409 | 422)[];
}

const failures = { 400: failureShape, 401: failureShape, 403: failureShape, 500: failureShape, 503: failureShape };

/** A route's options: who may call it, and what the document says of it. */
export function route<Answer extends z.ZodType, Given extends Parts>(
  needs: Role,
  words: Words,
  answer: Answer,
  { refusals = [], ...parts }: Given,
) {
  const { tag, ...rest } = words;
  const more = Object.fromEntries(refusals.map((status) => [status, failureShape]));
  return {
    config: { needs },
    schema: {
      ...rest,
      tags: [tag],
      security: [{ token: [needs] }],
      ...parts,
      response: { 200: answer, ...failures, ...more } as { 200: Answer } & typeof failures,
    },
  };
}

/** Who asks: the hook that checks the token runs before every handler. */
export function nameOf(token: AccessToken | undefined): string {
  if (!token) throw new Error('a route without a token');
  return token.name;
}
