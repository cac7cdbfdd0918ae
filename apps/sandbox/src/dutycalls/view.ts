import { type Fields, isFields, type ViewNode, view } from '@tocsin/message-view';
import type { Message } from '../message-log.ts';

/** What a call that was taken did to its tickets, in one line and as the page shows it. */
export function viewTicketCall({ method, path, payload }: Pick<Message, 'method' | 'path' | 'payload'>): {
  summary: string;
  content: ViewNode[];
} {
  const fields: Fields = isFields(payload) ? payload : {};
  const [title, ...texts] = textsOf(method, path.split('?')[0] ?? '', fields);
  return {
    summary: title ?? '',
    content: [
      view('p', [title ?? ''], { style: 'title' }),
      ...texts.filter((text) => text !== '').map((text) => view('pre', [text])),
    ],
  };
}

function textsOf(method: string, path: string, { title, body, status, comment, summary }: Fields): string[] {
  if (method === 'GET') return [path.endsWith('/hit') ? 'Hits were read' : 'Tickets were read'];
  if (path.endsWith('/hit')) return [`Hit: ${summary}`];
  if (path.endsWith('/status')) return [`Made ${status}`, String(comment ?? '')];
  return [`Ticket: ${title}`, String(body)];
}
