import { type Fields, isFields } from '@tocsin/message-view';
import {
  type BlockRule,
  blockRule,
  element,
  elementsPage as elements,
  lacksImage,
  longer,
  objectsPage,
  present,
} from './block-rule.ts';
import type { Rule } from './rule.ts';

/** https://docs.slack.dev/reference/block-kit/block-elements */
const ELEMENT_TYPES = new Set(
  (
    'button channels_select checkboxes conversations_select datepicker datetimepicker email_text_input external_select ' +
    'feedback_buttons file_input icon_button image multi_channels_select multi_conversations_select ' +
    'multi_external_select multi_static_select multi_users_select number_input overflow plain_text_input radio_buttons ' +
    'rich_text_input static_select timepicker url_text_input users_select workflow_button'
  ).split(' '),
);

/** The limits of block elements: buttons, menus and pictures within a block. */
export const elementRules: Rule[] = [
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

  interactive({
    name: 'action-id-length',
    source: `${elements}/select-menu-element`,
    says: 'An action_id has at most 255 characters.',
    refuses: (one) => longer(one.action_id, 255),
  }),
  interactive({
    name: 'confirm',
    source: `${objectsPage}/confirmation-dialog-object`,
    says: 'A dialog needs title (100), text (300), confirm (30) and deny (30), each with at most so many characters.',
    refuses: ({ confirm }) => present(confirm) && !isDialog(confirm),
  }),
  element('static_select', {
    name: 'select-options',
    source: `${elements}/select-menu-element#static_select`,
    says: 'A menu needs options or option_groups, either of them, 1 to 100.',
    refuses: ({ options, option_groups: groups }) =>
      present(options) === present(groups) || !isList(options ?? groups, 100),
  }),
  element('static_select', {
    name: 'select-placeholder-length',
    source: `${elements}/select-menu-element#static_select`,
    says: 'A menu’s placeholder has at most 150 characters.',
    refuses: ({ placeholder }) => isFields(placeholder) && longer(placeholder.text, 150),
  }),
  element('static_select', {
    name: 'option-group',
    source: `${objectsPage}/option-group-object`,
    says: 'A group of options needs a label of at most 75 characters and 1 to 100 options.',
    refuses: ({ option_groups: groups }) =>
      Array.isArray(groups) &&
      !groups.every((group) => isFields(group) && isText(group.label, 75) && isList(group.options, 100)),
  }),
  element('overflow', {
    name: 'overflow-options',
    source: `${elements}/overflow-menu-element`,
    says: 'An overflow menu has 1 to 5 options.',
    refuses: ({ options }) => !isList(options, 5),
  }),
  blockRule('option', {
    name: 'option-text',
    source: `${objectsPage}/option-object`,
    says: 'An option needs text, plain_text of at most 75 characters.',
    refuses: (option) => !isFields(option) || !isText(option.text, 75),
  }),
  blockRule('option', {
    name: 'option-value',
    source: `${objectsPage}/option-object`,
    says: 'An option needs a value of at most 150 characters.',
    refuses: (option) => !isFields(option) || typeof option.value !== 'string' || longer(option.value, 150),
  }),
  blockRule('option', {
    // No page says that unknown fields are refused; Slack does: https://github.com/CopilotKit/CopilotKit/pull/6454
    name: 'option-fields',
    source: `${objectsPage}/option-object`,
    says: 'An option has text, value, description and url, nothing else.',
    refuses: (option) => isFields(option) && Object.keys(option).some((name) => !optionFields.includes(name)),
  }),
];

const optionFields = ['text', 'value', 'description', 'url'];

/** About whatever people can use: not images. */
function interactive({ refuses, ...facts }: BlockRule<Fields>): Rule {
  return blockRule('element', { ...facts, refuses: (one) => one.type !== 'image' && refuses(one) });
}

function isDialog(dialog: unknown): boolean {
  if (!isFields(dialog)) return false;
  const { title, text, confirm, deny } = dialog;
  return isText(title, 100) && isText(text, 300) && isText(confirm, 30) && isText(deny, 30);
}

/** A text object of the type plain_text, with 1 character to as many. */
function isText(text: unknown, length: number): boolean {
  if (!isFields(text) || text.type !== 'plain_text' || typeof text.text !== 'string') return false;
  return text.text !== '' && !longer(text.text, length);
}

function isList(list: unknown, most: number): boolean {
  return Array.isArray(list) && list.length >= 1 && list.length <= most;
}
