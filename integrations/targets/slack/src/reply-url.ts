import type { Settings } from './settings.ts';

/**
 * Where an answer to a press may go: Slack's own host, or that of its stand-in. None where it is another one: it comes
 * from outside, and what is sent there names alerts.
 */
export function replyUrl(given: string, { apiUrl }: Pick<Settings, 'apiUrl'>): string | undefined {
  const url = URL.parse(given);
  const api = URL.parse(apiUrl);
  if (!url || !api || url.username !== '' || url.password !== '' || url.href.length > 2_000) return undefined;
  const allowed = api.hostname === 'slack.com' ? 'https://hooks.slack.com' : api.origin;
  return url.origin === allowed ? url.href : undefined;
}
