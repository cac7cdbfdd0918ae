import { type Fields, isFields } from '@tocsin/message-view';
import { type Address, messageOf, type SlackBody, type SlackRequest } from './request.ts';

/** The kinds of places that a rule can look at, and what it finds there. */
export interface Parts {
  address: Address;
  body: SlackBody;
  message: Fields;
  /** A whole `blocks` list, of the message or of an attachment. */
  blocks: unknown[];
  block: unknown;
  /** A text object: of a section, a field, a header, a context element, a button, an image's title. */
  text: { value: unknown; plainOnly: boolean };
  /** A block element: an accessory, or one of `elements`. */
  element: Fields;
  /** One of the `options` of a menu, or of a group of them. */
  option: unknown;
}

export type PartName = keyof Parts;

export interface Found<Name extends PartName = PartName> {
  /** Where in the payload: `attachments[0].blocks[3].text`. */
  at: string;
  value: Parts[Name];
  inAttachment: boolean;
}

export type FoundParts = { [Name in PartName]: Found<Name>[] };

/** Every place of a request that a rule may look at, in the order of the payload. */
export function findParts(request: SlackRequest): FoundParts {
  const message = messageOf(request.body);
  return {
    ...(message ? findMessageParts(message) : noParts()),
    address: [{ at: 'url', value: request.address, inAttachment: false }],
    body: [{ at: 'body', value: request.body, inAttachment: false }],
  };
}

/** The same of a message that came another way. */
export function findMessageParts(message: Fields): FoundParts {
  const found = noParts();
  found.message.push({ at: 'payload', value: message, inAttachment: false });
  addBlocks(found, message.blocks, 'blocks', false);
  for (const [index, attachment] of list(message.attachments).entries()) {
    if (isFields(attachment)) addBlocks(found, attachment.blocks, `attachments[${index}].blocks`, true);
  }
  return found;
}

function noParts(): FoundParts {
  return { address: [], body: [], message: [], blocks: [], block: [], text: [], element: [], option: [] };
}

function addBlocks(found: FoundParts, blocks: unknown, at: string, inAttachment: boolean): void {
  if (!Array.isArray(blocks)) return;
  found.blocks.push({ at, value: blocks, inAttachment });
  for (const [index, block] of blocks.entries()) {
    found.block.push({ at: `${at}[${index}]`, value: block, inAttachment });
    if (isFields(block)) addInside(found, block, `${at}[${index}]`, inAttachment);
  }
}

function addInside(found: FoundParts, block: Fields, at: string, inAttachment: boolean): void {
  const addText = (value: unknown, name: string, plainOnly: boolean): void => {
    if (value !== undefined) found.text.push({ at: `${at}.${name}`, value: { value, plainOnly }, inAttachment });
  };
  const addElement = (value: unknown, name: string): void => {
    if (!isFields(value)) return;
    found.element.push({ at: `${at}.${name}`, value, inAttachment });
    if (value.type === 'button') addText(value.text, `${name}.text`, true);
    addText(value.placeholder, `${name}.placeholder`, true);
    if (value.type === 'static_select' || value.type === 'overflow') addOptions(value, name);
  };
  const addOptions = (holder: Fields, name: string): void => {
    for (const [index, option] of list(holder.options).entries()) {
      found.option.push({ at: `${at}.${name}.options[${index}]`, value: option, inAttachment });
    }
    for (const [index, group] of list(holder.option_groups).entries()) {
      if (isFields(group)) addOptions(group, `${name}.option_groups[${index}]`);
    }
  };
  if (block.type === 'section') {
    addText(block.text, 'text', false);
    for (const [index, field] of list(block.fields).entries()) addText(field, `fields[${index}]`, false);
    addElement(block.accessory, 'accessory');
  }
  if (block.type === 'header') addText(block.text, 'text', true);
  if (block.type === 'image') addText(block.title, 'title', true);
  if (block.type === 'actions') {
    for (const [index, element] of list(block.elements).entries()) addElement(element, `elements[${index}]`);
  }
  if (block.type === 'context') {
    for (const [index, element] of list(block.elements).entries()) {
      if (isFields(element) && element.type === 'image') addElement(element, `elements[${index}]`);
      else addText(element, `elements[${index}]`, false);
    }
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
