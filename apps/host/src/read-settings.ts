import { type Fault, type Integration, z } from '@tocsin/core';
import { faultAt, type LoadedConfig } from './config/config.ts';
import { type Place, placeIn } from './config/finding.ts';
import { suggest } from './config/nearest.ts';
import { type Path, valueAt } from './config/path.ts';

/** What an integration's schema makes of the settings of its source or target at `path`; its faults are added. */
export function readSettings(
  config: LoadedConfig,
  faults: Fault[],
  path: Path,
  integration: Integration,
  settings: Record<string, unknown>,
): unknown {
  const { definition } = integration;
  const at = [...path, 'settings'];
  if (!definition.settings) {
    for (const key of Object.keys(settings)) {
      faults.push(faultAt(config, [...at, key], `${integration.id} has no settings; remove \`${key}\``));
    }
    return {};
  }
  const parsed = definition.settings.safeParse(settings);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const inner = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    const message = settingFault(issue, Object.keys(shapeOf(definition.settings)));
    faults.push(faultAt(config, [...at, ...inner], message, placeOf(issue, valueAt(settings, inner))));
  }
  return {};
}

/** Where inside of a setting's text it is wrong, if the schema says so. */
function placeOf(issue: z.core.$ZodIssue, value: unknown): Place | undefined {
  if (issue.code !== 'custom' || typeof value !== 'string') return undefined;
  const { line, column } = issue.params ?? {};
  return typeof line === 'number' && typeof column === 'number' ? placeIn(value, line, column) : undefined;
}

/** What is wrong with a setting and what to write instead. */
function settingFault(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `unknown key \`${key}\`${suggest(key, known, 'there are')}`);
    return keys.join('; ');
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return isMissing ? `is missing; it must be a ${issue.expected}` : issue.message;
}

function shapeOf(schema: z.ZodType): Record<string, unknown> {
  return schema instanceof z.ZodObject ? schema.shape : {};
}
