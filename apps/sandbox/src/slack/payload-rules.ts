import { isFields } from '@tocsin/message-view';
import { type Rule, rule } from './rule.ts';

const webhooks = 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors';
const statuses = 'https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks';
const postMessage = 'https://docs.slack.dev/reference/methods/chat.postMessage#errors';

/** What makes an attachment visible: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments */
const VISIBLE = ['text', 'pretext', 'title', 'fallback', 'author_name', 'image_url', 'thumb_url', 'footer'];

/** What is wrong with a message as a whole, before its blocks are looked at. */
export const messagePayloadRules: Rule[] = [
  rule('message', {
    // Documented for chat.postMessage; the webhooks’ page sends readers to the same rules without naming errors.
    name: 'blocks-format',
    error: 'invalid_blocks_format',
    status: 400,
    source: postMessage,
    says: 'blocks must be a list in the syntax of Block Kit.',
    refuses: ({ blocks, attachments }) =>
      !isList(blocks) ||
      (Array.isArray(attachments) && attachments.some((one) => isFields(one) && !isList(one.blocks))),
  }),
  rule('message', {
    // The page gives no status.
    name: 'too-many-attachments',
    error: 'too_many_attachments',
    status: 400,
    source: webhooks,
    says: 'A message has at most 100 attachments.',
    refuses: ({ attachments }) => Array.isArray(attachments) && attachments.length > 100,
  }),
  rule('message', {
    // The page says “the text attribute was missing”, and gives no status. That blocks or attachments do without
    // it is documented for chat.postMessage (“One of these arguments is required”), and clients rely on it.
    name: 'no-text',
    error: 'no_text',
    status: 400,
    source: webhooks,
    says: 'A message needs text, blocks or attachments that show something.',
    refuses: ({ text, blocks, attachments }) =>
      !filled(text) && !filled(blocks) && !(Array.isArray(attachments) && attachments.some(showsSomething)),
  }),
];

/** What is wrong with the request as a whole. */
export const payloadRules: Rule[] = [
  rule('body', {
    // Slack itself is known to read JSON under other types too. The page asks for a type that matches, so that
    // is what the stand-in holds its clients to.
    name: 'content-type',
    error: 'invalid_payload',
    status: 400,
    source: statuses,
    says: 'The body must match its content type: application/json, or a form with the field payload.',
    refuses: ({ contentType }) => contentType === 'other',
  }),
  rule('body', {
    // The page gives no depth; JSON nested deeper than 100 levels is not understood here.
    name: 'json-object',
    error: 'invalid_payload',
    status: 400,
    source: statuses,
    says: 'The data must be understandable as presented: a JSON object.',
    refuses: ({ payload }) => !isFields(payload),
  }),
  rule('message', {
    // The pages name no error for fields of the wrong type; “structurally valid” comes nearest.
    name: 'field-types',
    error: 'invalid_payload',
    status: 400,
    source: statuses,
    says: 'The payload must be structurally valid: text is a string, attachments is a list of objects.',
    refuses: ({ text, attachments }) =>
      (present(text) && typeof text !== 'string') ||
      (present(attachments) && !(Array.isArray(attachments) && attachments.every(isFields))),
  }),
  ...messagePayloadRules,
];

function showsSomething(attachment: unknown): boolean {
  if (!isFields(attachment)) return false;
  return VISIBLE.some((name) => filled(attachment[name])) || filled(attachment.fields) || filled(attachment.blocks);
}

function isList(value: unknown): boolean {
  return !present(value) || (Array.isArray(value) && value.every(isFields));
}

function filled(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}
