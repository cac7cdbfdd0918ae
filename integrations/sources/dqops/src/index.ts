import { defineSource, z } from '@tocsin/core';

const payload = z.looseObject({
  incident_id: z.string(),
  connection: z.string(),
  schema: z.string(),
  table: z.string(),
  // 64 bits: most of them come as the text of their digits.
  incident_hash: z.union([z.number(), z.string()]).optional(),
  first_seen: z.string().optional(),
  incident_until: z.string().optional(),
  highest_severity: z.number().optional(),
  status: z.string(),
  text: z.string().optional(),
});

const statuses: Partial<Record<string, 'acknowledged' | 'resolved' | 'silenced'>> = {
  acknowledged: 'acknowledged',
  resolved: 'resolved',
  muted: 'silenced',
};
const severities: Partial<Record<number, string>> = { 1: 'warning', 2: 'error', 3: 'fatal' };

// What the filters of DQOps look at, by the same names.
const labels = [
  ...['connection', 'schema', 'table', 'table_priority', 'data_group_name', 'quality_dimension', 'check_category'],
  ...['check_type', 'check_name', 'highest_severity', 'incident_hash'],
];

export default defineSource({
  title: 'DQOps',
  summary: 'Data quality incidents of DQOps: opened, acknowledged, muted and resolved',
  docs: 'https://dqops.com/docs/integrations/webhooks/',
  // Addresses alone can be entered, and bodies are not signed.
  notOffered: { signature: 'https://dqops.com/docs/integrations/webhooks/' },
  payload,
  status: ({ alert }) => statuses[alert.status] ?? 'firing',
  // DQOps sends each change, and an incident that is set back to open says just what a new one says.
  exclusive: true,
  // Not the hash: what fails again after its incident was resolved is a new incident with the same one.
  group: ({ alert }) => alert.incident_id,
  fingerprint: ({ alert }) => alert.incident_id,
  labels: ({ alert }) => Object.fromEntries(labels.map((name) => [name, alert[name] === '' ? undefined : alert[name]])),
  severity: ({ alert }) => severities[alert.highest_severity ?? 0],
  // No time of the change itself: `last_seen` is that of the last check that failed.
  startedAt: ({ alert }) => alert.first_seen,
  expires: ({ alert }) => (alert.status === 'muted' ? alert.incident_until : undefined),
  data: ({ alert }) => ({ ...alert, ...linksIn(alert.text) }),
});

/** DQOps writes the pages of the table and of the incident into its message for Slack only: first one, last the other. */
function linksIn(text = ''): { table_url?: string; incident_url?: string } {
  return {
    table_url: /^[^<]*<(https?:\/\/[^\s|<>]+)/.exec(text)?.[1],
    incident_url: /<(https?:\/\/[^\s|<>]+)\s*\|[\s*]*View in DQOps[\s*]*>\s*$/.exec(text)?.[1],
  };
}
