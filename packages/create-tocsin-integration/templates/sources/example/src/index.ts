import { defineSource, z } from '@tocsin/core';

// Only what is read below; unknown fields pass.
const payload = z.looseObject({
  state: z.string(),
  host: z.string(),
  check: z.string(),
  severity: z.string().optional(),
  since: z.string().optional(),
  sent: z.string().optional(),
});

export default defineSource({
  title: 'Example Monitor',
  summary: 'Checks of Example Monitor that fail and recover',
  docs: 'https://example.com/docs/webhooks',
  payload,
  // A word that nobody knows is a problem, rather than lost.
  status: ({ alert }) => (alert.state === 'up' ? 'resolved' : 'firing'),
  // The same when it fires and when it is over, another for another object; no time, no counter.
  fingerprint: ({ alert }) => [alert.host, alert.check],
  // What is one problem to people. Never the sender's routing.
  group: ({ alert }) => [alert.host, alert.check],
  // What routes match.
  labels: ({ alert }) => ({ host: alert.host, check: alert.check, severity: alert.severity }),
  startedAt: ({ alert }) => alert.since,
  // The time of this very event, never of the start: what is older than the last known is ignored.
  at: ({ alert }) => alert.sent,
});
