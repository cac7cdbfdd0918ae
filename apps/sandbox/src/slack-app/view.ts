import { plainText, type Reader, type ViewNode, viewSlackMessage } from '@tocsin/message-view';
import type { Channel, Person, Team } from './directory.ts';
import type { ChannelMessage, ChannelMessages } from './messages.ts';
import type { Workspaces } from './workspaces.ts';

/** The workspaces as the page needs them: who may press, and where the app is told. */
export interface WorkspacesView {
  teams: {
    id: string;
    name: string;
    installed: boolean;
    people: { id: string; label: string }[];
    channels: Pick<Channel, 'id' | 'name' | 'isPrivate' | 'isArchived'>[];
  }[];
  /** Where presses go. */
  interactivity?: string;
}

/** One message of a channel as the page shows it, with the thread below it. */
export interface ChannelMessageView {
  /** Channel and time, by which the page knows it again. */
  key: string;
  team: string;
  channel: string;
  ts: string;
  /** ISO 8601. */
  at: string;
  author: string;
  isApp: boolean;
  content: ViewNode[];
  /** One line for a screen reader. */
  summary: string;
  isEdited: boolean;
  isDeleted: boolean;
  /** A reply that stands in the channel too. */
  isBroadcast: boolean;
  /** The person who alone sees it. */
  visibleTo?: { id: string; label: string };
  press?: { ok: boolean; says: string };
  replies: ChannelMessageView[];
}

export function viewWorkspaces({ teams, tokens, callbacks }: Workspaces): WorkspacesView {
  const { interactivity } = callbacks.urls;
  return {
    teams: teams.map(({ id, name, people, channels }) => ({
      id,
      name,
      installed: tokens.activeOf(id).length > 0,
      people: people.map((person) => ({ id: person.id, label: labelOf(person) })),
      channels: channels.map(({ id, name, isPrivate, isArchived }) => ({ id, name, isPrivate, isArchived })),
    })),
    ...(interactivity !== undefined && { interactivity }),
  };
}

/** The message that stands in the channel: of a reply, what it answers. */
export function viewChannelMessage(
  message: ChannelMessage,
  { teams, messages }: Pick<Workspaces, 'teams' | 'messages'>,
  reader: Reader,
): ChannelMessageView {
  const root = rootOf(message, messages);
  const team = teams.find(({ id }) => id === root.team) as Team; // messages are posted to the sandbox's teams only
  const replies = messages.repliesTo(root).map((reply) => viewOne(reply, team, reader));
  return { ...viewOne(root, team, reader), replies };
}

function viewOne(message: ChannelMessage, team: Team, reader: Reader): ChannelMessageView {
  const { channel, ts, author, content, edited, visibleTo, press } = message;
  const shown = viewSlackMessage(content, reader);
  const person = team.people.find(({ id }) => id === (visibleTo ?? author.user));
  const presser = team.people.find(({ id }) => id === press?.user);
  return {
    key: `${channel}:${ts}`,
    team: team.id,
    channel,
    ts,
    at: new Date(Number(ts) * 1_000).toISOString(),
    author: author.bot === undefined && person ? labelOf(person) : 'Tocsin',
    isApp: author.bot !== undefined,
    content: message.deleted ? [] : shown.content,
    summary: plainText(shown.text).slice(0, 140),
    isEdited: edited !== undefined,
    isDeleted: message.deleted === true,
    isBroadcast: message.broadcast === true,
    ...(visibleTo !== undefined && { visibleTo: { id: visibleTo, label: person ? labelOf(person) : visibleTo } }),
    ...(press && {
      press: { ok: press.ok, says: `${presser ? labelOf(presser) : press.user} pressed ${press.label}: ${press.says}` },
    }),
    replies: [],
  };
}

function rootOf(message: ChannelMessage, messages: ChannelMessages): ChannelMessage {
  const { channel, threadTs } = message;
  if (threadTs === undefined) return message;
  return messages.list().find((root) => root.channel === channel && root.ts === threadTs) ?? message;
}

/** Slack shows the real name; the handle stands in where there is none. */
function labelOf({ name, realName }: Person): string {
  return realName ?? name;
}
