import { defineSource, z } from '@tocsin/core';

const labels = z.record(z.string(), z.string()).optional();

const incident = z.looseObject({
  incident_id: z.string(),
  state: z.string(),
  severity: z.string().optional(),
  started_at: z.number().nullish(),
  ended_at: z.number().nullish(),
  resource: z.looseObject({ labels }).optional(),
  policy_user_labels: labels,
});

export default defineSource({
  title: 'Google Cloud Monitoring',
  summary: 'Incidents of alerting policies in Google Cloud, by a notification channel of type webhook',
  docs: 'https://cloud.google.com/monitoring/support/notification-options#webhooks',
  notOffered: { signature: 'https://cloud.google.com/monitoring/support/notification-options#webhooks' },
  payload: z.looseObject({ version: z.string().optional(), incident }),
  alerts: ({ payload }) => [payload.incident],
  // "Test Connection" is never closed. Incidents say open and closed, the test OPEN.
  status: ({ alert, payload }) =>
    payload.version === 'test' ? 'notice' : alert.state.toLowerCase() === 'closed' ? 'resolved' : 'firing',
  group: ({ alert }) => alert.incident_id,
  fingerprint: ({ alert }) => alert.incident_id,
  labels: ({ alert }) => ({
    ...alert.resource?.labels,
    ...alert.policy_user_labels,
    policy: alert.policy_name,
    resource: alert.resource_display_name,
  }),
  // A policy that has none says "No severity", also where a label says one: https://cloud.google.com/monitoring/alerts/labels
  severity: ({ alert }) => alert.policy_user_labels?.severity ?? alert.severity,
  startedAt: ({ alert }) => alert.started_at,
  at: ({ alert }) => alert.ended_at,
  deliveryId: ({ alert, payload }) => (payload.version === 'test' ? alert.incident_id : undefined),
});
