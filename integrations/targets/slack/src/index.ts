import { defineTarget, longestHeadline, outcomeOf, secretUrl, z } from '@tocsin/core';
import { messageOf } from './message.ts';
import { faults, misunderstood, setUps } from './refusals.ts';

export default defineTarget({
  title: 'Slack',
  summary: 'Messages in a Slack channel, by an incoming webhook',
  docs: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  settings: z.strictObject({ webhookUrl: secretUrl().describe('The URL that Slack gave for the channel') }),
  medium: 'slack',
  mode: 'latest',
  limits: {
    // A header holds 150 characters, and the headline stands before the title.
    // https://docs.slack.dev/reference/block-kit/blocks/header-block
    title: 150 - longestHeadline - ': '.length,
    // https://docs.slack.dev/reference/block-kit/blocks/section-block
    message: 3000,
    // "1 per second", with short bursts. https://docs.slack.dev/apis/web-api/rate-limits
    concurrency: 1,
    rate: 1,
  },
  // "ok" is all that comes back, so there is nothing to edit by; `chat.update` needs an app's token.
  notOffered: { edit: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks' },
  request: (notification, { webhookUrl }, answers) =>
    answers.length > 0
      ? undefined
      : {
          method: 'POST',
          url: webhookUrl,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(messageOf(notification)),
        },
  outcome: (response) => {
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
  },
});
