/*
 * Slack's words for a message that it won't take however often it is sent.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors and
 * https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
 */

/** It does not understand the message. */
export const faults: ReadonlySet<string> = new Set([
  'invalid_payload',
  'invalid_blocks',
  'invalid_attachments',
  'no_text',
  'too_many_attachments',
]);

export const misunderstood = 'Slack does not understand the message; please report it with the request of this attempt';

/** The webhook, its channel or the workspace is not as it was, and what to do about each. */
export const setUps: Readonly<Record<string, string>> = {
  no_service: 'the webhook was removed or turned off; make a new one and set it as webhookUrl',
  no_service_id: 'webhookUrl is not complete; copy it from Slack again',
  no_active_hooks: 'the webhook was turned off; turn it on in the Slack app, or make a new one',
  no_team: 'the workspace in webhookUrl does not exist; copy the URL from Slack again',
  team_disabled: 'the workspace was closed; use a webhook of another one',
  invalid_token: 'webhookUrl is not valid any more; copy it from Slack again',
  user_not_found: 'the person that the webhook posts to is gone; make a webhook for another one',
  channel_not_found: 'the channel was deleted or is closed to the app; make a webhook for another one',
  channel_is_archived: 'the channel is archived; restore it, or make a webhook for another one',
  action_prohibited: "the workspace's admins forbid it; ask them to allow the app to post here",
  posting_to_general_channel_denied:
    "only some may post to #general; ask the workspace's admins, or use another channel",
};
