import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../config/config.ts';
import type { AccessToken } from '../context.ts';
import type { Failure } from './failure.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before a handler of the API or of a page runs. */
    token: AccessToken | undefined;
  }
  interface FastifyContextConfig {
    /** The role that a route needs at least. */
    needs?: Role;
  }
}

/** Each role may what the ones below it may; `metrics` reads nothing but /metrics. */
const ranks: Record<Role, number> = { metrics: 0, viewer: 1, operator: 2, admin: 3 };

export function allows(role: Role, needed: Role): boolean {
  return ranks[role] >= ranks[needed];
}

/** The token with this value. Every token is compared, by digest and in constant time, whichever it is. */
export function findToken(tokens: readonly AccessToken[], value: string): AccessToken | undefined {
  const given = digest(value);
  let found: AccessToken | undefined;
  for (const token of tokens) if (timingSafeEqual(given, digest(token.value))) found = token;
  return found;
}

/** The token of `Authorization: Bearer …`, if it may what is needed; else why not. */
export function authorize(
  header: string | undefined,
  tokens: readonly AccessToken[],
  needed: Role,
): AccessToken | Failure {
  const value = /^bearer +([!-~]+) *$/i.exec(header ?? '')?.[1];
  const token = value === undefined ? undefined : findToken(tokens, value);
  if (token) return allows(token.role, needed) ? token : forbidden(token, needed);
  // https://www.rfc-editor.org/rfc/rfc6750#section-3: no error code where no token was sent
  const challenge = value === undefined ? '' : ', error="invalid_token"';
  return {
    status: 401,
    code: 'unauthorized',
    message: value === undefined ? 'a token is needed' : 'this token is not known',
    remedy: 'Send the header `Authorization: Bearer <token>` with one of the `tokens` of the config.',
    headers: { 'www-authenticate': `Bearer realm="tocsin"${challenge}` },
  };
}

export function forbidden({ name, role }: AccessToken, needed: Role): Failure {
  const roles = needed === 'admin' ? needed : `${needed} or higher`;
  return {
    status: 403,
    code: 'forbidden',
    message: `this needs the role ${roles}; the token ${name} has the role ${role}`,
    remedy: 'Use another token, or ask whoever keeps the config for that role.',
    headers: { 'www-authenticate': 'Bearer realm="tocsin", error="insufficient_scope"' },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
