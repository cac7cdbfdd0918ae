import type { HttpRequest, HttpResponse, Notification } from '@tocsin/core';
import { isGone } from './answers.ts';
import { messageOf } from './message.ts';
import type { Settings } from './settings.ts';

/** Where a message is: `C024BE91L:1503435956.000247`. */
interface Place {
  channel: string;
  ts: string;
}

/**
 * The next call of the Web API. A group has one message, which is edited as the group changes; what is news is posted
 * in its thread besides. A message that is gone is posted anew.
 * https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update
 */
export function nextCall(
  notification: Notification,
  settings: Settings,
  [first, second]: readonly HttpResponse[],
): HttpRequest | undefined {
  const call = callsTo(settings);
  const place = notification.digest === undefined ? placeOf(notification.ref) : undefined;
  const message = messageOf(notification);
  const post = () => call('chat.postMessage', { channel: channelOf(notification, settings), ...message });
  if (!place) return first ? undefined : post();
  if (!first) return call('chat.update', { ...place, ...message });
  if (second) return undefined;
  if (isGone(first)) return post();
  if (!isNews(notification)) return undefined;
  return call('chat.postMessage', { channel: place.channel, thread_ts: place.ts, ...inThread(message) });
}

/** Asks who somebody is. https://docs.slack.dev/reference/methods/users.info */
export function personRequest(id: string, settings: Settings): HttpRequest {
  const { headers, url } = callsTo(settings)('users.info', {});
  return {
    method: 'GET',
    url: `${url}?user=${encodeURIComponent(id)}`,
    headers: { authorization: headers.authorization },
  };
}

function callsTo({ apiUrl, token = '' }: Settings) {
  return (method: string, body: object) => ({
    method: 'POST' as const,
    url: `${apiUrl.replace(/\/+$/, '')}/${method}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  });
}

function channelOf({ address }: Notification, { channel }: Settings): string {
  return address?.split('/').at(-1) ?? channel ?? '';
}

function placeOf(ref: string | undefined): Place | undefined {
  const [channel, ts] = (ref ?? '').split(':');
  return channel && ts ? { channel, ts } : undefined;
}

/** What an edit alone would leave unseen. That somebody has it, or that it is over, is no reason to call anybody. */
function isNews({ since, event, quiet, reminder, replayed }: Notification): boolean {
  if (reminder || replayed) return true;
  if (quiet) return false;
  return [...since, event].some(({ kind, worse }) => worse || kind === 'firing' || kind === 'notice');
}

/** Its buttons are at the message itself. */
function inThread(message: ReturnType<typeof messageOf>): object {
  const attachments = message.attachments.map((attachment) =>
    'blocks' in attachment && attachment.blocks
      ? { ...attachment, blocks: attachment.blocks.filter((block) => !('elements' in block && 'block_id' in block)) }
      : attachment,
  );
  return { ...message, attachments };
}
