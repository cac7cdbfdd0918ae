import { defineSource, z } from '@tocsin/core';

// `alert.Data` in https://github.com/influxdata/kapacitor/blob/master/alert/types.go
const payload = z.looseObject({
  id: z.string(),
  level: z.enum(['OK', 'INFO', 'WARNING', 'CRITICAL']),
  previousLevel: z.string().optional(),
  time: z.string(),
  duration: z.number(),
  data: z.looseObject({
    // A deadman has no tags, and a result without points no series.
    series: z.array(z.looseObject({ tags: z.record(z.string(), z.string()).nullish() })).nullish(),
  }),
});

export default defineSource({
  title: 'Kapacitor',
  summary: "Alerts of InfluxData's Kapacitor, by its event handler post",
  docs: 'https://docs.influxdata.com/kapacitor/v1/reference/event_handlers/post/',
  // Headers of one's own and a basic password; nothing signs the body.
  notOffered: { signature: 'https://docs.influxdata.com/kapacitor/v1/reference/event_handlers/post/' },
  payload,
  status: ({ alert }) => (alert.level === 'OK' ? 'resolved' : 'firing'),
  // Kapacitor keeps one state for each id. Without `groupBy` the tags are those of the last point, on whatever host.
  fingerprint: ({ alert }) => alert.id,
  group: ({ alert }) => alert.id,
  labels: ({ alert }) => ({ id: alert.id, ...alert.data.series?.[0]?.tags }),
  // One that is over is told with what it was.
  severity: ({ alert }) => (alert.level === 'OK' ? alert.previousLevel : alert.level),
  at: ({ alert }) => alert.time,
  // In nanoseconds, since the level left OK.
  startedAt: ({ alert }) => Date.parse(alert.time) - alert.duration / 1e6,
});
