import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nearest, TocsinError } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { Command, Option } from 'commander';
import type { LoadedConfig, SourceConfig } from '../config/config.ts';
import { urlOf } from '../config/listen.ts';
import { resolveSecrets } from '../config/reference.ts';
import { signatureHeaders } from '../ingest/sign.ts';
import { findFolder } from '../registry.ts';
import { configOption, readConfig } from './files.ts';

interface SendOptions {
  config: string;
  title?: string;
  status: string;
  severity?: string;
  label: Record<string, string>;
  example?: string;
  url?: string;
  json?: boolean;
}

export function sendCommand(): Command {
  return new Command('send')
    .description('send an alert, or an example of its integration, to a source of the running host')
    .argument('<source>', 'the id of a source in the configuration')
    .option('-t, --title <text>', 'what is wrong, for a source of the integration `webhook`')
    .addOption(
      new Option('-s, --status <status>', 'what the alert says').choices(['firing', 'resolved']).default('firing'),
    )
    .option('--severity <word>', 'critical, error, warning, info')
    .option('-l, --label <name=value>', 'a label; may be given several times', collectLabel, {})
    .option(
      '-e, --example <case>',
      'the file examples/<case>.json of the source’s integration; without a title: firing',
    )
    .option('--url <url>', 'where the host listens; default: the `listen` of the configuration')
    .option('--json', 'print the host’s answer as it is')
    .addOption(configOption())
    .addHelpText('after', '\nExit codes: 0 accepted, 1 not accepted or not reached, 2 the configuration has faults.')
    .action(send);
}

async function send(id: string, options: SendOptions): Promise<void> {
  const config = readConfig(options.config);
  const source = config.sources.find((candidate) => candidate.id === id);
  if (!source) throw unknownSource(config, id);
  const [firstKey] = source.keys;
  if (!firstKey) throw notPosted(id);
  const body = await bodyOf(config, source, options);
  const base = options.url ?? urlOf(config.listen, config.listen.port);
  const key = resolveSecrets(firstKey.value, config.secrets);
  const proof = source.signed === 'required' ? await proofOf(config, source, key, body) : { 'x-tocsin-key': key };
  const answer = await post(`${base}/in/${id}`, proof, body);
  const text = await answer.text();
  if (options.json) process.stdout.write(`${text}\n`);
  else process.stdout.write(`${answer.ok ? accepted(text, base) : `${answer.status} ${text}`}\n`);
  if (!answer.ok) process.exitCode = 1;
}

/** As the source's vendor would sign it. */
async function proofOf(
  config: LoadedConfig,
  source: SourceConfig,
  key: string,
  body: string,
): Promise<Record<string, string>> {
  const integration = await loadIntegration(findFolder(source.integration, config.folder));
  const verify = integration.kind === 'source' ? integration.definition.verify : undefined;
  return signatureHeaders(verify, key, body, Date.now());
}

async function post(url: string, proof: Record<string, string>, body: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...proof },
      body,
    });
  } catch (cause) {
    throw new TocsinError('not-found', `nothing answers at ${url}`, {
      remedy: 'Start the host (`tocsin start`), or name its address with --url.',
      cause,
    });
  }
}

function accepted(text: string, base: string): string {
  const { groups, rejected } = JSON.parse(text) as { groups: { id: string; status: string }[]; rejected: unknown[] };
  const lines = groups.map(({ id, status }) => `accepted: group ${id} is ${status}, ${base}/g/${id}`);
  return [
    ...(lines.length > 0 ? lines : ['accepted: it changes nothing']),
    ...rejected.map((fault) => `rejected: ${JSON.stringify(fault)}`),
  ].join('\n');
}

async function bodyOf(config: LoadedConfig, source: SourceConfig, options: SendOptions): Promise<string> {
  if (options.title === undefined) {
    const folder = findFolder(source.integration, config.folder);
    const file = join(folder, 'examples', `${options.example ?? 'firing'}.json`);
    try {
      return await readFile(file, 'utf8');
    } catch (cause) {
      throw new TocsinError('not-found', `${file} can't be read`, {
        remedy: 'Name one of the files in that folder, without .json; or give the alert with --title.',
        cause,
      });
    }
  }
  const { title, status, severity, label } = options;
  return JSON.stringify({ title, status, ...(severity ? { severity } : {}), labels: label });
}

function unknownSource(config: LoadedConfig, id: string): TocsinError {
  const known = config.sources.map((source) => source.id);
  const suggestion = nearest(id, known);
  return new TocsinError('not-found', `there is no source ${id} in ${config.file}`, {
    remedy: suggestion ? `Did you mean ${suggestion}?` : `Its sources: ${known.join(', ')}`,
  });
}

function notPosted(id: string): TocsinError {
  return new TocsinError('config', `nobody can send to source ${id}: the hub alone tells it of its own troubles`, {
    remedy: 'Raise one: post something that another source can’t read.',
  });
}

function collectLabel(text: string, labels: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...labels, [text.slice(0, at)]: text.slice(at + 1) };
  throw new TocsinError('config', `${text} is no label`, { remedy: 'Write it as name=value.' });
}
