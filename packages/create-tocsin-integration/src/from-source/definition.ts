import { access, bracketed, keyOf, literal, property, quoted } from '../draft/code.ts';
import type { Product } from '../draft/definition.ts';
import { Schema } from '../draft/schema.ts';
import { type DecisionCode, printDecision } from './decision.ts';
import type { Place, Reading } from './reading.ts';
import { readAt } from './samples.ts';

/** The text of `src/index.ts`: what the source was set to do, as code. `needsBody`: a template reads the body itself. */
export function printReading(product: Product, reading: Reading, decisions: DecisionCode, needsBody: boolean): string {
  const code = new ReadingCode(reading);
  const parts = partsOf(code, reading, decisions, needsBody);
  const { shape, words, severities } = reading;
  const isWhole = shape.kind === 'whole';
  const list = { at: shape.at, element: 'alert', isOne: shape.kind === 'one' };
  const text = parts.join('\n');
  const uses = (name: string) => text.includes(name);
  const imports = [
    words.size > 0 ? 'type AlertStatus' : '',
    'defineSource',
    uses('plainWord(') ? 'plainWord' : '',
    uses('severities') ? 'type Severity' : '',
    uses('splitTitle(') ? 'splitTitle' : '',
    uses('plainWord(') || words.size > 0 ? 'statusWords' : '',
    'z',
  ];
  const constants = [
    ...(isWhole ? [] : [code.alert.print('alert')]),
    isWhole ? code.alert.print('payload') : code.payload.print('payload', list),
    ...(words.size > 0
      ? [
          '// What the system says in words of its own, beside the usual ones.\n' +
            printTable('statuses', 'AlertStatus', ['...statusWords', ...rowsOf(words)]),
        ]
      : []),
    ...(uses('severities') ? [printTable('severities', 'Severity', rowsOf(severities))] : []),
  ];
  return [
    `import { ${imports.filter((name) => name !== '').join(', ')} } from '@tocsin/core';`,
    ...constants,
    [
      'export default defineSource({',
      `  title: ${quoted(product.title)},`,
      `  summary: ${quoted(product.summary)},`,
      `  docs: ${quoted(product.docs)},`,
      '  payload,',
      text,
      '});\n',
    ].join('\n'),
  ].join('\n\n');
}

function partsOf(code: ReadingCode, reading: Reading, decisions: DecisionCode, needsBody: boolean): string[] {
  const { shape, labels, severity, startedAt, at, deliveryId } = reading;
  const list = access('payload', shape.at, () => false);
  const time = (part: string, places: Place[]) =>
    places.length === 0 ? [] : [property(part, code.head(places), code.chain(places))];
  return [
    ...(shape.kind === 'whole'
      ? []
      : [property('alerts', '({ payload }) =>', shape.kind === 'one' ? `[${list}]` : list)]),
    printStatus(code, decisions),
    printFingerprint(code),
    printGroup(code, reading, decisions),
    ...(labels.size === 0 ? [] : [printLabels(code, labels)]),
    ...(severity.length === 0 ? [] : [property('severity', code.head(severity), code.severity())]),
    ...time('startedAt', startedAt),
    ...time('at', at),
    ...(deliveryId.length === 0
      ? []
      : [property('deliveryId', code.head(deliveryId), code.chain(deliveryId, 'undefined'))]),
    printData(code, reading, needsBody),
  ];
}

function printFingerprint(code: ReadingCode): string {
  const head = code.head(code.identityPlaces());
  const identity = code.identity(`  fingerprint: ${head} `);
  return identity.includes('\n') ? `  fingerprint: ${head} ${identity},` : property('fingerprint', head, identity);
}

function printStatus(code: ReadingCode, { resolve, acknowledge }: DecisionCode): string {
  const said = code.status();
  if (!resolve && !acknowledge) {
    return `  // A word that nobody knows is a problem, rather than lost.\n${property('status', code.head(code.statusPlaces()), said)}`;
  }
  const places = [...code.statusPlaces(), ...[resolve, acknowledge].flatMap((one) => one?.places ?? [])];
  return [
    `  status: ${code.head(places)} {`,
    `    const said = ${said};`,
    ...(resolve ? [`    if (${printDecision(resolve, code)}) return 'resolved';`] : []),
    ...(acknowledge
      ? [
          ...(resolve ? [] : ["    if (said === 'resolved') return said;"]),
          `    if (${printDecision(acknowledge, code)}) return 'acknowledged';`,
        ]
      : []),
    `    return ${lost(resolve, acknowledge)} ? 'firing' : said;`,
    '  },',
  ].join('\n');
}

/** What only the decision may say, and it did not. */
function lost(resolve: unknown, acknowledge: unknown): string {
  if (resolve && acknowledge) return "(said === 'resolved' || said === 'acknowledged')";
  return resolve ? "said === 'resolved'" : "said === 'acknowledged'";
}

function printGroup(code: ReadingCode, { group: places }: Reading, { group }: DecisionCode): string {
  const [only] = places;
  const keys = [...(group ? [printDecision(group, code)] : []), ...(places.length > 0 ? [code.chain(places)] : [])];
  // What always gives a text leaves nothing to what would follow it.
  const isSure = group
    ? group.parts.some((part) => typeof part === 'string' && part.trim() !== '')
    : only && places.length === 1 && code.isAlways(only);
  const read = [...(group?.places ?? []), ...places];
  if (isSure) return property('group', code.head(read), keys[0] ?? "''");
  const head = code.head([...read, ...code.identityPlaces()]);
  const before = `  group: ${head} ${keys.map((key) => `${key} || `).join('')}`;
  const text = `${before}${code.identity(before)},`;
  return text.includes('\n') ? text : property('group', head, text.slice(`  group: ${head} `.length, -1));
}

function printLabels(code: ReadingCode, labels: ReadonlyMap<string, Place[]>): string {
  const entries = [...labels].flatMap(([name, places]) =>
    places.length === 0 ? [] : [`${keyOf(name)}: ${code.label(places)}`],
  );
  return bracketed(`  labels: ${code.head([...labels.values()].flat())} (`, ['{', '}'], entries, '),', '  ');
}

/** Under the names that the configured source's templates know. */
function printData(code: ReadingCode, { title, pieces, message, link }: Reading, needsBody: boolean): string {
  const entries = [
    `title: ${code.title()}`,
    `message: ${message.length > 0 ? code.text(message) : "''"}`,
    ...(link.length > 0 ? [`link: ${code.chain(link, 'undefined')}`] : []),
    ...(needsBody ? ['body: alert'] : []),
  ];
  const isAlert = needsBody ? [{ of: 'alert' as const, path: [], values: [] }] : [];
  const places = [...title, ...pieces, ...message, ...link, ...isAlert];
  return bracketed(`  data: ${code.head(places)} (`, ['{', '}'], entries, '),', '  ');
}

function printTable(name: string, type: string, rows: readonly string[]): string {
  const before = `const ${name} = new Map<string, ${type}>(`;
  return rows.length > 1
    ? `${before}[\n${rows.map((row) => `  ${row},\n`).join('')}]);`
    : `${before}[${rows.join('')}]);`;
}

function rowsOf(entries: ReadonlyMap<string, string>): string[] {
  return [...entries].map(([word, meaning]) => `[${quoted(word)}, ${quoted(meaning)}]`);
}

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
