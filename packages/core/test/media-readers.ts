import { expect } from 'vitest';

/** What may stand in a vendor's HTML. */
export interface Grammar {
  tags: readonly string[];
  entities: Readonly<Record<string, string>>;
  /** The attributes of a tag, with the space before them. */
  attributes: (tag: string) => RegExp;
}

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

export const html: Grammar = {
  tags: 'a strong em code pre ul ol li p br blockquote hr h1 h2 h3 h4 h5 h6'.split(' '),
  entities: { ...entities, '&#39;': "'" },
  attributes: (tag) => {
    if (tag === 'a') return /^ href="(?:https?:|mailto:)[^"<>]*" rel="noopener noreferrer"$/;
    return tag === 'ol' ? /^( start="\d+")?$/ : /^$/;
  },
};

/** https://core.telegram.org/bots/api#html-style */
export const telegram: Grammar = {
  tags: 'a b i code pre blockquote'.split(' '),
  entities,
  attributes: (tag) => {
    if (tag === 'a') return /^ href="https?:[^"<>]*"$/;
    return tag === 'code' ? /^( class="language-[\w+-]+")?$/ : /^$/;
  },
};

/** The text; fails unless every tag is one of the grammar's, closed in order, and every entity one that it knows. */
export function readMarkup(markup: string, grammar: Grammar): string {
  const open: string[] = [];
  let text = '';
  for (const token of markup.match(/<[^>]*>|[^<]+|</g) ?? []) {
    if (!token.startsWith('<')) {
      expect(token).not.toContain('>');
      text += token.replace(/&(?:[^;\s]*;)?/g, (entity) => {
        expect(grammar.entities).toHaveProperty([entity]);
        return grammar.entities[entity] as string;
      });
      continue;
    }
    const [, slash, name = '', attributes] = /^<(\/?)([a-z0-9]+)(.*)>$/.exec(token) ?? [];
    expect(grammar.tags).toContain(name);
    if (slash) expect(open.pop()).toBe(name);
    else if (name === 'br') text += '\n';
    else if (name !== 'hr') open.push(name);
    expect(attributes).toMatch(slash ? /^$/ : grammar.attributes(name));
  }
  expect(open).toEqual([]);
  return text;
}

/**
 * What Discord's parser makes of a text, by its rules as far as they are known
 * (https://github.com/brussell98/discord-markdown, https://discord.com/developers/docs/reference#message-formatting):
 * the text as it is shown, and the kinds of all else.
 */
export function readDiscord(source: string, isBlock = true): { text: string; kinds: string[] } {
  const kinds: string[] = [];
  let text = '';
  for (let [rest, isStart] = [source, isBlock]; rest !== ''; ) {
    const found = discordRules.find(([, rule, atStart]) => (isStart || !atStart) && rule.test(rest));
    const [whole = '', inner = ''] = found?.[1].exec(rest) ?? [];
    const [kind = 'text'] = found ?? [];
    if (kind === 'escape') text += inner;
    else if (kind === 'text') text += rest[0];
    else {
      kinds.push(kind);
      const content =
        kind === 'code' || kind === 'link' ? { text: inner, kinds: [] } : readDiscord(inner, kind === 'quote');
      text += content.text;
      kinds.push(...content.kinds);
    }
    const read = found ? whole : (rest[0] as string);
    isStart = read.endsWith('\n');
    rest = rest.slice(read.length);
  }
  return { text, kinds };
}

const discordRules: readonly (readonly [kind: string, rule: RegExp, atStart?: true])[] = [
  ['heading', /^ *#{1,3} +([^\n]*)(?:\n|$)/, true],
  ['small', /^ *-# +([^\n]*)(?:\n|$)/, true],
  ['list', /^ *(?:[-*]|\d+\.) +(?=\S)/, true],
  ['quote', /^ *>(?:>>)? ([^\n]*)/, true],
  ['code', /^```(?:[a-z0-9_+.#-]+?\n)?\n*([^\n][\s\S]*?)\n*```/i],
  ['code', /^(`+)([\s\S]*?[^`])\1(?!`)/],
  ['escape', /^\\([^0-9A-Za-z\s])/],
  ['mention', /^@(?:everyone|here)/i],
  ['mention', /^<(?:@[!&]?|#)\d+>/],
  ['emoji', /^<a?:\w+:\d+>/],
  ['time', /^<t:-?\d+(?::[tTdDfFR])?>/],
  ['command', /^<(?:\/[^<>]+:\d+|id:[^<>]+)>/],
  ['link', /^<(https?:\/\/[^ <>]+)>/],
  ['link', /^\[((?:[^[\]\\]|\\[\s\S])*)\]\(\s*<?((?:[^\s\\()]|\([^\s\\()]*\))*?)>?\s*\)/],
  ['strong', /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/],
  ['underline', /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/],
  ['emphasis', /^_((?:__|\\[\s\S]|[^\\_])+?)_(?![\p{L}\p{N}_])/u],
  ['emphasis', /^\*(?=\S)((?:\*\*|\\[\s\S]|[^*\\])+?)\*(?!\*)/],
  ['strike', /^~~((?:\\[\s\S]|[^\\])+?)~~/],
  ['spoiler', /^\|\|((?:\\[\s\S]|[^\\])+?)\|\|/],
];
