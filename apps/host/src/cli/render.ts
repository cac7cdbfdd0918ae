import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  exactJson,
  formatCurl,
  type MediumName,
  mediumOf,
  type SourceIntegration,
  standardNotifications,
  standardNow,
  standardTemplates,
  type TargetIntegration,
  TocsinError,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { readyTarget, runSourceCase, runTargetCase } from '@tocsin/testkit';
import { Command } from 'commander';
import { suggest } from '../config/nearest.ts';
import { urlOption } from './api-client.ts';
import { configOption } from './files.ts';
import { findIntegrations } from './integration-folders.ts';
import { renderSample } from './render-sample.ts';
import { renderStored, type StoredOptions } from './render-stored.ts';

interface RenderOptions extends StoredOptions {
  medium?: string;
}

export function renderCommand(): Command {
  return new Command('render')
    .description('show what an example becomes, or what a target is told of a stored group or request')
    .argument('[integration]', 'an id, package or folder; `source-webhook` where a source and a target share the id')
    .argument('[case]', 'an example of a source, a standard notification of a target', 'firing')
    .option('-m, --medium <name>', 'of a source’s example: only this medium')
    .option(
      '--to <target>',
      'what this target is told: of a source’s example, or by the running host of what it has stored',
    )
    .option('--group <id>', 'of this group')
    .option('--request <id>', 'of what this stored request becomes')
    .addOption(configOption())
    .addOption(urlOption())
    .option('--curl', 'a target’s request as a curl command')
    .option('--json', 'as JSON')
    .action(render);
}

async function render(word: string | undefined, name: string, options: RenderOptions): Promise<void> {
  if (options.to !== undefined && word === undefined) {
    process.stdout.write(`${await renderStored(options.to, options)}\n`);
    return;
  }
  if (word === undefined) {
    throw new TocsinError('config', 'neither an integration nor --to is named', {
      remedy: 'Write `tocsin render source-webhook firing`, or `tocsin render --to <target> --group <id>`.',
    });
  }
  const found = findIntegrations(word, process.cwd());
  const [only] = found;
  if (!only || found.length > 1) {
    throw new TocsinError('not-found', `${word} is ambiguous`, {
      remedy: `Write ${found.map(({ shortName }) => shortName).join(' or ')}.`,
    });
  }
  const integration = await loadIntegration(only.folder);
  const text =
    integration.kind === 'source' && options.to !== undefined
      ? await renderSampleOf(integration, name, options.to, options)
      : integration.kind === 'source'
        ? await renderSource(integration, name, options)
        : await renderTarget(integration, name, options);
  process.stdout.write(`${text}\n`);
}

function renderSampleOf(
  integration: SourceIntegration,
  name: string,
  to: string,
  options: RenderOptions,
): Promise<string> {
  const known = casesIn(join(integration.folder, 'examples'));
  if (!known.includes(name)) throw unknownCase(name, known);
  return renderSample(integration, name, to, options);
}

async function renderSource(integration: SourceIntegration, name: string, options: RenderOptions): Promise<string> {
  const examples = join(integration.folder, 'examples');
  const file = join(examples, `${name}.json`);
  if (!existsSync(file)) throw unknownCase(name, casesIn(examples));
  const rawBody = await readFile(file, 'utf8');
  const expectedFile = join(examples, `${name}.expected.json`);
  const given = existsSync(expectedFile) ? JSON.parse(await readFile(expectedFile, 'utf8')) : {};
  const { expected, faults } = runSourceCase(integration, rawBody, exactJson(rawBody), given);
  if (options.json) return JSON.stringify(expected, null, 2);
  // Throws for a word that is no medium.
  if (options.medium !== undefined) mediumOf(options.medium as MediumName);
  const parts = expected.notifications.flatMap(({ group, link, texts }) => [
    `group ${group}`,
    ...Object.entries(texts)
      .filter(([medium]) => options.medium === undefined || options.medium === medium)
      .map(
        ([medium, { headline, title, message }]) =>
          `── ${medium} ──\n${headline}\n${title}\n\n${[message].flat().join('\n')}`,
      ),
    ...(link ? [`link: ${link}`] : []),
  ]);
  return [...parts, ...faults.map((problem) => `problem: ${problem}`)].join('\n\n');
}

async function renderTarget(integration: TargetIntegration, name: string, options: RenderOptions): Promise<string> {
  const input = standardNotifications[name as keyof typeof standardNotifications];
  if (!input) throw unknownCase(name, Object.keys(standardNotifications));
  const { request, text, notification } = runTargetCase(
    await readyTarget(integration),
    input,
    standardTemplates,
    standardNow,
  );
  if (options.json) return JSON.stringify({ notification, request }, null, 2);
  return options.curl ? formatCurl(request) : text;
}

function casesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'));
  return names.map((name) => name.replace(/\.json$/, ''));
}

function unknownCase(name: string, known: string[]): TocsinError {
  return new TocsinError('not-found', `there is no case ${name}${suggest(name, known, 'there are')}`, {
    remedy: 'Name one of the cases.',
  });
}
