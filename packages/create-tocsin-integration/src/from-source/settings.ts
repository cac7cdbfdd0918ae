import { type AlertStatus, alertStatuses, plainWord, TocsinError, z } from '@tocsin/core';

const path = z.array(z.union([z.string(), z.number()]));
const words = z.array(z.string()).optional();

/** What its schema makes of the settings of the integration that takes anything. */
const schema = z.strictObject({
  alerts: path.optional(),
  title: path.optional(),
  message: path.optional(),
  link: path.optional(),
  status: path.optional(),
  severity: path.optional(),
  key: path.optional(),
  fingerprint: path.optional(),
  labels: z.union([path, z.record(z.string(), path)]).optional(),
  startedAt: path.optional(),
  at: path.optional(),
  deliveryId: path.optional(),
  firing: words,
  resolved: words,
  acknowledged: words,
  unacknowledged: words,
  silenced: words,
  unsilenced: words,
  notice: words,
});

export type WebhookSettings = z.infer<typeof schema>;

/** Throws a TocsinError `integration` for settings of which a draft would lose something. */
export function readWebhookSettings(settings: unknown, name: string): WebhookSettings {
  const read = schema.safeParse(settings);
  if (read.success) return read.data;
  throw new TocsinError(
    'integration',
    `${name} has settings that no draft is made from: ${z.prettifyError(read.error)}`,
    {
      remedy: 'Use releases of Tocsin and of the package that fit.',
    },
  );
}

/** The operator's words for the statuses, in plain form; of two statuses with one word the first has it. */
export function ownWords(settings: WebhookSettings): Map<string, AlertStatus> {
  const own = new Map<string, AlertStatus>();
  for (const status of alertStatuses) {
    for (const word of settings[status] ?? []) if (!own.has(plainWord(word))) own.set(plainWord(word), status);
  }
  return own;
}
