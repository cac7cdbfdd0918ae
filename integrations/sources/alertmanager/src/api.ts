import {
  type AttemptOutcome,
  boundedIdentity,
  canonicalJson,
  type HttpRequest,
  type HttpResponse,
  jsonText,
  media,
  outcomeOf,
  TocsinError,
  z,
} from '@tocsin/core';

/*
 * Alertmanager has no acknowledgements; a silence of the one alert is what comes nearest. It then tells nobody of that
 * alert, of its end neither: what is told of it is found by asking.
 * https://github.com/prometheus/alertmanager/blob/v0.25.0/api/v2/openapi.yaml
 */

/** As Alertmanager itself has them: not with labels that the hub added. */
export type AlertLabels = Readonly<Record<string, string>>;

export interface Silence {
  labels: AlertLabels;
  /** In milliseconds, by our clock. Those of Alertmanager's that lie before now begin now, so it may be some minutes ago. */
  startsAt: number;
  endsAt: number;
  createdBy: string;
  comment: string;
}

/** A silence of what has all these labels with exactly these values. */
export function silenceRequest(url: string, { labels, startsAt, endsAt, createdBy, comment }: Silence): HttpRequest {
  // A label without a value is none, and a matcher for it would fit every alert.
  const matchers = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value: value.toWellFormed(), isRegex: false, isEqual: true }));
  if (matchers.length === 0) {
    throw new TocsinError('payload', 'an alert without labels can’t be silenced: everything would be');
  }
  return {
    method: 'POST',
    url: address(url, '/silences'),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      matchers,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      createdBy: createdBy.toWellFormed(),
      comment: comment.toWellFormed(),
    }),
  };
}

/** The id of the silence that was made. Throws where it was refused, with what to do. */
export function readSilence(response: HttpResponse): string {
  const answer = madeSilence.safeParse(response.body);
  if (response.status !== 200 || !answer.success) throw refusal(response);
  return answer.data.silenceID;
}

export function endSilenceRequest(url: string, id: string): HttpRequest {
  return { method: 'DELETE', url: address(url, `/silence/${silenceId.parse(id)}`) };
}

/** Asks for what {@link isOwnSilence} reads. */
export function silenceDetails(url: string, id: string): HttpRequest {
  return { method: 'GET', url: address(url, `/silence/${silenceId.parse(id)}`) };
}

/** Whether the hub made the silence for the group with this page: its comment ends with the page's address. */
export function isOwnSilence(response: HttpResponse, page: string): boolean {
  if (response.status === 404) return false;
  const answer = details.safeParse(response.body);
  if (response.status !== 200 || !answer.success) throw refusal(response);
  return answer.data.comment.endsWith(` ${page}`);
}

/** What is read by its status; a fault of its own passes. */
export function waitsFor(response: HttpResponse): AttemptOutcome {
  if (isUnknownSilence(response)) return { outcome: 'delivered' };
  const outcome = outcomeOf(response);
  return outcome.outcome === 'retry' ? outcome : { outcome: 'delivered' };
}

/** `gone`: Alertmanager doesn't know the silence any more, which is as good. Throws where it refused. */
export function readEndedSilence(response: HttpResponse): 'ended' | 'gone' {
  if (response.status === 200) return 'ended';
  if (isUnknownSilence(response)) return 'gone';
  throw refusal(response);
}

/** Some versions answer 404 with nothing, 0.25 with 500 and these words; what stands before it has a page of its own. */
function isUnknownSilence({ status, body }: HttpResponse): boolean {
  return (status === 404 && body.trim() === '') || words.safeParse(body).data === 'silence not found';
}

/** Asks for the alerts that have these labels, as {@link readAlerts} reads them: of one alert, or those of a group. */
export function alertsRequest(url: string, labels: AlertLabels): HttpRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(labels)) {
    const filter = `${name}="${value.toWellFormed().replace(/[\\"\n]/g, escaped)}"`;
    // Other names are of newer versions, and written in another way; what has too much is told apart by its labels.
    if (!/^[a-zA-Z_]\w*$/.test(name) || `${query}`.length + encodeURIComponent(filter).length > longestQuery) continue;
    query.append('filter', filter);
  }
  return { method: 'GET', url: address(url, `/alerts${query.size === 0 ? '' : `?${query}`}`) };
}

/** An alert that fires: Alertmanager doesn't show those that ended. */
export interface PolledAlert {
  fingerprint: string;
  labels: AlertLabels;
  isSuppressed: boolean;
  /** The ids of the silences that hold it. */
  silencedBy: readonly string[];
}

/** Throws where it refused, or where the answer isn't whole: then nothing is known of any alert. */
export function readAlerts(response: HttpResponse): PolledAlert[] {
  const answer = polledAlerts.safeParse(response.body);
  if (response.status !== 200 || !answer.success) throw refusal(response);
  return answer.data.map(({ fingerprint, labels, status }) => ({
    fingerprint,
    labels,
    isSuppressed: status.state === 'suppressed',
    silencedBy: status.silencedBy,
  }));
}

/** Whether this very alert is held by this very silence. */
export function isSilenced(alerts: readonly PolledAlert[], labels: AlertLabels, id: string): boolean {
  const own = identityOf(labels);
  return alerts.some(
    (alert) => identityOf(alert.labels) === own && alert.isSuppressed && alert.silencedBy.includes(id),
  );
}

/**
 * The members, by their fingerprints, that neither of two successive polls shows: they are over. It knows nothing that
 * was before its start: see {@link readStartedAt}.
 */
export function goneMembers(
  members: readonly string[],
  earlier: readonly PolledAlert[],
  later: readonly PolledAlert[],
): string[] {
  const firing = new Set([...earlier, ...later].flatMap(identities));
  return members.filter((fingerprint) => !firing.has(fingerprint));
}

/** Asks for what {@link readStartedAt} reads. */
export function statusRequest(url: string): HttpRequest {
  return { method: 'GET', url: address(url, '/status') };
}

/**
 * When Alertmanager was started, in milliseconds. It keeps no alerts on disk: those that fire are missing until they are
 * sent again, by Prometheus within a minute or so. Throws where it refused.
 */
export function readStartedAt(response: HttpResponse): number {
  const answer = status.safeParse(response.body);
  if (response.status !== 200 || !answer.success) throw refusal(response);
  return Date.parse(answer.data.uptime);
}

const silenceId = z.guid();
const texts = z.record(z.string(), z.string());
const madeSilence = jsonText(z.looseObject({ silenceID: silenceId }));
const polledAlerts = jsonText(
  z.array(
    z.looseObject({
      fingerprint: z.string(),
      labels: texts,
      status: z.looseObject({ state: z.string(), silencedBy: z.array(z.string()) }),
    }),
  ),
);
const details = jsonText(z.looseObject({ comment: z.string() }));
const status = jsonText(z.looseObject({ uptime: z.iso.datetime({ offset: true }) }));
const words = jsonText(z.string());

/** In characters, of an address that every proxy lets through. */
const longestQuery = 4_000;

/** Of a member: what Alertmanager sends as its fingerprint, or where it sends none, its labels. */
function identities({ fingerprint, labels }: PolledAlert): string[] {
  return [fingerprint, identityOf(labels)];
}

function identityOf(labels: AlertLabels): string {
  return boundedIdentity(canonicalJson(Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))));
}

function escaped(sign: string): string {
  return sign === '\n' ? '\\n' : `\\${sign}`;
}

/** Its address may have a path: `--web.route-prefix`, or that of a proxy. */
function address(url: string, path: string): string {
  return `${url.replace(/\/+$/, '')}/api/v2${path}`;
}

function refusal({ status, body }: HttpResponse): TocsinError {
  const said = words.safeParse(body);
  const shown = said.success ? `: ${media.text.line(said.data, 200)}` : '';
  const [why, remedy] = meanings[status] ?? ['what answers is not its API, or the answer is not whole', where];
  return new TocsinError('egress', `Alertmanager: ${why} (HTTP ${status}${shown})`, { remedy });
}

const where = 'See that `url` is where people open Alertmanager, and that its API’s version is 2: 0.16 or newer.';
const login = 'See what stands before Alertmanager, and give the user and password that it wants.';

/** Why, and what to do, by the HTTP status. */
const meanings: Readonly<Record<number, readonly [string, string]>> = {
  400: ['it refused what was asked', 'See that the clocks of both machines agree.'],
  401: ['it wants to know who asks', login],
  403: ['it refuses who asks', login],
  404: ['there is no such page', where],
};
