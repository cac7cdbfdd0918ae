import { hostname } from 'node:os';

/** Macros that the sources read; what else an environment has, such as passwords in custom variables, is not sent. */
export const macroNames = [
  'NOTIFICATIONTYPE',
  'NOTIFICATIONAUTHOR',
  'NOTIFICATIONCOMMENT',
  'TIMET',
  ...['HOST', 'SERVICE'].flatMap((object) => [
    `${object}DISPLAYNAME`,
    `${object}STATE`,
    `${object}STATEID`,
    `${object}OUTPUT`,
    `LONG${object}OUTPUT`,
    `${object}PERFDATA`,
    `${object}NOTESURL`,
    `${object}GROUPNAMES`,
    `LAST${object}STATECHANGE`,
  ]),
  'HOSTNAME',
  'HOSTALIAS',
  'HOSTADDRESS',
  'SERVICEDESC',
];

/** Nagios and Naemon, Icinga 1, and the scripts of Icinga 2, whose names have nothing before them. */
const prefixes = ['NAGIOS_', 'ICINGA_', ''];

type Macros = Record<string, string>;

/** The macros that a monitor put into the environment, by Nagios' names. */
export function readEnvironment(env: NodeJS.ProcessEnv): Macros {
  const prefix = prefixes.find((prefix) => env[`${prefix}NOTIFICATIONTYPE`]);
  if (prefix === undefined) return {};
  const found: Macros = {};
  for (const name of macroNames) {
    const value = env[prefix + name];
    if (value) found[name] = value;
  }
  const id = env[`${prefix}${found.SERVICEDESC ? 'SERVICE' : 'HOST'}NOTIFICATIONID`];
  const started = env[`${prefix}PROCESSSTARTTIME`];
  // The number begins anew where a monitor forgets what it knew when it ends.
  if (id && started) found.deliveryId = `${started}-${id}`;
  return prefix === '' ? withIcingaNames(found, env) : found;
}

/** HOSTNAME without a prefix is often this very machine's, and Icinga's scripts know the host by its alias. */
function withIcingaNames({ HOSTNAME: given, ...found }: Macros, env: NodeJS.ProcessEnv): Macros {
  const own = given === hostname() ? undefined : given;
  const host = env.HOSTNAME_ || (own ?? found.HOSTALIAS ?? found.HOSTDISPLAYNAME);
  const author = found.NOTIFICATIONAUTHOR ?? env.NOTIFICATIONAUTHORNAME;
  return { ...found, ...(host && { HOSTNAME: host }), ...(author && { NOTIFICATIONAUTHOR: author }) };
}
