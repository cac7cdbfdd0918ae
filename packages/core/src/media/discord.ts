import { createMedium } from './medium.ts';
import { createRenderer, textLink } from './notation.ts';
import type { Styled } from './styles.ts';

/**
 * Discord's Markdown (https://support.discord.com/hc/en-us/articles/210298617). Its length is in code points, as
 * Discord counts (https://github.com/discord/discord-api-docs/issues/1315): a message's content holds 2000, an embed's
 * description 4096, its title 256. Send it with `allowed_mentions: { parse: [] }` all the same.
 *
 * A backslash escapes everywhere but in the words of a link, where it is shown
 * (https://github.com/discord/discord-api-docs/issues/6185); those get look-alikes. It doesn't stop a mention either:
 * the @ gets a look-alike. What else stands in angle brackets
 * (https://discord.com/developers/docs/reference#message-formatting: channels, emoji, times, commands) is stopped by it.
 */
export const discord = createMedium({
  name: 'discord',
  escapeLine: (line) => escapeStart(escapeText(line)),
  render: createRenderer({
    text: escapeText,
    strong: '**',
    emphasis: '_',
    fits: isRead,
    inlineCode: (value) => `\`${withoutCalls(value).replaceAll('`', 'ˋ')}\``,
    link: renderLink,
    line: escapeStart,
    heading: (content, depth) => `${'#'.repeat(Math.min(depth, 3))} ${content}`,
    code: ({ lang = '', value }) =>
      `\`\`\`${lang}\n${withoutCalls(value).replace(/`{3,}/g, (run) => 'ˋ'.repeat(run.length))}\n\`\`\``,
    // A quote's marker needs the space after it, which a blank line would lose.
    quote: (content) => content.replaceAll('\n\n', '\n').replace(/^/gm, '> '),
  }),
  length: (rendered) => rendered.length - (rendered.match(/[\uD800-\uDBFF]/g)?.length ?? 0),
  lightest: 1 / 2,
});

/** One `_` inside of a word is no marker; two are, wherever they stand. */
function escapeText(text: string): string {
  return withoutMentions(text)
    .replace(/[\\`*~|<>[\]]/g, '\\$&')
    .replace(/_+/g, (run, at: number, whole: string) =>
      isWord(whole[at - 1]) && isWord(whole[at + 1]) ? run : '\\_'.repeat(run.length),
    );
}

/** What begins a heading, a list or small print. A quote's `>` is escaped already. */
function escapeStart(line: string): string {
  return line.replace(/^(\s*)([-#+])/, '$1\\$2').replace(/^(\s*\d+)(?=[.)])/, '$1\\');
}

/** Names, roles and calls to everybody. */
function withoutMentions(text: string): string {
  return withoutCalls(text).replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_!&])/gu, '﹫');
}

function withoutCalls(text: string): string {
  return text.replace(/@(?=everyone|here)/gi, '﹫');
}

function isWord(character = ''): boolean {
  return /^[\p{L}\p{N}]$/u.test(character);
}

const lookAlikes: Record<string, string> = {
  '\\': '∖',
  '`': 'ˋ',
  '*': '∗',
  _: 'ˍ',
  '~': '∼',
  '|': '∣',
  '<': '‹',
  '>': '›',
  '[': '［',
  ']': '］',
};

/** A link whose words hold an address is shown as its source (https://github.com/discord/discord-api-docs/issues/7721). */
function renderLink(url: string, label: string, plain: string): string {
  if (url.startsWith('mailto:')) return textLink(url, label);
  const address = url.replace(/[()\\<>|@]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  if (plain === url || `${plain}/` === url) return `<${address}>`;
  const words = withoutMentions(plain)
    .replace(/[\\`*_~|<>[\]]/g, (character) => lookAlikes[character] as string)
    .replaceAll('://', '∶//');
  return `[${words}](${address})`;
}

/** The rules of Discord's own parser, on their safe side. */
function isRead({ marker, before, inner, after }: Styled): boolean {
  if (!/^\S(?:.*\S)?$/s.test(inner) || inner.replace(/\\./gs, '').includes(marker)) return false;
  return marker === '**' || (!isWord(before) && !isWord(after) && !inner.replace(/\\./gs, '').includes('_'));
}
