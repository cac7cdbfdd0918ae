import type { Fields } from '@tocsin/message-view';
import { appId } from './app.ts';
import { canSee, flagOf, textOf } from './call.ts';
import type { GoodCall } from './chat-methods.ts';
import type { Channel, Person, Team } from './directory.ts';
import { cursorAt, limitOf, offsetOf, typesOf } from './info-rules.ts';

/** https://docs.slack.dev/reference/methods/auth.test */
export function testAuth({ team, token }: GoodCall): Fields {
  const name = token.kind === 'bot' ? team.bot.name : team.people.find(({ id }) => id === token.user)?.name;
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.name,
    user: name,
    team_id: team.id,
    user_id: token.user,
    ...(token.kind === 'bot' && { bot_id: team.bot.id }),
    is_enterprise_install: false,
  };
}

/** https://docs.slack.dev/reference/methods/conversations.list */
export function listConversations(call: GoodCall): Fields {
  const types = typesOf(call);
  const all = call.team.channels
    .filter((channel) => types.includes(channel.isPrivate ? 'private_channel' : 'public_channel'))
    .filter((channel) => canSee(call, channel))
    .filter((channel) => !(channel.isArchived && flagOf(call, 'exclude_archived')));
  const start = offsetOf(call) ?? 0;
  const end = start + (limitOf(call) ?? all.length);
  return {
    channels: all.slice(start, end).map((channel) => channelPayload(channel, call.team)),
    response_metadata: { next_cursor: end < all.length ? cursorAt(end) : '' },
  };
}

/** https://docs.slack.dev/reference/methods/users.info */
export function showUser(call: GoodCall): Fields {
  const { bot, people } = call.team;
  const wanted = textOf(call, 'user');
  const person = people.find(({ id }) => id === wanted);
  return { user: userPayload(person ?? { id: bot.user, name: bot.name, realName: 'Tocsin' }, call.team) };
}

/** https://docs.slack.dev/reference/methods/team.info */
export function showTeam({ team }: GoodCall): Fields {
  const icon = { image_default: true };
  return { team: { id: team.id, name: team.name, domain: team.domain, email_domain: '', icon } };
}

/** https://docs.slack.dev/reference/objects/conversation-object */
function channelPayload({ id, name, isPrivate, isArchived, hasBot }: Channel, team: Team): Fields {
  return {
    id,
    name,
    name_normalized: name,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: isPrivate,
    is_archived: isArchived,
    is_general: name === 'general',
    is_member: hasBot,
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    context_team_id: team.id,
    num_members: team.people.length + (hasBot ? 1 : 0),
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** https://docs.slack.dev/reference/objects/user-object */
function userPayload({ id, name, realName = '' }: Person, { id: team, bot }: Team): Fields {
  const isBot = id === bot.user;
  return {
    id,
    team_id: team,
    name,
    deleted: false,
    real_name: realName,
    tz: 'Europe/Berlin',
    tz_label: 'Central European Time',
    tz_offset: 3_600,
    profile: {
      real_name: realName,
      real_name_normalized: realName,
      display_name: '',
      display_name_normalized: '',
      team,
      ...(isBot && { api_app_id: appId, bot_id: bot.id }),
    },
    is_admin: false,
    is_owner: false,
    is_bot: isBot,
    is_app_user: false,
  };
}
