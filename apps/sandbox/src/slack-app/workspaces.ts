import { presetScopes, sandboxSlackApp } from './app.ts';
import { Callbacks, type CallbackUrls } from './callbacks.ts';
import { firstTeam, newTeams, type Team } from './directory.ts';
import { ChannelMessages } from './messages.ts';
import { Responses } from './responses.ts';
import { Tokens } from './tokens.ts';

/** All that the played Slack knows. */
export interface Workspaces {
  teams: Team[];
  tokens: Tokens;
  messages: ChannelMessages;
  responses: Responses;
  callbacks: Callbacks;
  now: () => Date;
}

/** Two workspaces; the app is installed in the first. */
export function createWorkspaces(now: () => Date, urls: CallbackUrls): Workspaces {
  const tokens = new Tokens();
  tokens.add({
    value: sandboxSlackApp.botToken,
    team: firstTeam.id,
    kind: 'bot',
    user: firstTeam.bot.user,
    scopes: [...presetScopes],
    state: 'active',
  });
  const messages = new ChannelMessages(now);
  return {
    teams: newTeams(),
    tokens,
    messages,
    responses: new Responses(messages, now),
    callbacks: new Callbacks(urls, now),
    now,
  };
}
