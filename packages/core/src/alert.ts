/** What one signal says about its alert. `notice` carries no state: the group's status stays as it is. */
export const alertStatuses = [
  'firing',
  'resolved',
  'acknowledged',
  'unacknowledged',
  'silenced',
  'unsilenced',
  'notice',
] as const;
export type AlertStatus = (typeof alertStatuses)[number];

/** From worst to mildest; `unknown` is what a vendor's word becomes that nobody mapped. */
export const severities = ['critical', 'error', 'warning', 'info', 'unknown'] as const;
export type Severity = (typeof severities)[number];

/** The entries of a group's log. `updated` is a change within the status: a new member, a higher severity. */
export const eventKinds = [
  'firing',
  'acknowledged',
  'unacknowledged',
  'silenced',
  'unsilenced',
  'resolved',
  'updated',
  'notice',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** `resolved` if no member fires, else `silenced`, else `acknowledged`, else `firing`. */
export type GroupStatus = 'firing' | 'acknowledged' | 'silenced' | 'resolved';

export type Labels = Readonly<Record<string, string>>;

/** One signal of one source in the neutral shape. All times are milliseconds since 1970, UTC. */
export interface Alert {
  /** The configured source's id. */
  source: string;
  /** Identity of the member inside its group; at most 512 characters, a longer one with a digest as its end. */
  fingerprint: string;
  /** The group key: alerts of one source with the same key are one episode; at most 512 characters, likewise. */
  group: string;
  status: AlertStatus;
  /** The status is the only one that the alert has at the vendor: `firing` also says that nobody has it in hand. */
  exclusive?: boolean;
  severity: Severity;
  /** The vendor's labels, unchanged, and those that the operator added to the source. */
  labels: Labels;
  /** When the problem began, by the vendor's clock. */
  startedAt?: number;
  /** The vendor's time of this very event, never of the start; at most five minutes ahead of the receipt. */
  at?: number;
  /** The vendor's id of this delivery; the same id within 24 hours is a replay. */
  deliveryId?: string;
  /** When the signal stops to hold, for a silence. */
  expires?: number;
  /** Who did it, where a person acted in the vendor's system. */
  actor?: string;
  comment?: string;
  /**
   * Milliseconds until the source should be heard of again about this alert; 0 if nothing is expected any more. When it
   * isn't, the hub raises the alert: firing, by actor `timeout`.
   */
  next?: number;
  /** Told as a notice where it changes nothing: what fires again, or ends without having begun. */
  alwaysTold?: boolean;
  /** The part of the payload that templates may read, as JSON. */
  data: unknown;
}

const severityRank: Record<Severity, number> = { critical: 4, error: 3, warning: 2, info: 1, unknown: 0 };

/** Positive when `left` is the worse one. */
export function compareSeverity(left: Severity, right: Severity): number {
  return severityRank[left] - severityRank[right];
}

/** Vendors' common words, lower case. An operator's `sources[].severity` comes before these. */
const severityWords: Record<string, Severity> = {
  critical: 'critical',
  crit: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  disaster: 'critical',
  page: 'critical',
  error: 'error',
  err: 'error',
  high: 'error',
  major: 'error',
  warning: 'warning',
  warn: 'warning',
  medium: 'warning',
  average: 'warning',
  minor: 'warning',
  info: 'info',
  information: 'info',
  informational: 'info',
  low: 'info',
  notice: 'info',
  debug: 'info',
};

/** The operator's mapping first (exact, then in lower case), then our words, then the vendors' common ones. */
export function toSeverity(word: string | undefined, mapping: Readonly<Record<string, Severity>> = {}): Severity {
  if (word === undefined) return 'unknown';
  const lower = word.trim().toLowerCase();
  for (const key of [word, lower]) if (Object.hasOwn(mapping, key)) return mapping[key] as Severity;
  return Object.hasOwn(severityWords, lower) ? (severityWords[lower] as Severity) : 'unknown';
}
