import { defineTarget, longestHeadline } from '@tocsin/core';
import { actions } from './actions.ts';
import { outcomeOfAnswer } from './answers.ts';
import { slackInstallation } from './installation.ts';
import { address, type Settings, settings } from './settings.ts';
import { nextCall } from './steps.ts';
import { outcomeOfWebhook, webhookRequest } from './webhook.ts';

export default defineTarget({
  title: 'Slack',
  summary: 'Messages in Slack: of an app, that change with their alerts and have buttons, or by an incoming webhook',
  docs: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  settings,
  address,
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
  // A webhook answers no more than "ok".
  edits: ({ webhookUrl }) => webhookUrl === undefined,
  request: (notification, settings, answers) => {
    if (settings.webhookUrl === undefined) return nextCall(notification, settings, answers);
    return answers.length > 0 ? undefined : webhookRequest(notification, settings.webhookUrl);
  },
  outcome: (response, { webhookUrl }) =>
    webhookUrl === undefined ? outcomeOfAnswer(response) : outcomeOfWebhook(response),
  actions,
  installation: slackInstallation<Settings>(({ clientId, clientSecret, apiUrl }) =>
    clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret, apiUrl },
  ),
});
