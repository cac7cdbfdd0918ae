import { type Fields, isFields } from '@tocsin/message-view';
import { type Rule, rule } from './rule.ts';

const reference = 'https://docs.slack.dev/reference/block-kit';
export const blocksPage = `${reference}/blocks`;
export const elementsPage = `${reference}/block-elements`;
export const objectsPage = `${reference}/composition-objects`;
export const textPage = `${objectsPage}/text-object`;

/** What a rule of Block Kit says; all of them are refused in the same way. */
export type BlockRule<Value> = { name: string; source: string; says: string; refuses: (value: Value) => boolean };

export function blockRule<Name extends 'blocks' | 'block' | 'text' | 'element' | 'option'>(
  part: Name,
  facts: BlockRule<Parameters<Parameters<typeof rule<Name>>[1]['refuses']>[0]>,
): Rule {
  return rule(part, { error: 'invalid_blocks', status: 400, ...facts });
}

export function ofType(type: string, { refuses, ...facts }: BlockRule<Fields>): Rule {
  return blockRule('block', { ...facts, refuses: (block) => isFields(block) && block.type === type && refuses(block) });
}

export function element(type: string, { refuses, ...facts }: BlockRule<Fields>): Rule {
  return blockRule('element', { ...facts, refuses: (one) => one.type === type && refuses(one) });
}

export function longer(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length > length;
}

export function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function lacksImage({ image_url: url, slack_file: file }: Fields): boolean {
  return url === undefined ? !isFields(file) : typeof url !== 'string' || longer(url, 3000);
}

export function repeats(list: unknown[], name: string): boolean {
  const ids = list.flatMap((item) => (isFields(item) && typeof item[name] === 'string' ? [item[name]] : []));
  return new Set(ids).size < ids.length;
}
