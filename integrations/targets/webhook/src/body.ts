import { type Notification, payloadBody } from '@tocsin/core';
import type { Settings } from './settings.ts';

export function bodyOf(notification: Notification, { payload, body, contentType }: Settings): string {
  if (payload !== undefined) return payloadBody(payload, notification, contentType);
  return JSON.stringify(bodies[body](notification));
}

const bodies = {
  text: (notification) => ({ text: textOf(notification) }),
  // Its text is that of `text`, so that who reads only that misses nothing.
  rich: (notification) => ({
    title: titleOf(notification),
    text: textOf(notification),
    url: notification.group.url,
  }),
  notification: (notification) => notification,
} satisfies Record<Settings['body'], (notification: Notification) => unknown>;

function textOf(notification: Notification): string {
  const { message, comment, link, group } = notification;
  const times =
    group.resolvedAt === undefined
      ? `Since ${utc(group.startedAt)}`
      : `From ${utc(group.startedAt)} to ${utc(group.resolvedAt)}`;
  const pages = [`Open alert: ${group.url}`, ...(link ? [`Open at ${group.source}: ${link}`] : [])];
  return [titleOf(notification), comment ? `“${comment}”` : '', message, [times, ...pages].join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function titleOf({ headline, title }: Notification): string {
  return `${headline}: ${title}`;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
