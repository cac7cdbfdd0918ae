import type { HttpRequest, HttpResponse, Notification } from '@tocsin/core';
import { sidsIn } from './answers.ts';
import type { Settings } from './settings.ts';
import { summaryOf, ticketOf } from './ticket.ts';

/**
 * The next request to the API, whose calls the vendor's clients show: https://pypi.org/project/dutycalls-sdk/ and
 * https://github.com/thingsdb/module-go-dutycalls
 */
export function nextStep(
  notification: Notification,
  settings: Settings,
  answers: readonly HttpResponse[],
): HttpRequest | undefined {
  const call = callsTo(settings.baseUrl);
  const summary = summaryOf(notification);
  const setStatus = (sids: readonly string[], status: 'closed' | 'unacknowledged') =>
    call('PUT', 'ticket/status', { sid: sids }, { status, comment: summary });
  const { address, event } = notification;
  const sids = ticketsToTell(notification);
  const [opened, ...others] = answers;
  if (opened) {
    // Opened, or found to be open, only to be closed.
    const found = sids.length === 0 && isOver(notification) && others.length === 0 ? sidsIn(opened) : [];
    return found.length === 0 ? undefined : setStatus(found, 'closed');
  }
  if (sids.length === 0) {
    const channel = address === undefined ? settings.channels : [address];
    return call('POST', 'ticket', { channel }, ticketOf(notification, settings.tags));
  }
  if (isOver(notification)) return setStatus(sids, 'closed');
  if (event.kind === 'unacknowledged') return setStatus(sids, 'unacknowledged');
  return call('POST', 'ticket/hit', { sid: sids }, { summary, timestamp: event.at });
}

/**
 * The tickets that are open for the group. Where it fires, for the first time or again, DutyCalls finds them better, by
 * the `dedupKey`: an answer may have been lost, and people close tickets.
 * https://docs.dutycalls.me/rest-api/deduplication/
 */
function ticketsToTell({ ref, since, group, event }: Notification): string[] {
  const isOpening = since.some(({ kind }) => kind === 'firing');
  const isAfterwards = group.status === 'resolved' && event.kind === 'notice';
  return ref === undefined || isOpening || isAfterwards ? [] : ref.split(' ');
}

/** The ticket about many groups at once is closed by whoever has looked at them. */
function isOver({ group, digest }: Notification): boolean {
  return group.status === 'resolved' && digest === undefined;
}

function callsTo(baseUrl: string) {
  return (
    method: 'POST' | 'PUT',
    path: string,
    query: Record<string, readonly string[]>,
    body: object,
  ): HttpRequest => {
    const parameters = new URLSearchParams();
    // Each beside the others: `set` would leave the last of them.
    for (const [name, values] of Object.entries(query)) for (const value of values) parameters.append(name, value);
    return {
      method,
      url: `${baseUrl.replace(/\/+$/, '')}/${path}?${parameters}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  };
}
