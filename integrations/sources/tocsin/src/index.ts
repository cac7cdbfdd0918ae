import { defineSource, z } from '@tocsin/core';
import { severityOf } from './severity.ts';

const trouble = z.looseObject({
  kind: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  /** The id of the source or the target that it is about. */
  subject: z.string().min(1),
  since: z.iso.datetime(),
  at: z.iso.datetime(),
  /** How often it happened since then. */
  count: z.int().positive(),
  message: z.string(),
  remedy: z.string(),
  /** The page of the last group that it happened to. */
  link: z.string().optional(),
  /** Why it is over without having been seen to go well again. */
  closed: z.string().optional(),
});

export default defineSource({
  title: 'Tocsin',
  summary:
    'What goes wrong in the hub itself: rejected requests, messages that are given up, parts that are switched off',
  docs: 'https://www.npmjs.com/package/@tocsin/source-tocsin',
  // The hub hands its troubles to the source without a request: nobody could sign one, and nobody waits for an answer.
  notOffered: {
    signature: 'https://www.npmjs.com/package/@tocsin/source-tocsin',
    writeBack: 'https://www.npmjs.com/package/@tocsin/source-tocsin',
  },
  whyNoOverride: 'The title names the part and its trouble in a few words, which any medium can show.',
  payload: z.looseObject({ troubles: z.array(trouble) }),
  alerts: ({ payload }) => payload.troubles,
  status: ({ alert }) => alert.status,
  group: ({ alert }) => `${alert.kind} ${alert.subject}`,
  fingerprint: ({ alert }) => `${alert.kind} ${alert.subject}`,
  labels: ({ alert }) => ({ trouble: alert.kind, subject: alert.subject }),
  severity: ({ alert }) => severityOf(alert),
  startedAt: ({ alert }) => alert.since,
  at: ({ alert }) => alert.at,
  // The hub's word for an end that is no recovery.
  actor: ({ alert }) => (alert.closed === undefined ? undefined : 'timeout'),
  comment: ({ alert }) => alert.closed,
});
