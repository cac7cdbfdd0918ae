import { isFields } from '@tocsin/message-view';
import type { Call, CallName } from './call.ts';
import type { Tickets } from './tickets.ts';

/** A reason for which DutyCalls turns a call away. */
export interface TicketRule {
  name: string;
  /** The calls that it is about. */
  calls: readonly CallName[];
  status: number;
  /** The vendor's page, or the vendor's own client, that the rule rests on. */
  source: string;
  /** What that says. */
  says: string;
  /** The words of the answer, where the client shows them; else what `says` says. */
  error?: (call: Call) => string;
  /** The first place that breaks the rule. */
  broken(call: Call, tickets: Tickets): string | undefined;
}

const docs = 'https://docs.dutycalls.me';
const client = 'https://pypi.org/project/dutycalls-sdk/';
/** The calls to the playground, with the answers that they expect. */
const clientTest = 'https://github.com/transceptor-technology/python-dutycalls-sdk';
const moduleDocs = 'https://github.com/thingsdb/module-go-dutycalls#new-hit';

const writing = ['open', 'status', 'hit'] as const;
const ofTickets = ['tickets', 'status', 'hit', 'hits'] as const;

/**
 * Every reason for which the stand-in refuses a call, in the order in which they are tried. Only 401 is given by a
 * source; to the client all but 200, 201 and 204 are errors. At DutyCalls a source knows its password and its channels;
 * here every password is right but `invalid`, and every channel is there but `unknown`.
 */
export const ticketRules: readonly TicketRule[] = [
  {
    name: 'authorization',
    calls: ['open', ...ofTickets],
    status: 401,
    source: `${docs}/rest-api/authentication/`,
    says: 'Every call has the login and the password of a source, by basic authentication.',
    error: () => 'Invalid API key provided.',
    broken: ({ login }) =>
      !login?.user || !login.password || login.password === 'invalid' ? 'header authorization' : undefined,
  },
  {
    name: 'content-type',
    calls: writing,
    status: 400,
    source: `${docs}/rest-api/example-request/`,
    says: 'The content type is application/json.',
    broken: ({ isJson }) => (isJson ? undefined : 'header content-type'),
  },
  {
    name: 'json-object',
    calls: writing,
    status: 400,
    source: `${docs}/getting-started/add-source/`,
    says: 'The body is valid JSON, an object.',
    broken: ({ payload }) => (isFields(payload) ? undefined : 'body'),
  },
  {
    name: 'channel',
    calls: ['open'],
    status: 400,
    source: `${docs}/getting-started/add-channel/`,
    says: 'A ticket names at least one channel.',
    broken: ({ channels }) => (channels.length > 0 && channels.every(isFilled) ? undefined : 'query channel'),
  },
  {
    name: 'channel-known',
    calls: ['open'],
    status: 400,
    source: clientTest,
    says: 'Each channel exists, and has the source whose login it is.',
    error: ({ channels }) =>
      `The channel with the name: ${channels.find(isUnknown)}, does not exist or is not linked to the current service.`,
    broken: ({ channels }) =>
      channels.some(isUnknown) ? `query channel[${channels.findIndex(isUnknown)}]` : undefined,
  },
  ...(['title', 'body'] as const).map(
    (part): TicketRule => ({
      name: part,
      calls: ['open'],
      status: 400,
      source: `${docs}/getting-started/add-source/`,
      says: `The ${part} is mandatory.`,
      broken: ({ fields }) => (isFilled(fields[part]) ? undefined : part),
    }),
  ),
  {
    name: 'date-time',
    calls: ['open'],
    status: 400,
    source: clientTest,
    says: 'dateTime is a number of seconds, and no date like 2020-10-01.',
    error: () => "Invalid 'dateTime' provided.",
    broken: ({ fields: { dateTime } }) =>
      dateTime === undefined || Number.isSafeInteger(dateTime) ? undefined : 'dateTime',
  },
  {
    name: 'properties',
    calls: ['open'],
    status: 400,
    source: `${docs}/rest-api/example-request/`,
    says: 'Keys and values exactly match the source: without a format of its own, the properties of a ticket.',
    broken: ({ fields }) =>
      Object.entries(fields).find(
        ([name, value]) => !(Object.hasOwn(properties, name) && properties[name]?.(value)),
      )?.[0],
  },
  {
    name: 'sid',
    calls: ofTickets,
    status: 400,
    source: client,
    says: 'The call names at least one ticket by its sid.',
    broken: ({ sids }) => (sids.length > 0 ? undefined : 'query sid'),
  },
  {
    name: 'sid-known',
    calls: ofTickets,
    status: 404,
    source: client,
    says: 'A sid is that of a ticket, as the answer to its opening gave it.',
    broken: ({ sids }, tickets) => {
      const unknown = sids.findIndex((sid) => !tickets.find(sid));
      return unknown < 0 ? undefined : `query sid[${unknown}]`;
    },
  },
  {
    name: 'status',
    calls: ['status'],
    status: 400,
    source: client,
    says: 'A ticket is closed, or made unacknowledged; nothing else is for the API to do.',
    broken: ({ fields: { status } }) => (status === 'closed' || status === 'unacknowledged' ? undefined : 'status'),
  },
  {
    name: 'comment',
    calls: ['status'],
    status: 400,
    source: client,
    says: 'The comment is a text, where there is one.',
    broken: ({ fields: { comment } }) => (comment === undefined || typeof comment === 'string' ? undefined : 'comment'),
  },
  {
    name: 'summary',
    calls: ['hit'],
    status: 400,
    source: moduleDocs,
    says: 'A hit has at least a summary.',
    broken: ({ fields: { summary } }) => (isFilled(summary) ? undefined : 'summary'),
  },
];

/** https://docs.dutycalls.me/actions/http-requests/ and, for the last two, /rest-api/deduplication/ and /tags/using-tags/ */
const properties: Readonly<Record<string, (value: unknown) => boolean>> = {
  title: isFilled,
  body: isFilled,
  bodyType: isText,
  dateTime: Number.isSafeInteger,
  severity: (value) => isText(value) || typeof value === 'number',
  sender: isText,
  link: isText,
  identifier: isText,
  dedupKey: isText,
  tags: (value) => Array.isArray(value) && value.every(isText),
};

function isUnknown(channel: string): boolean {
  return channel === 'unknown';
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
