import type { z } from 'zod';
import type { AlertStatus } from './alert.ts';
import type { NotOffered } from './not-offered.ts';
import type { SourceRequest } from './request.ts';
import type { Verification } from './verification.ts';
import type { WriteBack } from './write-back.ts';

/** What every function of a source is given. */
export interface SourceContext<Payload, Settings> {
  /** The body as the `payload` schema gave it. */
  payload: Payload;
  /** The operator's settings of this source, as the `settings` schema gave them. */
  settings: Settings;
  request: SourceRequest;
}

export interface AlertContext<Payload, Item, Settings> extends SourceContext<Payload, Settings> {
  /** One element of what `alerts` returned. */
  alert: Item;
}

/** An identity: text, or a value whose JSON with sorted keys is the text. */
export type Identity =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;

/** A point in time as vendors write it: ISO 8601, seconds or milliseconds since 1970; anything else counts as none. */
export type VendorTime = string | number | Date | null | undefined;

/** What a request led to; handed to `reply`. */
export interface SourceResult {
  groups: { id: string; status: string }[];
  rejected: { path: string; message: string }[];
}

/**
 * One external system that raises alerts. Every function is pure and is interrupted when it overruns its budget;
 * what one throws is a rejection of that alert alone, never of its neighbours.
 */
export interface SourceDefinition<Payload = unknown, Item = unknown, Settings = unknown> {
  /** The vendor's own name of the product. */
  title: string;
  /** One sentence for the list of integrations. */
  summary: string;
  /** The vendor's page that describes the payload. */
  docs: string;
  /**
   * Only the fields that the source reads; unknown ones pass. A fault in one element rejects that element alone.
   * An optional one takes requests without a body, of whatever content type.
   */
  payload: z.ZodType<Payload>;
  /** What an operator may set on a source of this kind. */
  settings?: z.ZodType<Settings>;
  /** The alerts in a payload; without it the payload is the one alert. */
  alerts?: (context: SourceContext<Payload, Settings>) => readonly Item[];
  /** What this signal says. */
  status: (context: AlertContext<Payload, Item, Settings>) => AlertStatus;
  /**
   * Whether an alert has one status at the vendor, which says each change of it: firing or acknowledged or silenced or
   * resolved. The next status then takes back what the last one set, a firing one too, and one that is acknowledged or
   * silenced opens a group where the hub doesn't know it. Default: a firing alert may be a repeat.
   */
  exclusive?: boolean;
  /** The group key: what the vendor would call one problem. Must not contain the vendor's routing. */
  group: (context: AlertContext<Payload, Item, Settings>) => Identity;
  /** The member's identity; the same for the firing and the resolved signal of one thing. */
  fingerprint: (context: AlertContext<Payload, Item, Settings>) => Identity;
  /** The vendor's labels; values that aren't text are written as JSON. Default: none. */
  labels?: (context: AlertContext<Payload, Item, Settings>) => Readonly<Record<string, unknown>>;
  /** The vendor's word. Default: the label `severity`. */
  severity?: (context: AlertContext<Payload, Item, Settings>) => string | undefined;
  /** The vendor's time of this event. Default: none. */
  at?: (context: AlertContext<Payload, Item, Settings>) => VendorTime;
  /** When the problem began. Default: none. */
  startedAt?: (context: AlertContext<Payload, Item, Settings>) => VendorTime;
  /** The vendor's id of this delivery, the same on its retries. Default: none. */
  deliveryId?: (context: AlertContext<Payload, Item, Settings>) => string | undefined;
  /** When a silence ends. Default: none. */
  expires?: (context: AlertContext<Payload, Item, Settings>) => VendorTime;
  /** The person who acted in the vendor's system. Default: none. */
  actor?: (context: AlertContext<Payload, Item, Settings>) => string | undefined;
  comment?: (context: AlertContext<Payload, Item, Settings>) => string | undefined;
  /**
   * Milliseconds until the source should be heard of again about this alert: after a longer silence the hub raises it as
   * firing, with the labels, severity and data of this signal. 0 ends the wait. Default: silence says nothing.
   */
  next?: (context: AlertContext<Payload, Item, Settings>) => number | undefined;
  /**
   * Whether people are told of this signal even where it changes nothing, as of a run that fails again, or that passes
   * with nothing open: as of a notice then. It needs `at` or `deliveryId`. Default: what changes nothing is told to nobody.
   */
  alwaysTold?: (context: AlertContext<Payload, Item, Settings>) => boolean | undefined;
  /** What templates read as `payload`. Default: the alert. */
  data?: (context: AlertContext<Payload, Item, Settings>) => unknown;
  /** How the caller proves itself. Default: the source's key. */
  verify?: Verification;
  /** How the vendor is told what people do, where the operator turns it on. Default: it isn't. */
  writeBack?: WriteBack;
  /** The body of the answer, for clients that expect a certain one. Default: the result as JSON. */
  reply?: (result: SourceResult) => { contentType: string; body: string };
  /** What the vendor doesn't have, each with the https page that shows it; it doesn't count against the quality. */
  notOffered?: NotOffered<'source'>;
  /** Why no medium needs words of its own; counts for the quality in place of a template like `title.sms.hbs`. */
  whyNoOverride?: string;
}

/** Whether a request without a body says something to the source. */
export function takesNoBody({ payload }: Pick<SourceDefinition, 'payload'>): boolean {
  return payload.safeParse(undefined).success;
}

/** The version of the contract that this core speaks; the host refuses a package that was made for another. */
export const contractVersion = 1;

export type Source<Payload = unknown, Item = unknown, Settings = unknown> = SourceDefinition<
  Payload,
  Item,
  Settings
> & {
  readonly kind: 'source';
  readonly contract: typeof contractVersion;
};

/** Declares a source; the default export of its package. */
export function defineSource<Payload, Item = Payload, Settings = Record<string, never>>(
  definition: SourceDefinition<Payload, Item, Settings>,
): Source<Payload, Item, Settings> {
  return { ...definition, kind: 'source', contract: contractVersion };
}
