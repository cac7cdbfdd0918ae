import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';

/** `--config`, the same on every command that reads it. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration').env('TOCSIN_CONFIG').default('tocsin.yaml');
}

/** Throws a TocsinError `config` with every fault. */
export function readConfig(file: string): LoadedConfig {
  return loadConfig(file, { env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
}
