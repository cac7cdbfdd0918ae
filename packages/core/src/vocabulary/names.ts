import { plainWord, statusWords } from './words.ts';

/** What monitoring systems call the parts of an alert, in plain form (`alertName` is `alertname`), the likeliest first. */
export const usualNames = {
  title: ['title', 'summary', 'subject', 'alertname', 'rulename', 'name', 'message', 'text', 'msg', 'description'],
  message: [
    'message',
    'description',
    'text',
    'body',
    'details',
    'detail',
    'output',
    'msg',
    'content',
    'reason',
    'error',
  ],
  link: ['link', 'url', 'alerturl', 'eventurl', 'incidenturl', 'dashboardurl', 'permalink', 'htmlurl', 'href'],
  status: ['status', 'state', 'alertstatus', 'alertstate', 'newstatus', 'newstate', 'currentstatus', 'currentstate'],
  event: ['event', 'eventtype', 'action', 'transition', 'type'],
  severity: ['severity', 'priority', 'criticality', 'urgency', 'level', 'loglevel'],
  group: ['groupkey'],
  fingerprint: [
    'fingerprint',
    'dedupkey',
    'dedupekey',
    'alertkey',
    'alertid',
    'incidentkey',
    'incidentid',
    'problemid',
    'checkid',
    'monitorid',
  ],
} as const;

/** A scalar of a payload under its name. */
export interface NamedValue {
  /** With what it stood in: `check_name`. */
  name: string;
  /** The key alone in plain form: `name`. */
  word: string;
  value: unknown;
}

/** Short names stay the same between the signals of one thing; numbers, times, measurements, addresses and sentences don't. */
export function isIdentifying({ name, word, value }: NamedValue): boolean {
  if (typeof value !== 'string' || value.length > 64 || statusWords.has(plainWord(value))) return false;
  if (changing.names.has(word) || changing.parts.test(word) || changing.ends.test(name)) return false;
  return !/^[\d.,:+-]*$|^\d{4}-\d\d-\d\d|^https?:|[=%]|(\S+\s+){4}/.test(value.trim());
}

/** Names of what differs between the signals of one thing, and so is no part of its identity. */
const changing = {
  names: new Set(
    (
      'id uuid eventid messageid requestid traceid deliveryid notificationid at ts start end since duration age uptime ' +
      'current count counter attempt attempts number version event eventtype action transition type by actor user author ' +
      'message text msg description summary body content info details detail output reason error comment note color'
    ).split(' '),
  ),
  parts: /time|date|value|(status|state|severity|priority|level|urgency|url|link|href)$/,
  ends: /(_at|At)$/,
};
