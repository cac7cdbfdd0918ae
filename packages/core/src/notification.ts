import type { Offer } from './actions.ts';
import type { EventKind, GroupStatus, Labels, Severity } from './alert.ts';

/** One change of a group as it is told. Times are milliseconds since 1970, UTC. */
export interface NotificationEvent {
  /** Position in the group's log, from 1. */
  number: number;
  kind: EventKind;
  at: number;
  /** A token's name, a vendor's user, `timeout`; none where the source itself spoke. */
  actor?: string;
  comment?: string;
  /** A change for the worse, which nobody should miss. */
  worse?: boolean;
  /** When a silence ends; none where it has no end. */
  until?: number;
}

export interface NotificationGroup {
  id: string;
  source: string;
  key: string;
  status: GroupStatus;
  severity: Severity;
  startedAt: number;
  resolvedAt?: number;
  /** Members that fire now, and all that this group ever had. */
  firing: number;
  members: number;
  /** 1 for the first firing, one more for each re-opening. */
  incarnation: number;
  /** Who has it, by name; several are divided by commas. */
  acknowledgedBy?: string;
  /** When the first of them took it. */
  acknowledgedAt?: number;
  /** The group's page in this installation. */
  url: string;
}

/** A member as templates see it. */
export interface NotificationAlert {
  fingerprint: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  labels: Labels;
  startedAt: number;
  resolvedAt?: number;
  /** The part of the vendor's payload that templates read as `payload`. */
  data: unknown;
}

/** What a delivery is about, before any wording. */
export interface NotificationInput {
  /** The same on every attempt at the same step of a delivery. */
  id: string;
  group: NotificationGroup;
  event: NotificationEvent;
  /** Everything since this subscription was last told, the event included. */
  since: NotificationEvent[];
  /** The lead: the worst, then oldest firing member, else the one that resolved last. */
  alert: NotificationAlert;
  /** Up to ten changed or firing members, the lead first. */
  alerts: NotificationAlert[];
  /** Whom to tell, where the route says so. */
  address?: string;
  /**
   * The vendor's handle of what this subscription was told of the group before, as the target's `outcome` last gave it:
   * to edit that message, or close that ticket.
   */
  ref?: string;
  /**
   * So many groups are told of in this one message, because so many are to be told of at once. `group` and `alert` stand
   * for all of them, and `group.url` leads to the list.
   */
  digest?: number;
  /** Nothing new: the group still fires, and its subscription asks for reminders. `since` is empty then. */
  reminder?: boolean;
  /** Nobody asked to be told of it: what was told before is to show it, and nothing new is to be posted. */
  quiet?: boolean;
  /** What can be pressed in the message. */
  offer?: Offer;
  /** A page that acknowledges the group, where the operator wants messages to have it: the message ends with it. */
  acknowledgeUrl?: string;
  /** A past event that somebody wants to be told again. */
  replayed?: boolean;
  /** Told as a test of the set-up, not because of an alert. */
  test?: boolean;
}

/** What a target is told: the input with its texts, rendered and escaped for the target's medium. */
export interface Notification extends NotificationInput {
  /** The input's, as one word of letters, digits, `-` and `%`: it may stand in a header. */
  id: string;
  /** What happened, in one line of plain words: `Firing · critical`; at most `longestHeadline` long. */
  headline: string;
  title: string;
  message: string;
  /** What the person said who acted, on one line. */
  comment?: string;
  /** The vendor's page about this alert; only http and https. */
  link?: string;
  image?: string;
}
