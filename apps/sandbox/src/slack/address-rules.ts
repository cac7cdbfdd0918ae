import { type Rule, rule } from './rule.ts';

const webhooks = 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors';
const statuses = 'https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks';

/**
 * What is wrong with the webhook itself. At Slack it is the state of a workspace, here a webhook is in the state
 * that its secret names: `/slack/services/T1/B1/channel_is_archived`.
 *
 * Only the page `statuses` gives statuses: 400 user_not_found, 403 action_prohibited, 404 channel_not_found,
 * 410 channel_is_archived. The page `webhooks` names the other errors without one; here what forbids is 403 and
 * what is missing is 404, after the same pattern.
 */
export const addressRules: Rule[] = [
  rule('address', {
    name: 'no-team',
    error: 'no_team',
    status: 404,
    source: webhooks,
    says: 'The Slack workspace is missing or invalid.',
    refuses: ({ team, secret }) => team === undefined || secret === 'no_team',
  }),
  rule('address', {
    name: 'no-service-id',
    error: 'no_service_id',
    status: 404,
    source: webhooks,
    says: 'The service id (B00000000 in the URL) is missing or invalid.',
    refuses: ({ service, secret }) => service === undefined || secret === 'no_service_id',
  }),
  rule('address', {
    name: 'invalid-token',
    error: 'invalid_token',
    status: 403,
    source: webhooks,
    says: 'The token in the URL is expired, invalid or missing.',
    refuses: ({ secret }) => secret === undefined || secret === 'invalid_token',
  }),
  rule('address', {
    name: 'no-service',
    error: 'no_service',
    status: 404,
    source: webhooks,
    says: 'The incoming webhook is disabled, removed or invalid.',
    refuses: ({ secret }) => secret === 'no_service' || secret === 'revoked',
  }),
  rule('address', {
    name: 'no-active-hooks',
    error: 'no_active_hooks',
    status: 404,
    source: webhooks,
    says: 'The incoming webhook is disabled.',
    refuses: ({ secret }) => secret === 'no_active_hooks',
  }),
  rule('address', {
    name: 'team-disabled',
    error: 'team_disabled',
    status: 403,
    source: webhooks,
    says: 'The Slack workspace is no longer active.',
    refuses: ({ secret }) => secret === 'team_disabled',
  }),
  rule('address', {
    name: 'action-prohibited',
    error: 'action_prohibited',
    status: 403,
    source: statuses,
    says: 'An admin has restricted posting in this way; don’t try again.',
    refuses: ({ secret }) => secret === 'action_prohibited',
  }),
  rule('address', {
    name: 'posting-to-general-channel-denied',
    error: 'posting_to_general_channel_denied',
    status: 403,
    source: webhooks,
    says: 'Posting to #general is restricted, and the webhook’s creator may not post there.',
    refuses: ({ secret }) => secret === 'posting_to_general_channel_denied',
  }),
  rule('address', {
    name: 'channel-not-found',
    error: 'channel_not_found',
    status: 404,
    source: statuses,
    says: 'The channel doesn’t exist.',
    refuses: ({ secret }) => secret === 'channel_not_found',
  }),
  rule('address', {
    name: 'user-not-found',
    error: 'user_not_found',
    status: 400,
    source: statuses,
    says: 'The user doesn’t exist.',
    refuses: ({ secret }) => secret === 'user_not_found',
  }),
  rule('address', {
    name: 'channel-is-archived',
    error: 'channel_is_archived',
    status: 410,
    source: statuses,
    says: 'The channel has been archived and accepts no messages.',
    refuses: ({ secret }) => secret === 'channel_is_archived',
  }),
];
