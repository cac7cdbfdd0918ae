import { plainWord, statusWords, toSeverity } from '@tocsin/core';
import { findSensitive, kindOfKey, type Sensitive } from './sensitive.ts';

/** A text or number of a payload that is another in the package. */
export interface Replacement {
  kind: Sensitive;
  from: string;
  to: string;
  /** Where it was found: `monitor.owner`; in a template its file's name. */
  places: string[];
}

export interface RedactOptions {
  /** Payloads, by what they are called. */
  bodies: readonly unknown[];
  /** Texts that are no JSON, by the names of their files. */
  texts: ReadonlyMap<string, string>;
  /** Words that decide something; they stay. */
  kept: ReadonlySet<string>;
}

export interface Redacted {
  bodies: unknown[];
  texts: Map<string, string>;
  /** Everything that is another now, for a person to check. */
  replacements: Replacement[];
}

/**
 * The payloads and texts without what is nobody's business. The same value is replaced by the same everywhere and
 * another by another, so that what belonged together still does; a number stays one.
 */
export function redact({ bodies, texts, kept }: RedactOptions): Redacted {
  const replacer = new Replacer(JSON.stringify([bodies, [...texts]]), kept);
  for (const body of bodies) collect(body, [], undefined, replacer);
  for (const [name, text] of texts) replacer.findIn(text, name);
  return {
    bodies: bodies.map((body) => replaced(body, undefined, replacer)),
    texts: new Map([...texts].map(([name, text]) => [name, replacer.text(text)])),
    replacements: replacer.all,
  };
}

type KeyKind = ReturnType<typeof kindOfKey>;

function collect(value: unknown, path: readonly string[], kind: KeyKind, replacer: Replacer): void {
  const place = path.join('.') || 'the body';
  if (typeof value === 'string') {
    replacer.findIn(value, place);
    if (kind && (kind !== 'person' || isName(value))) replacer.add(kind, value, place);
  }
  if (typeof value === 'number' && (kind === 'secret' || kind === 'phone')) replacer.addNumber(kind, value, place);
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) replacer.findIn(key, place);
    collect(inner, [...path, key], kindWithin(kind, key, Array.isArray(value)), replacer);
  }
}

function replaced(value: unknown, kind: KeyKind, replacer: Replacer): unknown {
  if (typeof value === 'string') return kind ? replacer.whole(value) : replacer.text(value);
  if (typeof value === 'number') return kind ? replacer.number(value) : value;
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, kind, replacer));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      replacer.text(key),
      replaced(inner, kindWithin(kind, key, false), replacer),
    ]),
  );
}

/** A secret's parts are secrets; of a person, the names. */
function kindWithin(outer: KeyKind, key: string, isElement: boolean): KeyKind {
  if (isElement || outer === 'secret') return outer;
  const own = kindOfKey(key);
  return own ?? (outer === 'person' && /name$|^id$|^nick/.test(plainWord(key)) ? 'person' : undefined);
}

function isName(text: string): boolean {
  return text.length <= 80 && /\p{L}/u.test(text) && !/[\n@]|^\w+:\/\//.test(text);
}

/** What is shorter is part of too many words to be looked for elsewhere. */
const shortest = 3;
const shortestNumber = 6;
/** A secret of this length is no piece of another word by chance. */
const longEnough = 8;

class Replacer {
  readonly #byText = new Map<string, Replacement & { isSought: boolean }>();
  readonly #byNumber = new Map<number, Replacement>();
  readonly #counts = new Map<Sensitive, number>();
  readonly #taken: string;
  readonly #kept: ReadonlySet<string>;
  #sought: (Replacement & { isSought: boolean })[] | undefined;

  /** `taken`: all texts, in which no replacement may stand already. */
  constructor(taken: string, kept: ReadonlySet<string>) {
    this.#taken = taken;
    this.#kept = kept;
  }

  get all(): Replacement[] {
    return [...this.#byText.values(), ...this.#byNumber.values()].map(({ kind, from, to, places }) => ({
      kind,
      from,
      to,
      places,
    }));
  }

  add(kind: Sensitive, text: string, place: string): void {
    if (text.trim() === '' || this.#decides(text)) return;
    const known = this.#byText.get(text);
    if (known && !known.places.includes(place)) known.places.push(place);
    if (known) return;
    const isSought = text.length >= shortest;
    this.#byText.set(text, { kind, from: text, to: this.#next(kind, text), places: [place], isSought });
    this.#sought = undefined;
  }

  addNumber(kind: Sensitive, value: number, place: string): void {
    const known = this.#byNumber.get(value);
    if (known && !known.places.includes(place)) known.places.push(place);
    if (known) return;
    const to = this.#nextNumber(value);
    this.#byNumber.set(value, { kind, from: String(value), to: String(to), places: [place] });
    if (String(value).length < shortestNumber || this.#byText.has(String(value))) return;
    // In texts, too, it is the same number.
    this.#byText.set(String(value), { kind, from: String(value), to: String(to), places: [place], isSought: true });
    this.#sought = undefined;
  }

  findIn(text: string, place: string): void {
    for (const found of findSensitive(text)) {
      // A word alone names a host only where it stands in an address.
      const isWord = found.kind === 'host' && /^\p{L}+$/u.test(found.text);
      this.add(found.kind, isWord ? `//${found.text}` : found.text, place);
    }
  }

  /** What a field holds whose name says what it is. */
  whole(text: string): string {
    return this.#byText.get(text)?.to ?? this.text(text);
  }

  number(value: number): number {
    const known = this.#byNumber.get(value);
    return known ? Number(known.to) : value;
  }

  /** The text with everything replaced that was found anywhere; the longest first. */
  text(text: string): string {
    this.#sought ??= [...this.#byText.values()]
      .filter(({ isSought }) => isSought)
      .sort((left, right) => right.from.length - left.from.length);
    let done = '';
    for (let at = 0; at < text.length; ) {
      const found = this.#sought.find(
        ({ kind, from }) =>
          text.startsWith(from, at) &&
          ((kind === 'secret' && from.length >= longEnough) || isWhole(text, at, at + from.length)),
      );
      done += found ? found.to : text.charAt(at);
      at += found ? found.from.length : 1;
    }
    return done;
  }

  #decides(text: string): boolean {
    const word = plainWord(text);
    return this.#kept.has(word) || statusWords.has(word) || toSeverity(text) !== 'unknown';
  }

  #next(kind: Sensitive, text: string): string {
    for (;;) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      const made = madeUp(kind, count, text);
      if (!this.#taken.includes(made)) return made;
    }
  }

  /** Of as many digits. */
  #nextNumber(value: number): number {
    const used = new Set([...this.#byNumber.values()].map(({ to }) => Number(to)));
    let made = 10 ** Math.max(1, String(Math.trunc(Math.abs(value))).length - 1) + 1;
    while (used.has(made) || this.#taken.includes(String(made))) made++;
    return made;
  }
}

/** Whether the part is no piece of a longer word. */
function isWhole(text: string, from: number, to: number): boolean {
  return !(isLetter(text[from - 1]) && isLetter(text[from])) && !(isLetter(text[to - 1]) && isLetter(text[to]));
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** From the ranges that are kept for examples, where there are some. */
function madeUp(kind: Sensitive, count: number, text: string): string {
  switch (kind) {
    case 'secret':
      // What is made of a digest stays one.
      return /^[0-9a-f]{32,}$/i.test(text) ? `a${String(count).padStart(text.length - 1, '0')}` : `redacted-${count}`;
    case 'person':
      return `Person ${count}`;
    case 'e-mail':
      return `person-${count}@example.com`;
    case 'phone':
      return `+1 555 01${String(count).padStart(2, '0')}`;
    case 'address':
      return text.includes(':')
        ? `2001:db8::${count.toString(16)}`
        : count < 256
          ? `192.0.2.${count}`
          : `198.18.${count >> 8}.${count & 255}`;
    case 'host':
      return `${text.startsWith('//') ? '//' : ''}host-${count}.example.com`;
  }
}
