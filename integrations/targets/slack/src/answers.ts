import { type AttemptOutcome, type HttpResponse, outcomeOf, z } from '@tocsin/core';

const answer = z.looseObject({
  ok: z.boolean(),
  error: z.string().optional(),
  needed: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  message: z.looseObject({ thread_ts: z.string().optional() }).optional(),
});

/** There is nothing to edit any more. https://docs.slack.dev/reference/methods/chat.update#errors */
const gone: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'is_inactive',
]);

/** It goes by. */
const passing: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** The app is let in nowhere: what is owed waits until somebody mends it. */
const locked: Readonly<Record<string, string>> = {
  account_inactive: 'the app was removed from the workspace; install it again and replace the token',
  invalid_auth: 'Slack does not know the token; copy the bot token (xoxb-…) from the page of the app again',
  not_authed: 'the token is missing; copy the bot token (xoxb-…) from the page of the app',
  token_expired: 'the token has expired; turn token rotation off for the app and replace the token',
  token_revoked: 'the token was revoked; install the app again and replace the token',
  org_login_required: 'the workspace is being moved to an organisation; install the app again afterwards',
};

/** What is wrong with the set-up, and what to do. https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const setUps: Readonly<Record<string, string>> = {
  channel_not_found: 'the app finds no such channel; check its id, and invite the app if the channel is private',
  not_in_channel: 'the app is not in the channel; write /invite @<its name> there',
  is_archived: 'the channel is archived; restore it, or use another one',
  missing_scope: 'the app lacks a scope; add it under “OAuth & Permissions” and install the app again',
  restricted_action: 'the workspace lets not everybody post in the channel; ask its admins to allow the app',
  restricted_action_read_only_channel: 'only some may post in the channel; ask the admins to allow the app',
  restricted_action_thread_only_channel: 'the channel takes threads only; use another one',
  ekm_access_denied: 'the workspace’s admins have locked the channel; ask them',
  no_permission: 'the token may not post; use the bot token (xoxb-…) of an app with the scope chat:write',
  not_allowed_token_type: 'it is a token of another kind; use the bot token (xoxb-…)',
  access_denied: 'the workspace’s admins don’t allow the app; ask them',
};

/** Whether what was to be edited is not there, or can't be edited. */
export function isGone({ body }: HttpResponse): boolean {
  const read = readAnswer(body);
  return read?.ok === false && gone.has(read.error ?? '');
}

/** What an answer of the Web API means: what counts is in its body. https://docs.slack.dev/apis/web-api/#responses */
export function outcomeOfCall(response: HttpResponse): AttemptOutcome {
  const outcome = outcomeOf(response);
  if (response.status !== 200) return outcome;
  const read = readAnswer(response.body);
  if (!read) {
    const start = JSON.stringify(response.body.slice(0, 200));
    return { outcome: 'refused', reason: `the answer is not the Web API’s but ${start}; is apiUrl right?` };
  }
  const { ok, error = 'no error', needed, channel, ts, message } = read;
  if (ok) {
    const isReply = message?.thread_ts !== undefined && message.thread_ts !== ts;
    return channel && ts && !isReply ? { outcome: 'delivered', ref: `${channel}:${ts}` } : { outcome: 'delivered' };
  }
  // The next step posts anew.
  if (gone.has(error)) return { outcome: 'delivered' };
  if (passing.has(error)) return { outcome: 'retry', reason: error };
  const shut = Object.hasOwn(locked, error) ? locked[error] : undefined;
  if (shut) return { outcome: 'disabled', reason: `${error}: ${shut}`, setUp: shut };
  const known = Object.hasOwn(setUps, error) ? setUps[error] : undefined;
  const setUp = known && needed && /^[\w:,.-]{1,200}$/.test(needed) ? `${known} (needed: ${needed})` : known;
  if (setUp) return { outcome: 'refused', reason: `${error}: ${setUp}`, setUp };
  return {
    outcome: 'refused',
    reason: `${error}: Slack does not take the message; please report it with this attempt`,
  };
}

function readAnswer(body: string): z.output<typeof answer> | undefined {
  try {
    return answer.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
