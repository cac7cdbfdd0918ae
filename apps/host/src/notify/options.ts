import { nearest } from '@tocsin/core/nearest';

/** One option of the notification command. */
export interface Option {
  /** What its value is, in the help; without one it has no value. */
  value?: string;
  what: string;
  /** The macro that it gives; a star stands for HOST or SERVICE, whichever the notification is about. */
  macro?: string;
}

/** Of the notification itself. What openITCOCKPIT's modules for Slack and for Mattermost are given is among them. */
export const notificationOptions = {
  '--type': { value: 'Host|Service', what: 'what it is about' },
  '--notificationtype': { value: 'type', what: 'PROBLEM, RECOVERY, ACKNOWLEDGEMENT, …', macro: 'NOTIFICATIONTYPE' },
  '--hostname': { value: 'name', what: 'the host, by the name in the configuration', macro: 'HOSTNAME' },
  '--hostuuid': { value: 'name', what: 'the same', macro: 'HOSTNAME' },
  '--hostdisplayname': { value: 'name', what: 'the host, by the name that people see', macro: 'HOSTDISPLAYNAME' },
  '--hostalias': { value: 'name', what: 'another name of it', macro: 'HOSTALIAS' },
  '--hostaddress': { value: 'address', what: 'its address', macro: 'HOSTADDRESS' },
  '--hoststate': { value: 'state', what: 'Up, Down, Unreachable, or 0 to 2', macro: 'HOSTSTATE' },
  '--hostgroups': { value: 'names', what: 'its groups', macro: 'HOSTGROUPNAMES' },
  '--servicedesc': { value: 'name', what: 'the service, by the name in the configuration', macro: 'SERVICEDESC' },
  '--serviceuuid': { value: 'name', what: 'the same', macro: 'SERVICEDESC' },
  '--servicedisplayname': { value: 'name', what: 'the service, as people see it', macro: 'SERVICEDISPLAYNAME' },
  '--servicestate': { value: 'state', what: 'Ok, Warning, Critical, Unknown, or 0 to 3', macro: 'SERVICESTATE' },
  '--servicegroups': { value: 'names', what: 'its groups', macro: 'SERVICEGROUPNAMES' },
  '--state': { value: 'state', what: 'the state of what it is about', macro: '*STATE' },
  '--output': { value: 'text', what: 'what the check said; it may be empty', macro: '*OUTPUT' },
  '--longoutput': { value: 'text', what: 'the lines after it', macro: 'LONG*OUTPUT' },
  '--perfdata': { value: 'text', what: 'what the check measured', macro: '*PERFDATA' },
  '--notesurl': { value: 'url', what: 'a page about it', macro: '*NOTESURL' },
  '--since': { value: 'seconds', what: 'since when it has this state', macro: 'LAST*STATECHANGE' },
  '--author': { value: 'name', what: 'who acknowledged, planned or wrote', macro: 'NOTIFICATIONAUTHOR' },
  '--ackauthor': { value: 'name', what: 'the same', macro: 'NOTIFICATIONAUTHOR' },
  '--comment': { value: 'text', what: 'what they said', macro: 'NOTIFICATIONCOMMENT' },
  '--ackcomment': { value: 'text', what: 'the same', macro: 'NOTIFICATIONCOMMENT' },
  '--time': { value: 'seconds', what: 'when it was sent', macro: 'TIMET' },
  '--id': { value: 'text', what: 'the same if this very notification is sent again', macro: 'deliveryId' },
  '--no-emoji': { what: 'nothing: messages have none unless your templates do' },
} satisfies Record<`--${string}`, Option>;

/** Of the command. */
export const commandOptions = {
  '--url': { value: 'url', what: 'https://<the hub>/in/<the source>; else TOCSIN_URL' },
  '--key-file': { value: 'file', what: 'the file with the key of the source' },
  '--key': { value: 'text', what: 'the key itself, which others see in the process list; better TOCSIN_KEY' },
  '--spool': { value: 'folder', what: 'keep here what the hub can not take now' },
  '--flush': { what: 'send what is kept there, and nothing else' },
  '--dry-run': { what: 'say what would be sent, and send nothing' },
  '--print-config': { value: 'monitor', what: 'definitions for nagios, icinga2 or openitcockpit' },
} satisfies Record<`--${string}`, Option>;

type Name = keyof typeof notificationOptions | keyof typeof commandOptions;

const options: Record<string, Option> = { ...notificationOptions, ...commandOptions };

export type Options = Partial<Record<Name | '--help', string>>;

/** What is wrong with how the command was called. */
export class Misuse extends Error {}

/** The words of a command line; whatever follows an option is its value, also if it looks like another one. */
export function readOptions(words: readonly string[]): Options {
  const given: Options = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    const [name = '', ...rest] = word.split('=');
    if (name === '--help' || name === '-h') return { '--help': '' };
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) throw new Misuse(unknown(name));
    const value = option.value === undefined ? '' : rest.length > 0 ? rest.join('=') : words[++index];
    if (value === undefined) throw new Misuse(`${name} has no value: say ${name} <${option.value}>`);
    given[name as Name] = value; // of the table, as was just seen
  }
  return given;
}

/** Whether these words are for the notification command. */
export function hasOptions(words: readonly string[]): boolean {
  return words.some((word) => Object.hasOwn(options, word.split('=', 1)[0] as string));
}

function unknown(name: string): string {
  if (!name.startsWith('-')) return `“${name}” stands there alone; is a quote missing around a value?`;
  const meant = nearest(name, [...Object.keys(options), '--help']);
  return `there is no option ${name}${meant ? `; is ${meant} meant` : ''} (--help lists them)`;
}
