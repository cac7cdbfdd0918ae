import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';
import type { Styled } from './styles.ts';

/**
 * The Markdown of an Adaptive Card's TextBlock in Teams: bold, italics, lists and links, "anything not in the table is
 * not supported" (https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features). Headings are bold,
 * code is text. A new line is two line feeds (https://github.com/microsoft/AdaptiveCards/issues/5538). Its length is in
 * bytes of UTF-8, for the limit of a webhook is 28 KB for all of its JSON
 * (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
 *
 * Desktop, Android and iOS each have a parser of their own. A backslash is an escape on one and shown by another
 * (https://github.com/microsoft/AdaptiveCards/issues/5590), and so is an entity: text takes look-alikes instead. So
 * does the start of `{{DATE(…)}}`, which cards replace, and a tag, for mentions are `<at>` tags.
 */
export const teams = createMedium({
  name: 'teams',
  escapeLine: (line) => withoutStart(escapeText(line)),
  render: createRenderer({
    text: escapeText,
    strong: '**',
    emphasis: '_',
    fits: isRead,
    link: renderLink,
    line: withoutStart,
    lineBreak: '\n\n',
    code: ({ value }) => value.split('\n').map(escapeText).map(withoutStart).join('\n\n'),
    quote: (content) => content.replace(/^(?=.)/gm, '› '),
    isTight: (item) => item.length < 3 && item[1]?.type === 'list',
  }),
  length: (rendered) => new TextEncoder().encode(rendered).length,
});

const lookAlikes: Record<string, string> = {
  '*': '∗',
  '~': '∼',
  '`': 'ˋ',
  '\\': '∖',
  '&': '＆',
  '<': '‹',
  ']': '］',
  '{': '｛',
  '!': '！',
};

/**
 * Only where they mean something: a backslash before punctuation, `&` before an entity's name, `<` before a tag's, `]`
 * before an address, `!` before a link. What follows the text isn't known here, so its end counts as that.
 */
function escapeText(text: string): string {
  return text
    .replace(
      /[*~`]|\\(?=[!-/:-@[-`{-~]|$)|&(?=#?\w+;)|<(?![\s\d=])|\](?=[(:[]|$)|!$|\{(?=\{\s*(?:DATE|TIME)\()/g,
      lookAlike,
    )
    .replace(/_+/g, (run, at: number, whole: string) =>
      isWord(whole[at - 1]) && isWord(whole[at + run.length]) ? run : 'ˍ'.repeat(run.length),
    );
}

function lookAlike(character: string): string {
  return lookAlikes[character] as string;
}

function isWord(character = ''): boolean {
  return /^[\p{L}\p{N}]$/u.test(character);
}

const starts: Record<string, string> = { '-': '‐', '+': '＋', '#': '＃', '>': '›', '=': '＝', '.': '․', ')': '）' };

/** What begins a list, a heading or a quote, underlines a heading or rules a table. */
function withoutStart(line: string): string {
  // Each line is a paragraph, and an indented one would be code.
  if (/^[ \t]/.test(line)) return line.replace(/^[ \t]+/, (indent) => '\u00a0'.repeat(indent.length));
  if (/^[\s|:=-]+$/.test(line)) return line.replace(/[=-]/g, start);
  return line
    .replace(/^\s*[-+#>]/, (found) => found.slice(0, -1) + start(found.slice(-1)))
    .replace(/^\s*\d{1,9}[.)](?=\s|$)/, (found) => found.slice(0, -1) + start(found.slice(-1)));
}

function start(character: string): string {
  return starts[character] as string;
}

function renderLink(url: string, _label: string, plain: string): string {
  const address = url.replace(/[()\\<>*_[\]]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `[${escapeText(plain).replaceAll('[', '［').replaceAll(']', '］')}](${address})`;
}

/** The rules of the strictest parser: styles stand around whole words. */
function isRead({ before, inner, after, isPlain }: Styled): boolean {
  return isPlain && !isWord(before) && !isWord(after) && /^\S(?:.*\S)?$/.test(inner);
}
