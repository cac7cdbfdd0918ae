import { type AttemptOutcome, type HttpResponse, outcomeOf } from '@tocsin/core';
import { faults, misunderstood, setUps } from './refusals.ts';

/** What an incoming webhook answers: `ok`, or a word of Slack's. */
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
