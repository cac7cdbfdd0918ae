/** What a secret may look like in a text, and the reference that stands in its place for people. */
export type SecretForm = readonly [form: string, reference: string];

/** Shorter values would mask ordinary words. */
export const shortestMasked = 6;

/** Every form of these secrets, the longest first: of two of which one contains the other, the longer is taken. */
function secretForms(secrets: Iterable<readonly [reference: string, value: string]>): SecretForm[] {
  const forms = new Map<string, string>();
  for (const [reference, value] of secrets) {
    if (value.length < shortestMasked) continue;
    for (const form of formsOf(value)) if (!forms.has(form)) forms.set(form, reference);
  }
  return [...forms].sort(([left], [right]) => right.length - left.length);
}

/** Those of the store: `version` is another once they are others. */
export interface ChangingSecrets {
  readonly version: number;
  known(): Iterable<readonly [reference: string, value: string]>;
}

/** Has the references in place of the values, also of those that change while the host runs. */
export class SecretMask {
  readonly #fixed: readonly (readonly [reference: string, value: string])[];
  readonly #changing: readonly ChangingSecrets[];
  #forms: readonly SecretForm[];
  #version = '';

  constructor(
    fixed: Iterable<readonly [reference: string, value: string]>,
    ...changing: readonly (ChangingSecrets | undefined)[]
  ) {
    this.#fixed = [...fixed];
    this.#changing = changing.filter((one) => one !== undefined);
    this.#forms = secretForms(this.#fixed);
  }

  text(text: string): string {
    const version = this.#changing.map((one) => one.version).join();
    if (version !== this.#version) {
      this.#version = version;
      this.#forms = secretForms([...this.#fixed, ...this.#changing.flatMap((one) => [...one.known()])]);
    }
    return maskWith(this.#forms, text);
  }
}

function maskWith(forms: readonly SecretForm[], text: string): string {
  let masked = text;
  for (const [form, reference] of forms) {
    if (masked.includes(form)) masked = masked.replaceAll(form, () => reference);
  }
  return masked;
}

/** As it is, and as it looks inside JSON (of any writer), an address, a form, HTML, and Base64 (a basic or other header). */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].map((offset) => insideBase64(bytes, offset)).filter((form) => form.length >= 8);
  return [
    value,
    json,
    json.replaceAll('/', '\\/'),
    inAscii(json),
    inAscii(json).replaceAll('/', '\\/'),
    encodeURIComponent(value),
    value.split('/').map(encodeURIComponent).join('/'),
    new URLSearchParams({ '': value }).toString().slice(1),
    ...inHtml(value),
    ...encoded,
    ...encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The characters that a value always has in the Base64 of a longer text in which it begins after `offset` bytes (mod 3). */
function insideBase64(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** Writers of HTML differ in the quotes: Go has `&#34;` and `&#39;`, PHP `&#039;`, Python `&#x27;`. */
function inHtml(value: string): string[] {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['&quot;', '&#34;', '"'].flatMap((quote) =>
    ['&#39;', '&#039;', '&#x27;', '&apos;', "'"].map((apostrophe) =>
      text.replaceAll('"', quote).replaceAll("'", apostrophe),
    ),
  );
}
