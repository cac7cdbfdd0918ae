import type { LaneState, OldestOwed, OpenGroups, Store } from '@tocsin/engine';
import { Counter, Gauge, Registry } from 'prom-client';
import { countersOf } from '../accounting/accounting.ts';

/** What the store says at one moment. */
export interface Snapshot {
  tally: Record<string, number>;
  owed: OldestOwed[];
  open: OpenGroups[];
  lanes: LaneState[];
}

/** Rejects where the store can't be read. */
export async function readSnapshot({ query }: Pick<Store, 'query'>): Promise<Snapshot> {
  const [tally, owed, open, lanes] = await Promise.all([
    query.tally(),
    query.oldestOwed(),
    query.openGroups(),
    query.lanes(),
  ]);
  return { tally, owed, open, lanes };
}

/** The ids that the config has: each has a series from the start on. */
export interface Configured {
  sources: readonly string[];
  targets: readonly string[];
}

/** What lies in the store, as metrics. The counters are those of the accounting: they survive restarts, and add up. */
export class StoreMetrics {
  readonly registry = new Registry();
  readonly #show: ((snapshot: Snapshot, now: number) => void)[];

  constructor(configured: Configured) {
    const registers = [this.registry];
    this.#show = [
      ...tallied(registers),
      oldestOwed(registers, configured),
      openGroups(registers, configured),
      lanes(registers, configured),
    ];
  }

  /** In the text format of Prometheus. */
  text(snapshot: Snapshot, now: number): Promise<string> {
    for (const show of this.#show) show(snapshot, now);
    return this.registry.metrics();
  }
}

/** By the names of the tally. */
const counters: Record<string, { name: string; help: string }> = {
  received: { name: 'alerts_received', help: 'Alerts and rejected requests of sources: grouped + ignored + rejected.' },
  grouped: { name: 'alerts_grouped', help: 'Alerts that went into a group.' },
  rejected: { name: 'alerts_rejected', help: 'Requests with a right key that could not be read, or not in full.' },
  owed: {
    name: 'notifications_owed',
    help: 'Events times subscriptions: delivered + pending + superseded + suppressed + dead + cancelled.',
  },
  delivered: { name: 'notifications_delivered', help: 'Told, by a message of its own or in a digest.' },
  superseded: { name: 'notifications_superseded', help: 'Told by a later message.' },
  cancelled: { name: 'notifications_cancelled', help: 'Owed to a target that was removed.' },
};

/** Those of the tally that have a reason behind a dot. A series that begins at 0 has a rate from the first on. */
const withReason: Record<string, { name: string; help: string; reasons: readonly string[] }> = {
  ignored: {
    name: 'alerts_ignored',
    help: 'Alerts that changed nothing.',
    reasons: ['duplicate', 'stale', 'orphan', 'closed-by-person', 'overflow'],
  },
  suppressed: {
    name: 'notifications_suppressed',
    help: 'What was over before it was to be told.',
    reasons: ['resolved-within-wait', 'resolved-while-held', 'not-needed'],
  },
  dead: {
    name: 'notifications_dead',
    help: 'What was given up.',
    reasons: ['refused', 'expired', 'crashed'],
  },
};

function tallied(registers: Registry[]): ((snapshot: Snapshot) => void)[] {
  const plain = Object.entries(counters).map(([counted, { name, help }]) => {
    const counter = new Counter({ name: `tocsin_${name}_total`, help, registers });
    return ({ tally }: Snapshot) => {
      counter.reset();
      counter.inc(countersOf(tally, counted).reduce((sum, [, count]) => sum + count, 0));
    };
  });
  const reasoned = Object.entries(withReason).map(([counted, { name, help, reasons }]) => {
    const counter = new Counter({ name: `tocsin_${name}_total`, help, labelNames: ['reason'], registers });
    return ({ tally }: Snapshot) => {
      counter.reset();
      for (const reason of reasons) counter.inc({ reason }, tally[`${counted}.${reason}`] ?? 0);
    };
  });
  const help = 'Owed and not settled: it waits for its time, is held, or is being tried.';
  const pending = new Gauge({ name: 'tocsin_notifications_pending', help, registers });
  return [...plain, ...reasoned, ({ tally }) => pending.set(tally.pending ?? 0)];
}

function oldestOwed(registers: Registry[], { targets }: Configured): (snapshot: Snapshot, now: number) => void {
  const labelNames = ['target'] as const;
  const overall = new Gauge({
    name: 'tocsin_oldest_owed_delivery_age_seconds',
    help: 'Since the oldest event that somebody has yet to be told, though it may be held on purpose; 0 for none.',
    registers,
  });
  const oldest = new Gauge({
    name: 'tocsin_target_oldest_owed_delivery_age_seconds',
    help: 'The same of one target.',
    labelNames,
    registers,
  });
  const late = new Gauge({
    name: 'tocsin_target_late_delivery_age_seconds',
    help: 'Since the first delivery was due that should have been told and is not; what waits on purpose is not late.',
    labelNames,
    registers,
  });
  const deliveries = new Gauge({
    name: 'tocsin_target_owed_deliveries',
    help: 'Deliveries, one for each group and subscription, that owe something.',
    labelNames,
    registers,
  });
  return ({ owed }, now) => {
    const age = (since: number) => Math.max(0, now - since) / 1000;
    const byTarget = new Map(owed.map((one) => [one.target, one]));
    overall.set(Math.max(0, ...owed.map(({ oldest: { since } }) => age(since))));
    for (const target of targets) {
      const one = byTarget.get(target);
      oldest.set({ target }, one ? age(one.oldest.since) : 0);
      late.set({ target }, one ? age(one.first.since) : 0);
      deliveries.set({ target }, one?.deliveries ?? 0);
    }
  };
}

const openStatuses = ['firing', 'acknowledged', 'silenced'] as const;

function openGroups(registers: Registry[], { sources }: Configured): (snapshot: Snapshot) => void {
  const help = 'Groups that are not resolved.';
  const open = new Gauge({ name: 'tocsin_open_groups', help, labelNames: ['source', 'status'], registers });
  const unrouted = new Gauge({
    name: 'tocsin_unrouted_groups',
    help: 'Open groups that no route takes to a target: nobody is told of them.',
    labelNames: ['source'],
    registers,
  });
  return (snapshot) => {
    open.reset();
    unrouted.reset();
    for (const source of sources) {
      for (const status of openStatuses) open.set({ source, status }, 0);
      unrouted.set({ source }, 0);
    }
    // A source that is no longer configured may have left some open.
    for (const { source, status, groups, unrouted: lost } of snapshot.open) {
      open.set({ source, status }, groups);
      unrouted.inc({ source }, lost);
    }
  };
}

function lanes(registers: Registry[], { targets }: Configured): (snapshot: Snapshot, now: number) => void {
  const labelNames = ['target'] as const;
  const paused = new Gauge({
    name: 'tocsin_target_paused',
    help: '1 while a target asked for no request (Retry-After).',
    labelNames,
    registers,
  });
  const disabled = new Gauge({
    name: 'tocsin_target_disabled',
    help: '1 once a target said that it is no more (HTTP 410): nothing goes to it until somebody enables it.',
    labelNames,
    registers,
  });
  return (snapshot, now) => {
    const byTarget = new Map(snapshot.lanes.map((lane) => [lane.target, lane]));
    for (const target of targets) {
      const lane = byTarget.get(target);
      paused.set({ target }, Number((lane?.pausedUntil ?? 0) > now));
      disabled.set({ target }, Number(lane?.disabled != null));
    }
  };
}
