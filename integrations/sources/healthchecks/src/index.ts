import { defineSource, z } from '@tocsin/core';

// The body that operators enter; its placeholders are explained beside the field, `check` under `docs`.
const payload = z.looseObject({
  code: z.string(),
  status: z.enum(['up', 'down']),
  now: z.string(),
  check: z.looseObject({ name: z.string(), tags: z.string().optional(), update_url: z.string().optional() }),
});

export default defineSource({
  title: 'Healthchecks',
  summary: 'Jobs that Healthchecks.io, or a Healthchecks of your own, misses or that fail',
  docs: 'https://healthchecks.io/docs/api/',
  // Headers that the operator writes; nothing signs the body.
  notOffered: {
    signature: 'https://github.com/healthchecks/healthchecks/blob/master/hc/integrations/webhook/transport.py',
  },
  payload,
  // Not `check.status`: that is of the time of sending, and may be new, started, grace or paused.
  status: ({ alert }) => (alert.status === 'down' ? 'firing' : 'resolved'),
  fingerprint: ({ alert }) => alert.code,
  group: ({ alert }) => alert.code,
  labels: ({ alert }) => ({ check: alert.check.name, tags: alert.check.tags }),
  at: ({ alert }) => alert.now,
  startedAt: ({ alert }) => (alert.status === 'down' ? alert.now : undefined),
  // The check's page is not sent, but beside its address in the API, on whatever host.
  data: ({ alert }) => ({ ...alert, page: alert.check.update_url?.replace(/\/api\/v\d\/(.*)$/, '/$1/details/') }),
});
