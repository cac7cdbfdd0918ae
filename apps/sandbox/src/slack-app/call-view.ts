import { type Fields, isFields } from '@tocsin/message-view';
import type { Message } from '../message-log.ts';

/** Calls whose arguments are a message, in a few words. */
const titles: Record<string, string> = {
  'chat.postEphemeral': 'Posted for one person',
  'chat.postMessage': 'Posted',
  'chat.update': 'Updated',
};

/** What a request of the app was, for the page; `content` where it brought a message. */
export function describeCall({ path, payload }: Pick<Message, 'path' | 'payload'>): {
  title: string;
  content?: Fields;
} {
  const fields = isFields(payload) ? payload : {};
  const method = /^\/slack\/api\/([\w.]+)/.exec(path)?.[1];
  if (method === undefined)
    return { title: responseTitle(fields), ...(!isTrue(fields.delete_original) && { content: fields }) };
  const title = titles[method];
  if (title === undefined) return { title: method };
  return { title: method === 'chat.postMessage' && fields.thread_ts ? 'Posted in a thread' : title, content: fields };
}

function responseTitle({ delete_original: deletes, replace_original: replaces, response_type: type }: Fields): string {
  if (isTrue(deletes)) return 'Answered a press: message deleted';
  if (isTrue(replaces)) return 'Answered a press: message replaced';
  return type === 'in_channel' ? 'Answered a press' : 'Answered a press, for one person';
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
