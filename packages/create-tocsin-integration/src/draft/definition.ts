import { access, bracketed, keyOf, literal, property, quoted } from './code.ts';
import type { Decisions } from './decisions.ts';
import type { Field } from './fields.ts';
import { Schema } from './schema.ts';
import { addedStatus } from './status.ts';

/** What a person says about the product, or what stands there until one does. */
export interface Product {
  title: string;
  summary: string;
  docs: string;
}

/** The text of `src/index.ts`. */
export function printDefinition(product: Product, decisions: Decisions): string {
  const { samples, status, identity, severity, times, labels } = decisions;
  const hasList = samples.alertsAt !== undefined;
  const [alert, payload] = [new Schema(), new Schema()];
  const schemaOf = (of: Field['of']) => (of === 'alert' ? alert : payload);
  const read = (field: Field) => access(field.of, field.path, (prefix) => schemaOf(field.of).mayLack(prefix));

  for (const field of identity.fingerprint) schemaOf(field.of).add(field, true);
  if (status.field) schemaOf(status.field.of).add(status.field, true);
  else alert.addMissing([addedStatus]);
  if (identity.group) payload.addMap(identity.group, true);
  const rest = [severity?.field, ...labels.fields.map(({ field }) => field), times.startedAt, times.at];
  for (const field of rest) if (field) schemaOf(field.of).add(field, false);
  for (const { of, path } of labels.spread) schemaOf(of).addMap(path, false);
  for (const { field } of decisions.outer) payload.add(field, false);

  const head = (...fields: (Field | undefined)[]) => {
    const roots = [...new Set(fields.flatMap((field) => (field ? [field.of] : [])))].sort();
    return roots.length > 0 ? `({ ${roots.join(', ')} }) =>` : '() =>';
  };
  const fingerprint = printIdentity(identity.fingerprint, read);
  const parts = [
    `  title: ${quoted(product.title)},`,
    `  summary: ${quoted(product.summary)},`,
    `  docs: ${quoted(product.docs)},`,
    '  payload,',
    ...(samples.alertsAt === undefined
      ? []
      : [
          property(
            'alerts',
            '({ payload }) =>',
            access('payload', samples.alertsAt, () => false),
          ),
        ]),
    ...(status.field
      ? printStatus(decisions, read(status.field), head(status.field))
      : printStatus(decisions, `alert.${addedStatus}`, '({ alert }) =>')),
    property('fingerprint', head(...identity.fingerprint), fingerprint),
    identity.group
      ? property(
          'group',
          '({ payload }) =>',
          access('payload', identity.group, () => false),
        )
      : property('group', head(...identity.fingerprint), fingerprint),
    ...printLabels(decisions, read, head),
    ...(severity ? [property('severity', head(severity.field), printSeverity(decisions, read(severity.field)))] : []),
    ...(times.startedAt ? [property('startedAt', head(times.startedAt), read(times.startedAt))] : []),
    ...(times.at ? [property('at', head(times.at), read(times.at))] : []),
    ...printData(decisions, read),
  ];
  const needsStatuses = usesTable(decisions);
  const imports = [
    needsStatuses ? 'type AlertStatus' : '',
    'defineSource',
    severity?.mapping.size ? 'type Severity' : '',
    'z',
  ];
  const constants = [
    ...(hasList ? [alert.print('alert')] : []),
    hasList ? payload.print('payload', { at: samples.alertsAt ?? [], element: 'alert' }) : alert.print('payload'),
    ...(needsStatuses ? [printTable('statuses', 'AlertStatus', [...decisions.status.meanings])] : []),
    ...(severity?.mapping.size ? [printTable('severities', 'Severity', [...severity.mapping])] : []),
  ];
  return [
    `import { ${imports.filter((name) => name !== '').join(', ')} } from '@tocsin/core';`,
    ...constants,
    `export default defineSource({\n${parts.join('\n')}\n});`,
  ]
    .join('\n\n')
    .concat('\n');
}

function printIdentity(fields: readonly Field[], read: (field: Field) => string): string {
  if (fields.length === 0) return quoted('everything');
  return fields.length === 1 ? read(fields[0] as Field) : `[${fields.map(read).join(', ')}]`;
}

/** More than firing and resolved takes a table. */
function usesTable({ status }: Decisions): boolean {
  return [...status.meanings.values()].some((meaning) => meaning !== 'firing' && meaning !== 'resolved');
}

function printStatus(decisions: Decisions, value: string, head: string): string[] {
  const { meanings, field } = decisions.status;
  const why = '  // A word that nobody knows is a problem, rather than lost.';
  if (usesTable(decisions)) {
    const key = typeof [...meanings.keys()][0] === 'string' ? value : `String(${value})`;
    return [why, property('status', head, `statuses.get(${key}) ?? 'firing'`)];
  }
  const ends = [...meanings].filter(([, meaning]) => meaning === 'resolved').map(([word]) => word);
  if (field && ends.length === 1 && typeof ends[0] === 'boolean') {
    return [
      property('status', head, ends[0] ? `(${value} ? 'resolved' : 'firing')` : `(${value} ? 'firing' : 'resolved')`),
    ];
  }
  const [only] = ends;
  const isEnd =
    ends.length === 1 && only !== undefined
      ? `${value} === ${literal(only)}`
      : `[${ends.map(literal).join(', ')}].includes(${value})`;
  return [why, property('status', head, `(${isEnd} ? 'resolved' : 'firing')`)];
}

function printTable(name: string, type: string, entries: readonly (readonly [unknown, string])[]): string {
  const rows = entries.map(([word, meaning]) => `[${quoted(String(word))}, ${quoted(meaning)}]`);
  const before = `const ${name} = new Map<string, ${type}>(`;
  // The formatter gives each pair a line, if there are several.
  return rows.length > 1
    ? `${before}[\n${rows.map((row) => `  ${row},\n`).join('')}]);`
    : `${before}[${rows.join('')}]);`;
}

function printSeverity({ severity }: Decisions, value: string): string {
  const isText = severity?.field.values.every(
    (word) => typeof word === 'string' || word === undefined || word === null,
  );
  const mayBeNull = severity?.field.values.some((word) => word === null);
  const text = isText ? value : `String(${value} ?? '')`;
  if (severity && severity.mapping.size > 0) {
    return isText
      ? `severities.get(${value} ?? '') ?? ${value}${mayBeNull ? ' ?? undefined' : ''}`
      : `severities.get(${text}) ?? ${text}`;
  }
  return isText && mayBeNull ? `${value} ?? undefined` : text;
}

function printLabels(
  { labels }: Decisions,
  read: (field: Field) => string,
  head: (...fields: Field[]) => string,
): string[] {
  const { spread, fields } = labels;
  if (spread.length + fields.length === 0) return [];
  const objects = spread.map(({ of, path }) => access(of, path, () => false));
  if (fields.length === 0 && objects.length === 1) return [property('labels', '({ alert }) =>', `${objects[0]} ?? {}`)];
  const entries = [
    ...objects.map((code) => `...${code}`),
    ...fields.map(({ name, field }) => `${keyOf(name)}: ${read(field)}`),
  ];
  const spreads: Field[] = spread.map(({ of, path }) => ({ of, path, words: [], values: [] }));
  const begin = `  labels: ${head(...spreads, ...fields.map(({ field }) => field))} (`;
  return [bracketed(begin, ['{', '}'], entries, '),', '  ')];
}

/** What stands beside the alerts and is shown by a template. */
function printData({ outer }: Decisions, read: (field: Field) => string): string[] {
  if (outer.length === 0) return [];
  const entries = ['...alert', ...outer.map(({ name, field }) => `${keyOf(name)}: ${read(field)}`)];
  return [bracketed('  data: ({ alert, payload }) => (', ['{', '}'], entries, '),', '  ')];
}
