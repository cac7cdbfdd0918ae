import { Command } from 'commander';
import { keptnCommand } from './keptn.ts';

/** `tocsin import <format>`; each format is a file of its own. */
export function importCommand(): Command {
  return new Command('import')
    .description('print a part of a configuration that does what another program’s does')
    .addCommand(keptnCommand());
}
