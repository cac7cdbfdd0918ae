import { monitorStates, notificationTypes } from '@tocsin/core/macro-words';
import { readEnvironment } from './environment.ts';
import { Misuse, notificationOptions, type Option, type Options } from './options.ts';

/** What is posted to a source: macros by their names. */
export type Notification = Record<string, string>;

/** What a monitor says by its options and by its environment, of which the options win. `now` is in milliseconds. */
export function readNotification(options: Options, env: NodeJS.ProcessEnv, now: number): Notification {
  const environment = readEnvironment(env);
  const object = objectOf(options['--type'], environment);
  const given = fromOptions(options, object);
  const said: Notification = { ...environment, ...given };
  const faults = faultsOf(said, object, { ...options, ...(environment.NOTIFICATIONTYPE && { '--type': object }) });
  if (faults.length > 0) throw new Misuse(faults.join('; '));
  const { deliveryId = '', ...macros } = said;
  return {
    ...Object.fromEntries(Object.entries(macros).filter(([name, value]) => value !== '' && isAbout(name, object))),
    TIMET: said.TIMET || String(Math.floor(now / 1000)),
    deliveryId: isTelling(deliveryId) ? deliveryId : ownId(now),
  };
}

type Object = keyof typeof monitorStates;

function objectOf(type: string | undefined, environment: Notification): Object {
  const word = type?.trim().toUpperCase() ?? (environment.SERVICEDESC ? 'SERVICE' : 'HOST');
  if (word === 'HOST' || word === 'SERVICE') return word;
  throw new Misuse(`--type is “${type}”; it must be Host or Service`);
}

function fromOptions(options: Options, object: Object): Notification {
  const macros: Notification = {};
  const table: Record<string, Option> = notificationOptions;
  for (const [name, { macro }] of Object.entries(table)) {
    const value = options[name as keyof typeof notificationOptions]; // of that table
    if (macro && value !== undefined) macros[macro.replace('*', object)] = value;
  }
  return macros;
}

/** Everything that is wrong, each by the name of its option. */
function faultsOf(said: Notification, object: Object, options: Options): string[] {
  const isService = object === 'SERVICE';
  const needed: [option: string, value: string | undefined][] = [
    ['--type', options['--type']],
    ['--notificationtype', said.NOTIFICATIONTYPE],
    ['--hostname', said.HOSTNAME],
    ...(isService ? [['--servicedesc', said.SERVICEDESC] as [string, string | undefined]] : []),
    [
      isService ? '--servicestate' : '--hoststate',
      said[`${object}STATE`] || (said[`${object}STATEID`] ?? said[`${object}STATE`]),
    ],
  ];
  const type = said.NOTIFICATIONTYPE?.trim().toUpperCase();
  return [
    ...needed.filter(([, value]) => value === undefined).map(([option]) => `${option} is missing`),
    ...needed.filter(([, value]) => value?.trim() === '').map(([option]) => `${option} is empty`),
    // An output may be empty; an environment leaves out what is.
    ...(said[`${object}OUTPUT`] === undefined && options['--notificationtype'] !== undefined
      ? ['--output is missing']
      : []),
    ...(type && !Object.hasOwn(notificationTypes, type)
      ? [`--notificationtype is “${type}”; it must be one of ${Object.keys(notificationTypes).join(', ')}`]
      : []),
    ...(['HOST', 'SERVICE'] as const)
      .filter((one) => isAbout(`${one}STATE`, object))
      .flatMap((one) => stateFaults(said, one)),
  ];
}

function stateFaults(said: Notification, object: Object): string[] {
  const state = (said[`${object}STATE`] ?? '').trim();
  const names: readonly string[] = monitorStates[object];
  if (state === '' || names.includes(state.toUpperCase()) || names[Number(state)]) return [];
  return [
    `--${object.toLowerCase()}state is “${state}”; it must be one of ${names.join(', ')}, or 0 to ${names.length - 1}`,
  ];
}

/** What is said of a service would make a service's notification of a host's. */
function isAbout(macro: string, object: Object): boolean {
  return object === 'SERVICE' || !macro.includes('SERVICE');
}

/** Not one whose macros the monitor doesn't know: it would be the same for all. */
function isTelling(id: string): boolean {
  return !/^$|\$|^-|-$/.test(id);
}

/** Another one each time; of what is at hand without loading a module. */
function ownId(now: number): string {
  return `${now.toString(36)}-${process.pid}-${Math.random().toString(36).slice(2)}`;
}
