import { withoutAsides } from './asides.ts';
import { createMedium } from './medium.ts';
import { createRenderer, plainText } from './notation.ts';
import { spoken } from './spoken.ts';
import type { MarkdownBlock, MarkdownRoot } from './tree.ts';

/**
 * Sentences for a voice. There are letters, digits and the punctuation of sentences in them and nothing else, so they
 * are at once plain text and valid inside of XML, escaped or not: a target may put them into TwiML's `<Say>`
 * (https://www.twilio.com/docs/voice/twiml/say) or between Polly's `<speak>` tags
 * (https://docs.aws.amazon.com/polly/latest/dg/escapees.html). Their length is in bytes of UTF-8, the most that anybody
 * counts: `<Say>` takes 3000 to 5000 by voice (https://www.twilio.com/docs/api/errors/13521), Polly 3000.
 */
export const speech = createMedium({
  name: 'speech',
  rewordLine: spoken,
  rewordTree,
  render: createRenderer({
    paragraph: (content) => (/[.,:!?…]$/.test(content) ? content : `${content}.`),
    between: ' ',
  }),
  length: (rendered) => new TextEncoder().encode(rendered).length,
});

/** Everything that is said, a paragraph for each sentence. Nobody can follow a link or note a label. */
function rewordTree(root: MarkdownRoot): MarkdownRoot {
  const said = withoutAsides(root).children.flatMap(linesOf).map(spoken);
  return {
    type: 'root',
    children: said
      .filter((value) => value !== '')
      .map((value) => ({ type: 'paragraph', children: [{ type: 'text', value }] })),
  };
}

function linesOf(block: MarkdownBlock): string[] {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return plainText(block.children, '\n').split('\n');
    case 'code':
      return block.value.split('\n');
    case 'blockquote':
      return block.children.flatMap(linesOf);
    case 'list':
      return block.children.flatMap(({ children }) => children.flatMap(linesOf));
    case 'thematicBreak':
      return [];
  }
}
