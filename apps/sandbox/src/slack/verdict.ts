import type { Refusal } from '../message-log.ts';
import { addressRules } from './address-rules.ts';
import { blockRules } from './block-rules.ts';
import { type FoundParts, findParts } from './parts.ts';
import { messagePayloadRules, payloadRules } from './payload-rules.ts';
import type { SlackRequest } from './request.ts';
import type { Rule } from './rule.ts';

/** Every reason for which the stand-in refuses a message, in the order in which they are tried. */
export const slackRules: readonly Rule[] = [...addressRules, ...payloadRules, ...blockRules];

/** Those that hold for a message wherever it is posted: the Web API has them too. */
export const messageRules: readonly Rule[] = [...messagePayloadRules, ...blockRules];

export interface Verdict {
  status: number;
  /** The body of the answer: `ok` or the error's name. */
  answer: string;
  refusal?: Refusal;
}

/** What Slack would answer, and by which rule. */
export function judge(request: SlackRequest): Verdict {
  return firstBroken(slackRules, findParts(request)) ?? { status: 200, answer: 'ok' };
}

/** The first of the rules that is broken. */
export function firstBroken(rules: readonly Rule[], found: FoundParts): Required<Verdict> | undefined {
  for (const { name, error, status, says, source, broken } of rules) {
    const place = broken(found);
    if (!place) continue;
    // Blocks inside an attachment come back under the attachment's name; no page says so, Slack does:
    // https://github.com/mozilla-iam/sso-dashboard-configuration/pull/715
    const answer = place.inAttachment && error === 'invalid_blocks' ? 'invalid_attachments' : error;
    return { status, answer, refusal: { rule: name, says, source, at: place.at } };
  }
  return undefined;
}
