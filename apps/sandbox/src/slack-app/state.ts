import type { Fields } from '@tocsin/message-view';
import type { CallbackRecord } from './callbacks.ts';
import type { Channel, Person } from './directory.ts';
import type { ChannelMessage } from './messages.ts';
import type { Workspaces } from './workspaces.ts';

/** The workspaces as they stand, for `GET /slack/state`. */
export interface SlackState {
  teams: TeamState[];
  /** What was sent to the app, oldest first. */
  callbacks: readonly CallbackRecord[];
  callbackUrls: { interactivity?: string; events?: string };
}

export interface TeamState {
  id: string;
  name: string;
  /** Whether the app has a bot token there that holds. */
  installed: boolean;
  people: Person[];
  channels: (Channel & { messages: MessageState[] })[];
}

/** A message without what was deleted; what only one person sees is marked so. */
export interface MessageState extends Fields {
  ts: string;
  user: string;
  text: string;
  /** Id of the person who alone sees it. */
  visibleTo?: string;
  edited?: { user: string; ts: string };
  /** What stands below it, oldest first; absent in a thread. */
  replies?: MessageState[];
}

export function stateOf({ teams, tokens, messages, callbacks }: Workspaces): SlackState {
  return {
    teams: teams.map(({ id, name, people, channels }) => ({
      id,
      name,
      installed: tokens.activeOf(id).some(({ kind }) => kind === 'bot'),
      people,
      channels: channels.map((channel) => ({
        ...channel,
        messages: messages
          .list()
          .filter((message) => message.channel === channel.id && message.threadTs === undefined && !message.deleted)
          .map((message) => ({ ...messageState(message), replies: messages.repliesTo(message).map(messageState) })),
      })),
    })),
    callbacks: callbacks.list(),
    callbackUrls: callbacks.urls,
  };
}

function messageState({ ts, author, content, edited, visibleTo, broadcast }: ChannelMessage): MessageState {
  const { text, blocks, attachments } = content;
  return {
    ts,
    user: author.user,
    text: typeof text === 'string' ? text : '',
    ...(blocks !== undefined && { blocks }),
    ...(attachments !== undefined && { attachments }),
    ...(edited && { edited }),
    ...(visibleTo !== undefined && { visibleTo }),
    ...(broadcast && { broadcast }),
  };
}
