import {
  type Alert,
  compareSeverity,
  type NotificationAlert,
  type NotificationEvent,
  type NotificationInput,
} from '@tocsin/core';

/**
 * What is told of an example's alerts, one for each group: as if they were all that is known of it. Then what is told
 * when nothing follows where the source says that something will.
 */
export function notificationsOf(alerts: readonly Alert[], receivedAt: number): NotificationInput[] {
  const silences = alerts.flatMap((alert) => silenceAfter(alert, receivedAt));
  return [alerts, silences].flatMap((told) => {
    const byGroup = Map.groupBy(told, (alert) => alert.group);
    return [...byGroup.values()].map((members) => notificationOf(members, receivedAt));
  });
}

/** Told at the time of the example, as if its signal had come that long before. */
function silenceAfter({ next, ...alert }: Alert, receivedAt: number): Alert[] {
  return next ? [{ ...alert, status: 'firing', startedAt: receivedAt - next, actor: 'timeout' }] : [];
}

function notificationOf(alerts: readonly Alert[], receivedAt: number): NotificationInput {
  const members = alerts.map((alert): NotificationAlert => memberOf(alert, receivedAt)).sort(byLead);
  const [lead] = members as [NotificationAlert];
  const [first] = alerts as [Alert];
  const firing = members.filter(({ status }) => status === 'firing').length;
  const kind = firing > 0 && firing < members.length ? 'updated' : first.status;
  const event: NotificationEvent = {
    number: 1,
    kind,
    at: receivedAt,
    actor: first.actor,
    comment: first.comment,
    until: first.expires,
  };
  return {
    id: `example-${first.fingerprint}`,
    group: {
      id: 'example',
      source: first.source,
      key: first.group,
      status: firing === 0 ? 'resolved' : kind === 'acknowledged' || kind === 'silenced' ? kind : 'firing',
      severity: lead.severity,
      startedAt: Math.min(...members.map(({ startedAt }) => startedAt)),
      ...(firing === 0 ? { resolvedAt: receivedAt } : {}),
      firing,
      members: members.length,
      incarnation: 1,
      url: 'https://alerts.example.com/g/example',
    },
    event,
    since: [event],
    alert: lead,
    alerts: members.slice(0, 10),
  };
}

function memberOf(alert: Alert, receivedAt: number): NotificationAlert {
  const { fingerprint, severity, labels, data, startedAt = receivedAt, at = receivedAt } = alert;
  const status = alert.status === 'resolved' || alert.status === 'notice' ? 'resolved' : 'firing';
  return {
    fingerprint,
    status,
    severity,
    labels,
    startedAt,
    ...(status === 'resolved' ? { resolvedAt: at } : {}),
    data,
  };
}

/** Firing before resolved; of the firing the worst, then oldest; of the resolved the one that ended last. */
function byLead(left: NotificationAlert, right: NotificationAlert): number {
  if (left.status !== right.status) return left.status === 'firing' ? -1 : 1;
  if (left.status === 'resolved') return (right.resolvedAt ?? 0) - (left.resolvedAt ?? 0);
  return compareSeverity(right.severity, left.severity) || left.startedAt - right.startedAt;
}
