import { type Fields, isFields } from '@tocsin/message-view';
import { type Rule, rule } from './rule.ts';

const reference = 'https://docs.slack.dev/reference/block-kit';
const blocks = `${reference}/blocks`;
const elements = `${reference}/block-elements`;
const textObject = `${reference}/composition-objects/text-object`;

/** https://docs.slack.dev/reference/block-kit/blocks, but for those that no app can send in a message. */
const BLOCK_TYPES = new Set(
  (
    'actions card carousel container context context_actions data_table data_visualization divider header image input ' +
    'markdown plan rich_text section table task_card video'
  ).split(' '),
);

/** https://docs.slack.dev/reference/block-kit/block-elements */
const ELEMENT_TYPES = new Set(
  (
    'button channels_select checkboxes conversations_select datepicker datetimepicker email_text_input external_select ' +
    'feedback_buttons file_input icon_button image multi_channels_select multi_conversations_select ' +
    'multi_external_select multi_static_select multi_users_select number_input overflow plain_text_input radio_buttons ' +
    'rich_text_input static_select timepicker url_text_input users_select workflow_button'
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
    says: 'An actions block needs elements, at most 25.',
    refuses: ({ elements: list }) => !Array.isArray(list) || list.length > 25,
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

  blockRule('element', {
    name: 'element-type',
    source: elements,
    says: 'Each element has one of the reference’s types.',
    refuses: ({ type }) => typeof type !== 'string' || !ELEMENT_TYPES.has(type),
  }),
  element('image', {
    name: 'image-element',
    source: `${elements}/image-element`,
    says: 'An image element needs alt_text, and image_url of at most 3000 characters or slack_file.',
    refuses: (image) => typeof image.alt_text !== 'string' || lacksImage(image),
  }),
  element('button', {
    name: 'button-text',
    source: `${elements}/button-element`,
    says: 'A button needs text of at most 75 characters.',
    refuses: ({ text }) => !isFields(text) || longer(text.text, 75),
  }),
  element('button', {
    name: 'button-action-id-length',
    source: `${elements}/button-element`,
    says: 'A button’s action_id has at most 255 characters.',
    refuses: (button) => longer(button.action_id, 255),
  }),
  element('button', {
    name: 'button-url-length',
    source: `${elements}/button-element`,
    says: 'A button’s url has at most 3000 characters.',
    refuses: ({ url }) => longer(url, 3000),
  }),
  element('button', {
    name: 'button-value-length',
    source: `${elements}/button-element`,
    says: 'A button’s value has at most 2000 characters.',
    refuses: ({ value }) => longer(value, 2000),
  }),
  element('button', {
    name: 'button-style',
    source: `${elements}/button-element`,
    says: 'A button’s style is primary, danger or absent.',
    refuses: ({ style }) => present(style) && style !== 'primary' && style !== 'danger',
  }),
  element('button', {
    name: 'button-accessibility-label-length',
    source: `${elements}/button-element`,
    says: 'A button’s accessibility_label has at most 75 characters.',
    refuses: (button) => longer(button.accessibility_label, 75),
  }),

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

type BlockRule<Value> = { name: string; source: string; says: string; refuses: (value: Value) => boolean };

function blockRule<Name extends 'blocks' | 'block' | 'text' | 'element'>(
  part: Name,
  facts: BlockRule<Parameters<Parameters<typeof rule<Name>>[1]['refuses']>[0]>,
): Rule {
  return rule(part, { error: 'invalid_blocks', status: 400, ...facts });
}

function ofType(type: string, { refuses, ...facts }: BlockRule<Fields>): Rule {
  return blockRule('block', { ...facts, refuses: (block) => isFields(block) && block.type === type && refuses(block) });
}

function element(type: string, { refuses, ...facts }: BlockRule<Fields>): Rule {
  return blockRule('element', { ...facts, refuses: (one) => one.type === type && refuses(one) });
}

function longer(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length > length;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isFlag(value: unknown, allowed: boolean): boolean {
  return value === undefined || (allowed && typeof value === 'boolean');
}

function lacksImage({ image_url: url, slack_file: file }: Fields): boolean {
  return url === undefined ? !isFields(file) : typeof url !== 'string' || longer(url, 3000);
}

function repeats(list: unknown[], name: string): boolean {
  const ids = list.flatMap((item) => (isFields(item) && typeof item[name] === 'string' ? [item[name]] : []));
  return new Set(ids).size < ids.length;
}
