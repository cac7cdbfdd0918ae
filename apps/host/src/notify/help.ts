import { commandOptions, notificationOptions } from './options.ts';

/** `tocsin notify --help`, of the part that monitors start. */
export function help(): string {
  return `Usage: tocsin notify --type Host|Service --notificationtype <type> … --url <url> --key-file <file>

Tells a hub what a monitor has to say: the notification command of Nagios, Naemon, Icinga 2 and openITCOCKPIT.
--print-config prints the definitions that call it. What an option doesn't say is taken from the environment:
NAGIOS_… and ICINGA_… macros, and the names that Icinga 2's own scripts have.

What it is about:
${table(notificationOptions)}

Where it goes:
${table(commandOptions)}

It ends within five seconds. Nothing is tried twice, but with --spool: what the hub can't take now is kept on disk, and
sent before the next one, or by --flush from a timer. Of a group of contacts one notification arrives.

Exit codes: 0 the hub has it, or it is kept in --spool (and said on stderr); 1 the hub can't be reached or can't take it
now; 2 the command is called wrongly; 3 the hub refused it.`;
}

function table(options: Record<string, { value?: string; what: string }>): string {
  return Object.entries(options)
    .map(([name, { value, what }]) => `  ${`${name}${value === undefined ? '' : ` <${value}>`}`.padEnd(30)} ${what}`)
    .join('\n');
}
