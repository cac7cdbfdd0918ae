import { cleanHowto, type HowtoValues } from '@tocsin/core/howto';

/** What may stand in a template: text is escaped, markup is not, nothing and `false` are left out. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** Only this file has it, so that every `Html` came from one of the functions below. */
const door: unique symbol = Symbol('html');

/** Markup in which every text is escaped. */
export class Html {
  readonly #markup: string;

  constructor(key: typeof door, markup: string) {
    if (key !== door) throw new TypeError('write markup with html`…`');
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/**
 * Markup from a template literal, whose values are escaped for text and for quoted attributes. Attributes are always
 * quoted; addresses from outside go through `linkTarget` first.
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, value] of values.entries()) markup += markupOf(value) + (strings[index + 1] ?? '');
  return new Html(door, markup);
}

/** A package's `howto.html`, cut down to what is harmless. */
export function cleanedHowto(howto: string, values: HowtoValues): Html {
  return new Html(door, cleanHowto(howto, values));
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}

/** The address, if it is a web page or a mailbox: what may stand in `href`. */
export function linkTarget(address: string): string | undefined {
  return /^(https?:\/\/|mailto:)/i.test(address) ? URL.parse(address)?.href : undefined;
}

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(markupOf).join('');
  return escapeHtml(String(value));
}
