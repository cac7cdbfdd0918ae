import type { Fields } from '@tocsin/message-view';
import { longestSlackText } from '@tocsin/message-view';
import { appId } from './app.ts';
import { type Call, flagOf, structureOf, textOf } from './call.ts';
import { changed, target } from './chat-rules.ts';
import type { Channel, Team } from './directory.ts';
import type { ChannelMessage } from './messages.ts';
import type { Token } from './tokens.ts';
import type { Workspaces } from './workspaces.ts';

/** A call that passed every rule: it has a token, a workspace and, for most, a channel. */
export interface GoodCall extends Call {
  token: Token;
  team: Team;
}

/** https://docs.slack.dev/reference/methods/chat.postMessage */
export function postMessage(call: GoodCall, workspaces: Workspaces): Fields {
  const channel = targetOf(call);
  const thread = threadOf(call, channel, workspaces);
  const message = workspaces.messages.post({
    ...begun(call, channel),
    ...(thread !== undefined && { threadTs: thread }),
    ...(thread !== undefined && flagOf(call, 'reply_broadcast') && { broadcast: true }),
  });
  return { channel: channel.id, ts: message.ts, message: asPayload(message, call.team) };
}

/** https://docs.slack.dev/reference/methods/chat.postEphemeral */
export function postEphemeral(call: GoodCall, workspaces: Workspaces): Fields {
  const channel = targetOf(call);
  const thread = threadOf(call, channel, workspaces);
  const { ts } = workspaces.messages.post({
    ...begun(call, channel),
    visibleTo: String(call.args.user),
    ...(thread !== undefined && { threadTs: thread }),
  });
  return { message_ts: ts };
}

/**
 * Text without blocks takes the blocks away; what else isn't given stays.
 * https://docs.slack.dev/reference/methods/chat.update
 */
export function updateMessage(call: GoodCall, workspaces: Workspaces): Fields {
  const message = changed(call, workspaces) as ChannelMessage; // the rules have found it
  const given = contentOf(call);
  const { blocks: _, ...withoutBlocks } = message.content;
  const kept = given.text !== undefined && given.blocks === undefined ? withoutBlocks : message.content;
  workspaces.messages.edit(message, { ...kept, ...given }, call.token.user);
  const { channel, ts, content } = message;
  return { channel, ts, text: content.text, message: asPayload(message, call.team) };
}

/** https://docs.slack.dev/reference/methods/chat.delete */
export function deleteMessage(call: GoodCall, workspaces: Workspaces): Fields {
  const message = changed(call, workspaces) as ChannelMessage; // the rules have found it
  workspaces.messages.delete(message);
  return { channel: message.channel, ts: message.ts };
}

/** A message as answers and callbacks have it. https://docs.slack.dev/reference/events/message */
export function asPayload(message: ChannelMessage, team: Team): Fields {
  const { author, content, ts, threadTs, edited } = message;
  const { text = '', blocks, attachments } = content;
  return {
    user: author.user,
    type: 'message',
    ts,
    ...(author.bot !== undefined && {
      bot_id: author.bot,
      app_id: appId,
      bot_profile: { id: author.bot, app_id: appId, name: team.bot.name, deleted: false, team_id: team.id },
    }),
    text,
    team: team.id,
    ...(blocks !== undefined && { blocks }),
    ...(attachments !== undefined && { attachments }),
    ...(threadTs !== undefined && { thread_ts: threadTs, parent_user_id: team.bot.user }),
    ...(edited && { edited }),
  };
}

function begun(call: GoodCall, { id }: Channel): Omit<ChannelMessage, 'ts' | 'version'> {
  const { team, token, origin } = call;
  const author = { user: token.user, ...(token.kind === 'bot' && { bot: team.bot.id }) };
  return { team: team.id, channel: id, author, content: contentOf(call), origin };
}

/** What a message says, as far as the call gives it. */
function contentOf(call: Call): Fields {
  const blocks = structureOf(call, 'blocks');
  const attachments = structureOf(call, 'attachments');
  return {
    ...(typeof call.args.text === 'string' && { text: call.args.text.slice(0, longestSlackText) }),
    ...(Array.isArray(blocks) && { blocks }),
    ...(Array.isArray(attachments) && { attachments }),
    ...(call.args.mrkdwn !== undefined && { mrkdwn: flagOf(call, 'mrkdwn') }),
    ...(textOf(call, 'parse') === 'full' && { parse: 'full' }),
    ...(flagOf(call, 'link_names') && { link_names: true }),
  };
}

/**
 * The message that is answered: of a reply, its parent. One that isn't there is nobody's thread, and the reply stands in the
 * channel, without a word: https://github.com/slack-go/slack/issues/1571
 */
function threadOf(call: GoodCall, channel: Channel, { messages }: Workspaces): string | undefined {
  const parent = messages.find(channel.id, textOf(call, 'thread_ts') ?? '');
  return parent?.visibleTo === undefined ? (parent?.threadTs ?? parent?.ts) : undefined;
}

function targetOf(call: GoodCall): Channel {
  return target(call) as Channel; // the rules have found it
}
