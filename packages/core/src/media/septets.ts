/** The default alphabet of GSM, a septet each (https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/, 6.2.1). */
const gsmText = /^[@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/u;

/** Those of its extension table (6.2.1.1): an escape and the character, never parted. */
const escaped = new Set('^{}\\[~]|€');

/** Whether all of a text is in GSM's alphabet. */
export function isGsm(text: string): boolean {
  return gsmText.test(text);
}

/**
 * How much of SMS a text takes, in septets, whatever its alphabet: up to 160 it is one SMS, up to n × 153 it is n
 * joined ones. Text outside of GSM's alphabet goes as UCS-2, of which one SMS holds 70 units and a joined one 67; each
 * counts for its share of 160 or 153. What a pair leaves unused at the end of an SMS counts too, so that the
 * number of SMS is exact.
 */
export function septetLength(text: string): number {
  const isSeptets = isGsm(text);
  const [single, joined] = isSeptets ? [160, 153] : [70, 67];
  let [units, parts, used] = [0, 0, 0];
  for (const character of text) {
    const size = isSeptets ? (escaped.has(character) ? 2 : 1) : character.length;
    units += size;
    if (used + size > joined) {
      parts++;
      used = 0;
    }
    used += size;
  }
  return units <= single ? Math.ceil((units * 160) / single) : parts * 153 + Math.ceil((used * 153) / joined);
}
