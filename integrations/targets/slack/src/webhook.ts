import { type AttemptOutcome, type HttpRequest, type HttpResponse, type Notification, outcomeOf } from '@tocsin/core';
import { messageOf } from './message.ts';
import { faults, misunderstood, setUps } from './webhook-words.ts';

/** What goes to an incoming webhook, which posts to its own channel alone. */
export function webhookRequest(notification: Notification, webhookUrl: string): HttpRequest {
  if (notification.address !== undefined) {
    throw new Error('a webhook posts to its own channel; remove the `address`, or give the target the token of an app');
  }
  return {
    method: 'POST',
    url: webhookUrl,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ ...messageOf(notification), unfurl_links: false, unfurl_media: false }),
  };
}

/** "ok" is all that comes back where it was taken. */
export function outcomeOfWebhook(response: HttpResponse): AttemptOutcome {
  const word = response.body.trim();
  if (response.status === 200 && word === 'ok') return { outcome: 'delivered' };
  const setUp = Object.hasOwn(setUps, word) ? setUps[word] : undefined;
  // An archived channel is a 410: what is owed waits for somebody to mend it.
  const outcomeOfWord = response.status === 410 ? 'disabled' : 'refused';
  if (setUp) return { outcome: outcomeOfWord, reason: `${word}: ${setUp}`, setUp };
  if (faults.has(word)) return { outcome: 'refused', reason: `${word}: ${misunderstood}` };
  const outcome = outcomeOf(response);
  if (outcome.outcome !== 'delivered') return outcome;
  return {
    outcome: 'refused',
    reason: `the answer is not Slack's "ok" but ${JSON.stringify(word.slice(0, 200))}; is webhookUrl the one that Slack gave?`,
  };
}
