import { type Call, channelOf, structureOf, textOf } from './call.ts';
import type { Channel } from './directory.ts';
import type { ChannelMessage } from './messages.ts';
import { type MethodName, type MethodRule, methodPage, these } from './method-rule.ts';
import type { Workspaces } from './workspaces.ts';

const postMessage = methodPage('chat.postMessage');
const postEphemeral = methodPage('chat.postEphemeral');
const update = methodPage('chat.update');

const posts = these('chat.postMessage', 'chat.postEphemeral');
const changes = these('chat.update', 'chat.delete');
const writes = these('chat.postMessage', 'chat.postEphemeral', 'chat.update');
const chat = these('chat.postMessage', 'chat.postEphemeral', 'chat.update', 'chat.delete');

/** What each page marks as required. */
const required: Partial<Record<string, readonly string[]>> = {
  'chat.postMessage': ['channel'],
  'chat.postEphemeral': ['channel', 'user'],
  'chat.update': ['channel', 'ts'],
  'chat.delete': ['channel', 'ts'],
} satisfies Partial<Record<MethodName, readonly string[]>>;

/** Where and what a call of `chat.*` may write; the message's blocks are judged after. */
export const chatRules: MethodRule[] = [
  {
    name: 'required-arguments',
    methods: chat,
    error: 'invalid_arguments',
    source: postMessage,
    says: 'Every argument that the page marks as required must be there, as text.',
    broken: (call) => missingArgument(call),
    more: (call) => ({ response_metadata: { messages: [`[ERROR] missing required field: ${missingArgument(call)}`] } }),
  },
  {
    // Private channels that the token's owner is no member of are as if they didn't exist.
    name: 'channel-not-found',
    methods: chat,
    error: 'channel_not_found',
    source: postMessage,
    says: 'The channel must exist; by its name only chat.postMessage and chat.postEphemeral find it.',
    broken: (call) => (target(call) ? undefined : 'channel'),
  },
  {
    name: 'is-archived',
    methods: posts,
    error: 'is_archived',
    source: postMessage,
    says: 'An archived channel accepts no messages.',
    broken: (call) => (target(call)?.isArchived ? 'channel' : undefined),
  },
  {
    name: 'is-inactive',
    methods: these('chat.update'),
    error: 'is_inactive',
    source: update,
    says: 'A message can’t be edited within an archived channel.',
    broken: (call) => (target(call)?.isArchived ? 'channel' : undefined),
  },
  {
    name: 'not-in-channel',
    methods: posts,
    error: 'not_in_channel',
    source: postMessage,
    says: 'The app posts where it is a member, and with the scope chat:write.public in every public channel.',
    broken: (call) => (maySpeak(call) ? undefined : 'channel'),
  },
  {
    name: 'user-not-in-channel',
    methods: these('chat.postEphemeral'),
    error: 'user_not_in_channel',
    source: postEphemeral,
    says: 'Who shall see the message must be in the channel.',
    broken: (call) => (call.team?.people.some(({ id }) => id === textOf(call, 'user')) ? undefined : 'user'),
  },
  {
    // No page names this error; it is what Slack answers: https://github.com/jenkinsci/slack-plugin/issues/584
    name: 'thread-ts',
    methods: posts,
    error: 'invalid_thread_ts',
    source: postMessage,
    says: 'thread_ts is the ts of another message.',
    broken: ({ args }) =>
      args.thread_ts === undefined || args.thread_ts === '' || /^\d+\.\d{6}$/.test(String(args.thread_ts))
        ? undefined
        : 'thread_ts',
    more: ({ args }) => ({
      response_metadata: { messages: [`[ERROR] ${String(args.thread_ts).slice(0, 100)} is not a valid thread_ts`] },
    }),
  },
  {
    name: 'message-not-found',
    methods: changes,
    error: 'message_not_found',
    source: update,
    says: 'There must be a message with that ts; one that only a single person sees isn’t.',
    broken: (call, workspaces) => (changed(call, workspaces) ? undefined : 'ts'),
  },
  {
    name: 'cant-update-message',
    methods: these('chat.update'),
    error: 'cant_update_message',
    source: update,
    says: 'Only who wrote a message may change it.',
    broken: (call, workspaces) => (isAuthor(call, workspaces) ? undefined : 'ts'),
  },
  {
    name: 'cant-delete-message',
    methods: these('chat.delete'),
    error: 'cant_delete_message',
    source: methodPage('chat.delete'),
    says: 'Only who wrote a message may delete it.',
    broken: (call, workspaces) => (isAuthor(call, workspaces) ? undefined : 'ts'),
  },
  {
    name: 'edit-window-closed',
    methods: these('chat.update'),
    error: 'edit_window_closed',
    source: update,
    says: 'The workspace’s settings can limit the time in which a message may be edited.',
    broken: (call, workspaces) => (isTooOld(call, workspaces) ? 'ts' : undefined),
  },
  {
    name: 'update-text-length',
    methods: these('chat.update'),
    error: 'msg_too_long',
    source: update,
    says: 'The text of an update has at most 4,000 characters.',
    broken: (call) => ((textOf(call, 'text')?.length ?? 0) > 4_000 ? 'text' : undefined),
  },
  {
    // The page gives no number; where a posted message would be cut, this one is refused.
    name: 'ephemeral-text-length',
    methods: these('chat.postEphemeral'),
    error: 'msg_too_long',
    source: postEphemeral,
    says: 'The text has a greatest length.',
    broken: (call) => ((textOf(call, 'text')?.length ?? 0) > 40_000 ? 'text' : undefined),
  },
  {
    name: 'blocks-json',
    methods: writes,
    error: 'invalid_blocks_format',
    source: postMessage,
    says: 'blocks must be JSON; in a form, as text.',
    broken: (call) => (isUnreadable(call, 'blocks') ? 'blocks' : undefined),
  },
  {
    name: 'attachments-json',
    methods: writes,
    error: 'invalid_attachments',
    source: update,
    says: 'attachments must be a list, in JSON; in a form, as text.',
    broken: (call) =>
      isUnreadable(call, 'attachments') || !isListOrNone(structureOf(call, 'attachments')) ? 'attachments' : undefined,
  },
];

/** The channel of a call of `chat.*`. */
export function target(call: Call): Channel | undefined {
  return channelOf(call, posts(call.method) ? 'id or name' : 'id');
}

/** The message that a call changes. */
export function changed(call: Call, { messages }: Workspaces): ChannelMessage | undefined {
  const channel = target(call);
  const message = channel && messages.find(channel.id, textOf(call, 'ts') ?? '');
  return message?.visibleTo === undefined ? message : undefined;
}

function missingArgument(call: Call): string | undefined {
  return required[call.method]?.find((name) => textOf(call, name) === undefined);
}

function maySpeak(call: Call): boolean {
  const channel = target(call);
  if (channel === undefined || call.token?.kind === 'user' || channel.hasBot) return true;
  return !channel.isPrivate && call.method === 'chat.postMessage' && hasScope(call, 'chat:write.public');
}

function hasScope({ token }: Call, scope: string): boolean {
  return token?.scopes.includes(scope) ?? false;
}

function isAuthor(call: Call, workspaces: Workspaces): boolean {
  return changed(call, workspaces)?.author.user === call.token?.user;
}

function isTooOld(call: Call, workspaces: Workspaces): boolean {
  const seconds = workspaces.now().getTime() / 1_000 - Number(textOf(call, 'ts'));
  return call.team?.editWindow !== undefined && seconds > call.team.editWindow;
}

function isUnreadable(call: Call, name: string): boolean {
  const value = call.args[name];
  return typeof value === 'string' && value !== '' && structureOf(call, name) === undefined;
}

function isListOrNone(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value);
}
