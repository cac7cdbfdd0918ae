import { type Severity, severities } from '@tocsin/core';
import type {
  Attempt,
  Delivery,
  GroupEvent,
  GroupSummary,
  Member,
  MemberSnapshot,
  Page,
  StoredRequest,
} from '@tocsin/engine';
import type { z } from 'zod';
import { deliveryState } from './delivery-state.ts';
import type {
  attemptShape,
  deliveryShape,
  eventShape,
  groupShape,
  memberShape,
  storedRequestShape,
} from './schemas.ts';
import { isEndless, isoTime, isoTimeOrNull } from './time.ts';

/** Characters of a member's data, as JSON, that one answer holds at most. */
const mostData = 16 * 1024;

/** Every item of a page as the API shows it. */
export function viewPage<Item, View>({ items, next }: Page<Item>, view: (item: Item) => View): Page<View> {
  return { items: items.map(view), next };
}

export function viewGroup(group: GroupSummary, hostUrl: string): z.output<typeof groupShape> {
  const { acknowledgedBy, acknowledgedAt, silencedBy, silencedUntil } = group;
  const firingBySeverity = Object.fromEntries(
    severities.map((name, rank) => [name, group.firingBySeverity[rank] ?? 0]),
  );
  return {
    id: group.id,
    source: group.source,
    key: group.key,
    status: group.status,
    severity: group.severity,
    labels: group.labels,
    firing: group.firing,
    // One entry for each of `severities`.
    firingBySeverity: firingBySeverity as Record<Severity, number>,
    memberCount: group.members,
    eventCount: group.events,
    incarnation: group.incarnation,
    startedAt: isoTime(group.startedAt),
    updatedAt: isoTime(group.updatedAt),
    resolvedAt: isoTimeOrNull(group.resolvedAt),
    acknowledged: acknowledgedBy === null ? null : { by: acknowledgedBy, at: isoTimeOrNull(acknowledgedAt) },
    silenced:
      silencedUntil === null
        ? null
        : { by: silencedBy, until: isEndless(silencedUntil) ? null : isoTime(silencedUntil) },
    previous: group.previous,
    url: `${hostUrl}/g/${group.id}`,
  };
}

export function viewEvent(event: GroupEvent): z.output<typeof eventShape> {
  const { number, kind, actor, comment, incarnation, worse, quiet, after } = event;
  return {
    number,
    kind,
    at: isoTime(event.at),
    vendorAt: isoTimeOrNull(event.vendorAt),
    actor,
    comment,
    incarnation,
    worse,
    quiet,
    after,
    changed: event.changed.map(viewChanged),
  };
}

function viewChanged({ fingerprint, status, severity, labels, startedAt, resolvedAt }: MemberSnapshot) {
  return {
    fingerprint,
    status,
    severity,
    labels,
    startedAt: isoTime(startedAt),
    resolvedAt: isoTimeOrNull(resolvedAt),
  };
}

export function viewMember(member: Member): z.output<typeof memberShape> {
  const { fingerprint, status, severity, labels, said, data } = member;
  return {
    fingerprint,
    status,
    severity,
    labels,
    startedAt: isoTimeOrNull(member.startedAt),
    firingSince: isoTime(member.firingSince),
    resolvedAt: isoTimeOrNull(member.resolvedAt),
    said,
    data: data.length > mostData ? null : JSON.parse(data),
    dataLength: data.length,
  };
}

export function viewDelivery(delivery: Delivery): z.output<typeof deliveryShape> {
  const { group, subscription, target, address, mode, events, wait, interval, cursor, ref, attempt, dead } = delivery;
  const { repeat, escalation, held } = delivery;
  return {
    group,
    subscription,
    target,
    address,
    state: deliveryState(delivery),
    mode,
    events,
    wait,
    interval,
    repeat,
    escalation,
    cursor,
    told:
      delivery.toldStatus === null || delivery.toldAt === null
        ? null
        : { status: delivery.toldStatus, at: isoTime(delivery.toldAt) },
    ref,
    due: isoTimeOrNull(delivery.due),
    held,
    attempt,
    failingSince: isoTimeOrNull(delivery.failingSince),
    dead,
  };
}

export function viewAttempt(attempt: Attempt): z.output<typeof attemptShape> {
  const { id, group, subscription, target, event, duration, outcome, reason, request, response, error } = attempt;
  const startedAt = isoTime(attempt.startedAt);
  return { id, group, subscription, target, event, startedAt, duration, outcome, reason, request, response, error };
}

export function viewRequest(request: StoredRequest): z.output<typeof storedRequestShape> {
  const { id, source, reason, path, contentType, body } = request;
  return { id, source, receivedAt: isoTime(request.receivedAt), reason, path, contentType, body };
}
