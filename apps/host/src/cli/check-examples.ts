import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Fault,
  type NotificationInput,
  nextRequest,
  renderNotification,
  type SourceIntegration,
  standardNotifications,
  standardNow,
  standardTemplates,
  TocsinError,
} from '@tocsin/core';
import { runSourceCase } from '@tocsin/testkit';
import { faultAt } from '../config/config.ts';
import { placeIn } from '../config/finding.ts';
import { valueAt } from '../config/path.ts';
import type { ConfiguredTarget, Registry } from '../registry.ts';

/**
 * Targets whose own template names what no example of any configured source has: that is a mistyped name, as a rule.
 * What is said is where the example fails that comes furthest.
 */
export function warnOfExamples({ config, sources, targets }: Registry): Fault[] {
  let examples: NotificationInput[] | undefined;
  return config.targets.flatMap(({ id }, index) => {
    const target = targets.get(id);
    if (!target || !failureOf(target, standardNotifications.firing)) return [];
    examples ??= [...sources.values()].flatMap(({ integration }) => examplesOf(integration));
    const failures = examples.map((example) => failureOf(target, example));
    const [furthest] = failures.filter((failure) => failure !== undefined).sort((left, right) => compare(right, left));
    if (!furthest || failures.includes(undefined)) return [];
    const { file = '', line = 1, column = 1, path, message } = furthest;
    const at = ['targets', index, 'settings', file];
    const text = valueAt(target.settings, [file]);
    const place = typeof text === 'string' ? placeIn(text, line, column) : undefined;
    const said = `${path} ${message} in every example of the sources here; \`tocsin render\` shows what an alert has`;
    return [faultAt(config, at, said, place)];
  });
}

/** What the target's template fails at; nothing where there is a request. */
function failureOf({ integration, settings }: ConfiguredTarget, input: NotificationInput): Fault | undefined {
  const { definition } = integration;
  const medium = typeof definition.medium === 'function' ? definition.medium(settings) : definition.medium;
  const target = { medium, limits: definition.limits };
  try {
    const notification = renderNotification(input, standardTemplates, target, { now: standardNow });
    nextRequest(definition, notification, settings, []);
    return undefined;
  } catch (error) {
    return error instanceof TocsinError && error.code === 'template' ? error.faults[0] : undefined;
  }
}

function compare(left: Fault, right: Fault): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

/** Of a package that has brought them along. */
function examplesOf(integration: SourceIntegration): NotificationInput[] {
  const folder = join(integration.folder, 'examples');
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return undefined;
    }
  };
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // A source may have none.
  }
  return names
    .filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'))
    .flatMap((name) => {
      const body = read(name) ?? 'null';
      const given = JSON.parse(read(name.replace(/\.json$/, '.expected.json')) ?? '{}');
      return runSourceCase(integration, body, JSON.parse(body), given).inputs;
    });
}
