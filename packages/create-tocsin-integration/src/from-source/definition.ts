import { access, bracketed, keyOf, property, quoted } from '../draft/code.ts';
import type { Product } from '../draft/definition.ts';
import { type DecisionCode, printDecision } from './decision.ts';
import type { Place, Reading } from './reading.ts';
import { ReadingCode } from './reading-code.ts';

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
