import { createMedium } from './medium.ts';
import { createRenderer } from './notation.ts';

/**
 * Text without any markup, for people to read where nothing else can be shown. Its length is in UTF-16 code units,
 * the most that any receiver of text counts.
 */
export const text = createMedium({
  name: 'text',
  render: createRenderer({ rule: '---' }),
  length: (rendered) => rendered.length,
});
