#!/usr/bin/env node
import { TocsinError } from '@tocsin/core';
import { createCommand } from './command.ts';

try {
  await createCommand('create-tocsin-integration').parseAsync(process.argv);
} catch (error) {
  process.stderr.write(
    `${error instanceof TocsinError ? error.toText() : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
