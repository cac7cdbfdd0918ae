import { defineSource, z } from '@tocsin/core';
import { writeBack } from './write-back.ts';

const texts = z.record(z.string(), z.string());

const alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.optional(),
  fingerprint: z.string().optional(),
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
});

const payload = z.looseObject({
  groupLabels: texts,
  externalURL: z.string().optional(),
  truncatedAlerts: z.number().optional(),
  alerts: z.array(alert),
});

export default defineSource({
  title: 'Prometheus Alertmanager',
  summary: 'Alerts of Prometheus, Mimir, Loki and everything else behind an Alertmanager',
  docs: 'https://prometheus.io/docs/alerting/latest/configuration/#webhook_config',
  // Basic, bearer and OAuth credentials, and client certificates; nothing signs the body.
  notOffered: { signature: 'https://prometheus.io/docs/alerting/latest/configuration/#http_config' },
  payload,
  alerts: ({ payload }) => payload.alerts,
  // A notification that says `firing` may hold resolved alerts.
  status: ({ alert }) => alert.status,
  // Not `groupKey`: that contains Alertmanager's route, and changes when its config does.
  group: ({ payload }) => payload.groupLabels,
  // Made from the labels, and not sent before 0.19: https://github.com/prometheus/alertmanager/issues/2227
  fingerprint: ({ alert }) => alert.fingerprint ?? alert.labels,
  labels: ({ alert }) => alert.labels,
  startedAt: ({ alert }) => alert.startsAt,
  // While an alert fires, `endsAt` is the year 1 or lies ahead, and nothing says when this was sent.
  at: ({ alert }) => (alert.status === 'resolved' ? alert.endsAt : undefined),
  writeBack,
  data: ({ alert, payload }) => ({
    ...alert,
    externalURL: payload.externalURL,
    truncatedAlerts: payload.truncatedAlerts,
  }),
});
