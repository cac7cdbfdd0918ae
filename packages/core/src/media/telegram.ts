import { createMedium } from './medium.ts';
import { createRenderer, textLink } from './notation.ts';

/**
 * The HTML of Telegram's Bot API, parse mode `HTML` (https://core.telegram.org/bots/api#html-style): b, i, code, pre,
 * a and blockquote, the entities `&lt;`, `&gt;`, `&amp;`, `&quot;`, and nothing else, or the message is refused. Its
 * length is in UTF-16 code units after the entities are parsed, tags not counted: a message holds 4096, a caption
 * 1024 (https://core.telegram.org/bots/api#sendmessage).
 *
 * Telegram makes a mention of every @name in a text, whatever the parse mode, so the @ gets a look-alike; not in code,
 * where it looks for none. Bold and italics can't hold code, quotes no quotes, and links lead to web pages only.
 */
export const telegram = createMedium({
  name: 'telegram',
  escapeLine: escapeText,
  render: createRenderer({
    text: escapeText,
    strong: ['<b>', '</b>'],
    emphasis: ['<i>', '</i>'],
    fits: ({ inner }) => !inner.includes('<code>'),
    inlineCode: (value) => `<code>${escapeMarkup(value)}</code>`,
    link: renderLink,
    code: ({ lang, value }) => {
      const content = escapeMarkup(value);
      return `<pre>${lang ? `<code class="language-${lang}">${content}</code>` : content}</pre>`;
    },
    quote: (content) => `<blockquote>${content.replace(unquotable, '')}</blockquote>`,
    bullets: ['• '],
  }),
  length: (rendered) => rendered.replace(/<[^<>]*>/g, '').replace(/&[a-z]+;/g, '&').length,
});

/** Tags of ours; all others are escaped. */
const unquotable = /<\/?(?:blockquote|pre|code)[^<>]*>/g;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] as string);
}

function escapeText(text: string): string {
  return escapeMarkup(text.replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu, '﹫'));
}

function renderLink(url: string, label: string, plain: string): string {
  if (url.startsWith('mailto:')) return textLink(url, label);
  return `<a href="${escapeMarkup(url)}">${escapeText(plain)}</a>`;
}
