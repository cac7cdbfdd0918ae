import type { SendResult } from './delivery.ts';
import type { Silence } from './silence.ts';
import type {
  ActionSignal,
  Delivery,
  Group,
  GroupEvent,
  GroupStatus,
  Labels,
  Member,
  MemberSnapshot,
  Outcome,
  Rules,
  Severity,
  Signal,
} from './types.ts';

/** How much one lane may take at this claim. */
export interface LaneBudget {
  /** The target's id. */
  target: string;
  /** Deliveries that may be claimed for it now. */
  most: number;
}

/** What a target said of everything that goes to it. Times are milliseconds since 1970. */
export interface LaneState {
  target: string;
  /** It asked for no request before this. */
  pausedUntil: number | null;
  /** Why nothing goes to it any more, and since when: it said that it is no more (HTTP 410). */
  disabled: { reason: string; at: number } | null;
}

/** Who claims, for how long. A claim whose lease has passed is free again. */
export interface Lease {
  /** This process, so that its own claims can be told apart; new at each start. */
  owner: string;
  /** Milliseconds. */
  duration: number;
  /**
   * How long the call may wait for something to become due, in milliseconds. A store that can claims in the very
   * transaction that makes a delivery due.
   */
  patience: number;
}

/** A claimed delivery with everything that its rendering needs. */
export interface Due {
  /** After the claim: `fence` names it. */
  delivery: Delivery;
  group: Group;
  event: GroupEvent;
  since: GroupEvent[];
  cursor: number;
  telling: GroupStatus;
  /** Told again because somebody asked for it. */
  isReplay: boolean;
  /** Nothing new: the group still fires. */
  isReminder: boolean;
  /** Of other groups, for the same address: so many that all of them are told in one message. Usually none. */
  others: Omit<Due, 'others' | 'durable'>[];
  /** The worst, then oldest firing member, else the one that resolved last. */
  lead: MemberSnapshot;
  /** Up to ten members, the lead first. */
  members: MemberSnapshot[];
  /**
   * Ends once the claim is durable, and rejects where it can't be made so. It may be rendered before, because the end of
   * this process doesn't undo the claim any more; nothing is sent before, because a power cut does.
   */
  durable: Promise<void>;
}

/** What an attempt sent and got, for the log. Secrets stand in it as references. */
export interface AttemptRecord {
  startedAt: number;
  /** Milliseconds. */
  duration: number;
  request: { method: string; url: string; headers: Record<string, string>; body: string } | null;
  response: { status: number; headers: Record<string, string>; body: string } | null;
  /** Why it failed before or without an answer. */
  error: string | null;
}

export interface Settled {
  group: string;
  subscription: string;
  /** Of the claim; a settlement of an older claim changes nothing. */
  fence: number;
  cursor: number;
  telling: GroupStatus;
  /** The number of the event that was told again. */
  replay?: number;
  result: SendResult;
  /** In [0, 1): spreads the retries. */
  random: number;
  attempt?: AttemptRecord;
}

/** One page of a list, newest first; `next` continues it. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface PageRequest {
  /** At most 200. */
  limit: number;
  /** The `next` of the page before. */
  after?: string;
}

export interface GroupFilter {
  status?: GroupStatus;
  source?: string;
  severity?: Severity;
}

/** A group as lists show it: with the labels of its worst member, a firing one before others. */
export interface GroupSummary extends Group {
  labels: Labels;
}

export interface Attempt extends AttemptRecord {
  id: number;
  group: string;
  subscription: string;
  target: string;
  /** The number of the event that it was about. */
  event: number;
  outcome: SendResult['outcome'];
  reason: string | null;
}

/** What one subscription was not told of one group, because it was given up. */
export interface DeadLetter {
  id: number;
  group: string;
  subscription: string;
  target: string;
  /** The number of the event. */
  event: number;
  /** In few words that many have in common: `HTTP 404`. */
  cause: string;
  reason: string;
  at: number;
  /** When somebody had it tried again. */
  retriedAt: number | null;
}

/** Dead letters of one target that nobody has had tried again, by their cause. */
export interface DeadCause {
  target: string;
  cause: string;
  count: number;
  /** When the first and the last of them were given up. */
  first: number;
  last: number;
}

export interface DeadFilter {
  target?: string;
  cause?: string;
  group?: string;
  /** From and up to these ids. */
  from?: number;
  to?: number;
}

/** A request with a right key: one that couldn't be read, or a sample of those that could. */
export interface StoredRequest {
  id: number;
  source: string;
  receivedAt: number;
  /** What was wrong; null for one that was read. */
  reason: string | null;
  path: string;
  contentType: string;
  body: string;
}

/** The words of a source as its package brought them, kept so that a later version of it changes no message by itself. */
export interface PinnedTemplates {
  source: string;
  /** The npm package's name. */
  package: string;
  version: string;
  /** By the store's clock. */
  pinnedAt: number;
  /** The templates' texts by their files' names without the ending: `message`, `message.slack`. */
  templates: Record<string, string>;
}

/** What the host keeps in the store because the API made it, such as a channel: the store doesn't look into it. */
export interface StoredRecord {
  kind: string;
  /** One of its kind. */
  id: string;
  value: string;
  /** Who wrote it last, and when by the store's clock. */
  author: string;
  writtenAt: number;
}

/** What a store sees happen that somebody should hear of, besides those who are told of the group. */
export type Finding =
  /** Nothing more is tried: this target is not told. */
  | { kind: 'dead'; group: Group; target: string; reason: string }
  /** This target is no more: what is owed to it waits until somebody enables it. */
  | { kind: 'disabled'; group: Group; target: string; reason: string }
  /** No subscription matches: nobody is told. */
  | { kind: 'unrouted'; group: Group };

/** The oldest of what one target is owed. Times are milliseconds since 1970. */
export interface OldestOwed {
  target: string;
  /** Deliveries of the target that owe something. */
  deliveries: number;
  /** The one whose event waits for the longest, though it may be meant to: a silence holds it, or its time is to come. */
  oldest: { group: string; subscription: string; since: number };
  /** The one whose turn is, was or will be the first: `since` is when it was due, or when its first attempt failed. */
  first: { group: string; subscription: string; since: number };
}

/** Open groups of one source with the same status. */
export interface OpenGroups {
  source: string;
  status: GroupStatus;
  groups: number;
  /** Those of them that nobody is told of. */
  unrouted: number;
}

/** What pages and the API read. Pages go by key, never by offset; no read lasts over a second. */
export interface Queries {
  groups(filter: GroupFilter, page: PageRequest): Promise<Page<GroupSummary>>;
  group(id: string): Promise<GroupSummary | undefined>;
  events(group: string, page: PageRequest): Promise<Page<GroupEvent>>;
  members(group: string, page: PageRequest): Promise<Page<Member>>;
  deliveries(filter: { group?: string; target?: string }, page: PageRequest): Promise<Page<Delivery>>;
  attempts(filter: { group?: string; target?: string }, page: PageRequest): Promise<Page<Attempt>>;
  requests(filter: { source?: string; rejected?: boolean }, page: PageRequest): Promise<Page<StoredRequest>>;
  /** Those that end after this time, newest first; all that are kept without it. */
  silences(filter: { endingAfter?: number; id?: string }, page: PageRequest): Promise<Page<Silence>>;
  /** Newest first; those that were tried again only where `all` says so. */
  deadLetters(filter: DeadFilter & { all?: boolean }, page: PageRequest): Promise<Page<DeadLetter>>;
  deadCauses(filter: Pick<DeadFilter, 'target' | 'group'>): Promise<DeadCause[]>;
  /** Of the targets that said something of everything that goes to them. */
  lanes(): Promise<LaneState[]>;
  /** Of every source that was ever configured, by its id. */
  pinned(): Promise<PinnedTemplates[]>;
  /** All of a kind, by id. */
  records(kind: string): Promise<StoredRecord[]>;
  /**
   * The counters, by name. `received` = `grouped` + every `ignored.*` + `rejected`; `owed` = `delivered` + `pending` +
   * `superseded` + every `suppressed.*` + every `dead.*` + `cancelled`.
   */
  tally(): Promise<Record<string, number>>;
  /** Of every target that is owed something. A reminder is owed only once it is told. */
  oldestOwed(): Promise<OldestOwed[]>;
  openGroups(): Promise<OpenGroups[]>;
  /** The newest alert of a source with this fingerprint, in whichever group it is. */
  member(source: string, fingerprint: string): Promise<Member | undefined>;
}

/** Dead letters that one call has tried again. */
export const mostRetried = 1_000;

/** Silences that have not ended, at most: each is looked at for every message. */
export const mostSilences = 500;

/** Signals as the caller has them, or as `packSignals` makes a text of them. */
export type Signals = readonly Signal[] | { readonly packed: string };

/**
 * What keeps the state. Every method may reject with a TocsinError: `store-data` when this very call can't be stored
 * (its neighbours are), `store` when nothing can.
 */
export interface Store {
  /** One call is one request: all of it or nothing. Resolves when it is durable, with an outcome for each signal. */
  commit(signals: Signals): Promise<Outcome[]>;
  /** Takes what is due, counted durably before it is handed out. Empty after `lease.patience`. */
  claim(lanes: readonly LaneBudget[], lease: Lease): Promise<Due[]>;
  /** Writes down how claims ended. Resolves once the end of this process doesn't undo it; it is durable soon after. */
  settle(results: readonly Settled[]): Promise<void>;
  /** Takes effect from the next commit on. Targets that are gone lose what they are owed, counted. */
  setRules(rules: Rules): Promise<void>;
  /**
   * Records the templates of sources, durably. `first` leaves alone what is recorded of the same package already, and so
   * is safe for hosts that start together; `upgrade` takes the place of it.
   */
  pin(templates: readonly Omit<PinnedTemplates, 'pinnedAt'>[], mode: 'first' | 'upgrade'): Promise<void>;
  /**
   * Makes a silence, or changes the one with its id, durably. It holds what is not told yet; what it held is told once it
   * ends. Rejects with `store-data` beyond `mostSilences` that have not ended.
   */
  putSilence(silence: Silence): Promise<void>;
  /** Writes a record in the place of the one with its kind and id, durably. Says when, by the store's clock. */
  putRecord(record: Omit<StoredRecord, 'writtenAt'>): Promise<number>;
  /** Removes a record, durably. Says whether there was one. */
  removeRecord(kind: string, id: string): Promise<boolean>;
  /** Lets a target that was disabled or paused have what is owed to it. Says whether there was anything to lift. */
  enable(target: string): Promise<boolean>;
  /**
   * Has what was given up tried again: the newest state where a target is told that, and the very events where it is told
   * each. Says how many letters that were; at most `mostRetried` at a call, the oldest first.
   */
  retry(filter: DeadFilter): Promise<number>;
  /** What was tried in vain and waits for its next attempt is due now: the target is well again. */
  hurry(target: string): Promise<void>;
  readonly query: Queries;
  /** Writes what is queued, makes a checkpoint, and ends. */
  close(): Promise<void>;
}

export type Action = ActionSignal['action'];
