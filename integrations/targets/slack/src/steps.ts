import type { HttpRequest, HttpResponse, Notification } from '@tocsin/core';
import { isGone } from './answers.ts';
import { call } from './api.ts';
import { messageOf } from './message.ts';
import { readRef } from './ref.ts';
import type { Settings } from './settings.ts';
import { standingOf, standsWithComment } from './standing.ts';

/**
 * One message for each group, which is edited as the group changes; what is news besides stands in its thread.
 * https://docs.slack.dev/messaging/modifying-messages
 */
export function nextCall(
  notification: Notification,
  settings: Settings,
  answers: readonly HttpResponse[],
): HttpRequest | undefined {
  const post = () => call(settings, 'chat.postMessage', postOf(notification, settings));
  const told = notification.digest === undefined ? readRef(notification.ref) : undefined;
  if (told === undefined) return answers.length === 0 ? post() : undefined;
  const gone = answers.findIndex(isGone);
  // Once, and the message that is posted then is the one that is edited from there on.
  if (gone !== -1) return answers.length === gone + 1 ? post() : undefined;
  const { channel, ts } = told;
  const update = () => call(settings, 'chat.update', { channel, ts, ...editOf(notification) });
  const reply = () => call(settings, 'chat.postMessage', { channel, thread_ts: ts, ...newsOf(notification) });
  const steps = [...(isChanged(notification) ? [update] : []), ...(isNews(notification) ? [reply] : [])];
  return steps[answers.length]?.();
}

/** https://docs.slack.dev/reference/methods/chat.postMessage */
function postOf(notification: Notification, settings: Settings): object {
  const message = notification.digest === undefined ? standing(notification) : messageOf(notification);
  return { channel: channelOf(notification, settings), ...message, ...unfurlsNothing };
}

/** By default an update looks for links and names, which a post does not. https://docs.slack.dev/reference/methods/chat.update */
function editOf(notification: Notification): object {
  return {
    ...standing(notification, notification.event.kind === 'notice' ? stateOf(notification) : undefined),
    parse: 'none',
  };
}

function newsOf(notification: Notification): object {
  return { ...messageOf(notification), ...unfurlsNothing };
}

const unfurlsNothing = { unfurl_links: false, unfurl_media: false };

function standing(notification: Notification, headline?: string): object {
  const hasComment = standsWithComment(notification);
  return messageOf(notification, { headline, hasComment, below: standingOf(notification) });
}

/** How the group is, where the headline is that of a notice about something else. */
function stateOf({ group: { status, severity } }: Notification): string {
  const word = status.charAt(0).toUpperCase() + status.slice(1);
  if (severity === 'unknown') return word;
  return `${word} · ${status === 'resolved' ? 'was ' : ''}${severity}`;
}

/** Whether the message shows anything that is not so any more. A notice is about something else. */
function isChanged({ since, replayed }: Notification): boolean {
  return !replayed && (since.length === 0 || since.some(({ kind }) => kind !== 'notice'));
}

/**
 * Whether people are to look: a change for the worse, a re-opening, a reminder or a notice. Nobody needs to, where
 * somebody has acknowledged, silenced or resolved it since.
 */
function isNews({ quiet, reminder, replayed, since }: Notification): boolean {
  if (quiet) return false;
  if (reminder || replayed) return true;
  const calmed = since.findLastIndex(({ kind }) => calming.has(kind));
  return since.slice(calmed + 1).some(({ kind, worse }) => worse || alarming.has(kind));
}

const calming: ReadonlySet<string> = new Set(['acknowledged', 'silenced', 'resolved']);
const alarming: ReadonlySet<string> = new Set(['firing', 'unacknowledged', 'unsilenced', 'notice']);

function channelOf({ address }: Notification, settings: Settings): string {
  const channel = address?.split('/').at(-1) ?? settings.channel;
  if (channel === undefined)
    throw new Error('neither the settings nor the route say which channel; set `channel`, or give an `address`');
  return channel;
}
