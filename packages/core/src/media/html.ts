import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';
import type { MarkdownList } from './tree.ts';

/**
 * HTML for a page or a mail: a, strong, em, code, pre, ul, ol, li, p, br, blockquote, h1 to h6 and hr, nothing else.
 * Its length is that of the source in UTF-16 code units: no vendor sets a limit for HTML as such.
 */
export const html = createMedium({
  name: 'html',
  escapeLine: escapeHtml,
  render: createRenderer({
    text: escapeHtml,
    strong: ['<strong>', '</strong>'],
    emphasis: ['<em>', '</em>'],
    inlineCode: (value) => `<code>${escapeHtml(value)}</code>`,
    link: (url, label) => `<a href="${escapeHtml(url)}" rel="noopener noreferrer">${label}</a>`,
    lineBreak: '<br>',
    paragraph: (content) => `<p>${content}</p>`,
    heading: (content, depth) => `<h${depth}>${content}</h${depth}>`,
    code: ({ value }) => `<pre><code>${escapeHtml(value)}</code></pre>`,
    quote: (content) => `<blockquote>${content}</blockquote>`,
    list: renderList,
    hasBareItems: true,
    between: '',
    rule: '<hr>',
  }),
  length: (rendered) => rendered.length,
});

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

function renderList({ ordered, start = 1 }: MarkdownList, items: readonly string[]): string {
  const content = items.map((item) => `<li>${item}</li>`).join('');
  if (!ordered) return `<ul>${content}</ul>`;
  return `<ol${start === 1 ? '' : ` start="${start}"`}>${content}</ol>`;
}
