/** GitHub takes 1 MiB of a step: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits */
const mostBytes = 900_000;

/**
 * What people read, by medium, of an expected file; `alerts` of a source and the `request` of a target stand beside it.
 * Its author may have written anything.
 *
 * @param {string} path
 * @param {string} content
 * @returns {Map<string, string>}
 */
export function expectedTexts(path, content) {
  if (content === '') return new Map();
  if (path.endsWith('.http')) return new Map([['request', content]]);
  const expected = parse(content);
  if (!isRecord(expected)) return new Map([['file', content]]);
  /** @type {Map<string, string>} */
  const texts = new Map();
  if (expected.alerts !== undefined) texts.set('alerts', `${JSON.stringify(expected.alerts, undefined, 2)}\n`);
  for (const notification of listOf(expected.notifications)) {
    if (!isRecord(notification)) continue;
    const { group, link, image, texts: byMedium } = notification;
    for (const [medium, text] of Object.entries(isRecord(byMedium) ? byMedium : {})) {
      if (!isRecord(text)) continue;
      const parts = [
        `group: ${textOf(group)}`,
        ...[text.headline, text.title, ''].map(textOf),
        ...listOf(text.message).map(textOf),
        '',
        ...(link === undefined ? [] : [`link: ${textOf(link)}`]),
        ...(image === undefined ? [] : [`image: ${textOf(image)}`]),
      ];
      texts.set(medium, `${texts.get(medium) ?? ''}${parts.join('\n').trimEnd()}\n\n`);
    }
  }
  return texts;
}

/**
 * @param {import('./changes.mjs').Change[]} changes
 * @param {string} base
 */
export function changesPage(changes, base) {
  if (changes.length === 0) return `No integration was touched since ${codeOf(base)}.\n`;
  const head = `# Messages, before and after\n\nCompared with ${codeOf(base)}.\n`;
  let page = head;
  let left = 0;
  for (const part of changes.flatMap(partsOf)) {
    if (Buffer.byteLength(page) + Buffer.byteLength(part) > mostBytes) left++;
    else page += part;
  }
  return left === 0 ? page : `${page}\n${left} more don't fit here: \`node scripts/run.mjs changes\` prints them.\n`;
}

/** @param {import('./changes.mjs').Change} change */
function partsOf({ name, examples }) {
  const changed = examples.filter(({ texts }) => texts.length > 0);
  if (changed.length === 0) return [`\n## ${codeOf(name)}\n\nIts messages stay as they are.\n`];
  return [`\n## ${codeOf(name)}\n`, ...changed.map(exampleOf)];
}

/** Media that change alike stand together. @param {import('./changes.mjs').Change['examples'][number]} example */
function exampleOf({ name, texts }) {
  /** @type {Map<string, string[]>} */
  const alike = new Map();
  for (const { difference, label } of texts) alike.set(difference, [...(alike.get(difference) ?? []), label]);
  const parts = [...alike].map(([difference, media]) => `\n${media.map(codeOf).join(', ')}\n\n${fenced(difference)}\n`);
  return `\n### ${codeOf(name)}\n${parts.join('')}`;
}

/** A block that nothing in the text ends. @param {string} text */
function fenced(text) {
  const shown = visible(text).trimEnd();
  const mark = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${mark}diff\n${shown}\n${mark}`;
}

/** A piece of a line as code, whatever stands in it. @param {string} text */
function codeOf(text) {
  const line = visible(text).replaceAll('\n', ' ');
  const mark = '`'.repeat(longestRun(line) + 1);
  return line.startsWith('`') || line.endsWith('`') ? `${mark} ${line} ${mark}` : `${mark}${line}${mark}`;
}

/** @param {string} text */
function longestRun(text) {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Controls, and what turns text around, are written out: what is reviewed is what is there. @param {string} text */
function visible(text) {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === '\n' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
}

/** @param {string} content @returns {unknown} */
function parse(content) {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {unknown[]} */
function listOf(value) {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
