import {
  type HttpRequest,
  type HttpResponse,
  jsonText,
  type MonitoredObject,
  media,
  TocsinError,
  z,
} from '@tocsin/core';

/*
 * Acknowledging by Icinga 2's REST API, behind HTTP basic authentication. Objects are named, never searched for by a
 * filter: so no text of an alert becomes an expression, and the API's user needs no `filter-expression`, which 2.17
 * demands of who filters. https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/#acknowledge-problem
 */

/** What the API's user may do, for all that is here; for the how-to and for errors. */
export const permissions = [
  'actions/acknowledge-problem',
  'actions/remove-acknowledgement',
  'objects/query/Host',
  'objects/query/Service',
] as const;

/** Until the recovery; without a notification, which would come back as an acknowledgement; its comment stays. */
export function acknowledgeRequest(
  url: string,
  { author, comment, ...of }: MonitoredObject & { author: string; comment: string },
): HttpRequest {
  const how = { sticky: true, notify: false, persistent: true };
  return post(url, '/v1/actions/acknowledge-problem', {
    ...named(of),
    author: said(author),
    comment: said(comment),
    ...how,
  });
}

/** Also of what nobody has acknowledged, which Icinga takes as well. */
export function removeAcknowledgementRequest(url: string, of: MonitoredObject): HttpRequest {
  return post(url, '/v1/actions/remove-acknowledgement', named(of));
}

/** What an action came to. `no-problem`: the object is up, or fine. */
export type ActionResult = 'done' | 'already-acknowledged' | 'no-problem';

/** Throws where Icinga refused it, or where what answers is no Icinga, with what to do. */
export function readAction(response: HttpResponse): ActionResult {
  const [result, ...others] = actionAnswer.safeParse(response.body).data?.results ?? [];
  if (!result) throw refusal(response);
  if (others.length > 0) throw new TocsinError('egress', 'Icinga 2 did it to more than one object');
  if (result.code >= 200 && result.code < 300) return 'done';
  if (result.code === 409 && result.status.endsWith(' is already acknowledged.')) return 'already-acknowledged';
  if (result.code === 409 && /is (UP|OK)\.$/.test(result.status)) return 'no-problem';
  throw new TocsinError('egress', `Icinga 2 refused it: ${shown(result.status)} (${result.code})`, {
    remedy: 'See Icinga 2’s log, which says more.',
  });
}

/** Asks for what {@link readStatus} reads. By POST, as its name may be too long, or no part of an address. */
export function statusRequest(url: string, of: MonitoredObject): HttpRequest {
  const path = of.service === undefined ? '/v1/objects/hosts' : '/v1/objects/services';
  const { type: _, ...name } = named(of);
  const request = post(url, path, {
    ...name,
    attrs: ['__name', 'state', 'acknowledgement', 'acknowledgement_last_change'],
  });
  return { ...request, headers: { ...request.headers, 'x-http-method-override': 'GET' } };
}

export interface IcingaStatus {
  isProblem: boolean;
  isAcknowledged: boolean;
  /** Whether it stays until the recovery. */
  isSticky: boolean;
  /** When it was acknowledged, or that was taken back, in milliseconds; 0 where neither has been. */
  changedAt: number;
}

/** What Icinga says of the object. Throws as {@link readAction} does, and where it answers with another object. */
export function readStatus(response: HttpResponse, of: MonitoredObject): IcingaStatus {
  const [result] = statusAnswer.safeParse(response.body).data?.results ?? [];
  if (!result || response.status !== 200) throw refusal(response);
  const { __name: name, state, acknowledgement, acknowledgement_last_change: changed = 0 } = result.attrs;
  if (name !== fullName(of)) throw new TocsinError('egress', `Icinga 2 answers with ${shown(name)}`);
  return {
    isProblem: state !== 0,
    isAcknowledged: acknowledgement !== 0,
    isSticky: acknowledgement === 2,
    changedAt: changed * 1_000,
  };
}

const actionAnswer = jsonText(
  z.looseObject({ results: z.array(z.looseObject({ code: z.number(), status: z.string() })) }),
);

/** https://icinga.com/docs/icinga-2/latest/doc/09-object-types/#checkable-runtime-attributes */
const attributes = z.looseObject({
  __name: z.string(),
  state: z.number(),
  acknowledgement: z.number(),
  acknowledgement_last_change: z.number().optional(),
});
const statusAnswer = jsonText(z.looseObject({ results: z.array(z.looseObject({ attrs: attributes })) }));

function post(url: string, path: string, body: object): HttpRequest {
  return {
    method: 'POST',
    url: `${url.replace(/\/+$/, '')}${path}`,
    // Without `accept`, errors come as HTML.
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function named(of: MonitoredObject): { type: 'Host'; host: string } | { type: 'Service'; service: string } {
  return of.service === undefined ? { type: 'Host', host: fullName(of) } : { type: 'Service', service: fullName(of) };
}

/** A service's name has its host's before it; neither may have a `!`, so two objects never have one name. */
function fullName({ host, service }: MonitoredObject): string {
  const names = service === undefined ? [host] : [host, service];
  if (names.every((name) => name !== '' && !name.includes('!'))) return names.join('!');
  throw new TocsinError('payload', `${shown(names.join(' of '))} can’t be the name of anything in Icinga 2`);
}

/** Icinga takes no comment without an author or a text. */
function said(text: string): string {
  return text.trim() === '' ? '–' : text.toWellFormed();
}

function refusal({ status, body }: HttpResponse): TocsinError {
  const words = errorAnswer.safeParse(body).data?.status;
  const [why, remedy] = meanings[status] ?? [
    'what answers is not its API, or it failed',
    'See that `url` is where the API listens, usually port 5665, and look at Icinga 2’s log.',
  ];
  const said = words === undefined ? `HTTP ${status}` : `HTTP ${status}: ${shown(words)}`;
  return new TocsinError(status === 404 ? 'not-found' : 'egress', `Icinga 2: ${why} (${said})`, { remedy });
}

const errorAnswer = jsonText(z.looseObject({ status: z.string() }));

const mayNot = `Give its ApiUser the permissions ${permissions.join(', ')}.`;

/** Why, and what to do, by the HTTP status. Up to 2.13, what a user may not do is 404 too. */
const meanings: Readonly<Record<number, readonly [string, string]>> = {
  401: ['it does not know the user and password', 'Copy both from Icinga 2’s api-users.conf.'],
  403: ['the user may not', mayNot],
  404: [
    'it knows no such object, or the user may not see it',
    `See that the notification command sends $host.name$ and $service.name$, not the names that people are shown. ${mayNot}`,
  ],
  503: ['it is starting or stopping', 'Try again.'],
};

function shown(text: string): string {
  return media.text.line(text, 200);
}
