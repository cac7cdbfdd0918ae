import fc from 'fast-check';
import { tidyTree } from '../src/media/tidy.ts';
import type { MarkdownNode, MarkdownRoot } from '../src/media/tree.ts';
import { parseTemplate } from '../src/template/template.ts';

const pieces = [
  ...[
    '*',
    '**',
    '_',
    '__',
    '~',
    '~~',
    '`',
    '``',
    '```',
    '<',
    '>',
    '&',
    '&lt;',
    '&amp;',
    '&#42;',
    '[',
    ']',
    '(',
    ')',
    '!',
    '|',
    '\\',
    '"',
    "'",
  ],
  ...['<!channel>', '<!here>', '<@U012AB3CD>', '<#C0123>', '@here', '@channel', '@Everyone', '@bob', 'ops@example.com'],
  ...[
    '[a](http://evil.example)',
    '![a](http://evil.example/x.png)',
    '<script>alert(1)</script>',
    '</p>',
    '<!--',
    '-->',
    '<http://a.example|b>',
    '<@80351110224678912>',
    '<@&165511591545143296>',
    '<#103735883630395392>',
    '<:mmLol:216154654256398347>',
    '<t:1618953630:R>',
    '</airhorn:816437322781949972>',
    '<id:customize>',
    '<at>Ann</at>',
    '{{DATE(2017-02-14T06:00:00Z, SHORT)}}',
    '[x]: http://evil.example',
    '](http://evil.example)',
  ],
  ...['\n', '\n\n', '\r\n', '\r', '\u2028', '\t', ' ', '  ', '    ', '\u00a0'],
  ...[
    '# ',
    '- ',
    '+ ',
    '* ',
    '1. ',
    '1) ',
    '> ',
    '>>> ',
    '＞',
    '===',
    '---',
    '***',
    '| a | b |\n|---|---|',
    '[x]: http://evil.example',
  ],
  ...[
    '\uFDD0',
    '\uFDD1',
    '\uFDD00\uFDD1',
    '\uE000',
    '\u202E',
    '\u2066',
    '\u0000',
    '\u001b[31m',
    '\u0085',
    '\ud83d',
    '\udc00',
    '\ufffe',
  ],
  ...[
    '{{x}}',
    '}}',
    '{{#each',
    'a',
    'word',
    'snake_case',
    '2*3',
    '42',
    'é',
    'e\u0301',
    '漢字',
    '👩‍👩‍👧‍👦',
    '🇩🇪',
    '…',
    '∗',
    '﹫',
    'javascript:alert(1)',
    'https://a.example/?b=1&c=2',
  ],
];

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
export const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

/** Texts of what breaks renderers, mixed with any characters. */
export const hostile = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 4 }) },
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

/** Every place of a message where a value can stand. */
export const places = [
  '{{x}}',
  'a {{x}} b',
  '**{{x}}** and _{{x}}_',
  '**a {{x}}**{{x}}_{{x}} b_',
  '- {{x}}\n- **b**: {{x}}\n  - {{x}}',
  '3. {{x}}\n4. b\n\n   {{x}}',
  '`{{x}}` and `a {{x}}`',
  '`{{x}}`{{y}}`{{x}}` **{{x}}**{{y}}**{{x}}**',
  '```json\n{{x}}\n```',
  '- a\n\n  ```\n  {{x}}\n  ```',
  '[{{x}}](https://example.com/{{x}}?q={{x}}) {{x}}[b](https://example.com)',
  '![{{x}}](https://example.com/{{x}}.png)',
  '# {{x}}\n\n{{x}}\n***\n## a {{x}}',
  '> {{x}}\n>\n> > {{x}}',
  'a\n{{x}}\nb\\\n{{x}}',
  '<b>{{x}}</b>\n\n<div>\n{{x}}\n</div>',
];

const templates = places.map((place) => parseTemplate(place, { file: 'message.hbs' }));

/** Messages with hostile values in every place. */
export const message = fc
  .tuple(fc.constantFrom(...templates), hostile, fc.oneof({ weight: 3, arbitrary: fc.constant('') }, hostile))
  .map(([template, x, y]) => template.renderMarkdown({ x, y }));

/** The one text of a one-paragraph tree. */
export const words = (value: string): MarkdownRoot =>
  tidyTree({ type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value }] }] });

/** The text that a reader sees, with "\n" for each break and after each block. */
export function plainText(node: MarkdownNode): string {
  if ('value' in node) return node.value;
  if (node.type === 'break') return '\n';
  if (!('children' in node)) return '';
  const parts = (node.children as MarkdownNode[]).map(plainText);
  return parts.join(
    node.type === 'root' || node.type === 'blockquote' || node.type === 'list' || node.type === 'listItem' ? '\n' : '',
  );
}

/** The tree's structure without its words; texts and breaks side by side are one. */
export function shapeOf(node: MarkdownNode): unknown {
  if (!('children' in node)) return node.type === 'text' || node.type === 'break' ? 'words' : node.type;
  const shapes = (node.children as MarkdownNode[]).map(shapeOf);
  return [node.type, ...shapes.filter((shape, index) => shape !== 'words' || shapes[index - 1] !== 'words')];
}
