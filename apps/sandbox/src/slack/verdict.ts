import type { Refusal } from '../message-log.ts';
import { addressRules } from './address-rules.ts';
import { blockRules } from './block-rules.ts';
import { findParts } from './parts.ts';
import { payloadRules } from './payload-rules.ts';
import type { SlackRequest } from './request.ts';
import type { Rule } from './rule.ts';

/** Every reason for which the stand-in refuses a message, in the order in which they are tried. */
export const slackRules: readonly Rule[] = [...addressRules, ...payloadRules, ...blockRules];

export interface Verdict {
  status: number;
  /** The body of the answer: `ok` or the error's name. */
  answer: string;
  refusal?: Refusal;
}

/** What Slack would answer, and by which rule. */
export function judge(request: SlackRequest): Verdict {
  const found = findParts(request);
  for (const { name, error, status, says, source, broken } of slackRules) {
    const place = broken(found);
    if (!place) continue;
    // Blocks inside an attachment come back under the attachment's name; no page says so, Slack does:
    // https://github.com/mozilla-iam/sso-dashboard-configuration/pull/715
    const answer = place.inAttachment && error === 'invalid_blocks' ? 'invalid_attachments' : error;
    return { status, answer, refusal: { rule: name, says, source, at: place.at } };
  }
  return { status: 200, answer: 'ok' };
}
