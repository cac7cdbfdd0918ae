import { defineSource, z } from '@tocsin/core';

const payload = z.looseObject({
  check_id: z.number(),
  check_name: z.string(),
  check_type: z.string().optional(),
  check_params: z.looseObject({ hostname: z.string().optional() }).optional(),
  tags: z.array(z.string()).optional(),
  current_state: z.string(),
  importance_level: z.string().optional(),
  state_changed_timestamp: z.number().optional(),
});

/** Of uptime checks, and of transaction checks. */
const wellStates = ['UP', 'SUCCESS'];

export default defineSource({
  title: 'Pingdom',
  summary: 'Uptime and transaction checks of Pingdom that change their state',
  docs: 'https://www.pingdom.com/resources/webhooks/',
  notOffered: { signature: 'https://www.pingdom.com/resources/webhooks/' },
  payload,
  status: ({ alert }) => (wellStates.includes(alert.current_state) ? 'resolved' : 'firing'),
  // Not the name: people rename checks while they are down.
  group: ({ alert }) => alert.check_id,
  // A check that is pointed at another host says nothing of the first one any more.
  fingerprint: ({ alert }) => [alert.check_id, alert.check_params?.hostname],
  labels: ({ alert }) => ({
    check: alert.check_name,
    type: alert.check_type,
    hostname: alert.check_params?.hostname,
    tags: alert.tags?.join(',') || undefined,
  }),
  severity: ({ alert }) => alert.importance_level,
  startedAt: ({ alert }) => (wellStates.includes(alert.current_state) ? undefined : alert.state_changed_timestamp),
  at: ({ alert }) => alert.state_changed_timestamp,
});
