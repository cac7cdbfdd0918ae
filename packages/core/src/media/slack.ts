import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';
import type { Styled } from './styles.ts';

/**
 * Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text). Its length is in UTF-16 code units of
 * what is sent, entities included: Slack says "characters" and not which, and this is the most it can be. A section's
 * text holds 3000 (https://docs.slack.dev/reference/block-kit/blocks/section-block), a header's 150 and it is
 * plain_text (https://docs.slack.dev/reference/block-kit/blocks/header-block). Send it with `verbatim: true`
 * (https://docs.slack.dev/reference/block-kit/composition-objects/text-object), or Slack looks for URLs and channel
 * names in plain text by itself.
 *
 * `&`, `<` and `>` have entities; nothing else can be escaped, "the backslash won't escape the formatting"
 * (https://github.com/slackhq/slack-api-docs/issues/34). So text takes look-alikes for `*`, `~`, backticks and those
 * `_` that aren't inside a word: zero-width characters don't stop Slack from seeing the markers
 * (https://github.com/yhatt/jsx-slack/blob/main/docs/about-escape-and-exact-mode.md) and spoil what is copied. Inside
 * of code everything but the backtick stays as it is: what people will copy belongs there.
 */
export const slack = createMedium({
  name: 'slack',
  escapeLine: (line) => withoutQuote(escapeText(line)),
  render: createRenderer({
    text: escapeText,
    strong: '*',
    emphasis: '_',
    fits: isSeen,
    inlineCode: (value) => `\`${escapeCode(value).replaceAll('`', lookAlike)}\``,
    link: renderLink,
    line: withoutQuote,
    code: ({ value }) => `\`\`\`\n${escapeCode(value).replace(/`{3,}/g, (run) => 'ˋ'.repeat(run.length))}\n\`\`\``,
    bullets: ['• '],
  }),
  length: (rendered) => rendered.length,
});

/** Slack takes the full-width forms for markers too. */
const lookAlikes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '*': '∗',
  '＊': '﹡',
  '＿': '⸏',
  '~': '∼',
  '`': 'ˋ',
  '｀': 'ˋ',
};

function escapeText(text: string): string {
  return withoutMentions(text)
    .replace(/_+/g, (run, at: number, whole: string) =>
      isWord(whole[at - 1]) && isWord(whole[at + run.length]) ? run : 'ˍ'.repeat(run.length),
    )
    .replace(/[&<>*＊＿~`｀]/g, lookAlike);
}

/** No name after @ is taken for a mention, and nothing calls everybody, wherever an app is set to link names. */
function withoutMentions(text: string): string {
  return withoutCalls(text).replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu, '﹫');
}

function withoutCalls(text: string): string {
  return text.replace(/@(?=channel|here|everyone|group)/gi, '﹫');
}

function lookAlike(character: string): string {
  return lookAlikes[character] as string;
}

function isWord(character = ''): boolean {
  return /^[A-Za-z0-9]$/.test(character);
}

/** Names in code are no mentions, but a call to everybody is not worth the risk. */
function escapeCode(code: string): string {
  return withoutCalls(code).replace(/[&<>]/g, lookAlike);
}

/** At the start of a line Slack takes `>` for a quotation, its entity and its full-width form too. */
function withoutQuote(line: string): string {
  return line.replace(/^(?:&gt;|＞)/, '›');
}

function renderLink(url: string, _label: string, plain: string): string {
  const address = url.replace(/[|<>]/g, encodeURIComponent).replaceAll('&', '&amp;');
  // The first | ends the address; another is not worth finding out about.
  const label = escapeText(plain).replaceAll('|', '∣');
  return label === address ? `<${address}>` : `<${address}|${label}>`;
}

/** Slack sees markers around words only, on one line, and not before every punctuation. */
function isSeen({ marker, before, inner, after }: Styled): boolean {
  const isOutside = !/[\p{L}\p{N}]/u.test(before) && /^[\s!#$%)\-+={}[\];:'",.?/…]?$/.test(after);
  return isOutside && /^\S(?:.*\S)?$/.test(inner) && !inner.includes(marker);
}
