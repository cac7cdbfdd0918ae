import { defineSource, z } from '@tocsin/core';
import { readPath } from './path.ts';
import { readReport } from './report.ts';
import { settings } from './settings.ts';
import { writeBack } from './write-back.ts';

export default defineSource({
  title: 'Webhook',
  summary: 'Alerts of anything that can post JSON: scripts, cron jobs, monitors without an integration of their own',
  docs: 'https://www.rfc-editor.org/rfc/rfc8259',
  // What a program may sign by, whoever wrote it; another hub's target `webhook` does.
  verify: { kind: 'standard-webhooks' },
  whyNoOverride: 'The sender wrote the title and the message, and what matters in them only the sender knows.',
  payload: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
  settings,
  alerts: ({ payload, settings }) => {
    const found = settings.alerts ? readPath(payload, settings.alerts) : payload;
    const list = Array.isArray(found) ? found : [found ?? payload];
    return list.map((alert) => readReport(alert, payload, settings));
  },
  status: ({ alert }) => alert.status,
  group: ({ alert }) => alert.group,
  fingerprint: ({ alert }) => alert.fingerprint,
  labels: ({ alert }) => alert.labels,
  severity: ({ alert }) => alert.severity,
  startedAt: ({ alert }) => alert.startedAt,
  at: ({ alert }) => alert.at,
  deliveryId: ({ alert }) => alert.deliveryId,
  writeBack,
  data: ({ alert: { title, message, link, body } }) => ({ title, message, link, body }),
});
