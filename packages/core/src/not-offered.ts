/** What a vendor may not have, by the kind of integration; anything else is no reason to lack something. */
export const notOfferedParts = {
  /** Signed requests; a way to tell it what a person did. */
  source: ['signature', 'writeBack'],
  /** A longest text; editing what was sent; buttons that call back. */
  target: ['limits', 'edit', 'actions'],
} as const;

export type NotOffered<Kind extends keyof typeof notOfferedParts> = Readonly<
  Partial<Record<(typeof notOfferedParts)[Kind][number], string>>
>;

/** What is wrong with a definition's `notOffered`, which may be anything: a package is JavaScript. */
export function notOfferedFaults(kind: keyof typeof notOfferedParts, given: unknown): string[] {
  if (given === undefined) return [];
  if (given === null || typeof given !== 'object') return ['`notOffered` is no object of links'];
  const known: readonly string[] = notOfferedParts[kind];
  return Object.entries(given).flatMap(([part, link]) => {
    if (!known.includes(part)) return [`\`notOffered.${part}\` is unknown; there are ${known.join(', ')}`];
    return typeof link === 'string' && /^https:\/\/\S+$/.test(link) ? [] : [`\`notOffered.${part}\` is no https URL`];
  });
}
