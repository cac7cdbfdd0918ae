import { randomBytes } from 'node:crypto';
import type { Fields } from '@tocsin/message-view';
import { appId, verificationToken } from './app.ts';
import type { CallbackAnswer } from './callbacks.ts';
import type { Team } from './directory.ts';
import type { Token } from './tokens.ts';
import type { Workspaces } from './workspaces.ts';

/** An event that was sent, and what the app answered. */
export interface SentEvent {
  type: 'app_uninstalled' | 'tokens_revoked';
  answer: CallbackAnswer;
}

/**
 * Ends every token of a workspace and tells the app. https://docs.slack.dev/reference/events/app_uninstalled
 * Resolves when the app has answered.
 */
export async function uninstall(team: Team, workspaces: Workspaces): Promise<SentEvent[]> {
  const ended = workspaces.tokens.activeOf(team.id);
  for (const token of ended) token.state = 'uninstalled';
  return tell(team, ended, workspaces);
}

/** Revokes tokens of a workspace and tells the app. https://docs.slack.dev/reference/events/tokens_revoked */
export async function revoke(team: Team, tokens: readonly Token[], workspaces: Workspaces): Promise<SentEvent[]> {
  for (const token of tokens) token.state = 'revoked';
  return tell(team, tokens, workspaces);
}

/**
 * The address proves that it is the app's: it answers with the challenge, in any of three ways.
 * https://docs.slack.dev/reference/events/url_verification
 */
export async function verifyAddress(
  url: string,
  { callbacks }: Workspaces,
): Promise<CallbackAnswer & { fault?: string }> {
  const challenge = randomBytes(26).toString('hex');
  const answer = await callbacks.sendEvent(url, { token: verificationToken, challenge, type: 'url_verification' });
  const said = answer.body?.trim() ?? '';
  const accepted = [challenge, `challenge=${challenge}`, JSON.stringify({ challenge })];
  const repeats = accepted.includes(said) || accepted.includes(said.replaceAll(/\s/g, ''));
  if (answer.status === 200 && repeats) return answer;
  return {
    ...answer,
    fault: answer.error ?? 'the address didn’t answer 200 with the value of the challenge parameter',
  };
}

/** The app has left with its last token: https://github.com/slackapi/bolt-js/issues/1347 */
async function tell(team: Team, ended: readonly Token[], workspaces: Workspaces): Promise<SentEvent[]> {
  const { callbacks, tokens, messages } = workspaces;
  messages.changes.wake();
  const url = callbacks.urls.events;
  if (url === undefined || ended.length === 0) return [];
  const usersOf = (kind: Token['kind']): string[] =>
    ended.filter((token) => token.kind === kind).map(({ user }) => user);
  const revoked = { type: 'tokens_revoked', tokens: { oauth: usersOf('user'), bot: usersOf('bot') } } as const;
  const isLast = tokens.activeOf(team.id).length === 0;
  const sent: SentEvent[] = [];
  for (const event of isLast ? [revoked, { type: 'app_uninstalled' } as const] : [revoked]) {
    const answer = await callbacks.sendEvent(url, envelope(team, event, workspaces));
    sent.push({ type: event.type, answer });
  }
  return sent;
}

/** https://docs.slack.dev/apis/events-api#event-type-structure */
function envelope(team: Team, event: Fields, { now }: Workspaces): Fields & { type: string } {
  return {
    token: verificationToken,
    team_id: team.id,
    api_app_id: appId,
    event,
    type: 'event_callback',
    event_id: `Ev${randomBytes(6).toString('hex').toUpperCase()}`,
    event_time: Math.floor(now().getTime() / 1_000),
  };
}
