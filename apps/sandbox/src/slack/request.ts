import { type Fields, isFields } from '@tocsin/message-view';
import { decodeText, parseJson } from '../json.ts';

/** The parts of `…/services/<team>/<service>/<secret>`; absent where the path stops short. */
export interface Address {
  team?: string;
  service?: string;
  secret?: string;
}

/** What a client sent to an incoming webhook, read but not judged. */
export interface SlackRequest {
  address: Address;
  body: SlackBody;
}

export interface SlackBody {
  contentType: 'json' | 'form' | 'other';
  text: string;
  /** The JSON of the body or of its `payload` field; undefined if there is none. */
  payload: unknown;
}

/**
 * The address in a path below `/slack/`. What doesn't start with `services` is an alias for programs whose
 * webhook URL takes one word (`/slack/ops`): a webhook in good order with that name.
 */
export function readAddress(path: string): Address {
  const [first, ...rest] = path.split('/').filter((segment) => segment !== '');
  if (first === undefined) return {};
  if (first !== 'services') return { team: first, service: 'alias', secret: 'alias' };
  const [team, service, secret] = rest;
  return { ...(team && { team }), ...(service && { service }), ...(secret && { secret }) };
}

/** Slack's two ways in: JSON as the body, or as the field `payload` of a form. */
export function readBody(contentType: string | undefined, bytes: Buffer): SlackBody {
  const { text, valid } = decodeText(bytes);
  const kind = bodyKind(contentType);
  const json = kind === 'form' ? new URLSearchParams(text).get('payload') : kind === 'json' ? text : null;
  return { contentType: kind, text, payload: valid && json !== null ? parseJson(json) : undefined };
}

/** The message, where the payload is an object. */
export function messageOf(body: SlackBody): Fields | undefined {
  return isFields(body.payload) ? body.payload : undefined;
}

function bodyKind(contentType: string | undefined): SlackBody['contentType'] {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-www-form-urlencoded' ? 'form' : 'other';
}
