/**
 * A line as a person would read it out: symbols as words where they say something and gone where not, names of code as
 * words, units written out, of an address only the host. What is left are letters, digits and the punctuation of
 * sentences.
 */
export function spoken(line: string): string {
  return withPauses(withoutSymbols(withWords(withShortNames(line.normalize('NFC').replace(/\s+/g, ' ')))));
}

/** Nobody can note an address or an id that is read out; some of it tells it from another. */
function withShortNames(text: string): string {
  return text
    .replace(/\b(?:https?|ftp):\/\/([^\s/?#"'<>()[\]]+)[^\s"'<>()[\]]*/gi, (address, authority: string) => {
      const host = authority.slice(authority.indexOf('@') + 1).replace(/:.*/, '');
      const last = address.slice(-1);
      return `a link to ${host}${/[.,:;!?]/.test(last) && !host.endsWith(last) ? last : ''}`;
    })
    .replace(/\b(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{12,})\b/gi, (id) =>
      /\d/.test(id) && /[a-f]/i.test(id) ? `an ID ending in ${id.slice(-4)}` : id,
    );
}

const units: Record<string, string> = {
  ms: 'millisecond',
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  B: 'byte',
  kB: 'kilobyte',
  KB: 'kilobyte',
  MB: 'megabyte',
  GB: 'gigabyte',
  TB: 'terabyte',
  KiB: 'kibibyte',
  MiB: 'mebibyte',
  GiB: 'gibibyte',
  TiB: 'tebibyte',
};

const quantity = /(?<![\p{L}\d.,])(\d+(?:[.,]\d+)*) ?(ms|s|min|h|d|[KMGT]i?B|kB|B)(?![\p{L}\p{N}_=-])/gu;

/** Short forms that would be read as words. */
const initials =
  /(?<![\p{L}\p{N}])(?:api|cpu|db|dns|http|https|id|io|ip|ram|sql|ssh|ssl|tcp|tls|ui|url|vm)(?![\p{L}])/gu;

function withWords(text: string): string {
  return text
    .replace(quantity, (_, count: string, unit: string) => `${count} ${units[unit]}${count === '1' ? '' : 's'}`)
    .replace(/ ?%/g, ' percent')
    .replace(/ ?° ?([CF])\b/g, (_, scale) => ` degrees ${scale === 'C' ? 'Celsius' : 'Fahrenheit'}`)
    .replace(/[-=]>|→/g, ' to ')
    .replace(/>=|≥/g, ' at least ')
    .replace(/<=|≤/g, ' at most ')
    .replace(/!=|≠/g, ' is not ')
    .replace(/={1,3}/g, ' is ')
    .replace(/(?<=[\p{L}\p{N}\p{M}]) ?< ?(?=\d)/gu, ' less than ')
    .replace(/(?<=[\p{L}\p{N}\p{M}]) ?> ?(?=\d)/gu, ' more than ')
    .replace(/&/g, ' and ')
    .replace(/(?<=[\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, ' at ')
    .replace(/#(?=\d)/g, ' number ')
    .replace(/(?<=^|[\s(:])[-−](?=\d)/g, ' minus ')
    .replace(/(?<![\d/])(\d{1,6})\/(\d{1,6})(?![\d/])/g, '$1 of $2')
    .replace(/(?<=[\p{L}\d]):(\d{4,5})(?!\d)/gu, ' port $1')
    .replace(/(?<=[\p{Ll}\d])(?=\p{Lu}\p{Ll})|(?<=\p{Lu})(?=\p{Lu}\p{Ll}{2})/gu, ' ')
    .replace(initials, (word) => word.toUpperCase());
}

/** The last step takes away whatever could be markup, and pictures, which have names that go on for long. */
function withoutSymbols(text: string): string {
  return text
    .replace(/ [-–—·•|/]+ |[–—·•|;()]/g, ', ')
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, '’')
    .replace(/(?<=\p{L})-(?=\p{N})|(?<=\p{N})-(?=\p{L})|(?<![\p{L}\p{N}])-|-(?![\p{L}\p{N}])/gu, ' ')
    .replace(/(?<!\p{L})’|’(?!\p{L})|:(?=[^\s\d])|(?<=\D):(?=\d)/gu, ' ')
    .replace(/\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D)*/gu, ' ')
    .replace(/[^\p{L}\p{N}\p{M}\p{Join_Control} .,:!?…’،؛؟।。、，：；！？-]/gu, ' ');
}

/** One mark where there were several, none at the start, none without a word before it. */
function withPauses(text: string): string {
  return text
    .replace(/ +/g, ' ')
    .replace(/(?: ?[.,:!?…])+(?= |$)/g, (marks) => /[.!?…]/.exec(marks)?.[0] ?? marks.trim().charAt(0))
    .replace(/^[ .,:!?]+/, '')
    .replace(/[ ,:]+$/, '');
}
