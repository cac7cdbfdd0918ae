import { type Fields, isFields } from '@tocsin/message-view';
import type { FastifyRequest } from 'fastify';
import { decodeText, parseJson } from '../json.ts';
import { type Channel, findChannel, type Team } from './directory.ts';
import type { Token } from './tokens.ts';
import type { Workspaces } from './workspaces.ts';

/** One call of the Web API, read but not judged. */
export interface Call {
  method: string;
  /** The arguments of the query and the body, not yet looked at; in a form each is text. */
  args: Fields;
  body: 'json' | 'form' | 'none' | 'other';
  /** Whether a body that says it is JSON is an object. */
  jsonFault?: 'invalid_json' | 'json_not_object';
  /** As it was sent, by header or as an argument. */
  tokenText?: string;
  /** As far as there is one by that name, whatever its state. */
  token?: Token;
  /** Whose the token is. */
  team?: Team;
  /** Of the basic authentication, for the app itself. */
  basic?: { user: string; password: string };
  /** The address that the app reached. */
  origin: string;
}

/**
 * Reads a call in either of the two ways: a form or query with all arguments as text, or JSON with the token in the header.
 * https://docs.slack.dev/apis/web-api#post_bodies
 */
export function readApiCall(request: FastifyRequest, workspaces: Workspaces): Call {
  const { method } = request.params as { method: string }; // the route's only parameter
  const { body, fields: sent, jsonFault } = readBody(request);
  const fields = body === 'json' && !takesJson(method) ? {} : sent;
  const query = Object.fromEntries(new URLSearchParams(request.url.split('?')[1]));
  const args = { ...query, ...fields };
  const header = /^bearer +(\S+)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1];
  const tokenText = header ?? (typeof args.token === 'string' && body !== 'json' ? args.token : undefined);
  const token = tokenText === undefined ? undefined : workspaces.tokens.find(tokenText);
  const team = token && workspaces.teams.find(({ id }) => id === token.team);
  const basic = readBasic(request.headers.authorization);
  return {
    method,
    args,
    body,
    origin: `${request.protocol}://${request.host}`,
    ...(jsonFault && { jsonFault }),
    ...(tokenText && { tokenText }),
    ...(token && { token }),
    ...(team && { team }),
    ...(basic && { basic }),
  };
}

function readBody(request: FastifyRequest): { body: Call['body']; fields: Fields; jsonFault?: Call['jsonFault'] } {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (bytes.length === 0) return { body: 'none', fields: {} };
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const { text, valid } = decodeText(bytes);
  if (type === 'application/x-www-form-urlencoded') {
    return { body: 'form', fields: Object.fromEntries(new URLSearchParams(text)) };
  }
  if (type !== 'application/json') return { body: 'other', fields: {} };
  const value = valid ? parseJson(text) : undefined;
  if (isFields(value)) return { body: 'json', fields: value };
  return { body: 'json', fields: {}, jsonFault: value === undefined ? 'invalid_json' : 'json_not_object' };
}

/** The page of each method lists its content types; where JSON isn't one, arguments in it are as if they weren't there. */
function takesJson(method: string): boolean {
  return method === 'auth.test' || method.startsWith('chat.');
}

/** An argument's text. A number in JSON isn't text: `ts` as one has lost its last digits. */
export function textOf({ args }: Call, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flagOf({ args }: Call, name: string): boolean {
  const value = args[name];
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** An argument that is a structure: as it is in JSON, or as JSON inside of text. Undefined where that text isn't JSON. */
export function structureOf({ args }: Call, name: string): unknown {
  const value = args[name];
  return typeof value === 'string' ? parseJson(value) : value;
}

/**
 * The channel that the argument names, of those that the token's owner can see: by its id, and where the method takes them by
 * its name too.
 */
export function channelOf(call: Call, by: 'id' | 'id or name' = 'id'): Channel | undefined {
  const named = textOf(call, 'channel');
  if (named === undefined || !call.team) return undefined;
  const found =
    findChannel([call.team], named)?.channel ??
    (by === 'id or name' ? call.team.channels.find(({ name }) => name === named.replace(/^#/, '')) : undefined);
  return found && canSee(call, found) ? found : undefined;
}

/** People are members of every channel here; the app's bot is where it was invited to. */
export function canSee({ token }: Call, channel: Channel): boolean {
  return !channel.isPrivate || channel.hasBot || token?.kind === 'user';
}

function readBasic(authorization: string | undefined): Call['basic'] {
  const credentials = /^basic +([\w+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return { user, password: password.join(':') };
}
