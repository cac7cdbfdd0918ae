import {
  type Fields,
  isFields,
  longestSlackText,
  mentionsIn,
  plainText,
  type Reader,
  type ViewNode,
  view,
  viewSlackMessage,
} from '@tocsin/message-view';
import { viewTicketCall } from './dutycalls/view.ts';
import { parseJson } from './json.ts';
import type { Message } from './message-log.ts';
import { describeCall } from './slack-app/call-view.ts';

/** As much of a request as the page shows; `GET /messages` has all of it. */
const LONGEST_SOURCE = 20_000;

/** One message as the page shows it. */
export interface MessageView {
  id: number;
  at: string;
  kind: Message['kind'];
  channel: string;
  /** One line for a list, a notification, a screen reader. */
  summary: string;
  /** Whether the service took it: what was refused, nobody saw. */
  accepted: boolean;
  /** What was answered, and why, for a person. */
  outcome: string;
  /** The vendor's page, where a rule of it was broken. */
  source?: string;
  /** Whom it notifies: `@channel`, `@U123`. */
  mentions: string[];
  /** Whom it might notify: what Slack does with these is not documented. */
  perhaps: string[];
  notes: string[];
  content: ViewNode[];
  /** The request, its JSON laid out. */
  request: string;
}

export function viewMessage(message: Message, reader: Reader): MessageView {
  const accepted = isTaken(message);
  const { content, unseen, notes, summary } = !accepted
    ? { content: [], unseen: [], notes: [], summary: 'Refused' }
    : drawn(message, reader);
  const mentions = mentionsIn(content, 'mention');
  return {
    id: message.id,
    at: message.at,
    kind: message.kind,
    channel: message.channel,
    summary: summary.replace(/\s+/g, ' ').trim().slice(0, 140),
    accepted,
    outcome: outcomeOf(message),
    ...(message.refusal && { source: message.refusal.source }),
    mentions,
    perhaps: [...new Set([...mentionsIn(content, 'mention maybe'), ...mentionsIn(unseen, 'mention')])].filter(
      (name) => !mentions.includes(name),
    ),
    notes,
    content,
    request: requestText(message),
  };
}

interface Drawn {
  content: ViewNode[];
  /** What the message says without showing it: text beside blocks. */
  unseen: ViewNode[];
  notes: string[];
  summary: string;
}

function drawn(message: Message, reader: Reader): Drawn {
  switch (message.kind) {
    case 'slack':
      return viewSlack(isFields(message.payload) ? message.payload : {}, reader);
    case 'slack-api':
      return viewSlackCall(message, reader);
    case 'dutycalls':
      return { ...viewTicketCall(message), unseen: [], notes: [] };
    case 'webhook':
      return viewWebhook(message);
  }
}

/** The Web API refuses with status 200 too. */
function isTaken({ kind, status, answer }: Message): boolean {
  const isGood = typeof status === 'number' && status >= 200 && status < 300;
  if (!isGood || kind !== 'slack-api') return isGood;
  return parsedAnswer(answer)?.ok === true;
}

function parsedAnswer(answer: string): Fields | undefined {
  const said = parseJson(answer);
  return isFields(said) ? said : undefined;
}

/** One line: the message that a call posted or changed stands in its channel, where its buttons work. */
function viewSlackCall(message: Message, reader: Reader): Drawn {
  const { title, content } = describeCall(message);
  const said = content && viewSlack(content, reader).summary.replace(/\s+/g, ' ').trim().slice(0, 140);
  const summary = said ? `${title}: ${said}` : title;
  return { content: [view('p', [summary])], unseen: [], notes: [], summary };
}

function viewSlack(payload: Fields, reader: Reader): Drawn {
  const { content, text: shown, hasBlocks } = viewSlackMessage(payload, reader);
  const text = typeof payload.text === 'string' ? payload.text : '';
  const notes: string[] = [];
  if (text.length > longestSlackText) notes.push('Slack cuts the text after 40,000 characters.');
  if (hasBlocks) {
    notes.push(
      text === ''
        ? 'Without text, notifications and screen readers have nothing to say.'
        : `The notification says: ${plainText(shown)}`,
    );
  }
  const asked = ['channel', 'username', 'icon_emoji', 'icon_url'].filter((name) => typeof payload[name] === 'string');
  if (asked.length > 0) {
    const list = asked.map((name) => `${name} “${String(payload[name]).slice(0, 200)}”`).join(', ');
    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#advanced_message_formatting
    notes.push(`Slack ignores ${list}: the webhook alone decides.`);
  }
  return { content, unseen: hasBlocks ? shown : [], notes, summary: plainText(shown) || spacedText(content) };
}

function viewWebhook(message: Message): Drawn {
  const { payload, body } = message;
  const text = isFields(payload) && typeof payload.text === 'string' ? payload.text : '';
  const source = payload === undefined ? body : JSON.stringify(payload, null, 2);
  const pre = source === '' ? [] : [view('pre', [shorten(source)])];
  return {
    content: [...(text === '' ? [] : [view('p', [shorten(text)], { style: 'title' })]), ...pre],
    unseen: [],
    notes: source === '' ? ['The request has no body.'] : [],
    summary: text || body.slice(0, 140) || `${message.method} ${message.path}`,
  };
}

function outcomeOf({ kind, status, answer, refusal, demanded }: Message): string {
  const how = { hang: 'left without an answer', reset: 'connection broken' } as const;
  const words = kind === 'slack-api' ? (parsedAnswer(answer)?.error ?? 'ok') : answer.slice(0, 200);
  const said = typeof status === 'number' ? `${status} ${words}`.trim() : how[status];
  if (demanded) return `${said}, as a test demanded`;
  return refusal ? `${said}: ${refusal.says} (${refusal.at})` : said;
}

function requestText({ method, path, headers, body, payload }: Message): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const content = payload === undefined ? body : JSON.stringify(payload, null, 2);
  return shorten([`${method} ${path}`, ...lines, '', content].join('\n'));
}

function shorten(text: string): string {
  return text.length > LONGEST_SOURCE ? `${text.slice(0, LONGEST_SOURCE)}… (shortened; GET /messages has all)` : text;
}

/** The text of a message whose parts stand below each other. */
function spacedText(nodes: ViewNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : spacedText(node.children))).join(' ');
}
