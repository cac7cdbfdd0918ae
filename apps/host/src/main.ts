#!/usr/bin/env node
import { join } from 'node:path';
import { isOfMonitor, runHere } from './notify/run.ts';

const [command, ...words] = process.argv.slice(2);
if (command === 'notify' && isOfMonitor(words, process.env)) {
  process.exit(await runHere(words, join(import.meta.dirname, 'notify.js')));
}

// Not before: a monitor doesn't wait for all that the other commands load.
const { TocsinError } = await import('@tocsin/core');
const { buildCommandLine } = await import('./cli/command-line.ts');
try {
  await buildCommandLine().parseAsync(process.argv);
} catch (error) {
  process.stderr.write(
    `${error instanceof TocsinError ? error.toText() : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
