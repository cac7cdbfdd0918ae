import { defineSource, z } from '@tocsin/core';

const text = z.string().nullish();
const payload = z.looseObject({
  event: z.string(),
  data: z.looseObject({
    id: z.string(),
    // Webhooks of the types monitor and on-call contact tell of no problem.
    type: z.literal('incident'),
    attributes: z.looseObject({
      name: z.string(),
      team_name: text,
      started_at: z.string(),
      acknowledged_by: text,
      resolved_at: text,
      resolved_by: text,
    }),
  }),
});

export default defineSource({
  title: 'Better Stack',
  summary: 'Incidents of Better Stack Uptime: monitors, heartbeats and what people report',
  docs: 'https://betterstack.com/docs/uptime/webhooks/',
  // A basic password and headers of one's own; nothing signs the body.
  notOffered: { signature: 'https://betterstack.com/docs/uptime/api/create-outgoing-webhook-integration/' },
  payload,
  alerts: ({ payload: { event, data } }) => [{ ...data.attributes, event, id: data.id }],
  status: ({ alert }) => (alert.event === 'acknowledged' || alert.event === 'resolved' ? alert.event : 'firing'),
  fingerprint: ({ alert }) => alert.id,
  group: ({ alert }) => alert.id,
  labels: ({ alert }) => ({ monitor: alert.name, team: alert.team_name }),
  // One that is reopened still has the time of its first start, which would make it older than its end.
  at: ({ alert: { event, ...times } }) =>
    event === 'resolved' ? times.resolved_at : event === 'started' ? times.started_at : undefined,
  startedAt: ({ alert }) => alert.started_at,
  actor: ({ alert }) => (alert.event === 'acknowledged' ? alert.acknowledged_by : alert.resolved_by) ?? undefined,
});
