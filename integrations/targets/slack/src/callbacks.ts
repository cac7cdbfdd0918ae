import { type Callback, type PersonAction, type Press, personActions, type SourceRequest, z } from '@tocsin/core';
import { replyUrl } from './reply-url.ts';
import type { Settings } from './settings.ts';

/** What Slack sends to the app: a press as a form with the field `payload`, an event as JSON. */
export function readCallback({ headers, rawBody }: SourceRequest, settings: Settings): Callback {
  if (/\bjson\b/i.test(headers['content-type'] ?? '')) return readEvent(JSON.parse(rawBody));
  const payload = new URLSearchParams(rawBody).get('payload');
  // Such as `ssl_check=1`.
  return payload === null ? { kind: 'nothing' } : readInteraction(JSON.parse(payload), settings);
}

const id = z.string().regex(/^\w{1,32}$/);
const typed = z.looseObject({ type: z.string() });

const verification = z.looseObject({ challenge: z.string().max(2_000) });
/** Seconds since 1970. */
const time = z.int().min(0).max(99_999_999_999).optional().catch(undefined);

const removal = z.looseObject({
  team_id: id,
  event_time: time,
  event: z.looseObject({ type: z.literal('app_uninstalled') }),
});
const revocation = z.looseObject({
  team_id: id,
  event_time: time,
  event: z.looseObject({
    type: z.literal('tokens_revoked'),
    // Users have tokens of their own, which are none of ours.
    tokens: z.looseObject({ bot: z.array(z.string()).min(1) }),
  }),
});

/** https://docs.slack.dev/apis/events-api */
function readEvent(body: unknown): Callback {
  const { type } = typed.parse(body);
  if (type === 'url_verification') {
    const { challenge } = verification.parse(body);
    return { kind: 'answer', contentType: 'text/plain; charset=utf-8', body: challenge };
  }
  if (type !== 'event_callback') return { kind: 'nothing' };
  const removed = removal.safeParse(body);
  if (removed.success) return ended(removed.data, 'the app was removed from the workspace');
  const revoked = revocation.safeParse(body);
  if (revoked.success) return ended(revoked.data, 'the bot token was revoked');
  return { kind: 'nothing' };
}

function ended(
  { team_id: installation, event_time: at }: z.infer<typeof removal | typeof revocation>,
  reason: string,
): Callback {
  // It may have been at the end of that second.
  return { kind: 'ended', installation, reason, ...(at === undefined ? {} : { at: at * 1000 + 999 }) };
}

const interaction = z.looseObject({
  user: z.looseObject({
    id,
    name: z.string().optional().catch(undefined),
    username: z.string().optional().catch(undefined),
    team_id: id.optional().catch(undefined),
  }),
  // Null where the app is installed for an organisation.
  team: z.looseObject({ id }).nullish(),
  response_url: z.string().optional().catch(undefined),
});

const option = z.looseObject({ value: z.string() });

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const blockActions = interaction.extend({
  actions: z
    .array(
      z.looseObject({
        action_id: z.string(),
        block_id: z.string(),
        value: z.string().optional(),
        selected_option: option.nullish(),
      }),
    )
    .max(25),
});

/** https://docs.slack.dev/legacy/legacy-messaging/legacy-making-messages-interactive */
const interactiveMessage = interaction.extend({
  callback_id: z.string(),
  actions: z
    .array(
      z.looseObject({ name: z.string(), value: z.string().optional(), selected_options: z.array(option).optional() }),
    )
    .max(25),
});

function readInteraction(payload: unknown, settings: Settings): Callback {
  switch (typed.parse(payload).type) {
    case 'block_actions': {
      const read = blockActions.parse(payload);
      const presses = read.actions.flatMap(({ action_id, block_id, value, selected_option: chosen }) =>
        press(block_id, action_id, chosen?.value ?? value),
      );
      return pressed(presses, read, settings);
    }
    case 'interactive_message': {
      const read = interactiveMessage.parse(payload);
      const presses = read.actions.flatMap(({ name, value, selected_options: chosen }) =>
        press(read.callback_id, name, chosen?.[0]?.value ?? value),
      );
      return pressed(presses, read, settings);
    }
    default:
      return { kind: 'nothing' };
  }
}

function pressed(
  presses: Press[],
  { user, team, response_url: url }: z.infer<typeof interaction>,
  settings: Settings,
): Callback {
  if (presses.length === 0) return { kind: 'nothing' };
  const installation = team?.id ?? user.team_id;
  const replyTo = url === undefined ? undefined : replyUrl(url, settings);
  return {
    kind: 'presses',
    presses,
    person: { id: user.id, name: user.name ?? user.username ?? '' },
    ...(installation === undefined ? {} : { installation }),
    ...(replyTo === undefined ? {} : { replyTo }),
  };
}

/** None for what is not ours: a message may have buttons of others, and links that are buttons. */
function press(place: string, name: string, value: string | undefined): Press[] {
  const [handle = ''] = place.split('.', 1);
  const action = personActions.find((known): known is PersonAction => known === name);
  if (!action || !/^[\w-]{1,100}$/.test(handle)) return [];
  if (action !== 'silence') return [{ handle, action }];
  const minutes = /^\d{1,6}$/.test(value ?? '') ? Number(value) : 0;
  return minutes > 0 ? [{ handle, action, minutes }] : [];
}
