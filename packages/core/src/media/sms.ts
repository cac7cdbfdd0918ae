import { withoutAsides } from './asides.ts';
import { mapText } from './map-text.ts';
import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';
import { isGsm, septetLength } from './septets.ts';

/**
 * Text for a phone, as short as it can be said: no blank lines, no addresses behind words (whoever sends it adds the one
 * link that leads to all others). Its length is in septets, of which one SMS holds 160 and each of several joined ones
 * 153; text that goes as UCS-2 counts for its share (see `septetLength`). So a limit of 160 is one SMS and one of 459
 * three, in every language.
 *
 * Where quotes, dashes and the like are all that is not in GSM's alphabet, they are replaced: one “ would more than
 * halve what fits. Where there is more, nothing is, since nothing would be won.
 */
export const sms = createMedium({
  name: 'sms',
  rewordLine: composed,
  rewordTree: (tree) => mapText(withoutAsides(tree), composed),
  escapeLine: inGsm,
  render: (tree) => inGsm(render(tree)),
  length: septetLength,
});

const render = createRenderer({
  link: (_url, label) => label,
  quote: (content) => content,
  between: '\n',
});

/** Letters with their accents in one, without what nobody sees: both cost without a gain. */
function composed(text: string): string {
  return text.normalize('NFC').replace(/[\u00AD\u200B\u2060\uFEFF]/g, '');
}

const typography: Record<string, string> = {
  '\t': ' ',
  '…': '...',
  '→': '->',
  '←': '<-',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '﹫': '@',
};

function inGsm(text: string): string {
  if (isGsm(text)) return text;
  const plain = text
    .replace(/\p{Zs}/gu, ' ')
    .replace(/[‘’‚‛′´`]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/[‐‑‒–—―−·•]/g, '-')
    .replace(/[\t…→←×≥≤≠﹫]/g, (character) => typography[character] as string);
  return isGsm(plain) ? plain : text;
}
