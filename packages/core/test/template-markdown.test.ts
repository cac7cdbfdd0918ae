import fc from 'fast-check';
import type { Root } from 'mdast';
import { describe, expect, it } from 'vitest';
import { TocsinError } from '../src/errors.ts';
import { cleanText } from '../src/media/clean.ts';
import type { MarkdownRoot } from '../src/media/tree.ts';
import { type MarkdownOptions, parseTemplate } from '../src/template/template.ts';
import { hostile, places, plainText, shapeOf } from './media-samples.ts';

function renderMarkdown(source: string, context: unknown, options?: MarkdownOptions): MarkdownRoot {
  return parseTemplate(source, { file: 'message.hbs' }).renderMarkdown(context, options);
}

function paragraph(source: string, context: unknown): unknown {
  const { children } = renderMarkdown(source, context);
  return children.length === 1 && children[0]?.type === 'paragraph' ? children[0].children : children;
}

const text = (value: string) => ({ type: 'text', value });
const lineBreak = { type: 'break' };

describe('the tree', () => {
  it('is the Markdown of the template', () => {
    const tree: Root = renderMarkdown('# {{a}}\n\n- **{{a}}**\n- _b_ `c`\n\n3. d\n\n> e\n\n***\n\n```sh\n{{a}}\n```', {
      a: 'x',
    });
    expect(tree).toEqual({
      type: 'root',
      children: [
        { type: 'heading', depth: 1, children: [text('x')] },
        {
          type: 'list',
          ordered: false,
          children: [
            {
              type: 'listItem',
              children: [{ type: 'paragraph', children: [{ type: 'strong', children: [text('x')] }] }],
            },
            {
              type: 'listItem',
              children: [
                {
                  type: 'paragraph',
                  children: [
                    { type: 'emphasis', children: [text('b')] },
                    text(' '),
                    { type: 'inlineCode', value: 'c' },
                  ],
                },
              ],
            },
          ],
        },
        {
          type: 'list',
          ordered: true,
          start: 3,
          children: [{ type: 'listItem', children: [{ type: 'paragraph', children: [text('d')] }] }],
        },
        { type: 'blockquote', children: [{ type: 'paragraph', children: [text('e')] }] },
        { type: 'thematicBreak' },
        { type: 'code', lang: 'sh', value: 'x' },
      ],
    });
  });

  it('keeps values as words, whatever they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places.filter((place) => !place.includes('{{y}}'))), hostile, (place, x) => {
        fc.pre(/[^\s\p{Cc}]/u.test(cleanText(x)));
        const template = parseTemplate(place, { file: 'message.hbs' });
        expect(shapeOf(template.renderMarkdown({ x, y: '' }))).toEqual(
          shapeOf(template.renderMarkdown({ x: 'word', y: '' })),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every character that can be shown', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const shown = cleanText(x).trim();
        expect(plainText(renderMarkdown('{{x}}', { x }))).toBe(shown);
        expect(plainText(renderMarkdown('```\n{{x}}\n```', { x })).trim()).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  it('is clean', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), hostile, (place, x) => {
        const all = plainText(renderMarkdown(place, { x, y: '' }));
        expect(all).not.toMatch(/(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u);
        expect(all.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('sentinels', () => {
  it('in the template are not taken for values', () => {
    expect(paragraph('{{a}} \uFDD00\uFDD1 &#xFDD0;0&#xFDD1; {{b}}', { a: '1', b: '2' })).toEqual([text('1 �0� �0� 2')]);
  });

  it('in a value are text', () => {
    expect(paragraph('{{a}} {{b}}', { a: '\uFDD01\uFDD1 \uE000', b: 'secret' })).toEqual([
      text('\uFDD01\uFDD1 \uE000 secret'),
    ]);
  });
});

describe('lines', () => {
  it('of the template and of values are lines of the message', () => {
    expect(paragraph('a\n{{x}}  \nc', { x: 'b1\r\nb2\u2028b3' })).toEqual([
      text('a'),
      lineBreak,
      text('b1'),
      lineBreak,
      text('b2'),
      lineBreak,
      text('b3'),
      lineBreak,
      text('c'),
    ]);
  });

  it('of the template are left out when their values are blank', () => {
    const source = '{{none}}\nHost: {{host}}\n{{none}} {{none}}\n**{{none}}**\nend\n{{none}}';
    expect(paragraph(source, { host: 'web-1' })).toEqual([text('Host: web-1'), lineBreak, text('end')]);
  });

  it('of a value stay, blank ones too', () => {
    expect(paragraph('{{x}}', { x: '\n\na\n\n b\n' })).toEqual([text('a'), lineBreak, lineBreak, text(' b')]);
  });

  it('end a style only where the style ends', () => {
    expect(paragraph('**{{x}}**b', { x: ' a \n' })).toEqual([
      { type: 'strong', children: [text('a')] },
      text(' '),
      lineBreak,
      text('b'),
    ]);
  });

  it('are one in headings, code and links', () => {
    const x = 'a\nb';
    expect(paragraph('`{{x}}`', { x })).toEqual([{ type: 'inlineCode', value: 'a b' }]);
    expect(paragraph('[{{x}}](http://a.example)', { x })).toEqual([
      { type: 'link', url: 'http://a.example/', children: [text('a b')] },
    ]);
    expect(renderMarkdown('# {{x}}', { x }).children).toEqual([{ type: 'heading', depth: 1, children: [text('a b')] }]);
  });
});

describe('empty values', () => {
  it('leave no empty nodes', () => {
    const source =
      '# {{x}}\n\n**{{x}}** `{{x}}` _**{{x}}**_\n\n- {{x}}\n- **{{x}}**\n\n> {{x}}\n\n```\n{{x}}\n```\n\nend';
    for (const x of ['', ' ', '\n', '\u0000'.repeat(0), '\u202E']) {
      expect(renderMarkdown(source, { x }).children).toEqual([{ type: 'paragraph', children: [text('end')] }]);
    }
  });
});

describe('links', () => {
  it.each([
    ['https://a.example/x', 'https://a.example/x'],
    [' http://a.example', 'http://a.example/'],
    ['HTTPS://A.example/ä b"<>', 'https://a.example/%C3%A4%20b%22%3C%3E'],
    ['mailto:ops@example.com', 'mailto:ops@example.com'],
  ])('to %s are kept', (url, href) => {
    expect(paragraph('[a]({{url}})', { url })).toEqual([{ type: 'link', url: href, children: [text('a')] }]);
  });

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    '/relative',
    'example.com',
    '',
    '//a.example',
  ])('to %j are text', (url) => {
    expect(paragraph('[**a** b]({{url}})', { url })).toEqual([{ type: 'strong', children: [text('a')] }, text(' b')]);
  });

  it.each([
    ['https://a.example/{{x}}', 'a/b c?d#e%20', 'https://a.example/a/b%20c%3Fd%23e%2520'],
    ['https://a.example/?q={{x}}', 'a=b&c/d', 'https://a.example/?q=a%3Db%26c%2Fd'],
    ['https://a.example/#{{x}}', 'a&b', 'https://a.example/#a%26b'],
    ['https://{{x}}/metrics', 'web-1:9100', 'https://web-1:9100/metrics'],
    ['{{base}}/d/{{x}}', 'uid', 'https://g.example/grafana/d/uid'],
    ['mailto:{{x}}?subject={{x}}', 'a@b.example', 'mailto:a@b.example?subject=a%40b.example'],
  ])('encode values inside of them: %s', (url, x, href) => {
    expect(paragraph(`[a](${url})`, { x, base: 'https://g.example/grafana' })).toEqual([
      { type: 'link', url: href, children: [text('a')] },
    ]);
  });

  it('stay on the host that the template names', () => {
    expect(paragraph('[a](https://a.example{{x}})', { x: '@evil.example/' })).toEqual([text('a')]);
    expect(paragraph('[a](https://a.example/{{x}})', { x: '../../@evil.example' })).toMatchObject([
      { url: 'https://a.example/%40evil.example' },
    ]);
  });

  it('stand for images, which nobody fetches, and for references', () => {
    expect(paragraph('![a {{x}}]({{url}})', { x: 'b', url: 'https://a.example/p.png' })).toEqual([
      { type: 'link', url: 'https://a.example/p.png', children: [text('a b')] },
    ]);
    expect(paragraph('![](https://a.example/p.png)', {})).toEqual([
      { type: 'link', url: 'https://a.example/p.png', children: [text('https://a.example/p.png')] },
    ]);
    expect(paragraph('[a][r] ![b][r]\n\n> [r]: {{url}}', { url: 'https://a.example' })).toMatchObject([
      { url: 'https://a.example/' },
      text(' '),
      { url: 'https://a.example/' },
    ]);
  });
});

describe('raw HTML', () => {
  it('is text', () => {
    expect(paragraph('a <b onclick="x">{{x}}</b>', { x: '<i>' })).toEqual([text('a <b onclick="x"><i></b>')]);
    expect(paragraph('<div>\n<p>{{x}}', { x: 'y' })).toEqual([text('<div>'), lineBreak, text('<p>y')]);
  });
});

describe('a render', () => {
  it('gives the same from a kept tree', () => {
    const template = parseTemplate('{{#each list}}- **{{this}}**\n{{/each}}', { file: 'message.hbs' });
    for (const list of [['a', 'b'], ['c', '*d*'], [], ['e'], ['f', '']]) {
      const fresh = parseTemplate(template.source, { file: 'message.hbs' });
      expect(template.renderMarkdown({ list })).toEqual(fresh.renderMarkdown({ list }));
    }
    const first = template.renderMarkdown({ list: ['a'] });
    first.children.length = 0;
    expect(template.renderMarkdown({ list: ['a'] }).children).toHaveLength(1);
  });

  it('is lenient or strict', () => {
    const missing: string[] = [];
    renderMarkdown('{{a.b}}', {}, { onMissing: (path) => missing.push(path) });
    expect(missing).toEqual(['a.b']);
    expect(() => renderMarkdown('{{a.b}}', {}, { mode: 'strict' })).toThrow(
      "message.hbs:1 can't be rendered: a.b is missing",
    );
  });

  const list = Array.from({ length: 5000 }, () => 'x');

  it.each([
    [
      'structure',
      '{{#each list}}**a** [b](https://a.example) {{/each}}',
      'wrote more than 16384 characters of Markdown',
    ],
    ['lines', '{{#each list}}a\n=\n{{/each}}', 'wrote more than 1000 lines of Markdown'],
    ['quotations', '{{#each list}}> {{/each}}a', 'nested more than 32 deep'],
    ['lists', '{{#each list}}- {{/each}}a', 'nested more than 32 deep'],
    ['styles', `${'**a _b '.repeat(20)}{{#each list}}{{/each}}${' c_ d**'.repeat(20)}`, 'nested more than 32 deep'],
  ])('stops at too much of %s', (_, source, message) => {
    const started = performance.now();
    try {
      renderMarkdown(source, { list });
      throw new Error('nothing was thrown');
    } catch (error) {
      expect(error).toBeInstanceOf(TocsinError);
      expect(error).toMatchObject({ code: 'budget', faults: [{ file: 'message.hbs', line: 1 }] });
      expect((error as TocsinError).message).toContain(message);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
