import type { Alert, EventKind, GroupStatus, Labels, Severity } from '@tocsin/core/base';
import type { Channel } from './channel.ts';
import type { InhibitionRule } from './inhibition.ts';
import type { Route } from './routing.ts';
import type { TellingTimes } from './time-gate.ts';
import type { TimeInterval } from './time-interval.ts';
import type { TimerSignal } from './timer.ts';

export type { EventKind, GroupStatus, Labels, Severity } from '@tocsin/core/base';

/**
 * An alert on its way into the store: `data` is JSON text already, because the engine and the stores never look
 * inside it and text crosses threads cheaply.
 */
export interface AlertSignal extends Omit<Alert, 'data'> {
  kind: 'alert';
  data: string;
}

/** What a person (or a timer, as actor `tocsin`) does to one group. */
export interface ActionSignal {
  kind: 'action';
  action: 'acknowledge' | 'unacknowledge' | 'silence' | 'unsilence' | 'resolve';
  /** The group's id. */
  group: string;
  actor: string;
  comment?: string;
  /** For `silence`: when it ends, in milliseconds since 1970. */
  until?: number;
  /** The incarnation that the person saw; an action on an older one changes nothing. */
  incarnation?: number;
  /** Of what asked for it: a second action with it changes nothing, within `replayWithin`. */
  id?: string;
}

/** An authenticated request that is kept, in a bounded ring: one that its source couldn't read, or a sample of those it could. */
export interface RequestSignal {
  kind: 'request';
  source: string;
  /** What was wrong, with the path of each fault; null for a sample. */
  reason: string | null;
  /** The vendor's own path after the source's address. */
  path: string;
  /** The start of the body, at most 16 KiB. */
  body: string;
  contentType: string;
}

export type Signal = AlertSignal | ActionSignal | RequestSignal | TimerSignal;

/** `overflow`: the source has more alerts than may be kept of it, and even the group for them is full. */
export type IgnoreReason = 'duplicate' | 'stale' | 'orphan' | 'closed-by-person' | 'overflow';

/** What became of one signal. */
export type Outcome =
  | { result: 'grouped'; group: string; status: GroupStatus }
  | { result: 'ignored'; reason: IgnoreReason; group?: string; status?: GroupStatus }
  | { result: 'refused'; reason: 'unknown-group' | 'resolved' | 'older-incarnation' }
  /** A timer whose source was heard of meanwhile. */
  | { result: 'waiting' }
  | { result: 'kept' };

/** One episode of a source's alerts with the same key. Times are milliseconds since 1970. */
export interface Group {
  id: string;
  source: string;
  key: string;
  status: GroupStatus;
  /** The worst among the firing members; once resolved, the worst among those that fired last. */
  severity: Severity;
  /** Firing members of each severity, in the order of `severities`. */
  firingBySeverity: readonly [number, number, number, number, number];
  firing: number;
  /** Members that ever fired. */
  members: number;
  /** Characters of its members' data. */
  stored: number;
  /** The number of the last event. */
  events: number;
  /** 1 for the first firing, one more for each re-opening; 0 while only notices came. */
  incarnation: number;
  /** The number of the `firing` event that opened the present incarnation. */
  openedBy: number;
  startedAt: number;
  updatedAt: number;
  resolvedAt: number | null;
  acknowledgedBy: string | null;
  acknowledgedAt: number | null;
  silencedBy: string | null;
  silencedUntil: number | null;
  /** The group of the last episode with this key. */
  previous: string | null;
}

/** One alert identity inside a group. */
export interface Member {
  group: string;
  source: string;
  fingerprint: string;
  /** `notice`: it never fired, it was only mentioned. */
  status: 'firing' | 'resolved' | 'notice';
  severity: Severity;
  labels: Labels;
  /** JSON text. */
  data: string;
  /** The vendor's start, if it gives one. */
  startedAt: number | null;
  /** When it began to fire, by our clock. */
  firingSince: number;
  resolvedAt: number | null;
  /** The vendor's time of the last signal that was no replay, and what that signal said. */
  at: number | null;
  said: Alert['status'];
  /** Set while a person's resolution stands against the vendor's word. */
  closedByPersonAt: number | null;
}

/** A member as it was at an event. */
export interface MemberSnapshot {
  fingerprint: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  labels: Labels;
  startedAt: number;
  resolvedAt: number | null;
  /** JSON text; in a stored `updated` event it may be empty, because the members have it. */
  data: string;
}

/** One entry of a group's log. */
export interface GroupEvent {
  group: string;
  /** From 1, without gaps; the order within a group is this number, never a time. */
  number: number;
  kind: EventKind;
  /** When it was decided, by our clock. */
  at: number;
  /** The vendor's time of it. */
  vendorAt: number | null;
  actor: string | null;
  comment: string | null;
  incarnation: number;
  /** A change for the worse: told anew, never only as an edit. */
  worse: boolean;
  /** For the log only, nobody is told. */
  quiet: boolean;
  /** The group just after. */
  after: { status: GroupStatus; severity: Severity; firing: number; members: number };
  /** Up to ten members that changed. */
  changed: MemberSnapshot[];
}

/** How far one subscription has been told about one group. */
export interface Delivery {
  group: string;
  /** `target`, or `target|address`; of a channel `storage/on call: target`. */
  subscription: string;
  /** The channel's subscription that it comes from: `storage/on call`; none: of routes. */
  channel: string | null;
  target: string;
  address: string | null;
  mode: 'latest' | 'every';
  /** The kinds that this subscription is looked at for. */
  events: EventKind[];
  /**
   * Where its target edits what it told: the kinds that it asked for. The others only change a message that is there.
   * Null: all of `events` are told.
   */
  posts: EventKind[] | null;
  /** Milliseconds before the first notice, and least time between posts of `updated` and of re-openings. */
  wait: number;
  interval: number;
  /** Milliseconds after the last post until a reminder, while the group fires; none without. */
  repeat: number | null;
  escalation: Escalation | null;
  /** It is told when one of these allows it; at any time where there is none. */
  times: TellingTimes[];
  /** The words of its own that the `to` entry gives it; see `To`. */
  wording: string | null;
  /** The number of the last event that is settled for this subscription. */
  cursor: number;
  toldStatus: GroupStatus | null;
  toldAt: number | null;
  /** The target's handle of the message. */
  ref: string | null;
  /** When to look at it next: something is owed, or a reminder is to come. */
  due: number | null;
  /** What holds it back until `due`, for people: `silence 7`, `outside of office`. */
  held: string | null;
  /** Failed attempts at the present step. */
  attempt: number;
  /** When the first of them was made. */
  failingSince: number | null;
  /** Until when a claim holds it. */
  leaseUntil: number | null;
  /** Claims without an outcome. */
  claims: number;
  /** Counts the claims; an outcome of an older claim is void. */
  fence: number;
  /** Why nothing more is tried; none while it lives. */
  dead: string | null;
  /** Numbers of events that somebody wants to be told again, in `every`; each is marked as such. */
  replays: number[];
}

/** A subscription that begins only once the group has had a status for too long: whoever is called at night. */
export interface Escalation {
  /** Milliseconds after the group got the status. */
  after: number;
  /** The status that it must still have. */
  while: GroupStatus;
}

/** What the operator decided, as data: it crosses threads and lies in the store. */
export interface Rules {
  /** Changes with the rules' content. */
  version: string;
  routes: Route[];
  channels?: readonly Channel[];
  targets: Record<string, TargetRule>;
  /** `resolveAfter`: milliseconds without news after which an alert counts as over. */
  sources: Record<string, { onNewMember?: OnNewMember; resolveAfter?: number }>;
  /** By the names in `active` and `mute`. */
  timeIntervals?: Record<string, readonly TimeInterval[]>;
  inhibit?: readonly InhibitionRule[];
  retention?: Partial<Retention>;
  limits?: Partial<Limits>;
}

export interface TargetRule {
  mode: 'latest' | 'every';
  /** It edits what it told, so that every message of a group shows how the group is. Of mode `latest` alone. */
  edits?: boolean;
  /** Changes with the target's settings: one that was disabled is tried again then. */
  config?: string;
}

/** What one source may take up. Beyond it, its alerts go into one group for all of them. */
export interface Limits {
  /** Open groups. */
  groups: number;
  /** Alerts in one group. */
  members: number;
  /** Characters of the data of the alerts in open groups. Beyond it, alerts are kept without theirs. */
  stored: number;
}

export const usualLimits: Limits = { groups: 20_000, members: 100_000, stored: 1e9 };

/** How long what is over is kept, in milliseconds, and how much of everything, in bytes. What is owed is never deleted. */
export interface Retention {
  attempts: number;
  /** Those that couldn't be read. */
  requests: number;
  /** Closed ones, with all that belongs to them. */
  groups: number;
  /** Beyond it the oldest attempts and closed groups go early. */
  bytes: number;
}

const day = 24 * 60 * 60_000;

export const usualRetention: Retention = { attempts: 30 * day, requests: 7 * day, groups: 90 * day, bytes: 20e9 };

/** What a new firing member does to an acknowledged group: nothing is told, it is told, or nobody has it any more. */
export type OnNewMember = 'keep' | 'post' | 'unacknowledge';
