import type { MediumName } from '@tocsin/core';

/** What a receiver takes for more than text. */
interface Dialect {
  /** Where everything is shown as it is, but for `everywhere`. */
  code?: RegExp;
  /** Where links lead to: signs are part of the address there. */
  addresses?: RegExp;
  /** Outside of code. */
  active: Record<string, RegExp>;
  /** In code too. */
  everywhere?: Record<string, RegExp>;
}

const tag = /<\/?[a-z!?][^>]*>?/gi;
const entity = /&(?:#\w+|\w+);/g;
const mention = /(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu;
const call = /@(?:everyone|here|channel|group)/gi;
const quote = /^\s*>/gm;
const start = /^\s*(?:#{1,6}\s|[-+]\s|\d{1,9}[.)]\s)/gm;
const ticks = /(?<![\\`])(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;
const destination = /(?<=\])\((?:<[^<>\n]*>|[^()\s]*)\)/g;

const dialects: Record<MediumName, Dialect> = {
  markdown: {
    code: ticks,
    addresses: destination,
    active: {
      'an unescaped sign': /(?<!\\)(?:\\\\)*[*`[\]<>~|]/g,
      'an unescaped _': /(?<![\\\p{L}\p{N}])_|(?<!\\)_(?![\p{L}\p{N}])/gu,
      'a mention': mention,
      'a block': start,
    },
  },
  slack: {
    addresses: /(?<=<)https?:[^<>|\s]*/g,
    code: /```[\s\S]*?```|`[^`\n]+`/g,
    active: { 'a style': /(?<![\p{L}\p{N}])[*_~`](?=\S)/gu, 'a quote': /^(?:&gt;|>)/gm },
    everywhere: { 'a link or mention': /<[^>]*>?/g, 'a call': call },
  },
  html: { active: { 'a tag': tag, 'a bare &': /&(?!(?:#\w+|\w+);)/g } },
  telegram: {
    code: /<(pre|code)\b[\s\S]*?<\/\1>/g,
    active: { 'a mention': mention },
    everywhere: { 'a tag': tag, 'a bare &': /&(?!(?:lt|gt|amp|quot);)/g },
  },
  teams: {
    addresses: destination,
    active: {
      'a style': /[*`~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu,
      'a tag': tag,
      'a link': /\]\(/g,
      'a time': /\{\{\s*(?:DATE|TIME)\(/g,
      'an entity': entity,
      'a block': start,
      'a quote': quote,
    },
  },
  discord: {
    code: ticks,
    addresses: /(?<=\])\([^()\s]*\)|(?<=<)https?:[^<>\s]*/g,
    active: {
      'an unescaped sign': /(?<!\\)(?:\\\\)*[*`~|<>[\]]/g,
      'a doubled _': /(?<!\\)__/g,
      'a mention': mention,
      'a block': start,
    },
    everywhere: { 'a call': /@(?:everyone|here)/gi },
  },
  text: { active: {} },
  sms: { active: {} },
  speech: { active: { 'a tag': tag, 'a bare &': /&/g } },
};

/** How often a medium's receiver would take a part of the text for more than text, by kind. */
export function markupIn(medium: MediumName, text: string): Record<string, number> {
  const { code, addresses, active, everywhere = {} } = dialects[medium];
  const shown = addresses ? text.replace(addresses, '') : text;
  const outside = code ? shown.replace(code, 'code') : shown;
  const count = (patterns: Record<string, RegExp>, where: string) =>
    Object.entries(patterns).map(([kind, pattern]) => [kind, where.match(pattern)?.length ?? 0] as const);
  return Object.fromEntries([...count(active, outside), ...count(everywhere, shown)]);
}
