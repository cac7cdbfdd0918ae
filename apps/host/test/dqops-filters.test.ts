import { join } from 'node:path';
import { normalise } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { compileRoutes } from '@tocsin/engine';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import upstream from './data/dqops-filters.json' with { type: 'json' };

// DQOps' filters as routes of an operator's configuration, over the labels that its source gives.

const dqops = await loadIntegration(join(import.meta.dirname, '../../../integrations/sources/dqops'));

const incident = {
  incident_id: '5509142a-0abc-43eb-a7d0-3f2c1b90e845',
  connection: 'warehouse',
  schema: 'sales',
  table: 'orders_2026',
  table_priority: 2,
  incident_hash: '6127450938815562731',
  data_group_name: 'customers / DE',
  quality_dimension: 'Completeness',
  check_category: 'nulls',
  check_type: '',
  check_name: 'daily_nulls_percent',
  highest_severity: 3,
  status: 'open',
};

const targets = ['first', 'second', 'third', 'everywhere-first', 'everywhere-second', 'everywhere', 'data-team'];

function labelsOf(changes: Partial<typeof incident> = {}) {
  if (dqops.kind !== 'source') throw new Error('dqops is a source');
  const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
  const options = { source: 'dqops', settings: {}, receivedAt: Date.UTC(2026, 0, 15) };
  const { alerts } = normalise(dqops.definition, { ...incident, ...changes }, request, options);
  return alerts[0]?.labels ?? {};
}

/** The targets that are told, in order, and what each is told besides. */
function told(routes: object[], labels = labelsOf()) {
  const config = loadConfig('/etc/tocsin.yaml', {
    env: {},
    readFile: () =>
      JSON.stringify({
        version: 1,
        unrouted: 'drop',
        integrations: ['@tocsin/target-webhook'],
        targets: targets.map((id) => ({ id, use: 'webhook', settings: { url: 'https://example.com' } })),
        routes,
      }),
  });
  return compileRoutes(config.routes)
    .match(labels)
    .map(({ target, wording }) => {
      const templates = config.wordings.find(({ name }) => name === wording)?.templates;
      return { target, templates };
    });
}

const targetsOf = (routes: object[], changes?: Partial<typeof incident>) =>
  told(routes, labelsOf(changes)).map(({ target }) => target);

describe(`seed-Q14 ${upstream.origin.path}`, () => {
  test.each(upstream.cases)('seed-Q14 $test', ({ routes, told: expected, says }) => {
    const actual = told(routes);
    expect(actual.map(({ target }) => target)).toEqual(expected);
    if (says) expect(actual.map(({ templates }) => templates)).toEqual(says.map(wordsOf));
  });

  test('seed-Q14 every case of theirs is here', () => {
    expect(new Set(upstream.cases.map((one) => one.test)).size).toBe(upstream.origin.tests);
  });
});

function wordsOf(text: string | null) {
  return text === null ? undefined : expect.objectContaining({ layout: `{{message}}\n\n${text}` });
}

describe('seed-Q14 What a filter may look at', () => {
  const filter = (match: string | string[]) => [{ match, to: ['first'] }, { to: ['data-team'] }];

  test.each([
    ['connection', 'ware.*', 'lake'],
    ['schema', '.*les', 'stage'],
    ['table', 'orders_.*6', 'customers_2026'],
    ['data_group_name', 'customers.*', 'suppliers / DE'],
    ['check_name', '.*_nulls_.*', 'daily_row_count'],
  ])('seed-Q14 a pattern of %s is a regular expression', (name, pattern, other) => {
    const routes = filter(`${name}=~"${pattern}"`);
    expect(targetsOf(routes)).toEqual(['first']);
    expect(targetsOf(routes, { [name]: other })).toEqual(['data-team']);
  });

  test.each([
    ['table_priority', '2', 3],
    ['quality_dimension', 'Completeness', 'Validity'],
    ['check_category', 'nulls', 'volume'],
    ['check_type', '', 'monitoring'],
    ['highest_severity', '3', 1],
  ])('seed-Q14 %s is equal', (name, value, other) => {
    const routes = filter(`${name}="${value}"`);
    expect(targetsOf(routes)).toEqual(['first']);
    expect(targetsOf(routes, { [name]: other })).toEqual(['data-team']);
  });

  test('seed-Q14 several must hold together, and what isn’t written is not looked at', () => {
    const routes = filter(['connection=~"ware.*"', 'check_category="nulls"', 'highest_severity="3"']);
    expect(targetsOf(routes, { schema: 'any', table: 'any' })).toEqual(['first']);
    expect(targetsOf(routes, { highest_severity: 2 })).toEqual(['data-team']);
  });

  test('seed-Q14 a hash of 64 bits, digit for digit', () => {
    const routes = filter('incident_hash="6127450938815562731"');
    expect(targetsOf(routes)).toEqual(['first']);
    expect(targetsOf(routes, { incident_hash: '6127450938815562732' })).toEqual(['data-team']);
  });

  test('seed-Q14 a filter that creates nothing is a route that tells nobody', () => {
    const routes = [{ match: 'schema="staging"' }, { to: ['data-team'] }];
    expect(targetsOf(routes, { schema: 'staging' })).toEqual([]);
    expect(targetsOf(routes)).toEqual(['data-team']);
  });
});
