import { TocsinError } from '../errors.ts';
import type { Meter } from './budget.ts';
import { jsonOf } from './display.ts';
import type { Sink } from './interpreter.ts';
import type { Expression } from './nodes.ts';

/** What a render's result is: each value is encoded for where it is put, the template's own text is left alone. */
export type OutputFormat = 'text' | 'json' | 'form' | 'xml';

/** A sink that gathers a text. */
export interface Output extends Sink {
  readonly text: string;
}

export function outputOf(format: OutputFormat, meter: Meter): Output {
  return format === 'json' ? new JsonOutput(meter) : new EncodedOutput(encoders[format]);
}

class EncodedOutput implements Output {
  text = '';
  readonly #encode: (value: string) => string;

  constructor(encode: (value: string) => string) {
    this.#encode = encode;
  }

  writeText(text: string): void {
    this.text += text;
  }

  writeValue(value: string): void {
    this.text += this.#encode(value);
  }
}

/**
 * Inside of a JSON string a value is its text, elsewhere it is its JSON: a number stays one, a text gets its quotes.
 * Which of both holds is read off the text that was written so far.
 */
class JsonOutput implements Output {
  text = '';
  readonly #meter: Meter;
  #isInString = false;
  #isEscaped = false;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  writeText(text: string): void {
    for (const character of text) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === '\\') this.#isEscaped = this.#isInString;
      else if (character === '"') this.#isInString = !this.#isInString;
    }
    this.text += text;
  }

  writeValue(value: string, expression: Expression, raw: unknown): void {
    if (this.#isEscaped) {
      throw new TocsinError(
        'template',
        'a backslash stands before a tag: it would take the first character of its value',
      );
    }
    if (this.#isInString) this.text += JSON.stringify(value).slice(1, -1);
    else if (expression.type === 'call' && expression.helper === 'json') this.text += value;
    else this.text += jsonOf(raw, this.#meter);
  }
}

const encoders: Record<Exclude<OutputFormat, 'json'>, (value: string) => string> = {
  text: (value) => value,
  // https://url.spec.whatwg.org/#concept-urlencoded-serializer
  form: (value) => new URLSearchParams([['', value]]).toString().slice(1),
  xml: (value) =>
    // https://www.w3.org/TR/xml/#charsets
    value
      .toWellFormed()
      .replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
      .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
};
