import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { checkIntegration, updateIntegration } from '@tocsin/testkit';
import { Argument, Command } from 'commander';
import { type Created, createIntegration } from './create.ts';
import type { DraftRequest } from './draft/samples.ts';
import { findPlace, type Kind, type Place } from './place.ts';
import { previewOf } from './preview.ts';

interface Options {
  from?: string[];
  title?: string;
  docs?: string;
}

/** `tocsin new`, and `npm create tocsin-integration`. */
export function createCommand(name: string): Command {
  return new Command(name)
    .description('make an integration: inside the repository in its folder, elsewhere as a package in an empty folder')
    .addArgument(new Argument('<kind>').choices(['source', 'target']))
    .argument('<id>', 'the name of its folder and package, such as uptime-kuma')
    .option('-f, --from <file...>', 'draft a source from payloads that its system sent; - is standard input')
    .option('--title <name>', 'the vendor’s name of the product')
    .option('--docs <url>', 'the vendor’s page about it')
    .addHelpText(
      'after',
      '\nPayloads are told apart by what they say, and by file names such as firing.json and resolved.json.' +
        '\nExit codes: 0 it is made, 1 it is not.',
    )
    .action(run);
}

async function run(kind: Kind, id: string, { from = [], title, docs }: Options): Promise<void> {
  const here = process.cwd();
  const requests = from.map(readRequest);
  const place = findPlace(kind, id, here, from);
  const date = new Date().toISOString().slice(0, 10);
  const created = createIntegration(place, { kind, id, title, docs, requests, date });
  const folder = relative(here, place.folder) || '.';
  print(`${folder}: ${created.files.join(', ')}`);
  if (place.repository === undefined) install(place.folder);
  // Its files are new: there is nothing yet that somebody has read and agreed to.
  await updateIntegration(place.folder, { print: () => {}, environment: {} });
  print(`\n── what people will see ──\n${await previewOf(place.folder)}\n──`);
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
    return { name: basename(name), body: JSON.parse(text) };
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
