import { Command } from 'commander';
import { channelsCommand } from './channels.ts';
import { checkCommand } from './check.ts';
import { deliveriesCommand } from './deliveries.ts';
import { devCommand } from './dev/dev.ts';
import { exportCommand } from './export.ts';
import { groupsCommand } from './groups.ts';
import { importCommand } from './import/import.ts';
import { integrationsCommand } from './integrations.ts';
import { appCommand } from './manifest.ts';
import { newCommand } from './new.ts';
import { notifyCommand } from './notify.ts';
import { renderCommand } from './render.ts';
import { requestsCommand } from './requests.ts';
import { routesCommand } from './routes.ts';
import { secretsCommand } from './secrets.ts';
import { sendCommand } from './send.ts';
import { silencesCommand } from './silences.ts';
import { startCommand } from './start.ts';
import { targetsCommand } from './targets.ts';
import { templatesCommand } from './templates.ts';
import { testCommand } from './test.ts';
import { whyCommand } from './why.ts';

/** `tocsin <command>`; each command is a file of its own. */
export function buildCommandLine(): Command {
  return new Command('tocsin')
    .description('Takes alerts from anything, tells anyone, brings the acknowledgement back, loses nothing.')
    .showHelpAfterError('(tocsin --help lists the commands)')
    .addCommand(startCommand())
    .addCommand(checkCommand())
    .addCommand(newCommand())
    .addCommand(testCommand())
    .addCommand(devCommand())
    .addCommand(sendCommand())
    .addCommand(notifyCommand())
    .addCommand(renderCommand())
    .addCommand(whyCommand())
    .addCommand(groupsCommand())
    .addCommand(routesCommand())
    .addCommand(channelsCommand())
    .addCommand(silencesCommand())
    .addCommand(secretsCommand())
    .addCommand(targetsCommand())
    .addCommand(appCommand('slack', 'Slack'))
    .addCommand(deliveriesCommand())
    .addCommand(requestsCommand())
    .addCommand(templatesCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(integrationsCommand());
}
