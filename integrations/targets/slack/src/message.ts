import type { Notification } from '@tocsin/core';

/** A part of a message beside a bar of colour. https://docs.slack.dev/reference/messaging/attachments */
export type Attachment = Record<string, unknown>;

export interface MessageOptions {
  /** What stands in place of the notification's headline. */
  headline?: string;
  /** Blocks under all that is told. */
  below?: object[];
  /** The comment stands among those. */
  hasComment?: boolean;
}

/**
 * A header, and beside a bar of colour what happened, the page of the group, the vendor's page and since when.
 * https://docs.slack.dev/reference/block-kit
 */
export function messageOf(
  notification: Notification,
  { headline = notification.headline, below = [], hasComment = false }: MessageOptions = {},
): object {
  const { title, message, comment, image } = notification;
  const summary = `${headline}: ${title}`;
  const color = colorOf(notification);
  const said = comment && !hasComment ? `“${comment}”` : '';
  const sections = [said, message].filter((text) => text !== '').map(section);
  const attachments: Attachment[] = [
    {
      color,
      fallback: summary,
      blocks: [...sections, { type: 'context', elements: [mrkdwn(footer(notification))] }],
    },
    // Not as a block: Slack refuses a whole message for an image block that it can't fetch.
    ...(image ? [{ fallback: 'Picture', image_url: image }] : []),
    // By itself: Slack folds what is long, and buttons with it.
    ...(below.length > 0 ? [{ color, fallback: 'What can be done', blocks: below }] : []),
  ];
  return {
    // Shown where blocks are not: in notifications, by screen readers. https://docs.slack.dev/messaging/#notifications
    text: summary,
    blocks: [{ type: 'header', text: { type: 'plain_text', text: summary, emoji: false } }],
    attachments,
  };
}

export function section(text: string): object {
  return { type: 'section', text: mrkdwn(text) };
}

/** In the reader's own time zone. https://docs.slack.dev/messaging/formatting-message-text/#date-formatting */
export function date(time: number): string {
  const utc = `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(time / 1000)}^{date_short_pretty}, {time}|${utc}>`;
}

/** `verbatim`: Slack looks for no URLs, channels and names by itself. */
function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true };
}

/**
 * Links and not buttons: pressing a button calls the app, and an app that only has a webhook answers with a warning
 * sign. https://docs.slack.dev/reference/block-kit/block-elements/button-element
 */
function footer({ group, link }: Notification): string {
  const times =
    group.resolvedAt === undefined
      ? `since ${date(group.startedAt)}`
      : `${date(group.startedAt)} – ${date(group.resolvedAt)}`;
  return [
    anchor(group.url, 'Open alert'),
    link ? anchor(link, `Open at ${group.source}`) : `from ${group.source}`,
    times,
  ].join('  ·  ');
}

function anchor(url: string, label: string): string {
  return `<${url.replace(/[|<>]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${label}>`;
}

const severityColors = {
  critical: '#c92a2a',
  error: '#e8590c',
  warning: '#f2b705',
  info: '#1c7ed6',
  unknown: '#868e96',
} as const;

const statusColors = { resolved: '#2b8a3e', acknowledged: '#5f3dc4', silenced: '#868e96' } as const;

function colorOf({ group: { status, severity }, event }: Notification): string {
  // Nothing is over where nothing failed.
  if (status === 'resolved' && event.kind === 'notice') return severityColors.info;
  return status === 'firing' ? severityColors[severity] : statusColors[status];
}
