import { durationPattern, toMilliseconds, z } from '@tocsin/core';

const longest = 400 * 24 * 60 * 60_000;

/** `25h`, `1h30m`, or a number of seconds; in milliseconds. */
export const span = z.union([z.string(), z.number()]).transform((given, context) => {
  const text = String(given).trim();
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : toMilliseconds(text);
  const isSpan = /^\d{1,9}$/.test(text) || durationPattern.test(text);
  if (isSpan && milliseconds <= longest) return milliseconds;
  context.addIssue({
    code: 'custom',
    message: `${quoted(text)} is no time; write one like 24h, 30m or 90 (seconds), of at most 400 days`,
  });
  return z.NEVER;
});

/** How a job ended. */
export type Verdict = 'ok' | 'failed' | 'stopped';

const verdicts: Record<Verdict, readonly string[]> = {
  ok: ['ok', 'okay', 'up', 'alive', 'success', 'succeeded', 'passed', 'done', 'complete', 'completed'],
  failed: ['fail', 'failed', 'failure', 'error', 'down', 'critical'],
  stopped: ['stop', 'stopped', 'pause', 'paused', 'retire', 'retired'],
};

/** Undefined where it says none of them. */
export function readVerdict(said: string): Verdict | undefined {
  const code = exitCodeOf(said);
  if (code !== undefined) return code === 0 ? 'ok' : 'failed';
  const word = said.trim().toLowerCase();
  return (Object.keys(verdicts) as Verdict[]).find((verdict) => verdicts[verdict].includes(word)); // the keys of that very table
}

/** A shell has no others: https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
export function exitCodeOf(said: string): number | undefined {
  return /^\d{1,3}$/.test(said.trim()) && Number(said) <= 255 ? Number(said) : undefined;
}

/** What a ping may say, in its body, in the query of its address, or in neither. */
export const fields = z.looseObject({
  name: z
    .string()
    .trim()
    .min(1, 'is empty; leave it out, or say which job this is')
    .max(128, 'has more than 128 characters')
    .optional(),
  status: z.union([z.string(), z.number()]).transform(String).optional(),
  interval: span.optional(),
  grace: span.optional(),
  message: z.string().optional(),
  link: z.string().optional(),
  // Alertmanager's webhook: its Watchdog fires as long as all is well.
  alerts: z.array(z.unknown()).optional(),
});

export type Fields = z.infer<typeof fields>;

export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
