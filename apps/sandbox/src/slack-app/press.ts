import { randomBytes } from 'node:crypto';
import { type Fields, isFields } from '@tocsin/message-view';
import { z } from 'zod';
import { appId, verificationToken } from './app.ts';
import type { CallbackAnswer } from './callbacks.ts';
import { asPayload } from './chat-methods.ts';
import { type Channel, findChannel, type Person, type Team } from './directory.ts';
import { elementsOf, optionsOf, type PlacedElement } from './elements.ts';
import type { ChannelMessage } from './messages.ts';
import type { Workspaces } from './workspaces.ts';

/** Which button of which message, and who presses it. */
export const pressSchema = z.strictObject({
  /** Id of the channel. */
  channel: z.string().max(100),
  ts: z.string().max(100),
  action_id: z.string().max(255),
  /** Where several blocks have that `action_id`. */
  block_id: z.string().max(255).optional(),
  /** Id of a person of the workspace; the first if none is named. */
  user: z.string().max(100).optional(),
  /** Of a menu, the value of the chosen option; of a button, its value, where several have that `action_id`. */
  value: z.string().max(2_000).optional(),
});

export type Press = z.infer<typeof pressSchema>;

/** What the app answered, and what it had been sent; or why there was nothing to press. */
export type PressResult = { answer: CallbackAnswer; payload: Fields } | { fault: string; status: 404 | 409 };

/** A person presses a button, or chooses from a menu: the app is told, and what it answers is shown at the message. */
export async function press(wanted: Press, workspaces: Workspaces): Promise<PressResult> {
  const place = findChannel(workspaces.teams, wanted.channel);
  const message = workspaces.messages.find(wanted.channel, wanted.ts);
  if (!place || !message) return missing('message with that channel and ts');
  const person = place.team.people.find(({ id }) => wanted.user === undefined || id === wanted.user);
  if (!person) return missing(`person ${wanted.user} in the workspace ${place.team.name}`);
  if (message.visibleTo !== undefined && message.visibleTo !== person.id)
    return missing('message that this person sees');
  const action = actionOf(message, wanted);
  if (!action) return missing('button or menu with that action_id and value in the message');
  const url = workspaces.callbacks.urls.interactivity;
  if (url === undefined) return { fault: 'no address for interactivity is set: --slack-callbacks', status: 409 };

  const payload = payloadOf(message, place, person, action, workspaces);
  const answer = await workspaces.callbacks.sendInteraction(url, payload);
  message.press = { label: labelOf(action), user: person.id, ok: answer.ok, says: sayingOf(answer) };
  workspaces.messages.touch(message);
  return { answer, payload };
}

interface Action extends PlacedElement {
  /** Of a menu: what was chosen. */
  chosen?: Fields;
}

function actionOf(
  message: ChannelMessage,
  { action_id: actionId, block_id: blockId, value }: Press,
): Action | undefined {
  const places = elementsOf(message).filter(
    (placed) => placed.actionId === actionId && (blockId === undefined || placed.blockId === blockId),
  );
  for (const placed of places) {
    const { type, value: own } = placed.element;
    if (type === 'button' && (value === undefined || value === own)) return placed;
    const chosen = type === 'button' ? undefined : optionsOf(placed.element).find((option) => option.value === value);
    if (chosen) return { ...placed, chosen };
  }
  return undefined;
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function payloadOf(
  message: ChannelMessage,
  { team, channel }: { team: Team; channel: Channel },
  { id, name }: Person,
  { element, actionId, blockId, attachment, chosen }: Action,
  { messages, responses }: Workspaces,
): Fields & { type: string } {
  const isEphemeral = message.visibleTo !== undefined;
  const now = messages.stamp();
  return {
    type: 'block_actions',
    user: { id, username: name, name, team_id: team.id },
    api_app_id: appId,
    token: verificationToken,
    container: {
      type: attachment === undefined ? 'message' : 'message_attachment',
      message_ts: message.ts,
      ...(attachment !== undefined && { attachment_id: attachment }),
      ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(attachment !== undefined && { is_app_unfurl: false }),
    },
    trigger_id: `${now.replace('.', '')}.${team.id.toLowerCase()}.${randomBytes(16).toString('hex')}`,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: channel.isPrivate ? 'privategroup' : channel.name },
    // An ephemeral message is nowhere kept, so that there is none to send along.
    ...(!isEphemeral && { message: asPayload(message, team) }),
    state: { values: {} },
    response_url: responses.open(message, id),
    actions: [
      {
        action_id: actionId,
        block_id: blockId,
        ...(chosen
          ? { selected_option: chosen, ...(element.placeholder !== undefined && { placeholder: element.placeholder }) }
          : { text: element.text, ...copied(element, 'value', 'style', 'url') }),
        type: element.type,
        action_ts: now,
      },
    ],
  };
}

function labelOf({ element, chosen }: Action): string {
  const { text } = chosen ?? element;
  return isFields(text) ? String(text.text) : '';
}

function copied(element: Fields, ...names: string[]): Fields {
  return Object.fromEntries(names.filter((name) => element[name] !== undefined).map((name) => [name, element[name]]));
}

/** In words, for who pressed: Slack shows no more than a warning sign. */
function sayingOf({ ok, status, error, milliseconds }: CallbackAnswer): string {
  if (ok) return `the app answered ${status} after ${milliseconds} ms`;
  return error === undefined ? `the app answered ${status}` : error;
}

function missing(what: string): PressResult {
  return { fault: `there is no ${what}`, status: 404 };
}
