import type { Reader } from '@tocsin/message-view';
import { viewMessage } from './message-view.ts';
import type { Stage } from './receive.ts';
import { viewChannelMessage, viewWorkspaces } from './slack-app/view.ts';

/** What a page is told next. */
export interface PageEvent {
  event: 'cleared' | 'message' | 'tickets' | 'slack' | 'slack-message';
  data: unknown;
}

/** How far a page has read. */
export interface Position {
  deletions: number;
  /** Of the last message it has. */
  id: number;
}

/**
 * One event after the other, as far as something is new to the page that stands at the position; undefined where nothing is.
 * What isn't asked for waits in the log, not in memory of its own.
 */
export function readEvents(stage: Stage, position: Position, reader: () => Reader): () => PageEvent | undefined {
  const { log, tickets, slack } = stage;
  let ticketsVersion = 0;
  let workspaces = '';
  let channelVersion = 0;
  return () => {
    if (position.deletions !== log.deletions) {
      position.deletions = log.deletions;
      return { event: 'cleared', data: {} };
    }
    const message = log.next(position.id);
    if (message) {
      position.id = message.id;
      return { event: 'message', data: viewMessage(message, reader()) };
    }
    if (ticketsVersion !== tickets.version) {
      ticketsVersion = tickets.version;
      return { event: 'tickets', data: tickets.list() };
    }
    const view = viewWorkspaces(slack);
    if (workspaces !== JSON.stringify(view)) {
      workspaces = JSON.stringify(view);
      return { event: 'slack', data: view };
    }
    const changed = slack.messages.next(channelVersion);
    if (!changed) return undefined;
    channelVersion = changed.version;
    return { event: 'slack-message', data: viewChannelMessage(changed, slack, reader()) };
  };
}
