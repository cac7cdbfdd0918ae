import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { exactJson, TocsinError } from '@tocsin/core';
import { checkIntegration, updateIntegration } from '@tocsin/testkit';
import { Argument, Command, type Option } from 'commander';
import { type Created, createIntegration } from './create.ts';
import type { DraftRequest } from './draft/samples.ts';
import { compareWording } from './from-source/compare.ts';
import type { ConfiguredSource } from './from-source/configured.ts';
import type { SourceDraft } from './from-source/draft.ts';
import { findPlace, type Kind, type Place } from './place.ts';
import { previewOf } from './preview.ts';
import type { Replacement } from './redact/redact.ts';

interface Options {
  from?: string[];
  title?: string;
  docs?: string;
  fromSource?: string;
}

/** The running hub, for the command line that can reach one. */
export interface Hub {
  /** What says where it is. */
  options: Option[];
  /** A source of its configuration with the requests that it took last; `given` are the command's options. */
  read: (id: string, given: Record<string, unknown>) => Promise<ConfiguredSource>;
}

/** `tocsin new`, and `npm create tocsin-integration`, which knows no hub. */
export function createCommand(name: string, hub?: Hub): Command {
  const command = new Command(name)
    .description('make an integration: inside the repository in its folder, elsewhere as a package in an empty folder')
    .addArgument(new Argument('<kind>').choices(['source', 'target']))
    .argument('<id>', 'the name of its folder and package, such as uptime-kuma')
    .option('-f, --from <file...>', 'draft a source from payloads that its system sent; - is standard input')
    .option('--title <name>', 'the vendor’s name of the product')
    .option('--docs <url>', 'the vendor’s page about it')
    .addHelpText(
      'after',
      '\nPayloads are told apart by what they say, and by file names such as firing.json and resolved.json.' +
        (hub ? aboutSources : '') +
        '\nExit codes: 0 it is made, 1 it is not.',
    )
    .action((kind: Kind, id: string, options: Options) => run(kind, id, options, hub));
  if (!hub) return command;
  command.option('--from-source <id>', 'draft a source from a configured one of the integration `webhook`');
  for (const option of hub.options) command.addOption(option);
  return command;
}

const aboutSources =
  '\n--from-source takes the settings and templates of the source and up to five requests that the running hub has' +
  '\nstored of it. What looks like a secret, a person or an address is replaced, and each replacement is listed.';

async function run(
  kind: Kind,
  id: string,
  { from = [], title, docs, fromSource, ...given }: Options,
  hub: Hub | undefined,
): Promise<void> {
  if (fromSource !== undefined && from.length > 0) {
    throw new TocsinError('integration', '--from and --from-source are two ways to draft', {
      remedy: 'Leave out one of them.',
    });
  }
  const here = process.cwd();
  const requests = from.map(readRequest);
  const place = findPlace(kind, id, here, from);
  const source = fromSource === undefined ? undefined : await hub?.read(fromSource, given);
  const date = new Date().toISOString().slice(0, 10);
  const created = createIntegration(place, { kind, id, title, docs, requests, source, date });
  const folder = relative(here, place.folder) || '.';
  print(`${folder}: ${created.files.join(', ')}`);
  if (place.repository === undefined) install(place.folder);
  // Its files are new: there is nothing yet that somebody has read and agreed to.
  await updateIntegration(place.folder, { print: () => {}, environment: {} });
  print(`\n── what people will see ──\n${await previewOf(place.folder)}\n──`);
  if (created.draft) await printDraft(place.folder, created.draft);
  await printResults(place, created, folder);
  printNext(place, id);
}

function readRequest(file: string): DraftRequest {
  const name = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : resolve(file), 'utf8');
  } catch (cause) {
    throw new TocsinError('not-found', `${name} can't be read`, { remedy: 'Name a file with a payload.', cause });
  }
  try {
    return { name: basename(name), body: exactJson(text) };
  } catch (cause) {
    throw new TocsinError('payload', `${name} is not JSON: ${cause instanceof Error ? cause.message : cause}`, {
      remedy: 'Save the body of a request as the system sent it.',
      cause,
    });
  }
}

/** The package's own tools, core among them, without which nothing of it runs. */
function install(folder: string): void {
  print('\nnpm install …');
  const isWindows = process.platform === 'win32';
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: isWindows,
  });
  if (status === 0) return;
  throw new TocsinError('integration', 'the files are written, but npm install failed', {
    remedy: 'See what it says above; then run `npm install` and `npx tocsin test --update`.',
  });
}

/** What came from the configured source, for a person to check. */
async function printDraft(folder: string, { replacements, requests, leftOut, source }: SourceDraft): Promise<void> {
  print(`\nDrafted from ${source.id} and ${requests.map(({ name }) => name).join(', ')}.`);
  for (const reason of leftOut) print(`  left out: ${reason}`);
  print(
    replacements.length > 0
      ? '\nReplaced in examples, templates and code. Read them for what was not recognised:'
      : '\nNothing looked like a secret, a person or an address. Read the examples for what was not recognised.',
  );
  for (const replacement of replacements) print(`  ${describe(replacement)}`);
  const { messages, same, differences } = await compareWording(folder, source, requests);
  print(`\n${same} of ${messages} messages are said as ${source.id} says them.`);
  for (const { of, medium, difference } of differences) print(`── ${of}, ${medium} ──\n${difference.trimEnd()}`);
}

/** A secret itself is shown to nobody. */
function describe({ kind, from, to, places }: Replacement): string {
  const shown = kind === 'secret' ? `${from.length > 8 ? from.slice(0, 2) : ''}… (${from.length} characters)` : from;
  const others = places.length > 3 ? ` and ${places.length - 3} more` : '';
  return `${kind}: ${shown} → ${to}, in ${places.slice(0, 3).join(', ')}${others}`;
}

async function printResults({ folder, repository }: Place, { checklist }: Created, shown: string): Promise<void> {
  const results = await checkIntegration(folder, { targets: repository === undefined ? [] : targetsOf(repository) });
  const failed = results.filter(({ ok }) => !ok);
  print(`\n${results.length - failed.length} of ${results.length} checks hold.`);
  for (const { file, message } of failed) print(`  ✗ ${join(shown, file)}: ${message}`);
  print('\nWhat only a person knows, with what was guessed and why:');
  for (const { file, line, says } of checklist) print(`  [ ] ${join(shown, file)}:${line}: ${says}`);
}

function targetsOf(repository: string): string[] {
  const folder = join(repository, 'integrations', 'targets');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function printNext({ repository }: Place, id: string): void {
  const tocsin = repository === undefined ? 'npx tocsin' : 'npm run tocsin --';
  const word = repository === undefined ? '.' : id;
  print(`
Next:
  ${tocsin} dev ${word}        # its examples in every medium, in the browser, while you edit
  ${tocsin} render ${word}     # the same in the terminal
  ${tocsin} test ${word}       # hold it to the contract; --update takes over what the examples become now`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
