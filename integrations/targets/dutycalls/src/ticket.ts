import type { Notification, Severity } from '@tocsin/core';

/**
 * A ticket by the names that a source has without a mapping of its own. https://docs.dutycalls.me/getting-started/add-source/
 * and, for `dateTime`, https://github.com/transceptor-technology/python-dutycalls-sdk
 */
export function ticketOf(notification: Notification, tags: readonly string[]): object {
  const { title, headline, group } = notification;
  // What is over wakes nobody.
  const severity = group.status === 'resolved' ? undefined : severities[group.severity];
  return {
    // A ticket that opens says by itself that something is wrong.
    title: group.status === 'firing' ? title : `${headline}: ${title}`,
    body: bodyOf(notification),
    dateTime: Math.floor(group.startedAt / 1000),
    ...(severity === undefined ? {} : { severity }),
    sender: group.source,
    link: group.url,
    identifier: group.id,
    // Groups of another hub may have the same id.
    dedupKey: group.url,
    ...(tags.length === 0 ? {} : { tags }),
  };
}

/** What happened, in one line: for a hit, and as the comment on a change of the status. */
export function summaryOf({ headline, title, comment }: Notification): string {
  return [`${headline}: ${title}`, ...(comment ? [`“${comment}”`] : [])].join(' ');
}

const severities: Readonly<Record<Severity, 'high' | 'medium' | 'low' | undefined>> = {
  critical: 'high',
  error: 'high',
  warning: 'medium',
  info: 'low',
  unknown: undefined,
};

function bodyOf({ headline, comment, message, link, group }: Notification): string {
  const times =
    group.resolvedAt === undefined
      ? `Since ${utc(group.startedAt)}`
      : `From ${utc(group.startedAt)} to ${utc(group.resolvedAt)}`;
  const pages = link ? [`Open at ${group.source}: ${link}`] : [];
  return [headline, comment ? `“${comment}”` : '', message, [times, ...pages].join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
