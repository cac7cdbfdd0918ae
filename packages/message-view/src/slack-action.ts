import { type Fields, isFields } from './fields.ts';
import { renderPlain } from './mrkdwn.ts';
import { plainText, type ViewAction } from './view.ts';

/** Menus of which one option is chosen at once. */
const menus: readonly unknown[] = ['static_select', 'overflow'];

/**
 * What people can do with an element of a block: press it, or choose from it. None for an element without names, as a message has
 * them before it is posted. https://docs.slack.dev/reference/block-kit/block-elements
 */
export function actionOf(element: Fields, block: Fields): ViewAction | undefined {
  const { action_id: id, value, type, confirm } = element;
  if (typeof id !== 'string' || typeof block.block_id !== 'string') return undefined;
  if (type !== 'button' && !menus.includes(type)) return undefined;
  const question = isFields(confirm) ? [confirm.title, confirm.text].map(textOf) : [];
  return {
    id,
    block: block.block_id,
    ...(typeof value === 'string' && { value }),
    ...(type !== 'button' && { choices: choicesOf(element) }),
    ...(question.length > 0 && { confirm: question.join('\n') }),
  };
}

function choicesOf({ options: own, option_groups: groups }: Fields): ViewAction['choices'] {
  const inGroups = list(groups).flatMap((group) => list(group.options));
  return [...list(own), ...inGroups].map(({ text, value }) => ({ label: textOf(text), value: String(value) }));
}

function textOf(text: unknown): string {
  return isFields(text) && typeof text.text === 'string' ? plainText(renderPlain(text.text)) : '';
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
