import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, VIEW_STYLES, VIEW_TAGS, type ViewNode, viewHtml, viewText } from '../src/index.ts';

const reader = { now: new Date('2026-03-02T09:00:00Z'), zone: 'UTC' };

/** The nodes in a short notation: `strong(bold)`, with a link as `a[address](label)`. */
function draw(nodes: ViewNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const { tag, link, start, children } = node;
      return `${tag}${link ? `[${link}]` : ''}${start ? `#${start}` : ''}(${draw(children)})`;
    })
    .join('');
}

const show = (medium: string, text: string) => draw(viewText(medium, text, reader));

describe('what readers of a medium see', () => {
  it.each([
    ['html', '<p>a <b>b</b><br>c</p><hr>', 'p(a strong(b)\nc)hr()'],
    ['html', '<ol start="3"><li>x &amp; &#39;y&#x27;</li></ol>', "ol#3(li(x & 'y'))"],
    ['html', '<ul>\n  <li><p>a</p>\n</li>\n</ul>', 'ul(li(p(a)))'],
    ['html', '<a href="https://example.com/?a=1&amp;b">l</a>', 'a[https://example.com/?a=1&b](l)'],
    ['html', '<pre><code>a\n  b</code></pre>', 'pre(code(a\n  b))'],
    ['telegram', 'a\n\n<i>b</i> <code>c</code>', 'div(a\n\nem(b) code(c))'],
    ['markdown', 'a **b**\n_c_ `d`\\\ne\n\n- f\n\n3. g', 'p(a strong(b) em(c) code(d)\ne)ul(li(f))ol#3(li(g))'],
    ['markdown', '# h\n\n> q\n\n```\nx\n```\n\n---', 'h4(h)blockquote(p(q))pre(x)hr()'],
    [
      'markdown',
      '[l](https://example.com) ![p](https://example.com/p.png)',
      'p(a[https://example.com/](l) span(a[https://example.com/p.png](🖼 p)))',
    ],
    ['discord', 'a\nb', 'p(a\nb)'],
    ['slack', '*a* <https://example.com|l> &lt;', 'div(strong(a) a[https://example.com/](l) <)'],
    ['sms', '<b>a</b> *b*', 'div(<b>a</b> *b*)'],
    ['a medium of tomorrow', '*a*', 'div(*a*)'],
    ['text', '', ''],
  ])('%s: %j', (medium, text, seen) => {
    expect(show(medium, text)).toBe(seen);
  });

  it.each([
    ['html', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['html', '<p onclick="x">a</p>', 'p(a)'],
    ['html', '<a href="javascript:alert(1)">l</a>', 'span(l)'],
    ['html', '<img src="https://example.com/p.png" alt="&lt;a&gt;">', 'span(🖼 <a>)'],
    ['html', 'a < b </p> </nope>', 'a < b </p> </nope>'],
    ['html', '<b><i>never closed', 'strong(em(never closed))'],
    ['markdown', 'a <b onclick="x">b</b>', 'p(a <b onclick="x">b</b>)'],
    ['markdown', '[l](javascript:alert(1))', 'p(span(l))'],
  ])('%s shows as text what is none of its: %j', (medium, text, seen) => {
    expect(show(medium, text)).toBe(seen);
  });

  it('knows only the tags, looks and addresses that a page draws, whatever the text is', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '</',
      '<a href="',
      'javascript:',
      '"',
      '<b>',
      '<li>',
      '<td>',
      '&#',
      '*',
      '[',
      '](',
      '`',
      '\n',
      '- ',
      'x',
    );
    const check = (nodes: ViewNode[]): void => {
      for (const node of nodes) {
        if (typeof node === 'string') continue;
        expect(VIEW_TAGS).toContain(node.tag);
        if (node.style) expect(VIEW_STYLES).toContain(node.style);
        if (node.link) expect(node.link).toMatch(/^(https?|mailto):/);
        check(node.children);
      }
    };
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 30 }),
        fc.constantFrom('html', 'telegram', 'markdown', 'slack'),
        (parts, medium) => {
          check(viewText(medium, parts.join(''), reader));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('loses no word of a text that is all escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
        expect(plainText(viewHtml(escaped, { keepsSpaces: true }))).toBe(text);
      }),
    );
  });
});
