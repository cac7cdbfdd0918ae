import { access, bracketed, keyOf, literal } from '../draft/code.ts';
import { Schema } from '../draft/schema.ts';
import type { Place, Reading } from './reading.ts';
import { readAt } from './samples.ts';

/** Writes what is read as expressions, for which it has the schema know every place. */
export class ReadingCode {
  readonly alert = new Schema();
  readonly payload = new Schema();
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
    const { title, pieces, message, link, status, flag, severity, fingerprint, group, startedAt, at, deliveryId } =
      reading;
    const [only, ...others] = fingerprint;
    // What identifies an alert must be there; of several places any may have it.
    if (only) this.know(only, others.length === 0 && isEverywhere(only));
    else if (title.length < 2 && (title.length === 0 || pieces.length === 0)) {
      for (const place of [...title, ...pieces]) this.know(place, isEverywhere(place));
    }
    const rest = [others, status, title, pieces, message, link, severity, group, startedAt, at, deliveryId];
    for (const place of [...rest.flat(), ...(flag ? [flag.place] : []), ...[...reading.labels.values()].flat()]) {
      this.know(place, false);
    }
  }

  know(place: Place, needed: boolean): void {
    const schema = this.#schema(place);
    schema.add(place, needed);
    for (let length = 1; length < place.path.length; length++) {
      const prefix = place.path.slice(0, length);
      if (this.#reading.samples.some((sample) => readAt(sample[place.of], prefix) === null)) schema.addNull(prefix);
    }
  }

  head(places: readonly Place[]): string {
    const roots = [...new Set(places.map(({ of }) => of))].sort();
    return roots.length > 0 ? `({ ${roots.join(', ')} }) =>` : '() =>';
  }

  /** Whether the schema refuses a body without it. */
  isAlways({ of, path }: Place): boolean {
    const schema = of === 'alert' ? this.alert : this.payload;
    return path.every((_, index) => !schema.mayLack(path.slice(0, index + 1)));
  }

  /** Text, maybe empty or missing. */
  #one(place: Place): string {
    const types = new Set(
      place.values.filter((value) => value !== undefined && value !== null).map((value) => typeof value),
    );
    const read = this.raw(place);
    if (types.has('object')) return `JSON.stringify(${read})`;
    if (types.size === 1 && types.has('string')) return read;
    return this.isAlways(place) ? `String(${read})` : `String(${read} ?? '')`;
  }

  raw(place: Place): string {
    return access(place.of, place.path, (prefix) => this.#schema(place).mayLack(prefix));
  }

  /** Of the places the first that has a text; `last` where a missing one must be that. */
  chain(places: readonly Place[], last?: string): string {
    const [only] = places;
    const isSure = places.length === 1 && only !== undefined && this.isAlways(only) && last === undefined;
    const texts = places.map((place) => this.#one(place));
    const isText = last === "''" && texts.at(-1)?.startsWith('String(');
    const end = last === undefined || isSure || isText ? [] : [last];
    return [...texts, ...end].join(' || ');
  }

  /** A text, empty where there is none. */
  text(places: readonly Place[]): string {
    const [only] = places;
    return places.length === 1 && only && this.isAlways(only) ? this.chain(places) : this.chain(places, "''");
  }

  #fullTitle(): string {
    const { title, pieces, samples } = this.#reading;
    const joined = `[${pieces.map((place) => this.#one(place)).join(', ')}].filter(Boolean).join(' ')`;
    const full = pieces.length === 0 ? this.text(title) : title.length > 0 ? this.chain(title, joined) : joined;
    const hasLines = samples.some((_, at) => title.some(({ values }) => /\n/.test(String(values[at] ?? '').trim())));
    return hasLines ? `${/ \|\| /.test(full) ? `(${full})` : full}.trim().split('\\n', 1).join('')` : full;
  }

  title(): string {
    return `splitTitle(${this.#fullTitle()}).subject`;
  }

  statusPlaces(): Place[] {
    const { status, flag, titleSays, title, pieces } = this.#reading;
    return [...status, ...(flag ? [flag.place] : []), ...(titleSays ? [...title, ...pieces] : [])];
  }

  status(): string {
    const { status, flag, titleSays, words } = this.#reading;
    const table = words.size > 0 ? 'statuses' : 'statusWords';
    const said = [
      ...status.map((place) => this.#one(place)),
      ...(flag ? [`(${this.#flag(flag)})`] : []),
      ...(titleSays ? [`splitTitle(${this.#fullTitle()}).word`] : []),
    ];
    if (status.length === 0 && flag && !titleSays) return `(${this.#flag(flag)})`;
    const [only] = status;
    const isSure = said.at(-1)?.startsWith('String(') || (said.length === 1 && only && this.isAlways(only));
    return `${table}.get(plainWord(${[...said, ...(isSure ? [] : ["''"])].join(' || ')})) ?? 'firing'`;
  }

  #flag({ place, whenTrue }: NonNullable<Reading['flag']>): string {
    const read = this.raw(place);
    const word = whenTrue === 'resolved' ? `${read} ? 'resolved' : 'firing'` : `${read} ? 'firing' : 'resolved'`;
    const { titleSays } = this.#reading;
    return titleSays && !this.isAlways(place) ? `typeof ${read} === 'boolean' ? (${word}) : ''` : word;
  }

  identityPlaces(): Place[] {
    const { fingerprint, identity, labels, title, pieces } = this.#reading;
    if (fingerprint.length > 0) return [...fingerprint, ...(this.#isIdentified() ? [] : [...title, ...pieces])];
    return [...title, ...pieces, ...identity.flatMap((name) => labels.get(name) ?? [])];
  }

  /** The fingerprint; `before` is what stands before it in its line. */
  identity(before: string): string {
    const { fingerprint, identity, labels } = this.#reading;
    if (fingerprint.length > 0)
      return this.#isIdentified() ? this.chain(fingerprint) : this.chain(fingerprint, this.title());
    if (identity.length === 0) return this.title();
    const title = identity.includes('title')
      ? []
      : [`title: ${this.title()}${this.#isTitled() ? '' : ' || undefined'}`];
    const entries = identity.map((name) => `${keyOf(name)}: ${this.#labelText(labels.get(name) ?? [])}`);
    return bracketed(before, ['({', '})'], [...title, ...entries], ',', '  ').slice(before.length, -1);
  }

  #isIdentified(): boolean {
    const { fingerprint } = this.#reading;
    return fingerprint.length === 1 && fingerprint.every((place) => this.isAlways(place));
  }

  /** A text is none where it is empty. */
  label(places: readonly Place[]): string {
    const isText = places.every(({ values }) =>
      values.every((value) => value === undefined || typeof value === 'string'),
    );
    const hasEmpty = places.some(({ values }) => values.includes(''));
    if (isText && (hasEmpty || places.length > 1)) return this.chain(places, 'undefined');
    return places.map((place) => this.raw(place)).join(' ?? ');
  }

  /** As it is where it is a text anyway. */
  #labelText(places: readonly Place[]): string {
    const isText = places.every(({ values }) =>
      values.every((value) => value === undefined || typeof value === 'string'),
    );
    return isText ? this.label(places) : this.chain(places, 'undefined');
  }

  /** Whether the schema refuses a body without a title. */
  #isTitled(): boolean {
    const { title, pieces } = this.#reading;
    const named = title.length > 0 ? title : pieces;
    return (
      (title.length === 0 || pieces.length === 0) &&
      named.length > 0 &&
      named.every((place) => this.isAlways(place)) &&
      title.length < 2
    );
  }

  severity(): string {
    const { severity, severities } = this.#reading;
    const word = this.chain(severity, 'undefined');
    if (severities.size === 0) return word;
    const text = this.text(severity);
    return `severities.get(${text}) ?? ${word.includes('||') ? `(${word})` : word}`;
  }

  labelOf(name: string): string {
    const places = this.#reading.labels.get(name) ?? [];
    return places.length === 0 ? literal('') : this.text(places);
  }

  #schema({ of }: Place): Schema {
    return of === 'alert' ? this.alert : this.payload;
  }
}

function isEverywhere({ values }: Place): boolean {
  return values.every((value) => value !== undefined && value !== null && value !== '');
}
