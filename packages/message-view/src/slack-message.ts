import type { Fields } from './fields.ts';
import type { Reader } from './moment.ts';
import { renderMrkdwn } from './mrkdwn.ts';
import { renderAttachments } from './slack-attachment.ts';
import { renderBlocks } from './slack-block.ts';
import { type ViewNode, view } from './view.ts';

/** Slack cuts text here: https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages */
export const longestSlackText = 40_000;

export interface SlackMessageView {
  content: ViewNode[];
  /** The message's `text`. Beside blocks it is not shown: notifications and screen readers say it. */
  text: ViewNode[];
  hasBlocks: boolean;
}

/** What a reader sees of a message as an incoming webhook takes it. */
export function viewSlackMessage(payload: Fields, reader: Reader): SlackMessageView {
  const given = typeof payload.text === 'string' ? payload.text : '';
  const names = payload.link_names || payload.parse === 'full' ? ('yes' as const) : ('no' as const);
  const options = { ...reader, names, formatting: payload.mrkdwn !== false };
  const text = renderMrkdwn(given.slice(0, longestSlackText), options);
  const blocks = renderBlocks(payload.blocks, options);
  const hasBlocks = blocks.length > 0;
  // Beside blocks, the text is what a notification says: https://docs.slack.dev/reference/methods/chat.postMessage
  const top = hasBlocks ? blocks : text.length > 0 ? [view('div', text, { style: 'text' })] : [];
  return { content: [...top, ...renderAttachments(payload.attachments, options)], text, hasBlocks };
}
