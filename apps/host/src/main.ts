#!/usr/bin/env node
import { TocsinError } from '@tocsin/core';
import { buildCommandLine } from './cli/command-line.ts';

try {
  await buildCommandLine().parseAsync(process.argv);
} catch (error) {
  process.stderr.write(
    `${error instanceof TocsinError ? error.toText() : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
