import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type SourceIntegration,
  standardNotifications,
  standardNow,
  standardTemplates,
  type TargetIntegration,
  TocsinError,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { lineDifference } from './difference.ts';
import { listFiles, parseJson, readText } from './files.ts';
import { type ExpectedSource, runSourceCase, type SourceCase } from './source-case.ts';
import { exampleSets, readyTarget, runTargetCase } from './target-case.ts';

export interface UpdateOptions {
  /** Takes the difference of each file that changes. */
  print: (text: string) => void;
  /** The process's environment: nothing is rewritten where `CI` is set. */
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Rewrites the expected files from what the integration does now, and prints what that changes. Origin and settings
 * of an example stay. Returns the files that changed. Throws a TocsinError where nothing may be or could be written.
 */
export async function updateIntegration(folder: string, options: UpdateOptions): Promise<string[]> {
  if (options.environment.CI) {
    throw new TocsinError('integration', 'expected files are not rewritten under CI', {
      origin: folder,
      remedy: 'Rewrite them on your own machine, read the difference, and commit them.',
    });
  }
  const integration = await loadIntegration(folder);
  const files = await (integration.kind === 'source' ? expectedAlerts(integration) : expectedRequests(integration));
  const changed: string[] = [];
  for (const [file, text] of files) {
    const before = (await readText(folder, file)) ?? '';
    if (before === text) continue;
    options.print(`${file}\n${lineDifference(before, text)}\n`);
    await writeFile(join(folder, file), text);
    changed.push(file);
  }
  return changed;
}

async function expectedAlerts(integration: SourceIntegration): Promise<Map<string, string>> {
  const { folder } = integration;
  const files = new Map<string, string>();
  for (const name of await listFiles(join(folder, 'examples'))) {
    if (!name.endsWith('.json') || name.endsWith('.expected.json')) continue;
    const file = `examples/${name}`;
    const expectedFile = file.replace(/\.json$/, '.expected.json');
    const text = (await readText(folder, file)) ?? '';
    const before = parseJson((await readText(folder, expectedFile)) ?? '{}', expectedFile) as Partial<ExpectedSource>;
    const result = runSourceCase(integration, text, parseJson(text, file), before);
    files.set(expectedFile, expectedText(integration, before, result));
  }
  return files;
}

/** What an example's expected file would hold now; origin and settings are as `before`. */
export function expectedText(
  { definition }: SourceIntegration,
  before: Partial<Pick<ExpectedSource, 'origin' | 'settings'>>,
  { expected }: SourceCase,
): string {
  const { origin = { kind: 'constructed', url: definition.docs, product: definition.title, date: '' }, settings } =
    before;
  const whole = { origin, ...(settings === undefined ? {} : { settings }), ...expected };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

async function expectedRequests(integration: TargetIntegration): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const examples of await exampleSets(integration.folder)) {
    const target = await readyTarget(integration, examples);
    for (const [name, input] of Object.entries(standardNotifications))
      files.set(`${examples}/${name}.expected.http`, runTargetCase(target, input, standardTemplates, standardNow).text);
  }
  return files;
}
