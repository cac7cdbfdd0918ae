import { z } from 'zod';
import type { AlertStatus } from './alert.ts';
import { TocsinError } from './errors.ts';
import { monitorStates, notificationTypes } from './macro-words.ts';
import type { AlertContext, Identity, VendorTime } from './source.ts';

/*
 * What monitors of Nagios' family say when they notify, by the names of its macros: Nagios, Naemon, Icinga, Centreon,
 * openITCOCKPIT and others share them. https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html
 */

const types = Object.keys(notificationTypes) as (keyof typeof notificationTypes)[]; // of that very object

/** A macro that has no value comes as an empty text; one that is put into JSON by hand may be a number. */
const text = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim() || undefined)
  .nullish()
  .transform((value) => value ?? undefined);

/** What names an object is part of its page's address. */
const name = z.string('is empty').max(512, 'is longer than 512 characters');

/** The schema of a notification's macros. */
export const macros = z.looseObject({
  NOTIFICATIONTYPE: z
    .string()
    .transform((type) => type.trim().toUpperCase())
    .pipe(z.enum(types, `is none of ${types.join(', ')}`)),
  HOSTNAME: text.pipe(name),
  HOSTDISPLAYNAME: text,
  HOSTALIAS: text,
  HOSTADDRESS: text,
  HOSTSTATE: state(monitorStates.HOST),
  HOSTSTATEID: state(monitorStates.HOST),
  HOSTOUTPUT: text,
  LONGHOSTOUTPUT: text,
  HOSTPERFDATA: text,
  HOSTNOTESURL: text,
  HOSTGROUPNAMES: text,
  LASTHOSTSTATECHANGE: text,
  SERVICEDESC: text.pipe(name.optional()),
  SERVICEDISPLAYNAME: text,
  SERVICESTATE: state(monitorStates.SERVICE),
  SERVICESTATEID: state(monitorStates.SERVICE),
  SERVICEOUTPUT: text,
  LONGSERVICEOUTPUT: text,
  SERVICEPERFDATA: text,
  SERVICENOTESURL: text,
  SERVICEGROUPNAMES: text,
  LASTSERVICESTATECHANGE: text,
  NOTIFICATIONAUTHOR: text,
  NOTIFICATIONCOMMENT: text,
  TIMET: text,
  /** The same when the same notification is sent again, or to several contacts; the monitor has no macro for it. */
  deliveryId: text,
});

export type Macros = z.infer<typeof macros>;

type Context = Pick<AlertContext<unknown, Macros, unknown>, 'alert'>;

/** What a source of such a monitor decides; its own are the names, the pages and how it is connected. */
export const macroDecisions = {
  status: ({ alert }: Context): AlertStatus => notificationTypes[alert.NOTIFICATIONTYPE],
  // Not the names that people see: those are changed while something is down.
  group: ({ alert }: Context): Identity => [alert.HOSTNAME, alert.SERVICEDESC].filter(Boolean),
  fingerprint: ({ alert }: Context): Identity => [alert.HOSTNAME, alert.SERVICEDESC].filter(Boolean),
  labels({ alert }: Context): Record<string, unknown> {
    const { host, service, state, address } = macroView(alert);
    const { HOSTNAME: hostname, SERVICEDESC: servicedesc } = alert;
    return {
      host,
      ...(hostname === host ? {} : { hostname }),
      service,
      ...(servicedesc === service ? {} : { servicedesc }),
      state,
      address,
      hostgroups: alert.HOSTGROUPNAMES,
      servicegroups: alert.SERVICEGROUPNAMES,
    };
  },
  severity({ alert }: Context): string | undefined {
    const { state } = macroView(alert);
    if (state === 'DOWN') return 'critical';
    return state === 'OK' || state === 'UP' ? undefined : state;
  },
  // Two notices of one second are two, where their ids tell them apart; one that comes late is still told.
  at: ({ alert }: Context): VendorTime =>
    notificationTypes[alert.NOTIFICATIONTYPE] === 'notice' && alert.deliveryId ? undefined : alert.TIMET,
  startedAt: ({ alert }: Context): VendorTime =>
    notificationTypes[alert.NOTIFICATIONTYPE] === 'firing' ? macroView(alert).since : undefined,
  deliveryId: ({ alert }: Context): string | undefined => alert.deliveryId,
  actor: ({ alert }: Context): string | undefined => alert.NOTIFICATIONAUTHOR,
  comment: ({ alert }: Context): string | undefined => alert.NOTIFICATIONCOMMENT,
};

/** A host, or one of its services, by the names of the monitor's configuration: not those that people are shown. */
export interface MonitoredObject {
  host: string;
  service?: string;
}

const objectNames = z.looseObject({ HOSTNAME: z.string(), SERVICEDESC: z.string().optional() });
const objectLabels = z.looseObject({
  host: z.string(),
  hostname: z.string().optional(),
  service: z.string().optional(),
  servicedesc: z.string().optional(),
});

/**
 * What the monitor has to be told of, for an alert that {@link macroDecisions} read: from its data, or where that is gone,
 * from its labels. Nothing where neither has a host.
 */
export function monitoredObject({ data, labels }: { data?: unknown; labels: unknown }): MonitoredObject | undefined {
  const names = objectNames.safeParse(data);
  if (names.success) return objectOf(names.data.HOSTNAME, names.data.SERVICEDESC);
  const shown = objectLabels.safeParse(labels);
  if (!shown.success) return undefined;
  const { host, hostname = host, service, servicedesc = service } = shown.data;
  return objectOf(hostname, servicedesc);
}

/** The same, for who can do nothing without. Throws a TocsinError `payload`. */
export function requiredObject(alert: { data?: unknown; labels: unknown }): MonitoredObject {
  const object = monitoredObject(alert);
  if (object) return object;
  throw new TocsinError('payload', 'the alert does not say which host it is about', {
    remedy: 'See that the notification command sends the name of the host.',
  });
}

function objectOf(host: string, service: string | undefined): MonitoredObject {
  return service === undefined ? { host } : { host, service };
}

/** The host or the service that a notification is about, by the names that people know. */
export interface MacroView {
  type: keyof typeof notificationTypes;
  host: string;
  /** None where it is about the host itself. */
  service: string | undefined;
  /** None where the monitor doesn't say: that is never taken for up. */
  state: string | undefined;
  output: string | undefined;
  longOutput: string | undefined;
  perfdata: string | undefined;
  address: string | undefined;
  notes: string | undefined;
  since: string | undefined;
  author: string | undefined;
}

export function macroView(alert: Macros): MacroView {
  const common = {
    type: alert.NOTIFICATIONTYPE,
    host: shownHost(alert),
    address: alert.HOSTADDRESS,
    author: alert.NOTIFICATIONAUTHOR,
  };
  if (alert.SERVICEDESC !== undefined) {
    return {
      ...common,
      service: alert.SERVICEDISPLAYNAME ?? alert.SERVICEDESC,
      state: alert.SERVICESTATE ?? alert.SERVICESTATEID,
      output: alert.SERVICEOUTPUT,
      longOutput: lines(alert.LONGSERVICEOUTPUT),
      perfdata: alert.SERVICEPERFDATA,
      notes: alert.SERVICENOTESURL ?? alert.HOSTNOTESURL,
      since: alert.LASTSERVICESTATECHANGE,
    };
  }
  return {
    ...common,
    service: undefined,
    state: alert.HOSTSTATE ?? alert.HOSTSTATEID,
    output: alert.HOSTOUTPUT,
    longOutput: lines(alert.LONGHOSTOUTPUT),
    perfdata: alert.HOSTPERFDATA,
    notes: alert.HOSTNOTESURL,
    since: alert.LASTHOSTSTATECHANGE,
  };
}

/** openITCOCKPIT names its hosts by UUIDs, which tell a person nothing. */
function shownHost({
  HOSTNAME: name,
  HOSTDISPLAYNAME: display,
  HOSTALIAS: alias,
  HOSTADDRESS: address,
}: Macros): string {
  if (display !== undefined && display !== name) return display;
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);
  return isUuid ? (alias ?? address ?? name) : name;
}

/** Long output comes with its line breaks as `\n`, and backslashes doubled. */
function lines(output: string | undefined): string | undefined {
  return output?.replace(/\\([n\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : '\\'));
}

/** A state's name, given as that or as its number; which is never guessed. */
function state(names: readonly string[]) {
  return text.transform((value, context) => {
    if (value === undefined) return undefined;
    const name = /^\d$/.test(value) ? names[Number(value)] : value.toUpperCase();
    if (name !== undefined && names.includes(name)) return name;
    context.addIssue({ code: 'custom', message: `is none of ${names.join(', ')}, nor 0 to ${names.length - 1}` });
    return z.NEVER;
  });
}
