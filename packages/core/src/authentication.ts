import type { Notification } from './notification.ts';
import type { HttpRequest, HttpResponse } from './request.ts';
import type { Target } from './target.ts';
import type { Authentication } from './verification.ts';

/**
 * The next request of a target. Where the host signs it as it leaves, the headers say so: `v1,<signingSecret>` names the
 * setting, and neither the secret nor a signature is in it.
 */
export function nextRequest(
  { request: build, auth }: Pick<Target, 'request' | 'auth'>,
  notification: Notification,
  settings: unknown,
  answers: readonly HttpResponse[],
): HttpRequest | undefined {
  const request = build(notification, settings, answers);
  const secrets = auth ? signingSecrets(auth, settings) : [];
  if (!request || secrets.length === 0) return request;
  const headers = {
    ...request.headers,
    'webhook-timestamp': '<time of the attempt>',
    'webhook-signature': secrets.map(({ path }) => `v1,<${path}>`).join(' '),
  };
  return { ...request, headers };
}

/** The secrets that settings have for it, as they stand there, and where: `signingSecret`, `signingSecret[0]`. */
export function signingSecrets({ secret }: Authentication, settings: unknown): { text: string; path: string }[] {
  const value = (Object(settings) as Record<string, unknown>)[secret]; // whatever the target's schema made of them
  if (typeof value === 'string') return [{ text: value, path: secret }];
  if (!Array.isArray(value)) return [];
  return value.map((text, index) => ({ text: String(text), path: `${secret}[${index}]` }));
}
