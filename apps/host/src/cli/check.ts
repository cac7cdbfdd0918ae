import { formatFault, TocsinError } from '@tocsin/core';
import { Command } from 'commander';
import { configJsonSchema } from '../config/json-schema.ts';
import { secretReference } from '../config/secret-id.ts';
import { loadRegistry, secretUsers } from '../registry.ts';
import { warnOfExamples } from './check-examples.ts';
import { configOption, readConfig } from './files.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('say everything that is wrong with the configuration, with line and remedy')
    .addOption(configOption())
    .option('--json', 'the faults and warnings as JSON')
    .option('--schema', 'print the JSON Schema of the configuration and end')
    .addHelpText('after', '\nExit codes: 0 nothing is wrong, 2 there are faults.')
    .action(check);
}

async function check(options: { config: string; json?: boolean; schema?: boolean }): Promise<void> {
  if (options.schema) {
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return;
  }
  try {
    const registry = await loadRegistry(readConfig(options.config));
    const { config, integrations, sources, targets } = registry;
    const warnings = [...config.warnings, ...warnOfExamples(registry)];
    const secrets = [...secretUsers({ targets }).keys()];
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ ok: true, faults: [], warnings, secrets })}\n`);
      return;
    }
    for (const warning of warnings) process.stdout.write(`warning: ${formatFault(warning)}\n`);
    process.stdout.write(
      `${options.config} is fine: ${integrations.length} integrations, ${sources.size} sources, ${targets.size} targets, ${config.routes.length} route${config.routes.length === 1 ? '' : 's'}\n`,
    );
    if (secrets.length > 0) {
      const names = secrets.map((id) => secretReference(id)).join(', ');
      process.stdout.write(`it needs ${names} of the running hub; tocsin secrets list says whether they are set\n`);
    }
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    if (options.json)
      process.stdout.write(`${JSON.stringify({ ok: false, message: error.message, faults: error.faults })}\n`);
    else process.stderr.write(`${error.toText()}\n`);
    process.exitCode = 2;
  }
}
