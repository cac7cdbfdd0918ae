import { blockHelpers, type HelperDescription, standardNotifications, valueHelpers } from '@tocsin/core';
import { protectionsOf } from '../faults/row.ts';
import { rows as faults } from '../faults/rows.ts';
import { tocsin } from './command-line.ts';
import { codeOf, tableOf } from './markdown.ts';

/** The tables of the guides that are written from the code, by the name that stands in the guide. */
export const tables: Readonly<Record<string, () => string>> = {
  configuration: () => tableOf(['key', 'default', 'what'], configRows()),
  blocks: () => helperTable(blockHelpers),
  helpers: () => helperTable(valueHelpers),
  notifications: () =>
    Object.keys(standardNotifications)
      .map((name) => codeOf(name))
      .join(', '),
  faults: () =>
    tableOf(
      ['fault', 'how', 'must hold', 'proof: it turns red'],
      faults.map((fault) => [
        `${codeOf(fault.id)} ${fault.title}`,
        fault.method,
        fault.bar,
        'later' in fault
          ? `not yet: ${fault.later}`
          : 'none' in fault.protection
            ? `none: ${fault.protection.none}`
            : protectionsOf(fault)
                .map(({ what }) => what)
                .join('; '),
      ]),
    ),
  integrations: () => tableOf(['integration', 'use', 'package', 'quality', 'missing for the next'], integrationRows()),
};

/** Of `tocsin integrations --json`; the version is left out, which every release changes. */
interface Listed {
  kind: string;
  id: string;
  title: string;
  summary: string;
  package: string;
  level: string;
  next?: string;
  missing: string[];
}

function integrationRows(): string[][] {
  const listed: Listed[] = JSON.parse(tocsin('integrations', '--json'));
  return listed.map(({ kind, id, title, summary, package: name, level, next, missing }) => [
    `**${title}**: ${summary}`,
    `${kind} ${codeOf(id)}`,
    codeOf(name),
    level,
    next === undefined ? '' : `${next}: ${missing.join('; ')}`,
  ]);
}

/** The words of JSON Schema that a row needs. */
interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
}

function configRows(): string[][] {
  const root: Schema = JSON.parse(tocsin('check', '--schema'));
  const rows: string[][] = [];
  const walk = (schema: Schema, path: string) => {
    for (const [name, given] of Object.entries(schema.properties ?? {})) {
      const key = `${path}${name}`;
      rows.push([codeOf(key), defaultOf(given, schema.required?.includes(name) ?? false), meaningOf(given)]);
      const elements = given.items ? [given.items, ...(given.items.anyOf ?? [])] : [];
      for (const element of elements) {
        const named = element.$ref === undefined ? element : root.$defs?.[element.$ref.split('/').at(-1) as string];
        // A route holds routes: they are the same again.
        if (named && !path.includes(`${name}[].`)) walk(named, `${key}[].`);
      }
      walk(given, `${key}.`);
    }
  };
  walk(root, '');
  return rows;
}

function defaultOf({ default: value }: Schema, isRequired: boolean): string {
  if (isRequired) return 'required';
  const isEmpty =
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return isEmpty ? '' : codeOf(String(value));
}

/** A map without words of its own says what its values are. */
function meaningOf({ description, additionalProperties }: Schema): string {
  if (description !== undefined) return description;
  const inner = typeof additionalProperties === 'object' ? additionalProperties.description : undefined;
  return inner === undefined ? '' : `names, each with: ${inner}`;
}

function helperTable(helpers: Readonly<Record<string, HelperDescription>>): string {
  return tableOf(
    ['use', 'what', 'example', 'gives'],
    Object.values(helpers).map(({ usage, summary, example }) => [
      codeOf(usage),
      summary,
      codeOf(example.template),
      codeOf(example.result),
    ]),
  );
}
