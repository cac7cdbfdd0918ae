import type { Fields } from '@tocsin/message-view';
import type { Refusal } from '../message-log.ts';
import { findMessageParts } from '../slack/parts.ts';
import { firstBroken, messageRules } from '../slack/verdict.ts';
import { authRules } from './auth-rules.ts';
import { type Call, structureOf } from './call.ts';
import { deleteMessage, type GoodCall, postEphemeral, postMessage, updateMessage } from './chat-methods.ts';
import { chatRules } from './chat-rules.ts';
import { listConversations, showTeam, showUser, testAuth } from './info-methods.ts';
import { infoRules } from './info-rules.ts';
import type { MethodName, MethodRule } from './method-rule.ts';
import { exchangeCode, revokeToken, uninstallApp } from './oauth-methods.ts';
import { oauthRules } from './oauth-rules.ts';
import type { Workspaces } from './workspaces.ts';

/** Every reason for which a call is refused, in the order in which they are tried; the message's own rules come after. */
export const methodRules: readonly MethodRule[] = [...authRules, ...oauthRules, ...infoRules, ...chatRules];

export interface ApiVerdict {
  answer: Fields;
  refusal?: Refusal;
}

const methods: Record<MethodName, (call: GoodCall, workspaces: Workspaces) => Fields> = {
  'apps.uninstall': uninstallApp,
  'auth.revoke': revokeToken,
  'auth.test': testAuth,
  'chat.delete': deleteMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'conversations.list': listConversations,
  'oauth.v2.access': exchangeCode,
  'team.info': showTeam,
  'users.info': showUser,
};

const withMessage: readonly string[] = ['chat.postMessage', 'chat.postEphemeral', 'chat.update'] satisfies MethodName[];

/** What Slack would answer, and by which rule; what it takes is done. */
export function serveCall(call: Call, workspaces: Workspaces): ApiVerdict {
  for (const { name, methods: holds, error, source, says, broken, more } of methodRules) {
    const at = holds(call.method) ? broken(call, workspaces) : undefined;
    if (at === undefined) continue;
    const word = typeof error === 'string' ? error : error(call);
    return { answer: { ok: false, error: word, ...more?.(call) }, refusal: { rule: name, says, source, at } };
  }
  const refused = withMessage.includes(call.method) ? judgeMessage(messageIn(call)) : undefined;
  // Past the rules the method is known, and whatever needs a token has one.
  return refused ?? { answer: { ok: true, ...methods[call.method as MethodName](call as GoodCall, workspaces) } };
}

/**
 * What is wrong with a message, by the rules of incoming webhooks. Which place it is stands in `response_metadata`, the way
 * Slack points: https://github.com/slackapi/java-slack-sdk/issues/1017
 */
export function judgeMessage(message: Fields): ApiVerdict | undefined {
  const broken = firstBroken(messageRules, findMessageParts(message));
  if (!broken) return undefined;
  const { answer: error, refusal } = broken;
  const pointer = `/${refusal.at.replaceAll(/[.[]/g, '/').replaceAll(']', '')}`;
  const messages = error.startsWith('invalid_') ? [`[ERROR] ${refusal.says} [json-pointer:${pointer}]`] : undefined;
  return { answer: { ok: false, error, ...(messages && { response_metadata: { messages } }) }, refusal };
}

function messageIn(call: Call): Fields {
  const { text } = call.args;
  const message = { text, blocks: structureOf(call, 'blocks'), attachments: structureOf(call, 'attachments') };
  return message;
}
