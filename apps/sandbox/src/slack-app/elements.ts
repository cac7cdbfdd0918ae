import { type Fields, isFields } from '@tocsin/message-view';
import type { ChannelMessage } from './messages.ts';

/** An element of a message that people can use, and where it stands. */
export interface PlacedElement {
  element: Fields;
  actionId: string;
  blockId: string;
  /** The number of its attachment, for one that stands in an attachment. */
  attachment?: number;
}

/** The buttons and menus of a message, in its order. */
export function elementsOf({ content }: ChannelMessage): PlacedElement[] {
  const inAttachments = list(content.attachments)
    .filter(isFields)
    .flatMap(({ blocks, id }) => inBlocks(blocks).map((placed) => ({ ...placed, attachment: Number(id) })));
  return [...inBlocks(content.blocks), ...inAttachments];
}

function inBlocks(blocks: unknown): PlacedElement[] {
  return list(blocks)
    .filter(isFields)
    .flatMap((block) => {
      const elements = block.type === 'actions' ? list(block.elements) : [block.accessory];
      return elements
        .filter(isFields)
        .filter(({ type }) => type !== 'image')
        .map((element) => ({ element, actionId: String(element.action_id), blockId: String(block.block_id) }));
    });
}

/** The options of a select menu, those of groups too. */
export function optionsOf({ options, option_groups: groups }: Fields): Fields[] {
  const inGroups = list(groups)
    .filter(isFields)
    .flatMap((group) => list(group.options));
  return [...list(options), ...inGroups].filter(isFields);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
