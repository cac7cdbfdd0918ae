import { type Severity, severities } from '@tocsin/core/base';
import type { DeadFilter, DeadLetter, Delivery, Group, GroupEvent, LaneState, Member, Silence } from '@tocsin/engine';

/** A row as the driver gives it. */
export type Row = Record<string, string | number | null>;

/** Group ids are the rows' numbers in base 36, from `1000` on: short enough to read out on the phone. */
const firstGroup = 36 ** 3;

export function groupId(seq: number): string {
  return (seq + firstGroup).toString(36);
}

/** The row's number, or 0 (which no row has) for what is no id of ours. */
export function groupSeq(id: string): number {
  const number = /^[0-9a-z]{4,10}$/.test(id) ? Number.parseInt(id, 36) - firstGroup : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

export const groupColumns = [
  'seq',
  'source',
  'key',
  'status',
  'severity',
  'firing_by_severity',
  'firing',
  'members',
  'stored',
  'events',
  'incarnation',
  'opened_by',
  'started_at',
  'updated_at',
  'resolved_at',
  'acknowledged_by',
  'acknowledged_at',
  'silenced_by',
  'silenced_until',
  'previous',
] as const;

export function groupValues(group: Group): unknown[] {
  return [
    groupSeq(group.id),
    group.source,
    group.key,
    group.status,
    group.severity,
    group.firingBySeverity.join(' '),
    group.firing,
    group.members,
    group.stored,
    group.events,
    group.incarnation,
    group.openedBy,
    group.startedAt,
    group.updatedAt,
    group.resolvedAt,
    group.acknowledgedBy,
    group.acknowledgedAt,
    group.silencedBy,
    group.silencedUntil,
    group.previous === null ? null : groupSeq(group.previous),
  ];
}

// The schema holds the types of each column; the casts below repeat what migrations.ts declares.
export function readGroup(row: Row): Group {
  return {
    id: groupId(row.seq as number),
    source: row.source as string,
    key: row.key as string,
    status: row.status as Group['status'],
    severity: row.severity as Severity,
    firingBySeverity: (row.firing_by_severity as string).split(' ').map(Number) as unknown as Group['firingBySeverity'],
    firing: row.firing as number,
    members: row.members as number,
    stored: row.stored as number,
    events: row.events as number,
    incarnation: row.incarnation as number,
    openedBy: row.opened_by as number,
    startedAt: row.started_at as number,
    updatedAt: row.updated_at as number,
    resolvedAt: row.resolved_at as number | null,
    acknowledgedBy: row.acknowledged_by as string | null,
    acknowledgedAt: row.acknowledged_at as number | null,
    silencedBy: row.silenced_by as string | null,
    silencedUntil: row.silenced_until as number | null,
    previous: row.previous === null ? null : groupId(row.previous as number),
  };
}

export const memberColumns = [
  'group_seq',
  'source',
  'fingerprint',
  'status',
  'severity',
  'labels',
  'data',
  'started_at',
  'firing_since',
  'resolved_at',
  'at',
  'said',
  'closed_by_person_at',
  'newest',
  'identity',
] as const;

/** Of a member that is written: it becomes the newest of its fingerprint. */
export function memberValues(member: Member, identity: number): unknown[] {
  return [
    groupSeq(member.group),
    member.source,
    member.fingerprint,
    member.status,
    severities.indexOf(member.severity),
    JSON.stringify(member.labels),
    member.data,
    member.startedAt,
    member.firingSince,
    member.resolvedAt,
    member.at,
    member.said,
    member.closedByPersonAt,
    1,
    identity,
  ];
}

export function readMember(row: Row): Member {
  return {
    group: groupId(row.group_seq as number),
    source: row.source as string,
    fingerprint: row.fingerprint as string,
    status: row.status as Member['status'],
    severity: severities[row.severity as number] as Severity,
    labels: JSON.parse(row.labels as string),
    data: row.data as string,
    startedAt: row.started_at as number | null,
    firingSince: row.firing_since as number,
    resolvedAt: row.resolved_at as number | null,
    at: row.at as number | null,
    said: row.said as Member['said'],
    closedByPersonAt: row.closed_by_person_at as number | null,
  };
}

export const eventColumns = [
  'group_seq',
  'number',
  'kind',
  'at',
  'vendor_at',
  'actor',
  'comment',
  'incarnation',
  'worse',
  'quiet',
  'status',
  'severity',
  'firing',
  'members',
  'changed',
] as const;

export function eventValues(event: GroupEvent): unknown[] {
  return [
    groupSeq(event.group),
    event.number,
    event.kind,
    event.at,
    event.vendorAt,
    event.actor,
    event.comment,
    event.incarnation,
    Number(event.worse),
    Number(event.quiet),
    event.after.status,
    event.after.severity,
    event.after.firing,
    event.after.members,
    JSON.stringify(event.changed),
  ];
}

/** Updates are many, and any group's last event is in memory: the members have the data. */
export function withoutData(event: GroupEvent): GroupEvent {
  return { ...event, changed: event.changed.map((member) => (member.data === '' ? member : { ...member, data: '' })) };
}

export function readEvent(row: Row): GroupEvent {
  return {
    group: groupId(row.group_seq as number),
    number: row.number as number,
    kind: row.kind as GroupEvent['kind'],
    at: row.at as number,
    vendorAt: row.vendor_at as number | null,
    actor: row.actor as string | null,
    comment: row.comment as string | null,
    incarnation: row.incarnation as number,
    worse: row.worse === 1,
    quiet: row.quiet === 1,
    after: {
      status: row.status as Group['status'],
      severity: row.severity as Severity,
      firing: row.firing as number,
      members: row.members as number,
    },
    changed: JSON.parse(row.changed as string),
  };
}

export const deliveryColumns = [
  'group_seq',
  'subscription',
  'target',
  'address',
  'mode',
  'events',
  'wait',
  'interval',
  'wording',
  'cursor',
  'told_status',
  'told_at',
  'ref',
  'due',
  'attempt',
  'failing_since',
  'lease_until',
  'claims',
  'fence',
  'dead',
  'repeat',
  'escalation',
  'times',
  'held',
  'replays',
  'channel',
  'posts',
] as const;

export function deliveryValues(delivery: Delivery): unknown[] {
  return [
    groupSeq(delivery.group),
    delivery.subscription,
    delivery.target,
    delivery.address,
    delivery.mode,
    delivery.events.join(' '),
    delivery.wait,
    delivery.interval,
    delivery.wording,
    delivery.cursor,
    delivery.toldStatus,
    delivery.toldAt,
    delivery.ref,
    delivery.due,
    delivery.attempt,
    delivery.failingSince,
    delivery.leaseUntil,
    delivery.claims,
    delivery.fence,
    delivery.dead,
    delivery.repeat,
    delivery.escalation && JSON.stringify(delivery.escalation),
    delivery.times.length > 0 ? JSON.stringify(delivery.times) : null,
    delivery.held,
    delivery.replays.length > 0 ? JSON.stringify(delivery.replays) : null,
    delivery.channel,
    delivery.posts?.join(' ') ?? null,
  ];
}

export function readDelivery(row: Row): Delivery {
  return {
    group: groupId(row.group_seq as number),
    subscription: row.subscription as string,
    target: row.target as string,
    address: row.address as string | null,
    mode: row.mode as Delivery['mode'],
    events: readKinds(row.events as string),
    wait: row.wait as number,
    interval: row.interval as number,
    wording: row.wording as string | null,
    cursor: row.cursor as number,
    toldStatus: row.told_status as Delivery['toldStatus'],
    toldAt: row.told_at as number | null,
    ref: row.ref as string | null,
    due: row.due as number | null,
    attempt: row.attempt as number,
    failingSince: row.failing_since as number | null,
    leaseUntil: row.lease_until as number | null,
    claims: row.claims as number,
    fence: row.fence as number,
    dead: row.dead as string | null,
    repeat: row.repeat as number | null,
    escalation: row.escalation === null ? null : JSON.parse(row.escalation as string),
    times: row.times === null ? [] : JSON.parse(row.times as string),
    held: row.held as string | null,
    replays: row.replays === null ? [] : JSON.parse(row.replays as string),
    channel: row.channel as string | null,
    posts: row.posts === null ? null : readKinds(row.posts as string),
  };
}

function readKinds(text: string): Delivery['events'] {
  return text.split(' ').filter(Boolean) as Delivery['events']; // what `deliveryValues` wrote
}

export function readDeadLetter(row: Row): DeadLetter {
  return {
    id: row.id as number,
    group: groupId(row.group_seq as number),
    subscription: row.subscription as string,
    target: row.target as string,
    event: row.event as number,
    cause: row.cause as string,
    reason: row.reason as string,
    at: row.at as number,
    retriedAt: row.retried_at as number | null,
  };
}

/** The conditions of a filter, and their values; `open`: only those that nobody had tried again. */
export function deadWhere(
  { target, cause, group, from, to }: DeadFilter,
  open: boolean,
): { sql: string; values: unknown[] } {
  const conditions: [string, unknown][] = [
    ['target = ?', target],
    ['cause = ?', cause],
    ['group_seq = ?', group && groupSeq(group)],
    ['id >= ?', from],
    ['id <= ?', to],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  const parts = [...given.map(([condition]) => condition), ...(open ? ['retried_at IS NULL'] : [])];
  return { sql: parts.length > 0 ? parts.join(' AND ') : 'true', values: given.map(([, value]) => value) };
}

export function readLane(row: Row): LaneState {
  return {
    target: row.target as string,
    pausedUntil: row.paused_until as number | null,
    disabled: row.disabled === null ? null : { reason: row.disabled as string, at: row.disabled_at as number },
  };
}

export function readSilence(row: Row): Silence {
  return {
    id: row.id as string,
    matchers: JSON.parse(row.matchers as string),
    startsAt: row.starts_at as number,
    endsAt: row.ends_at as number,
    comment: row.comment as string,
    author: row.author as string,
  };
}
