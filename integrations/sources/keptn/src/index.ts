import { defineSource, z } from '@tocsin/core';
import { eventsOf, payload } from './cloud-event.ts';
import { readEvent } from './event.ts';

export default defineSource({
  title: 'Keptn',
  summary:
    'Events of Keptn: evaluations, deployments and other tasks, sequences and problems, and any other CloudEvent',
  docs: 'https://github.com/keptn/spec/blob/0.2.4/cloudevents.md',
  notOffered: {
    // Headers of one's own, with secrets in them; nothing signs the body.
    signature:
      'https://github.com/keptn/keptn.github.io/blob/master/content/docs/1.0.x/integrations/webhooks/_index.md',
    // A service answers tasks. Nobody takes a failed one in hand.
    writeBack: 'https://github.com/keptn/spec/blob/0.2.4/cloudevents.md',
  },
  settings: z.strictObject({
    bridge: z.url().optional().describe("Where people open Keptn's bridge, such as https://keptn.example.com/bridge"),
    state: z
      .array(z.string())
      .optional()
      .describe('Tasks, and sequences like dev.delivery, whose failure is a problem until they pass; without it all'),
  }),
  payload,
  alerts: ({ payload, settings, request }) =>
    eventsOf(payload, request.headers).map((event) => readEvent(event, settings.state)),
  status: ({ alert }) => alert.status,
  fingerprint: ({ alert }) => alert.fingerprint,
  group: ({ alert }) => alert.group,
  labels: ({ alert }) => alert.labels,
  severity: ({ alert }) => alert.severity,
  startedAt: ({ alert }) => alert.startedAt,
  at: ({ alert }) => alert.event.time,
  deliveryId: ({ alert }) => alert.deliveryId,
  // Whoever subscribed to `finished` hears of each run, also of one that fails again or that passes as before.
  alwaysTold: () => true,
  data: ({ alert, settings }) => ({ ...alert.event, bridge: settings.bridge?.replace(/\/$/, '') }),
});
