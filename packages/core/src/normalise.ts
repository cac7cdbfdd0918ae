import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Alert, type AlertStatus, alertStatuses, type Severity, toSeverity } from './alert.ts';
import { type Fault, TocsinError } from './errors.ts';
import type { SourceRequest } from './request.ts';
import type { AlertContext, Identity, Source, SourceContext, VendorTime } from './source.ts';
import { wellFormed } from './text.ts';

/** What the operator's configuration adds to what the vendor says. */
export interface NormaliseOptions {
  /** The configured source's id. */
  source: string;
  settings: unknown;
  /** Labels added to every alert; they win over the vendor's. */
  labels?: Readonly<Record<string, string>>;
  /** The vendor's severity words in ours. */
  severity?: Readonly<Record<string, Severity>>;
  /** The id of the delivery that its signature vouches for; taken where the source gives none. */
  deliveryId?: string | undefined;
  /** Milliseconds since 1970. */
  receivedAt: number;
}

export interface Normalised {
  alerts: Alert[];
  /** One for each alert that could not be read; its neighbours are in `alerts`. */
  rejected: Fault[];
}

/** How far ahead of our clock a vendor's time may be, in milliseconds. */
const clockTolerance = 5 * 60_000;
const longestIdentity = 512;
const mostLabels = 128;
const mostAlerts = 10_000;
const longestLabel = 4096;

/**
 * The alerts of one request. `body` is the parsed body.
 * Throws a TocsinError `payload` whose faults name each path when nothing of it can be read.
 */
export function normalise(
  source: Source,
  body: unknown,
  request: SourceRequest,
  options: NormaliseOptions,
): Normalised {
  const { payload, rejected } = parsePayload(source, body);
  const context = { payload, settings: options.settings, request };
  const items = readItems(source, context, options.source);
  if (items.length > mostAlerts) {
    const message = `${items.length} alerts in one request; at most ${mostAlerts} are read`;
    throw unreadable(options.source, source, [{ path: 'alerts', message }]);
  }
  const alerts: Alert[] = [];
  const readGroup = groupReader();
  for (const [index, alert] of items.entries()) {
    try {
      alerts.push(readAlert(source, { ...context, alert }, options, readGroup));
    } catch (error) {
      rejected.push({ path: source.alerts ? `alerts[${index}]` : '', message: messageOf(error) });
    }
  }
  if (alerts.length === 0 && rejected.length > 0) throw unreadable(options.source, source, rejected);
  return { alerts, rejected };
}

function readItems(source: Source, context: SourceContext<unknown, unknown>, origin: string): readonly unknown[] {
  try {
    return source.alerts ? source.alerts(context) : [context.payload];
  } catch (error) {
    throw unreadable(origin, source, [{ path: 'alerts', message: messageOf(error) }]);
  }
}

/** Parses with the source's schema; elements of a list that don't fit are taken out and named. */
function parsePayload(source: Source, body: unknown): { payload: unknown; rejected: Fault[] } {
  const first = source.payload.safeParse(body, { error: wording });
  if (first.success) return { payload: first.data, rejected: [] };
  const faults = faultsOf(first.error);
  const elements = new Map<string, { list: PropertyKey[]; indices: Set<number> }>();
  for (const issue of first.error.issues) {
    const at = issue.path.findIndex((part) => typeof part === 'number');
    if (at === -1 || at > 1) throw unreadable('payload', source, faults);
    const list = issue.path.slice(0, at);
    const entry = elements.get(list.join('.')) ?? { list, indices: new Set() };
    entry.indices.add(issue.path[at] as number);
    elements.set(list.join('.'), entry);
  }
  let rest: unknown = body;
  for (const { list, indices } of elements.values()) rest = withoutElements(rest, list, indices);
  const second = source.payload.safeParse(rest);
  if (!second.success) throw unreadable('payload', source, faults);
  return { payload: second.data, rejected: faults };
}

/** In a sender's words: what isn't there was not received. */
function wording({ input }: { input?: unknown }): string | undefined {
  return input === undefined ? 'is missing' : undefined;
}

/** A copy of the value whose list at `path` (at most one key deep) lacks the elements. */
function withoutElements(value: unknown, path: PropertyKey[], indices: ReadonlySet<number>): unknown {
  if (path.length === 0) return Array.isArray(value) ? value.filter((_, index) => !indices.has(index)) : value;
  const [key, ...rest] = path as [string];
  const record = value as Record<string, unknown>;
  return { ...record, [key]: withoutElements(record[key], rest, indices) };
}

function readAlert(
  source: Source,
  context: AlertContext<unknown, unknown, unknown>,
  options: NormaliseOptions,
  readGroup: (group: Identity) => string,
): Alert {
  const labels = readLabels(source.labels?.(context), options.labels);
  const status = source.status(context);
  if (!alertStatuses.includes(status as AlertStatus)) {
    throw new TypeError(`status is ${JSON.stringify(status)}; it must be one of ${alertStatuses.join(', ')}`);
  }
  const word = source.severity ? source.severity(context) : labels.severity;
  const at = readTime(source.at?.(context));
  const startedAt = readTime(source.startedAt?.(context));
  const latest = options.receivedAt + clockTolerance;
  return {
    source: options.source,
    fingerprint: readIdentity('fingerprint', source.fingerprint(context)),
    group: readGroup(source.group(context)),
    status,
    ...(source.exclusive ? { exclusive: true } : {}),
    severity: toSeverity(word === undefined || word === null ? undefined : String(word), options.severity),
    labels,
    startedAt: startedAt === undefined ? undefined : Math.min(startedAt, latest),
    at: at === undefined ? undefined : Math.min(at, latest),
    deliveryId: readText(source.deliveryId?.(context) ?? options.deliveryId, longestIdentity),
    expires: readTime(source.expires?.(context)),
    actor: readText(source.actor?.(context), 256),
    comment: readText(source.comment?.(context), 8192),
    next: readPeriod(source.next?.(context)),
    alwaysTold: source.alwaysTold?.(context) || undefined,
    data: source.data ? source.data(context) : context.alert,
  };
}

function readLabels(
  given: Readonly<Record<string, unknown>> | undefined,
  added: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const labels: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === undefined || value === null || count++ >= mostLabels) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    setOwn(labels, wellFormed(name).slice(0, 256), wellFormed(text).slice(0, longestLabel));
  }
  for (const name in added) setOwn(labels, name, added[name] as string);
  return labels;
}

/** An assignment that reaches no prototype, whatever the name. */
function setOwn(labels: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') labels[name] = value;
  else Object.defineProperty(labels, name, { value, writable: true, enumerable: true, configurable: true });
}

/** The alerts of a request mostly share one: a part of the payload itself, which is looked through once. */
function groupReader(): (group: Identity) => string {
  let last: { group: Identity; text: string } | undefined;
  return (group) => {
    if (!last || last.group !== group) last = { group, text: readIdentity('group', group) };
    return last.text;
  };
}

function readIdentity(name: string, value: Identity): string {
  const text = wellFormed(typeof value === 'string' ? value : value === undefined ? '' : canonicalJson(value));
  // Labels may be what identifies an alert, but not if it has none; a group without labels is that of all alerts.
  if (text.trim() === '' || text === 'null' || (name === 'fingerprint' && text === '{}'))
    throw new TypeError(`${name} is empty: the payload lacks what identifies the alert`);
  return boundedIdentity(text);
}

/** A long one is its start, for people, and a digest of all of it; so that a group of many labels is not refused. */
export function boundedIdentity(text: string): string {
  if (text.length <= longestIdentity) return text;
  const digest = createHash('sha256').update(text).digest('hex');
  return `${text.slice(0, longestIdentity - digest.length - 1).toWellFormed()}…${digest}`;
}

/** JSON with sorted keys, so that the same labels in another order are the same group. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
      : inner,
  );
}

function readTime(value: VendorTime): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value instanceof Date) return plausible(value.getTime());
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isFinite(number)) return plausible(number < 1e11 ? number * 1000 : number);
  return plausible(Date.parse(String(value)));
}

/** Vendors write "none" as the year 1 or 0; nothing before 1970 or after 9999 is an alert's time. */
function plausible(time: number): number | undefined {
  return time > 0 && time < 253_402_300_800_000 ? Math.round(time) : undefined;
}

/** A silence that nobody would live to hear of is a mistake. */
const longestPeriod = 10 * 366 * 24 * 60 * 60_000;

function readPeriod(value: number | undefined): number | undefined {
  if (value === undefined || (value >= 0 && value <= longestPeriod)) return value && Math.round(value);
  throw new TypeError(`the next signal is expected in ${value} ms; that is no time within ten years`);
}

function readText(value: unknown, longest: number): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return wellFormed(String(value)).slice(0, longest);
}

function unreadable(origin: string, source: Source, faults: Fault[]): TocsinError {
  return new TocsinError('payload', `this is not what ${source.title} sends`, {
    origin,
    faults,
    remedy: `Compare the request with ${source.docs}, or send it to a source of the integration that it belongs to.`,
  });
}

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.slice(0, 20).map((issue) => ({ path: z.core.toDotPath(issue.path), message: issue.message }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
