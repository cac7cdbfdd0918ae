import type {
  Attempt,
  Delivery,
  GroupEvent,
  GroupSummary,
  LaneState,
  Member,
  Silence,
  StoredRequest,
} from '@tocsin/engine';
import type { HostContext } from '../context.ts';
import { groupsIn, silencesIn } from './held.ts';
import { lineIn, type Tried } from './ways.ts';

/** Everything that the way of one alert is told from. Lists are bounded; times are milliseconds since 1970. */
export interface WhyFacts {
  group: GroupSummary;
  /** The alert that was asked about, rather than its whole group. */
  alert: Member | null;
  /** The first of them. */
  members: readonly Member[];
  /** The first and the last, in order. */
  events: readonly GroupEvent[];
  deliveries: readonly Delivery[];
  /** The newest first. */
  attempts: readonly Attempt[];
  lanes: readonly LaneState[];
  /** Those that have not ended, and those that a delivery names. */
  silences: readonly Silence[];
  /** The groups that inhibit. */
  inhibitors: readonly GroupSummary[];
  /** Of the source: those that couldn't be read, and a sample of the others, the newest first. */
  requests: readonly StoredRequest[];
  /** As they are now. */
  rules: Tried;
}

/** What somebody asks about. */
export type Asked = { group: string } | { source: string; fingerprint: string };

const mostMembers = 50;
const firstEvents = 20;
const lastEvents = 100;
const mostDeliveries = 100;
const mostAttempts = 200;
const mostRequests = 50;

/** Nothing where there is no such group, or no such alert ever came into one. */
export async function readFacts(
  { store, config, channels }: Pick<HostContext, 'store' | 'config' | 'channels'>,
  asked: Asked,
  now: number,
): Promise<WhyFacts | undefined> {
  const { query } = store;
  const alert = 'fingerprint' in asked ? ((await query.member(asked.source, asked.fingerprint)) ?? null) : null;
  const id = 'group' in asked ? asked.group : alert?.group;
  const group = id === undefined ? undefined : await query.group(id);
  if (!group) return undefined;
  const begin = Math.max(0, group.events - lastEvents);
  const [members, first, last, deliveries, attempts, lanes, rejected, read, active] = await Promise.all([
    query.members(group.id, { limit: mostMembers }),
    query.events(group.id, { limit: firstEvents }),
    query.events(group.id, { limit: lastEvents, after: String(begin) }),
    query.deliveries({ group: group.id }, { limit: mostDeliveries }),
    query.attempts({ group: group.id }, { limit: mostAttempts }),
    query.lanes(),
    query.requests({ source: group.source, rejected: true }, { limit: mostRequests }),
    query.requests({ source: group.source, rejected: false }, { limit: mostRequests }),
    query.silences({ endingAfter: now }, { limit: 200 }),
  ]);
  const held = deliveries.items.flatMap((delivery) => delivery.held ?? []);
  const known = new Set(active.items.map((silence) => silence.id));
  const named = [...new Set(held.flatMap(silencesIn))].filter((silence) => !known.has(silence));
  const [ended, inhibitors] = await Promise.all([
    Promise.all(named.map((silence) => query.silences({ id: silence }, { limit: 1 }))),
    Promise.all([...new Set(held.flatMap(groupsIn))].map((inhibitor) => query.group(inhibitor))),
  ]);
  return {
    group,
    alert,
    members: members.items,
    events: [...first.items.filter(({ number }) => number <= begin), ...last.items],
    deliveries: deliveries.items.toReversed(),
    attempts: attempts.items,
    lanes,
    silences: [...active.items, ...ended.flatMap(({ items }) => items)],
    inhibitors: inhibitors.filter((inhibitor) => inhibitor !== undefined),
    requests: [...rejected.items, ...read.items].sort((left, right) => right.id - left.id),
    rules: { routes: config.routes, channels: channels.present(), lineOf: (path) => lineIn(config, path) },
  };
}
