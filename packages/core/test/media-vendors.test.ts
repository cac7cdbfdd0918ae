import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it, test } from 'vitest';
import { cleanLine } from '../src/media/clean.ts';
import { media } from '../src/media/media.ts';
import { septetLength } from '../src/media/septets.ts';
import type { MarkdownNode } from '../src/media/tree.ts';
import { parseTemplate } from '../src/template/template.ts';
import { readDiscord, readMarkup, telegram } from './media-readers.ts';
import { hostile, message, plainText, words } from './media-samples.ts';

const render = (markdown: string, x = '') => parseTemplate(markdown, { file: 'x.hbs' }).renderMarkdown({ x });
const maybeLimit = fc.option(fc.integer({ min: 3, max: 120 }), { nil: undefined });
const runs = { numRuns: 200 };

/** Look-alikes as what they stand for. */
const bases: Record<string, string> = Object.fromEntries(
  Object.entries({ '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ', '@': '﹫', '\\': '∖', '|': '∣', '<': '‹', '>': '›' })
    .concat(Object.entries({ '[': '［', ']': '］', '{': '｛', '&': '＆', '-': '‐', '+': '＋', '#': '＃', '=': '＝' }))
    .concat(Object.entries({ '.': '․', ')': '）', ':': '∶', '!': '！' }))
    .map(([base, alike]) => [alike, base]),
);
const base = (text: string) => Array.from(text, (character) => bases[character] ?? character).join('');

describe('telegram', () => {
  const outsideOfCode = (markup: string) =>
    markup.replace(/<code[\s\S]*?<\/code>|<pre>[\s\S]*?<\/pre>|href="[^"]*"/g, '');

  it('has its tags only, nested as it allows, and no mention', () => {
    fc.assert(
      fc.property(message, maybeLimit, (tree, limit) => {
        const markup = media.telegram.message(tree, limit);
        const text = readMarkup(markup, telegram);
        expect(media.telegram.length(markup)).toBe(text.length);
        expect(outsideOfCode(markup)).not.toMatch(/(?<![\p{L}\p{N}])@[\p{L}\p{N}_]/u);
        expect(markup).not.toMatch(/<(b|i)>(?:(?!<\/\1>)[\s\S])*<(?:code|pre)/);
        expect(markup).not.toMatch(/<blockquote>(?:(?!<\/blockquote>)[\s\S])*<(?:blockquote|pre)/);
      }),
      runs,
    );
  });

  it('shows the text', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const shown = base(plainText(words(x)));
        expect(base(readMarkup(media.telegram.message(words(x)), telegram))).toBe(shown);
        expect(readMarkup(media.telegram.line(x), telegram)).not.toContain('\n');
      }),
      runs,
    );
  });

  test.each([
    ['**{{x}}**', 'a & b', '<b>a &amp; b</b>'],
    ['**a `{{x}}`**', 'c', 'a <code>c</code>'],
    ['```sh\n{{x}}\n```', '<b> @bob', '<pre><code class="language-sh">&lt;b&gt; @bob</code></pre>'],
    ['> a\n>\n> > ```\n> > {{x}}\n> > ```', 'b', '<blockquote>a\n\nb</blockquote>'],
    ['[{{x}}](https://a.example/?b="c"&d)', '@ann', '<a href="https://a.example/?b=%22c%22&amp;d">﹫ann</a>'],
    ['[mail](mailto:{{x}}@a.example)', 'ops', 'mail (ops@a.example)'],
  ])('writes %j with %j as %j', (markdown, x, written) => {
    expect(media.telegram.message(render(markdown, x))).toBe(written);
  });

  test('counts what is shown: a message of 4096 is whole', () => {
    const tree = render('**{{x}}**', '&'.repeat(4096));
    expect(media.telegram.length(media.telegram.message(tree))).toBe(4096);
    expect(media.telegram.message(tree, 4096)).toBe(media.telegram.message(tree));
  });
});

describe('discord', () => {
  it('has no markup in a text', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        for (const shown of [media.discord.message(words(x)), media.discord.line(x)]) {
          const { text, kinds } = readDiscord(shown);
          expect(kinds).toEqual([]);
          const meant = shown === media.discord.line(x) ? cleanLine(x) : plainText(words(x));
          expect(base(text)).toBe(base(meant));
        }
      }),
      runs,
    );
  });

  it('has the markup of the template only, whole or cut, and no mention', () => {
    fc.assert(
      fc.property(message, maybeLimit, (tree, limit) => {
        const { kinds } = readDiscord(media.discord.message(tree, limit));
        expect(kinds.filter((kind) => !discordKinds(tree).has(kind))).toEqual([]);
      }),
      runs,
    );
  });

  function discordKinds(node: MarkdownNode): Set<string> {
    const own = { listItem: 'list', blockquote: 'quote', inlineCode: 'code' } as Record<string, string>;
    const inner =
      'children' in node ? (node.children as MarkdownNode[]).flatMap((child) => [...discordKinds(child)]) : [];
    return new Set([own[node.type] ?? node.type, ...inner]);
  }

  test.each([
    ['{{x}}', '<@1> <@&2> <#3> <:a:4> <t:5:R>', '\\<﹫1\\> \\<﹫&2\\> \\<#3\\> \\<:a:4\\> \\<t:5:R\\>'],
    ['{{x}}', '@everyone a@here ops@a.example', '﹫everyone a﹫here ops@a.example'],
    ['{{x}}', 'snake_case __init__ a__b _c_', 'snake_case \\_\\_init\\_\\_ a\\_\\_b \\_c\\_'],
    ['{{x}}', '# a\n- b\n1. c\n> d\n-# e', '\\# a\n\\- b\n1\\. c\n\\> d\n\\-# e'],
    ['{{x}}', '||a|| ~~b~~', '\\|\\|a\\|\\| \\~\\~b\\~\\~'],
    ['`{{x}}`', '`@here`', '`ˋ﹫hereˋ`'],
    ['```sh\n{{x}}\n```', 'a```', '```sh\naˋˋˋ\n```'],
    ['[{{x}}](https://a.example/_b_(c))', '*a*] https://b', '[∗a∗］ https∶//b](https://a.example/_b_%28c%29)'],
    ['> {{x}}\n>\n> b', 'a', '> a\n> b'],
    ['#### {{x}}', 'a', '### a'],
  ])('writes %j with %j as %j', (markdown, x, written) => {
    expect(media.discord.message(render(markdown, x))).toBe(written);
  });

  test('counts code points', () => {
    expect(media.discord.length('👍🏽é漢')).toBe(4);
    expect(media.discord.message(words('👍'.repeat(2001)), 2000)).toBe(`${'👍'.repeat(1999)}…`);
    expect(media.discord.message(words('👍'.repeat(2000)), 2000)).toBe('👍'.repeat(2000));
  });
});

describe('teams', () => {
  /** What desktop clients read, all of CommonMark, has only what was meant. */
  it('has the markup of the template only, whole or cut', () => {
    fc.assert(
      fc.property(message, maybeLimit, (tree, limit) => {
        const shown = media.teams.message(tree, limit);
        const meant = kindsOf(tree);
        const kinds = kindsOf(fromMarkdown(shown) as unknown as MarkdownNode);
        const allowed = new Set(['root', 'paragraph', 'text', ...meant, ...(meant.has('heading') ? ['strong'] : [])]);
        for (const kind of ['heading', 'code', 'inlineCode', 'blockquote', 'thematicBreak']) allowed.delete(kind);
        expect([...kinds].filter((kind) => !allowed.has(kind))).toEqual([]);
        expect(shown).not.toMatch(/<[a-z/!?]|\{\{\s*(?:DATE|TIME)\(/i);
        for (const [, url] of shown.matchAll(/\]\(([^)\n]*)/g)) expect(url).toMatch(/^(?:https?:\/\/|mailto:)/);
        expect(shown.split('](').length - 1).toBeLessThanOrEqual(linksIn(tree));
      }),
      { numRuns: 200 },
    );
  });

  it('shows the text, the same in every client: nothing is escaped', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const spaced = (text: string) => base(text).replace(/[\t\u00a0]/g, ' ');
        const shown = media.teams.message(words(x)).replaceAll('\n\n', '\n');
        expect(spaced(shown)).toBe(spaced(plainText(words(x))));
      }),
      runs,
    );
  });

  function kindsOf(node: MarkdownNode): Set<string> {
    const inner = 'children' in node ? (node.children as MarkdownNode[]).flatMap((child) => [...kindsOf(child)]) : [];
    return new Set([node.type, ...inner]);
  }

  function linksIn(node: MarkdownNode): number {
    const inner = 'children' in node ? (node.children as MarkdownNode[]).map(linksIn) : [];
    return inner.reduce((sum, count) => sum + count, node.type === 'link' ? 1 : 0);
  }

  test.each([
    ['{{x}}', '<at>Ann</at> a < 5 & b &lt;', '‹at>Ann‹/at> a < 5 & b ＆lt;'],
    ['{{x}}', '[a](http://evil.example) [b]', '[a］(http://evil.example) [b］'],
    ['{{x}}', '{{DATE(2017-02-14T06:00:00Z, SHORT)}} {{a}}', '｛{DATE(2017-02-14T06:00:00Z, SHORT)}} {{a}}'],
    ['{{x}}', '# a\n- b\n1. c', '＃ a\n\n‐ b\n\n1․ c'],
    ['{{x}}', 'C:\\temp \\\\host\\*', 'C:\\temp ∖\\host∖∗'],
    ['{{x}}', 'a\n| a | b |\n|---|---|', 'a\n\n| a | b |\n\n|‐‐‐|‐‐‐|'],
    ['## {{x}} **b**', 'a', '**a b**'],
    ['**{{x}}**: _b_', '97 %', '**97 %**: _b_'],
    ['- a\n  - {{x}}', 'b', '- a\n  - b'],
    ['```\n{{x}}\n```', 'a\nb', 'a\n\nb'],
  ])('writes %j with %j as %j', (markdown, x, written) => {
    expect(media.teams.message(render(markdown, x))).toBe(written);
  });

  test('counts bytes', () => {
    expect(media.teams.length('aé漢👍')).toBe(1 + 2 + 3 + 4);
  });
});

describe('sms', () => {
  test.each([
    ['a'.repeat(160), 160],
    ['a'.repeat(161), 153 + 8],
    ['a'.repeat(306), 306],
    ['a'.repeat(307), 307],
    ['€'.repeat(80), 160],
    // A pair is not parted: the last septet of the first SMS stays empty.
    [`${'a'.repeat(152)}€${'a'.repeat(20)}`, 153 + 22],
    ['漢'.repeat(70), 160],
    ['漢'.repeat(71), 153 + 10],
    ['漢'.repeat(134), 306],
    ['漢'.repeat(135), 306 + 3],
    ['漢'.repeat(67 * 9), 153 * 9],
    // Nor is a surrogate pair.
    [`${'漢'.repeat(66)}👍${'漢'.repeat(10)}`, 153 + Math.ceil((12 * 153) / 67)],
    ['', 0],
    ['\n@_^', 5],
  ])('text %# takes its septets', (text, length) => {
    expect(septetLength(text)).toBe(length);
  });

  test.each([
    ['“a” – ‘b’…', '"a" - \'b\'...'],
    ['Firing · critical', 'Firing - critical'],
    ['a\u00a0b → c', 'a b -> c'],
    // Where something else needs UCS-2, nothing is won.
    ['“漢”…', '“漢”…'],
    ['cafe\u0301 a\u200bb', 'café ab'],
  ])('%j is sent as %j', (line, sent) => {
    expect(media.sms.line(line)).toBe(sent);
  });

  it('is one SMS within 160, and n within n × 153, in every alphabet', () => {
    const text = fc.array(fc.constantFrom('a', 'b ', '€', 'é', '漢', '👍🏽', '…', '–', '\n'), { maxLength: 400 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 5 }), (parts, count) => {
        const tree = words(parts.join(''));
        expect(segments(media.sms.message(tree, 160))).toBeLessThanOrEqual(1);
        expect(segments(media.sms.message(tree, 153 * count))).toBeLessThanOrEqual(count);
      }),
      runs,
    );
  });

  /** As a phone network would part it, counted in bits. */
  function segments(text: string): number {
    const basic = /^[\n -Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ]$/;
    const extended = /^[\f^{}\\[~\]|€]$/;
    const characters = Array.from(text);
    const isSeptets = characters.every((character) => basic.test(character) || extended.test(character));
    const bits = characters.map((each) => (isSeptets ? (extended.test(each) ? 14 : 7) : 16 * each.length));
    if (bits.reduce((sum, size) => sum + size, 0) <= 1120) return text === '' ? 0 : 1;
    let [count, free] = [0, 0];
    for (const size of bits) {
      if (size > free) [count, free] = [count + 1, 1072];
      free -= size;
    }
    return count;
  }

  test('leaves out addresses, and lines of links and labels below the message', () => {
    const tree = render(
      'Disk is full, see the [log](https://a.example/log)\n\n`host=db-1`\n\n[Runbook]({{x}}) · [More](https://a.example)',
      'https://a.example/r',
    );
    expect(media.sms.message(tree)).toBe('Disk is full, see the log');
    expect(media.sms.message(render('[{{x}}](https://a.example)', 'db-1 is down'))).toBe('db-1 is down');
  });
});

describe('speech', () => {
  it('is words and pauses: the same with XML escapes and without', () => {
    fc.assert(
      fc.property(message, hostile, maybeLimit, (tree, line, limit) => {
        for (const said of [media.speech.message(tree, limit), media.speech.line(line, limit)]) {
          expect(said).toMatch(/^[\p{L}\p{N}\p{M}\p{Join_Control} .,:!?…’،؛؟।。、，：；！？-]*$/u);
        }
      }),
      runs,
    );
  });

  test.each([
    ['Firing · critical · 3 alerts', 'Firing, critical, 3 alerts'],
    ['/var/lib/postgresql on db-1 is 97 % full', 'var lib postgresql on DB 1 is 97 percent full'],
    ['KubePodCrashLooping (api-7 in prod/default)', 'Kube Pod Crash Looping, API 7 in prod default'],
    ['cpu_load >= 0.95, took 250ms', 'CPU load at least 0.95, took 250 milliseconds'],
    [
      '503 from https://shop.example.com:8443/health?x=1. Retrying!!!',
      '503 from a link to shop.example.com. Retrying!',
    ],
    ['container 592b1d492811bb08 restarted', 'container an ID ending in bb08 restarted'],
    ['no news for 12 h, then 1 min', 'no news for 12 hours, then 1 minute'],
    ['until 2026-01-15 11:30 UTC', 'until 2026-01-15 11:30 UTC'],
    ['db:9100 - 45.5 °C; delta -5', 'DB port 9100, 45.5 degrees Celsius, delta minus 5'],
    ['3/5 replicas of ops@example.com', '3 of 5 replicas of ops at example.com'],
    ['🔥 it\'s "hot" & <b>bold</b>', 'it’s hot and b bold b'],
    ['漢字。 שלום', '漢字。 שלום'],
    ['🔥🔥', ''],
  ])('%j is said as %j', (line, said) => {
    expect(media.speech.line(line)).toBe(said);
  });

  test('is sentences, without labels and lines of links', () => {
    const tree = render(
      '# {{x}}\n\nFull in **40 min**\nor less.\n\n- `df -h`\n- b\n\n`host=db-1` `mount=/var`\n\n[Runbook](https://a.example)',
      'Disk full',
    );
    expect(media.speech.message(tree)).toBe('Disk full. Full in 40 minutes. or less. df h. b.');
    expect(media.speech.message(render('`{{x}}`', 'host=db-1'))).toBe('');
    expect(media.speech.message(render('[{{x}}](https://a.example)', 'db-1 is down'))).toBe('DB 1 is down.');
  });
});
