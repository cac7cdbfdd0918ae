import { type Fields, isFields } from '@tocsin/message-view';
import type { FastifyRequest } from 'fastify';
import { decodeText, parseJson } from '../json.ts';

/** What a call asks of the API: a ticket, tickets to read, another status, a hit, the hits. */
export type CallName = 'open' | 'tickets' | 'status' | 'hit' | 'hits';

/** One call of the ticket API, read but not judged. */
export interface Call {
  name: CallName;
  /** Of the basic authentication; none where there is none. */
  login?: { user: string; password: string };
  isJson: boolean;
  /** The JSON of the body; undefined if there is none. */
  payload: unknown;
  /** The same, where it is an object. */
  fields: Fields;
  channels: string[];
  sids: string[];
}

export function readCall(name: CallName, request: FastifyRequest): Call {
  const { text, valid } = decodeText(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
  const payload = valid ? parseJson(text) : undefined;
  const query = new URLSearchParams(request.url.split('?')[1]);
  const login = readLogin(request.headers.authorization);
  return {
    name,
    ...(login && { login }),
    isJson: /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''),
    payload,
    fields: isFields(payload) ? payload : {},
    channels: query.getAll('channel'),
    sids: query.getAll('sid'),
  };
}

/** https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function readLogin(authorization: string | undefined): Call['login'] {
  const credentials = /^basic +([\w+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) return undefined;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
