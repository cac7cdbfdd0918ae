import { defineSource, z } from '@tocsin/core';

const names = z
  .array(z.string())
  .transform((list) => list.join(', '))
  .nullish();

// What a webhook of a workflow sends, unless its template was changed.
const payload = z.looseObject({
  id: z.string(),
  priority: z.string().optional(),
  state: z.string(),
  trigger: z.string().optional(),
  createdAt: z.number().optional(),
  updatedAt: z.number().optional(),
  impactedEntities: names,
  alertConditionNames: names,
});

export default defineSource({
  title: 'New Relic',
  summary: 'Issues of New Relic, by a workflow with a webhook',
  docs: 'https://docs.newrelic.com/docs/alerts/get-notified/custom-variables-alert-event-workflows/',
  // A basic password, a bearer token, headers of one's own; nothing signs the body.
  notOffered: { signature: 'https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook' },
  payload,
  // What people do in New Relic, and workflows tell of, is to acknowledge, to investigate and to close.
  status: ({ alert: { state, trigger } }) =>
    state === 'CLOSED' ? 'resolved' : trigger === 'USER_ACTION' ? 'acknowledged' : 'firing',
  // The issue: it may gather incidents of several conditions, and its title may change with them.
  fingerprint: ({ alert }) => alert.id,
  group: ({ alert }) => alert.id,
  labels: ({ alert }) => ({ entity: alert.impactedEntities, condition: alert.alertConditionNames }),
  // A warning threshold raises an issue of priority HIGH: https://docs.newrelic.com/docs/alerts/get-notified/alert-event-workflows/
  severity: ({ alert }) => (alert.priority === 'HIGH' ? 'warning' : alert.priority),
  at: ({ alert }) => alert.updatedAt,
  startedAt: ({ alert }) => alert.createdAt,
});
