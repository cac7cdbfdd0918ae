import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { type CheckResult, checkIntegration, mutateIntegration, updateIntegration } from '@tocsin/testkit';
import { Command, Option } from 'commander';
import { findIntegrations, type IntegrationFolder, localIntegrations } from './integration-folders.ts';
import { printable } from './printable.ts';
import { annotations, withoutCommands } from './test-annotations.ts';
import { junit } from './test-junit.ts';
import { report, type TestedIntegration } from './test-report.ts';

export interface TestOptions {
  update?: boolean;
  mutation?: boolean;
  json?: boolean;
  junit?: string;
  annotations?: boolean;
}

/** Where the command runs and what it writes to. */
export interface TestSurroundings {
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  write: (text: string) => void;
  writeError: (text: string) => void;
  /** Whether each of them is a terminal. */
  isTerminal: boolean;
  isErrorTerminal: boolean;
}

export function testCommand(): Command {
  return new Command('test')
    .description('hold integrations against the contract: their examples, templates, requests, how-to pages')
    .argument('[integration...]', 'ids, packages or folders; without any, all that are here')
    .option('-u, --update', 'rewrite the expected files and print the difference; refused where CI is set')
    .option('--mutation', 'also change every field that a source reads, one at a time')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--annotations', 'also write what fails as annotations of GitHub Actions; by itself under GITHUB_ACTIONS')
    .addOption(new Option('--json', 'only the results, as JSON').conflicts('annotations'))
    .addHelpText('after', '\nExit codes: 0 all hold, 1 some don’t, 2 nothing could be tested or rewritten.')
    .action(async (words: string[], options: TestOptions) => {
      process.exitCode = await runTests(words, options, {
        folder: process.cwd(),
        environment: process.env,
        write: (text) => process.stdout.write(text),
        writeError: (text) => process.stderr.write(text),
        isTerminal: process.stdout.isTTY === true,
        isErrorTerminal: process.stderr.isTTY === true,
      });
    });
}

/** The command, without its process. Returns the exit code. */
export async function runTests(
  words: readonly string[],
  options: TestOptions,
  surroundings: TestSurroundings,
): Promise<0 | 1 | 2> {
  try {
    const folders = foldersOf(words, surroundings.folder);
    if (options.update) await update(folders, options, surroundings);
    const tested = await testAll(folders, options, surroundings);
    tell(tested, options, surroundings);
    return tested.every(({ results }) => results.every(({ ok }) => ok)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    surroundings.writeError(`${printable(error.toText())}\n`);
    return 2;
  }
}

function foldersOf(words: readonly string[], here: string): IntegrationFolder[] {
  const folders = words.length > 0 ? words.flatMap((word) => findIntegrations(word, here)) : localIntegrations(here);
  if (folders.length > 0) return folders;
  throw new TocsinError('not-found', 'there is no integration here', {
    remedy:
      'Name a package or a folder, or run it in an integration’s folder or a repository that has a folder `integrations`.',
  });
}

async function update(
  folders: readonly IntegrationFolder[],
  { json }: TestOptions,
  { environment, write, writeError }: TestSurroundings,
): Promise<void> {
  const print = (text: string) => (json ? writeError : write)(`${printable(text)}\n`);
  for (const { folder, shortName } of folders) {
    const changed = await updateIntegration(folder, { print, environment });
    print(`${shortName}: ${changed.length === 0 ? 'nothing to rewrite' : `rewrote ${changed.join(', ')}`}`);
  }
}

async function testAll(
  folders: readonly IntegrationFolder[],
  { mutation }: TestOptions,
  { folder: here, writeError, isErrorTerminal }: TestSurroundings,
): Promise<TestedIntegration[]> {
  const local = localIntegrations(here).filter(({ shortName }) => shortName.startsWith('target-'));
  const targets = local.map(({ folder }) => folder);
  const clear = '\r\u001b[2K';
  const tested: TestedIntegration[] = [];
  for (const [index, { folder, shortName }] of folders.entries()) {
    if (isErrorTerminal) writeError(`${clear}${printable(shortName)} (${index + 1} of ${folders.length}) …`);
    const results: CheckResult[] = await checkIntegration(folder, { targets });
    if (mutation) results.push(...(await mutateIntegration(folder)));
    tested.push({ name: shortName, folder, results });
  }
  if (isErrorTerminal) writeError(clear);
  return tested;
}

function tell(tested: readonly TestedIntegration[], options: TestOptions, surroundings: TestSurroundings): void {
  const { folder, environment, write, isTerminal } = surroundings;
  if (options.junit !== undefined) writeReport(resolve(folder, options.junit), junit(tested));
  if (options.json) {
    write(`${JSON.stringify(Object.fromEntries(tested.map(({ name, results }) => [name, results])), null, 2)}\n`);
    return;
  }
  const text = report(tested, { folder, isColoured: isTerminal && !environment.NO_COLOR });
  const isAction = environment.GITHUB_ACTIONS === 'true';
  write(isAction ? withoutCommands(text, randomUUID()) : text);
  if (options.annotations || isAction) write(annotations(tested, environment.GITHUB_WORKSPACE ?? folder));
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new TocsinError('not-found', `${file} can't be written`, {
      remedy: 'Name a file in a folder that exists.',
      cause,
    });
  }
}
