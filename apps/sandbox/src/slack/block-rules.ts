import { isFields } from '@tocsin/message-view';
import {
  blockRule,
  blocksPage as blocks,
  elementsPage as elements,
  lacksImage,
  longer,
  ofType,
  present,
  repeats,
  textPage as textObject,
} from './block-rule.ts';
import { elementRules } from './element-rules.ts';
import type { Rule } from './rule.ts';

/** https://docs.slack.dev/reference/block-kit/blocks, but for those that no app can send in a message. */
const BLOCK_TYPES = new Set(
  (
    'actions card carousel container context context_actions data_table data_visualization divider header image input ' +
    'markdown plan rich_text section table task_card video'
  ).split(' '),
);

/**
 * The limits of Block Kit, as its reference states them. The reference names no error; that a webhook answers 400
 * `invalid_blocks` is what people report (https://github.com/bugsink/bugsink/issues/317, a header of 200 characters).
 * It doesn't say either which characters it counts: here UTF-16 units, the strictest reading.
 */
export const blockRules: Rule[] = [
  blockRule('blocks', {
    name: 'blocks-count',
    source: blocks,
    says: 'A message has at most 50 blocks.',
    refuses: (list) => list.length > 50,
  }),
  blockRule('block', {
    name: 'block-type',
    source: blocks,
    says: 'Each block has one of the reference’s types.',
    // Alerts are for modals, files are only ever shown by Slack itself.
    refuses: (block) => !isFields(block) || typeof block.type !== 'string' || !BLOCK_TYPES.has(block.type),
  }),
  blockRule('block', {
    name: 'block-id-length',
    source: `${blocks}/section-block`,
    says: 'A block_id has at most 255 characters.',
    refuses: (block) => isFields(block) && longer(block.block_id, 255),
  }),
  blockRule('blocks', {
    name: 'block-id-unique',
    source: `${blocks}/section-block`,
    says: 'A block_id should be unique in its message.',
    refuses: (list) => repeats(list, 'block_id'),
  }),

  ofType('section', {
    name: 'section-content',
    source: `${blocks}/section-block`,
    says: 'A section needs text or fields.',
    refuses: ({ text, fields }) => !present(text) && !(Array.isArray(fields) && fields.length > 0),
  }),
  ofType('section', {
    name: 'section-text-length',
    source: `${blocks}/section-block`,
    says: 'A section’s text has 1 to 3000 characters.',
    refuses: ({ text }) => isFields(text) && (text.text === '' || longer(text.text, 3000)),
  }),
  ofType('section', {
    name: 'section-fields-count',
    source: `${blocks}/section-block`,
    says: 'A section has at most 10 fields.',
    refuses: ({ fields }) => Array.isArray(fields) && fields.length > 10,
  }),
  ofType('section', {
    name: 'section-field-length',
    source: `${blocks}/section-block`,
    says: 'A field’s text has at most 2000 characters.',
    refuses: ({ fields }) =>
      Array.isArray(fields) && fields.some((field) => isFields(field) && longer(field.text, 2000)),
  }),

  ofType('header', {
    name: 'header-text',
    source: `${blocks}/header-block`,
    says: 'A header needs text.',
    refuses: ({ text }) => !present(text),
  }),
  ofType('header', {
    name: 'header-text-length',
    source: `${blocks}/header-block`,
    says: 'A header’s text has at most 150 characters.',
    refuses: ({ text }) => isFields(text) && longer(text.text, 150),
  }),

  ofType('context', {
    name: 'context-elements',
    source: `${blocks}/context-block`,
    says: 'A context block needs elements: images and text objects, at most 10.',
    refuses: ({ elements: list }) => !Array.isArray(list) || list.length > 10,
  }),

  ofType('actions', {
    name: 'actions-elements',
    source: `${blocks}/actions-block`,
    says: 'An actions block needs elements, 1 to 25.',
    refuses: ({ elements: list }) => !Array.isArray(list) || list.length === 0 || list.length > 25,
  }),
  ofType('actions', {
    // The page says “should”; Slack refuses: https://github.com/knacklabs/gantry/pull/458
    name: 'action-id-unique',
    source: `${elements}/button-element`,
    says: 'An action_id should be unique in its block.',
    refuses: ({ elements: list }) => Array.isArray(list) && repeats(list, 'action_id'),
  }),

  ofType('image', {
    name: 'image-alt-text',
    source: `${blocks}/image-block`,
    says: 'An image block needs alt_text of at most 2000 characters.',
    refuses: (block) => typeof block.alt_text !== 'string' || longer(block.alt_text, 2000),
  }),
  ofType('image', {
    name: 'image-source',
    source: `${blocks}/image-block`,
    says: 'An image block needs image_url, of at most 3000 characters, or slack_file.',
    refuses: (block) => lacksImage(block),
  }),
  ofType('image', {
    name: 'image-title-length',
    source: `${blocks}/image-block`,
    says: 'An image block’s title has at most 2000 characters.',
    refuses: ({ title }) => isFields(title) && longer(title.text, 2000),
  }),

  ofType('markdown', {
    name: 'markdown-text',
    source: `${blocks}/markdown-block`,
    says: 'A markdown block needs text of at most 12,000 characters.',
    refuses: ({ text }) => typeof text !== 'string' || longer(text, 12_000),
  }),

  ...elementRules,

  blockRule('text', {
    name: 'text-type',
    source: textObject,
    says: 'A text object’s type is plain_text or mrkdwn.',
    refuses: ({ value }) => !isFields(value) || (value.type !== 'plain_text' && value.type !== 'mrkdwn'),
  }),
  blockRule('text', {
    name: 'text-plain',
    source: `${elements}/button-element`,
    says: 'Headers, buttons and titles of images take plain_text only.',
    refuses: ({ value, plainOnly }) => plainOnly && isFields(value) && value.type !== 'plain_text',
  }),
  blockRule('text', {
    name: 'text-length',
    source: textObject,
    says: 'A text object’s text has 1 to 3000 characters.',
    refuses: ({ value }) =>
      isFields(value) && (typeof value.text !== 'string' || value.text === '' || longer(value.text, 3000)),
  }),
  blockRule('text', {
    // The page says “only usable”; Slack refuses: https://github.com/slack-go/slack/issues/1414
    name: 'text-flags',
    source: textObject,
    says: 'emoji is a flag of plain_text only, verbatim one of mrkdwn only.',
    refuses: ({ value }) =>
      isFields(value) &&
      (!isFlag(value.emoji, value.type === 'plain_text') || !isFlag(value.verbatim, value.type === 'mrkdwn')),
  }),
];

function isFlag(value: unknown, allowed: boolean): boolean {
  return value === undefined || (allowed && typeof value === 'boolean');
}
