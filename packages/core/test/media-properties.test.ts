import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, it } from 'vitest';
import { cleanLine } from '../src/media/clean.ts';
import { media } from '../src/media/media.ts';
import type { Medium } from '../src/media/medium.ts';
import { tidyTree } from '../src/media/tidy.ts';
import type { MarkdownBlock, MarkdownNode, MarkdownRoot } from '../src/media/tree.ts';
import { Meter } from '../src/template/budget.ts';
import { fillTree } from '../src/template/filling.ts';
import { withoutSentinels } from '../src/template/sentinel.ts';
import { parseTemplate } from '../src/template/template.ts';
import { html, readMarkup } from './media-readers.ts';
import { hostile, message, plainText, shapeOf, words } from './media-samples.ts';

const mention = /(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu;
const everyone = /@(?=channel|here|everyone|group)/i;

describe('html', () => {
  it('has our tags and the text', () => {
    fc.assert(
      fc.property(message, (tree) => {
        expect(readMarkup(media.html.message(tree), html)).toBe(textOf(tree));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps them when it is cut', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 120 }), (tree, limit) => {
        const whole = media.html.message(tree);
        const cut = media.html.message(tree, limit);
        expect(cut === whole || readMarkup(cut, html).endsWith('…')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  function textOf(node: MarkdownNode): string {
    if ('value' in node) return node.value;
    if (node.type === 'break') return '\n';
    return 'children' in node ? (node.children as MarkdownNode[]).map(textOf).join('') : '';
  }
});

describe('markdown', () => {
  const read = (source: string): MarkdownRoot =>
    tidyTree(fillTree(fromMarkdown(withoutSentinels(source)), [], new Meter('message.md')));

  /** Without styles, which are left out where CommonMark has no way to write them, and with mentions disarmed. */
  function bare(node: MarkdownBlock): unknown {
    const shape = shapeOf(stripped(node));
    return { shape, text: plainText(stripped(node)) };
  }

  function stripped<Node extends MarkdownNode>(node: Node): Node {
    if (node.type === 'text') return { ...node, value: withoutSentinels(node.value).replace(mention, '﹫') };
    if ('value' in node) return { ...node, value: withoutSentinels(node.value) };
    if (!('children' in node)) return node;
    const children = (node.children as MarkdownNode[]).flatMap((child): MarkdownNode[] => {
      return child.type === 'strong' || child.type === 'emphasis' ? stripped(child).children : [stripped(child)];
    });
    return { ...node, children };
  }

  it('is the same tree when it is read again', () => {
    fc.assert(
      fc.property(message, (tree) => {
        const again = read(media.markdown.message(tree));
        expect(again.children.map(bare)).toEqual(tidyTree(stripped(tree)).children.map(bare));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps styles of plain words', () => {
    for (const place of [
      '**{{x}}** and _{{x}}_',
      '**a _{{x}}_ b**',
      '- **{{x}}**: {{x}}',
      '{{x}}**{{x}}**{{x}}',
      '**{{x}}**: {{x}}',
      '**_{{x}}_**',
    ]) {
      const tree = parseTemplate(place, { file: 'message.hbs' }).renderMarkdown({ x: 'word' });
      expect(read(media.markdown.message(tree))).toEqual(tree);
    }
  });

  it('has no new kinds of nodes when it is cut', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 80 }), (tree, limit) => {
        const again = read(media.markdown.message(tree, limit));
        const kinds = new Set(['root', 'paragraph', 'text', 'break', ...kindsOf(tree)]);
        expect(kindsOf(again).filter((kind) => !kinds.has(kind))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('has lines that are only text', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const line = withoutSentinels(cleanLine(x)).replace(mention, '﹫');
        expect(read(media.markdown.line(x))).toEqual(line === '' ? { type: 'root', children: [] } : words(line));
      }),
      { numRuns: 300 },
    );
  });

  function kindsOf(node: MarkdownNode): string[] {
    return [node.type, ...('children' in node ? (node.children as MarkdownNode[]).flatMap(kindsOf) : [])];
  }
});

describe('slack', () => {
  const ours = /<(?:https?:\/\/|mailto:)[^<>|\s]*(?:\|[^<>|\n]*)?>/g;
  const bases: Record<string, string> = {
    '∗': '*',
    '﹡': '*',
    '＊': '*',
    ˍ: '_',
    '⸏': '_',
    '＿': '_',
    '∼': '~',
    ˋ: '`',
    '｀': '`',
    '﹫': '@',
    '›': '>',
    '＞': '>',
  };
  const base = (text: string) => text.replace(/[∗﹡＊ˍ⸏＿∼ˋ｀﹫›＞]/g, (character) => bases[character] as string);
  const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

  function checkInert(output: string): void {
    const rest = output.replace(ours, '').replace(/^(?:[\d• .]*> ?)+/gm, '');
    expect(rest).not.toMatch(/[<>]/);
    expect(rest).not.toMatch(/&(?!amp;|lt;|gt;)/);
    expect(output).not.toMatch(everyone);
  }

  it('has no control sequence but our links', () => {
    fc.assert(
      fc.property(message, fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }), (tree, limit) =>
        checkInert(media.slack.message(tree, limit)),
      ),
      {
        numRuns: 500,
      },
    );
  });

  it('shows the text, with look-alikes for markers', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const output = media.slack.message(words(x));
        expect(base(unescaped(output))).toBe(base(plainText(words(x))));
        expect(output).not.toMatch(/[*~`＊＿｀]|(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])/);
        expect(output).not.toMatch(/^(?:>|＞|&gt;)/m);
        expect(media.slack.line(x)).toBe(media.slack.message(words(cleanLine(x))));
      }),
      { numRuns: 300 },
    );
  });

  it('has the markers of the template only, in pairs', () => {
    const template = parseTemplate('{{x}} **{{x}}** {{x}} `{{x}}` _{{x}}_\n\n```\n{{x}}\n```', { file: 'message.hbs' });
    fc.assert(
      fc.property(hostile, fc.integer({ min: 20, max: 200 }), (x, limit) => {
        for (const output of [
          media.slack.message(template.renderMarkdown({ x })),
          media.slack.message(template.renderMarkdown({ x }), limit),
        ]) {
          const fences = output.split('```');
          expect([1, 3]).toContain(fences.length);
          const text = fences[0] as string;
          expect([0, 2]).toContain(text.split('`').length - 1);
          const outside = text.replace(/`[^`]*`/, '');
          expect([0, 2]).toContain(outside.split('*').length - 1);
          expect(outside.split(/(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])/).length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('text', () => {
  it('is the text', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        expect(media.text.message(words(x))).toBe(plainText(words(x)));
        expect(media.text.line(x)).toBe(cleanLine(x));
      }),
      { numRuns: 300 },
    );
  });
});

/** Trees with 50,000 characters of what is hard to escape, to measure or to cut. */
const unkindTrees = [
  { place: '- **{{x}}**', limits: [3000, 49_000] },
  { place: '> ```\n> {{x}}\n> ```', limits: [3000] },
].flatMap(({ place, limits }) => {
  const template = parseTemplate(place, { file: 'message.hbs' });
  const values = [
    'Disk *full* on web_1 <b>& more. '.repeat(1600),
    '👩‍👩‍👧‍👦'.repeat(4500),
    `e${'\u0301'.repeat(50_000)}`,
    `a${'_'.repeat(50_000)}b`,
    `a${'\n'.repeat(25_000)}b`,
    ...['*', '&', '@a', '` ', ' ', '[](', '\\', '<!', '#', '> \n'].map((part) =>
      part.repeat(Math.floor(50_000 / part.length)),
    ),
  ];
  return values.map((x) => ({ tree: template.renderMarkdown({ x }), limits }));
});

describe.each(Object.values(media))('$name', (medium: Medium) => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const graphemes = fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '<',
        '*',
        '👩‍👩‍👧‍👦',
        '🇩🇪',
        '👍🏽',
        'e\u0301\u0302',
        '漢',
        'ก็',
        'नि',
        '\n',
        '𝕏',
        '&',
        '@a',
        'שלום',
        '1️⃣',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));

  // What GSM's alphabet has for "…", and what "…" takes as UCS-2 or UTF-8, is three long.
  const shortest = 3;

  it('never exceeds a limit', () => {
    fc.assert(
      fc.property(message, hostile, fc.integer({ min: 1, max: 150 }), (tree, line, limit) => {
        for (const [whole, cut] of [
          [medium.message(tree), medium.message(tree, limit)],
          [medium.line(line), medium.line(line, limit)],
        ] as const) {
          expect(medium.length(cut)).toBeLessThanOrEqual(limit);
          expect(cut === whole).toBe(medium.length(whole) <= limit);
          if (cut !== whole && limit >= shortest) expect(cut).toMatch(/…|\.\.\./);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is whole at its own length and one more, and cut at one less', () => {
    fc.assert(
      fc.property(message, graphemes, (tree, x) => {
        for (const render of [
          (limit?: number) => medium.message(tree, limit),
          (limit?: number) => medium.message(words(x), limit),
          (limit?: number) => medium.line(x, limit),
        ]) {
          const whole = render();
          const length = medium.length(whole);
          expect(render(length + 1)).toBe(whole);
          expect(render(length)).toBe(whole);
          if (length > 0) expect(medium.length(render(length - 1))).toBeLessThan(length);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('cuts between visible characters, as late as it can', () => {
    fc.assert(
      fc.property(graphemes, fc.integer({ min: shortest, max: 60 }), (x, limit) => {
        // What is said is cut, not what was written.
        const line = medium.name === 'speech' ? medium.line(x) : cleanLine(x);
        const cut = medium.line(x, limit);
        fc.pre(cut !== medium.line(x));
        const candidates = Array.from(segmenter.segment(line), ({ index }) => {
          const kept = `${line.slice(0, index).trimEnd()}…`;
          return medium.name === 'speech' ? kept : medium.line(kept);
        });
        expect(candidates).toContain(cut);
        const longest = Math.max(...candidates.map(medium.length).filter((length) => length <= limit));
        expect(medium.length(cut)).toBe(longest);
      }),
      { numRuns: 200 },
    );
  });

  // Again where the machine was busy with something else for a second.
  it('is quick with long and unkind texts', { retry: 2 }, () => {
    for (const { tree, limits } of unkindTrees) {
      for (const limit of limits) {
        const started = performance.now();
        expect(medium.length(medium.message(tree, limit))).toBeLessThanOrEqual(limit);
        // Takes 2 to 25 ms; anything with the square of the length takes seconds.
        expect(performance.now() - started).toBeLessThan(500);
      }
    }
  });

  it('shows trees that nobody tidied', () => {
    const tree: MarkdownRoot = {
      type: 'root',
      children: [
        {
          type: 'paragraph',
          children: [
            { type: 'link', url: 'javascript:alert(1)', children: [{ type: 'text', value: 'a\u0000\nb\u202E' }] },
          ],
        },
        { type: 'list', ordered: false, children: [{ type: 'listItem', children: [] }] },
        { type: 'code', value: '\r\n' },
      ],
    };
    expect(medium.message(tree)).toMatch(/^(<p>)?a�? b(<\/p>|\.)?$/);
  });
});
