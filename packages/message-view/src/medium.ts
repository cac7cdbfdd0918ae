import { viewHtml } from './html.ts';
import { viewMarkdown } from './markdown.ts';
import type { Reader } from './moment.ts';
import { renderMrkdwn } from './mrkdwn.ts';
import { type ViewNode, view } from './view.ts';

/** How the readers of a medium see a text; by its name, those of core. What isn't here is seen as it is written. */
const readers: Record<string, (text: string, reader: Reader) => ViewNode[]> = {
  slack: (text, reader) => [view('div', renderMrkdwn(text, { ...reader, names: 'no' }), { style: 'text' })],
  html: (text) => viewHtml(text),
  // https://core.telegram.org/bots/api#html-style: its line feeds are line breaks.
  telegram: (text) => [view('div', viewHtml(text, { keepsSpaces: true }), { style: 'text' })],
  markdown: (text) => viewMarkdown(text),
  discord: (text) => viewMarkdown(text, { breaks: true }),
  teams: (text) => viewMarkdown(text, { breaks: true }),
};

/** What a reader sees of a message's text in a medium. */
export function viewText(medium: string, text: string, reader: Reader): ViewNode[] {
  if (text === '') return [];
  if (Object.hasOwn(readers, medium)) return readers[medium]?.(text, reader) ?? [];
  return [view('div', [text], { style: 'text' })];
}
