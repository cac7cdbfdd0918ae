import { resolve } from 'node:path';
import { Misuse, type Options } from './options.ts';

const monitors = ['nagios', 'icinga2', 'openitcockpit'] as const;

type Monitor = (typeof monitors)[number];

/** The definitions by which a monitor calls this program, with what the options say of the hub. */
export function printConfig(
  given: string,
  options: Options,
  { env, program }: { env: NodeJS.ProcessEnv; program: readonly string[] },
): string {
  const monitor = monitors.find((one) => one === given.toLowerCase());
  if (monitor === undefined) throw new Misuse(`--print-config knows ${monitors.join(', ')}, not “${given}”`);
  const words = [...program, ...hubOptions(monitor, options, env)];
  if (monitor === 'icinga2') return icinga(words);
  return nagios(words, monitor);
}

function hubOptions(monitor: Monitor, options: Options, env: NodeJS.ProcessEnv): string[] {
  const spool = options['--spool'];
  return [
    ...['--url', options['--url'] ?? env.TOCSIN_URL ?? `http://127.0.0.1:8080/in/${monitor}`],
    ...['--key-file', resolve(options['--key-file'] ?? `/etc/tocsin/${monitor}.key`)],
    ...(spool === undefined ? [] : ['--spool', resolve(spool)]),
  ];
}

/** Of Nagios' macros, for `command_line`; Nagios takes quotes and the like out of outputs, so that these hold. */
function nagiosMacros(object: 'HOST' | 'SERVICE'): Record<string, string> {
  const macros = {
    '--notificationtype': 'NOTIFICATIONTYPE',
    '--hostname': 'HOSTNAME',
    '--hostdisplayname': 'HOSTDISPLAYNAME',
    '--hostaddress': 'HOSTADDRESS',
    '--hostgroups': 'HOSTGROUPNAMES',
    '--hoststate': 'HOSTSTATEID',
    ...(object === 'SERVICE' && {
      '--servicedesc': 'SERVICEDESC',
      '--servicedisplayname': 'SERVICEDISPLAYNAME',
      '--servicegroups': 'SERVICEGROUPNAMES',
      '--servicestate': 'SERVICESTATEID',
    }),
    '--since': `LAST${object}STATECHANGE`,
    '--notesurl': `${object}NOTESURL`,
    '--output': `${object}OUTPUT`,
    '--longoutput': `LONG${object}OUTPUT`,
    '--perfdata': `${object}PERFDATA`,
    '--ackauthor': 'NOTIFICATIONAUTHOR',
    '--ackcomment': 'NOTIFICATIONCOMMENT',
    '--time': 'TIMET',
  };
  const quoted = Object.entries(macros).map(([option, macro]) => [option, `"$${macro}$"`]);
  return {
    '--type': object === 'HOST' ? 'Host' : 'Service',
    ...Object.fromEntries(quoted),
    '--id': `"$PROCESSSTARTTIME$-$${object}NOTIFICATIONID$"`,
  };
}

const introductions = {
  nagios: `# Have Nagios read this file: a line cfg_file=<its path> in nagios.cfg. Then add the contact to the templates of your
# hosts and services with "contacts +tocsin", check with "nagios4 -v nagios.cfg" and reload.
# With enable_environment_macros=1 in nagios.cfg all that begins at --type can go: outputs then keep their quotes.`,
  openitcockpit: `# In openITCOCKPIT: make two notification commands (Monitoring, Objects, Commands) with these names and lines, add them
# to a contact with the options below, and press Export. The definitions are those that its Naemon reads.`,
};

function nagios(words: readonly string[], monitor: 'nagios' | 'openitcockpit'): string {
  const command = words.map(quotedForNagios).join(' ');
  const line = (object: 'HOST' | 'SERVICE') => [command, ...Object.entries(nagiosMacros(object)).flat()].join(' ');
  return `${introductions[monitor]}

define command {
    command_name  host-notify-by-tocsin
    command_line  ${line('HOST')}
}

define command {
    command_name  service-notify-by-tocsin
    command_line  ${line('SERVICE')}
}

define timeperiod {
    timeperiod_name  tocsin-always
    alias            Always: the hub knows who is told when
    monday           00:00-24:00
    tuesday          00:00-24:00
    wednesday        00:00-24:00
    thursday         00:00-24:00
    friday           00:00-24:00
    saturday         00:00-24:00
    sunday           00:00-24:00
}

define contact {
    contact_name                   tocsin
    alias                          Tocsin
    host_notifications_enabled     1
    service_notifications_enabled  1
    host_notification_period       tocsin-always
    service_notification_period    tocsin-always
    host_notification_options      d,u,r,f,s
    service_notification_options   w,u,c,r,f,s
    host_notification_commands     host-notify-by-tocsin
    service_notification_commands  service-notify-by-tocsin
}`;
}

/** For the shell that Nagios starts, in a line in which `$` begins a macro and `;` a comment. */
function quotedForNagios(word: string): string {
  const quoted = /^[\w/.:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return quoted.replaceAll('$', '$$$$').replaceAll(';', '\\;');
}

/** Of Icinga's runtime macros; one that has no value is left out by Icinga, with its option. */
function icingaMacros(object: 'host' | 'service'): Record<string, string> {
  return {
    '--type': object === 'host' ? 'Host' : 'Service',
    '--notificationtype': '$notification.type$',
    '--hostname': '$host.name$',
    '--hostdisplayname': '$host.display_name$',
    '--hostaddress': '$address$',
    '--hoststate': '$host.state_id$',
    ...(object === 'service' && {
      '--servicedesc': '$service.name$',
      '--servicedisplayname': '$service.display_name$',
      '--servicestate': '$service.state_id$',
    }),
    '--since': `$${object}.last_state_change$`,
    '--notesurl': `$${object}.notes_url$`,
    '--output': `$${object}.output$`,
    '--perfdata': `$${object}.perfdata$`,
    '--author': '$notification.author$',
    '--comment': '$notification.comment$',
    '--time': '$icinga.timet$',
  };
}

/** https://icinga.com/docs/icinga-2/latest/doc/09-object-types/#notificationcommand */
function icinga(words: readonly string[]): string {
  const command = words.map((word) => JSON.stringify(word.replaceAll('$', '$$$$'))).join(', ');
  const definitions = (['host', 'service'] as const).map((object) => {
    const name = `tocsin-${object}`;
    const given = Object.entries(icingaMacros(object)).map(([option, macro]) => `    "${option}" = "${macro}"`);
    return `object NotificationCommand "${name}" {
  command = [ ${command} ]
  arguments = {
${given.join('\n')}
  }
}

apply Notification "tocsin" to ${object === 'host' ? 'Host' : 'Service'} {
  command = "${name}"
  users = [ "tocsin" ]
  assign where true
}`;
  });
  return `// A file of its own in conf.d or a zone. "assign where" says for which hosts and services; check with "icinga2 daemon -C".

object User "tocsin" {
  display_name = "Tocsin"
}

${definitions.join('\n\n')}`;
}
