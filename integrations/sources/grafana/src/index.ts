import { defineSource, z } from '@tocsin/core';

const texts = z.record(z.string(), z.string());

const status = z.enum(['firing', 'resolved']).optional();

// A custom payload (12.0 and newer) may name and leave out what it likes; without these nothing can be told.
const alert = z
  .looseObject({
    status,
    state: status.catch(undefined),
    labels: texts,
    annotations: texts.nullish(),
    fingerprint: z.string().optional(),
    startsAt: z.string().optional(),
    endsAt: z.string().optional(),
    // No numbers come with "no data", "error" and the test button.
    values: z.record(z.string(), z.number()).nullish(),
  })
  .transform(({ status, state, ...alert }, context) => {
    const said = status ?? state;
    if (said !== undefined) return { ...alert, status: said };
    context.addIssue({ code: 'custom', path: ['status'], message: 'is missing' });
    return z.NEVER;
  });

const payload = z.looseObject({
  groupLabels: texts.optional(),
  externalURL: z.string().optional(),
  truncatedAlerts: z.number().optional(),
  alerts: z.array(alert),
});

export default defineSource({
  title: 'Grafana Alerting',
  summary: 'Alerts of Grafana 9 and newer, by a contact point of type webhook',
  docs: 'https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/',
  // "HMAC signature", 12.0 and newer, with the header names that Grafana proposes.
  // https://grafana.com/docs/grafana/v12.2/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
  verify: {
    kind: 'hmac',
    header: 'x-grafana-alerting-signature',
    signed: ['timestamp', { text: ':' }, 'body'],
    timestamp: { header: 'x-grafana-alerting-timestamp', optional: true },
  },
  payload,
  alerts: ({ payload }) => payload.alerts,
  // `state` and the outer `status` are those of the whole group; a firing one may hold resolved alerts.
  status: ({ alert }) => alert.status,
  // Not `groupKey`: that contains the notification policy's route.
  group: ({ alert, payload }) => payload.groupLabels ?? alert.labels,
  // Grafana makes it from the labels.
  fingerprint: ({ alert }) => alert.fingerprint ?? alert.labels,
  labels: ({ alert }) => alert.labels,
  startedAt: ({ alert }) => alert.startsAt,
  at: ({ alert }) => (alert.status === 'resolved' ? alert.endsAt : undefined),
  data: ({ alert, payload }) => ({
    ...alert,
    externalURL: payload.externalURL,
    truncatedAlerts: payload.truncatedAlerts,
  }),
});
