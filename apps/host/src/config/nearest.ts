import { nearest } from '@tocsin/core';

/** `, did you mean \`routes\`?`, else the known words after the lead, else nothing. */
export function suggest(word: string, known: readonly string[], lead: string): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `, did you mean \`${meant}\`?`;
  const words = [...new Set(known)];
  return words.length > 0 ? `; ${lead}: ${words.slice(0, 20).join(', ')}${words.length > 20 ? ', …' : ''}` : '';
}
