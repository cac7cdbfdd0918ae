import { defineSource, z } from '@tocsin/core';

const tag = z.looseObject({ name: z.string(), value: z.unknown() });

const payload = z.looseObject({
  // Heartbeat and monitor are null in a test, and when a certificate or a domain is about to expire.
  heartbeat: z.looseObject({ status: z.literal([0, 1, 2, 3]), time: z.string().optional() }).nullish(),
  monitor: z.looseObject({ id: z.number(), name: z.string(), tags: z.array(tag).optional() }).nullish(),
  msg: z.string().optional(),
});

/** Down, up, pending, under maintenance: of the last two nobody knows whether it fails. */
const statuses = ['firing', 'resolved', 'notice', 'notice'] as const;

export default defineSource({
  title: 'Uptime Kuma',
  summary: 'Monitors of Uptime Kuma that go down and up, and certificates about to expire',
  docs: 'https://github.com/louislam/uptime-kuma/blob/2.0.2/server/notification-providers/webhook.js',
  notOffered: {
    signature: 'https://github.com/louislam/uptime-kuma/blob/2.0.2/server/notification-providers/webhook.js',
  },
  payload,
  settings: z.strictObject({ url: z.url().optional().describe('Where people open Uptime Kuma') }),
  status: ({ alert }) => (alert.heartbeat ? statuses[alert.heartbeat.status] : 'notice'),
  // Not the name: people rename monitors while they are down.
  group: ({ alert }) => alert.monitor?.id ?? alert.msg,
  fingerprint: ({ alert }) => alert.monitor?.id ?? alert.msg,
  labels: ({ alert: { monitor } }) => ({
    ...Object.fromEntries((monitor?.tags ?? []).map(({ name, value }) => [name, value])),
    monitor: monitor?.name,
  }),
  // What is sent again while a monitor stays down is not "important". Times are UTC and don't say so.
  startedAt: ({ alert: { heartbeat } }) => (heartbeat?.important ? `${heartbeat.time}Z` : undefined),
  at: ({ alert: { heartbeat } }) => heartbeat?.time && `${heartbeat.time}Z`,
  // A notice has no time by which to know it again.
  deliveryId: ({ alert }) => (alert.heartbeat ? undefined : alert.msg),
  data: ({ alert, settings }) => ({ ...alert, home: settings.url?.replace(/\/$/, '') }),
});
