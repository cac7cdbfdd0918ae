import type { Notification } from './notification.ts';
import type { HttpRequest, HttpResponse } from './request.ts';
import type { Target } from './target.ts';
import type { Authentication, BasicAuthentication, SigningAuthentication } from './verification.ts';

/**
 * The next request of a target. What the host adds as it leaves to prove itself is there by the names of the settings,
 * `v1,<signingSecret>` or `Basic <login>:<password>`, and neither a secret nor a signature is in it.
 */
export function nextRequest(
  { request: build, auth }: Pick<Target, 'request' | 'auth'>,
  notification: Notification,
  settings: unknown,
  answers: readonly HttpResponse[],
): HttpRequest | undefined {
  const request = build(notification, settings, answers);
  if (!request || !auth) return request;
  return { ...request, headers: { ...request.headers, ...shownProof(auth, settings) } };
}

function shownProof(auth: Authentication, settings: unknown): Record<string, string> {
  if (auth.kind === 'basic')
    return basicLogin(auth, settings) ? { authorization: `Basic <${auth.user}>:<${auth.password}>` } : {};
  const secrets = signingSecrets(auth, settings);
  if (secrets.length === 0) return {};
  return {
    'webhook-timestamp': '<time of the attempt>',
    'webhook-signature': secrets.map(({ path }) => `v1,<${path}>`).join(' '),
  };
}

/** The secrets that settings have for it, as they stand there, and where: `signingSecret`, `signingSecret[0]`. */
export function signingSecrets({ secret }: SigningAuthentication, settings: unknown): { text: string; path: string }[] {
  const value = settingOf(settings, secret);
  if (typeof value === 'string') return [{ text: value, path: secret }];
  if (!Array.isArray(value)) return [];
  return value.map((text, index) => ({ text: String(text), path: `${secret}[${index}]` }));
}

/** The user and the password that settings have for it, as they stand there; none where one is missing. */
export function basicLogin(
  auth: BasicAuthentication,
  settings: unknown,
): { user: string; password: string } | undefined {
  const [user, password] = [settingOf(settings, auth.user), settingOf(settings, auth.password)];
  return typeof user === 'string' && typeof password === 'string' ? { user, password } : undefined;
}

function settingOf(settings: unknown, name: string): unknown {
  return (Object(settings) as Record<string, unknown>)[name]; // whatever the target's schema made of them
}
