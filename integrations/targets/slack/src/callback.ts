import { type Callback, type HttpRequest, type Press, personActions, type SourceRequest, z } from '@tocsin/core';
import { handleIn } from './buttons.ts';
import type { Settings } from './settings.ts';

const user = z.looseObject({ id: z.string(), name: z.string().optional(), username: z.string().optional() });
const action = z.enum(personActions);

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const blockActions = z.looseObject({
  type: z.literal('block_actions'),
  team: z.looseObject({ id: z.string() }).nullish(),
  user,
  response_url: z.string().optional(),
  actions: z.array(
    z.looseObject({
      action_id: z.string(),
      block_id: z.string(),
      selected_option: z.looseObject({ value: z.string() }).nullish(),
    }),
  ),
});

/** Of messages with attachments of old. https://docs.slack.dev/legacy/legacy-messaging/legacy-making-messages-interactive */
const interactiveMessage = z.looseObject({
  type: z.literal('interactive_message'),
  callback_id: z.string(),
  team: z.looseObject({ id: z.string() }),
  user,
  response_url: z.string().optional(),
  actions: z.array(
    z.looseObject({
      name: z.string(),
      value: z.string().optional(),
      selected_options: z.array(z.looseObject({ value: z.string() })).optional(),
    }),
  ),
});

/** https://docs.slack.dev/apis/events-api/#event-type-structure */
const event = z.looseObject({
  type: z.string(),
  challenge: z.string().max(1_000).optional(),
  team_id: z.string().optional(),
  event: z.looseObject({ type: z.string() }).optional(),
});

/** What Slack says when somebody presses, when it tries the address, and when the app is removed. */
export function readCallback({ headers, rawBody }: SourceRequest, settings: Settings): Callback {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return readEvent(JSON.parse(rawBody));
  const payload: unknown = JSON.parse(new URLSearchParams(rawBody).get('payload') ?? 'null');
  const blocks = blockActions.safeParse(payload).data;
  if (blocks) {
    const presses = blocks.actions.flatMap(({ action_id: name, block_id: id, selected_option: chosen }) =>
      pressOf(handleIn(id), name, chosen?.value),
    );
    return { kind: 'presses', presses, ...whoAndWhere(blocks, settings) };
  }
  const legacy = interactiveMessage.safeParse(payload).data;
  if (!legacy) return { kind: 'nothing' };
  const presses = legacy.actions.flatMap(({ name, selected_options: [chosen] = [] }) =>
    pressOf(handleIn(legacy.callback_id), name, chosen?.value),
  );
  return { kind: 'presses', presses, ...whoAndWhere(legacy, settings) };
}

function pressOf(handle: string, name: string, chosen: string | undefined): Press[] {
  const known = action.safeParse(name).data;
  if (!known) return [];
  if (known !== 'silence') return [{ handle, action: known }];
  const minutes = Number(chosen);
  return Number.isSafeInteger(minutes) && minutes > 0 && minutes <= mostMinutes
    ? [{ handle, action: known, minutes }]
    : [];
}

const mostMinutes = 60 * 24 * 30;

function whoAndWhere(
  { user, team, response_url: replyTo }: Pick<z.output<typeof blockActions>, 'user' | 'team' | 'response_url'>,
  settings: Settings,
) {
  return {
    person: { id: user.id, name: user.name ?? user.username ?? '' },
    ...(team ? { installation: team.id } : {}),
    ...(replyTo !== undefined && isSlacks(replyTo, settings) ? { replyTo } : {}),
  };
}

/** Answers go to Slack's own host and to no other, whatever the callback says. */
function isSlacks(address: string, { apiUrl }: Settings): boolean {
  const url = URL.parse(address);
  const api = URL.parse(apiUrl);
  if (!url || !api || address.length > 2_000 || url.username !== '' || url.password !== '') return false;
  return url.origin === (api.origin === 'https://slack.com' ? 'https://hooks.slack.com' : api.origin);
}

function readEvent(body: unknown): Callback {
  const read = event.safeParse(body).data;
  if (read?.type === 'url_verification' && read.challenge !== undefined)
    return { kind: 'answer', contentType: 'text/plain; charset=utf-8', body: read.challenge };
  const isEnd = read?.event?.type === 'app_uninstalled' || read?.event?.type === 'tokens_revoked';
  if (!read?.team_id || !isEnd) return { kind: 'nothing' };
  const reason =
    read.event?.type === 'app_uninstalled' ? 'the app was removed from the workspace' : 'its token was revoked';
  return { kind: 'ended', installation: read.team_id, reason };
}

/** For the eyes of whoever pressed. https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export function replyRequest(to: string, text: string): HttpRequest {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    method: 'POST',
    url: to,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escaped }),
  };
}

const person = z.looseObject({
  ok: z.literal(true),
  user: z.looseObject({
    real_name: z.string().optional(),
    profile: z.looseObject({ real_name: z.string().optional(), display_name: z.string().optional() }).optional(),
  }),
});

/** The name that colleagues know somebody by. https://docs.slack.dev/reference/methods/users.info */
export function personName({ body }: { body: string }): string | undefined {
  const { profile, real_name: name } = person.safeParse(JSON.parse(body)).data?.user ?? {};
  return profile?.real_name || name || profile?.display_name || undefined;
}
