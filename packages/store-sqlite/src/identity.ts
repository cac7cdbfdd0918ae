/**
 * A member's place in its index: 53 bits instead of two texts make it a third as large, so that a storm of new
 * fingerprints touches fewer pages. Two members may share one, so whoever looks up compares the texts as well; the
 * database's own seed keeps others from making them share on purpose. Mixed as in cyrb53 (public domain,
 * https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js).
 */
export function identityOf(source: string, fingerprint: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  const mix = (code: number) => {
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  };
  for (let index = 0; index < source.length; index++) mix(source.charCodeAt(index));
  // No character: it keeps "a" and "bc" apart from "ab" and "c".
  mix(0x10000);
  for (let index = 0; index < fingerprint.length; index++) mix(fingerprint.charCodeAt(index));
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
