/*
 * The words of the Web API for what it doesn't do. https://docs.slack.dev/reference/methods/chat.postMessage#errors and
 * https://docs.slack.dev/reference/methods/chat.update#errors
 */

/** The message can't be edited, or its thread takes nothing: a new message does as well. */
export const gone: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'is_inactive',
  'block_mismatch',
  'streaming_state_conflict',
  'thread_not_found',
  'invalid_thread_ts',
  'cannot_reply_to_message',
  'restricted_action_non_threadable_channel',
]);

/** It is over some time. */
export const passing: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'update_failed',
  'message_limit_exceeded',
  'external_channel_migrating',
  'team_added_to_org',
  'org_login_required',
]);

/** The app or the workspace is not as it was: nothing gets through, to whatever channel. */
export const closed: Readonly<Record<string, string>> = {
  invalid_auth:
    'Slack does not know the token, or does not take it from this address; copy the bot token again, and look at the allowed addresses of the app',
  not_authed: 'no token reached Slack; set the bot token as `token`',
  token_revoked: 'the token was revoked; install the app again and set the new bot token as `token`',
  token_expired: 'the token has expired; turn token rotation off for the app, and set its new bot token as `token`',
  account_inactive:
    'the app was removed, or the workspace is gone; install the app again and set the new bot token as `token`',
  not_allowed_token_type: 'it is no bot token; set the one that begins with xoxb- as `token`',
  no_permission: 'the token may not do this; install the app again and set its bot token as `token`',
  team_access_not_granted: "the app has no access to the workspace; ask the organisation's admins to grant it",
  enterprise_is_restricted: 'the organisation does not allow it; ask its admins to approve the app',
  ekm_access_denied: 'the admins have suspended posting; ask them when it is allowed again',
  access_denied: 'the admins do not allow the app to post; ask them to approve it',
  accesslimited: 'Slack is limited on this network; ask the admins of the workspace to allow it',
  two_factor_setup_required: 'the account of the token lacks the second factor; install the app by another account',
};

/** The channel, and what to do about it. */
export const places: Readonly<Record<string, string>> = {
  channel_not_found:
    'there is no channel with that id, or it is private and the app is not in it; copy the id from the details of the channel, and invite the app there',
  not_in_channel: 'the app is not in the channel; invite it there with /invite and the name of the app',
  is_archived: 'the channel is archived; restore it, or give another one',
  restricted_action: "the workspace's settings do not let the app post in the channel; ask its admins to allow it",
  restricted_action_read_only_channel: 'the channel is read-only; let the app post there, or give another one',
  restricted_action_thread_only_channel: 'the channel takes nothing but threads; give another one',
  team_not_found: 'the workspace of the channel is gone; give a channel of another one',
};

/** It does not understand the message. */
export const faults: ReadonlySet<string> = new Set([
  'invalid_arguments',
  'invalid_arg_name',
  'invalid_array_arg',
  'invalid_attachments',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_charset',
  'invalid_json',
  'invalid_post_type',
  'json_not_object',
  'missing_post_type',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
]);
