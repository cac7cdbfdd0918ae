import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';
import type { Styled } from './styles.ts';
import type { MarkdownBlock, MarkdownCode } from './tree.ts';

/**
 * CommonMark (https://spec.commonmark.org/0.31.2/): read again, it is the same tree. What GitHub, GitLab and
 * Mattermost add is escaped too: tables, strikethrough, references such as #1; a name after @ gets a look-alike,
 * since a backslash doesn't stop a mention. Its length is in UTF-16 code units, the most that any of them counts.
 */
export const markdown = createMedium({
  name: 'markdown',
  escapeLine: (line) => escapeEdges(escapeText(line)),
  render: createRenderer({
    text: escapeText,
    strong: '**',
    emphasis: '_',
    fits: isRead,
    inlineCode: renderInlineCode,
    link: renderLink,
    line: escapeEdges,
    lineBreak: '\\\n',
    heading: (content, depth) => `${'#'.repeat(depth)} ${content}`,
    code: renderCode,
    // Two lists in a row would be one.
    bullets: ['- ', '+ '],
    isTight,
    rule: '***',
  }),
  length: (rendered) => rendered.length,
});

function escapeText(text: string): string {
  return text
    .replace(/[\\`*{}[\]<>#~|]|!$|&(?=[#\p{L}])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu, '﹫');
}

/** What would begin a list or underline a heading, and white space that a parser would strip. */
function escapeEdges(line: string): string {
  return line
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^[ \t]|[ \t]$/g, (space) => `&#${space.charCodeAt(0)};`);
}

function renderCode({ lang = '', value }: MarkdownCode): string {
  let length = 3;
  for (const run of tickLengths(value)) length = Math.max(length, run + 1);
  const fence = '`'.repeat(length);
  return `${fence}${lang}\n${value}\n${fence}`;
}

function renderInlineCode(value: string): string {
  const lengths = tickLengths(value);
  let length = 1;
  while (lengths.has(length)) length++;
  const fence = '`'.repeat(length);
  const isStripped = value.startsWith(' ') && value.endsWith(' ') && value.trim() !== '';
  const padding = isStripped || value.startsWith('`') || value.endsWith('`') ? ' ' : '';
  return fence + padding + value + padding + fence;
}

/** How long the runs of backticks are. */
function tickLengths(value: string): Set<number> {
  return new Set((value.match(/`+/g) ?? []).map((run) => run.length));
}

function renderLink(url: string, label: string): string {
  const address = url.replace(/[()\\<>|]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `[${label}](${address.replace(/&(?=[#\p{L}])/gu, '&amp;')})`;
}

/** A bullet list directly below the only paragraph leaves an item tight. */
function isTight([first, second, ...rest]: readonly MarkdownBlock[]): boolean {
  return first?.type === 'paragraph' && second?.type === 'list' && !second.ordered && rest.length === 0;
}

/** CommonMark's rules for delimiter runs, on their safe side. */
function isRead({ marker, before, inner, after, isPlain }: Styled): boolean {
  const [first = '', last = ''] = [inner.at(0), inner.at(-1)];
  if (/^\s?$/.test(first) || /^\s?$/.test(last)) return false;
  const mayTouch = marker === '**' && isPlain;
  return (isBoundary(before) || (mayTouch && isLetter(first))) && (isBoundary(after) || (mayTouch && isLetter(last)));
}

function isBoundary(character: string): boolean {
  return /^[\s\p{P}\p{S}]?$/u.test(character);
}

function isLetter(character: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(character);
}
