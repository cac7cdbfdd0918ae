import { type EventKind, eventKinds, type Labels } from '@tocsin/core/base';
import { type AddressTemplate, addressOf } from './address.ts';
import { type Channel, channelName } from './channel.ts';
import { compileMatcher, compileMatchers, labelValue, type Matcher } from './matcher.ts';
import type { TellingTimes } from './time-gate.ts';
import type { Escalation } from './types.ts';

/** One destination of a route. What it gives for itself comes before what its route says. */
export interface To {
  target: string;
  address?: string | AddressTemplate;
  events?: EventKind[];
  /** Milliseconds before the first notice. */
  wait?: number;
  /** Least milliseconds between posts of `updated` and of re-openings. */
  interval?: number;
  /** Milliseconds between reminders while the group fires. */
  repeat?: number;
  /** It is told only once the group has had a status for a time; `wait` doesn't count then. */
  escalation?: Escalation;
  /** Names of time intervals: told only within one of the first, and not within any of the second. */
  active?: string[];
  mute?: string[];
  /** The host's name for templates that stand on this very entry. */
  wording?: string;
}

/**
 * A node of Alertmanager's routing tree: alerts that match and that no route below takes are told to `to`.
 * What a route doesn't give it has from the route above: events (all), wait (0), interval (60,000), repeat (none) and,
 * where `to` is empty, the destinations. Time intervals are its own, as they are Alertmanager's.
 */
export interface Route {
  match: Matcher[];
  /** Whether the next routes on this level are tried after this one has matched. */
  continue?: boolean;
  events?: EventKind[];
  /** Milliseconds. */
  wait?: number;
  /** Milliseconds. */
  interval?: number;
  /** Milliseconds. */
  repeat?: number;
  active?: string[];
  mute?: string[];
  to: To[];
  routes?: Route[];
}

/** Who is told what. Times are milliseconds; events are in the order of `eventKinds`. */
export interface Subscription {
  target: string;
  address: string | null;
  events: EventKind[];
  wait: number;
  interval: number;
  repeat: number | null;
  escalation: Escalation | null;
  /** It is told when one of these allows it; at any time where there is none. */
  times: TellingTimes[];
  /** Of the first route that gives some. */
  wording?: string;
  /** The channel's subscription that this is; none: of routes. */
  channel?: string;
}

/** One route, or channel, that was tried for an alert. */
export interface RouteStep {
  /** Where the route stands: `routes[0].routes[2]`; or which channel it is: `channels[storage]`. */
  path: string;
  matched: boolean;
  /** The first matcher that wasn't satisfied, and the label's value (empty, if the alert has no such label). */
  failed: { matcher: Matcher; value: string } | null;
  /** Whether this route's destinations are told: it matched, and no route below it did. */
  selected: boolean;
  /** What a selected route subscribes; the router then joins those with the same target and address. */
  subscriptions: Subscription[];
}

export interface Router {
  /** The subscriptions of an alert with these labels, joined per target and address; none if no route matches. */
  match(labels: Labels): readonly Subscription[];
  /** Every route that was tried, depth first, and every channel; routes after the last match aren't in it. */
  explain(labels: Labels): RouteStep[];
  /** What the channels' subscriptions say, by `channelName`. */
  channels: ReadonlyMap<string, Omit<Subscription, 'address'>>;
}

/**
 * Alertmanager's routing over the children of an implicit root that has no target: depth first, the first match on
 * a level wins unless it says `continue`. Throws TocsinError('config') for a regular expression that RE2 refuses.
 * https://prometheus.io/docs/alerting/latest/configuration/#route
 */
export function compileRoutes(routes: readonly Route[], channels: readonly Channel[] = []): Router {
  const nodes = compileLevel(routes, root, '');
  const beside = channels.map(compileChannel);
  const joinOnce = joinerOf();
  return {
    match(labels) {
      const selected: Node[] = [];
      select(nodes, labels, selected);
      for (const node of beside) if (node.accepts(labels)) selected.push(node);
      return joinOnce(selected, labels);
    },
    explain(labels) {
      const steps: RouteStep[] = [];
      explainLevel(nodes, labels, steps);
      explainLevel(beside, labels, steps);
      return steps;
    },
    channels: new Map(
      beside.flatMap(({ told }) =>
        told.map(({ template: _, address: __, ...one }) => [
          one.channel ?? '',
          { ...one, events: fromBits(one.events) },
        ]),
      ),
    ),
  };
}

/** A subscription with its events as bits, in the order of `eventKinds`. */
interface Told extends Omit<Subscription, 'events'> {
  events: number;
  /** Gives the address. */
  template: AddressTemplate | null;
}

interface Inherited {
  events: number;
  wait: number;
  interval: number;
  repeat: number | null;
  to: readonly To[];
}

interface Node {
  path: string;
  match: readonly Matcher[];
  accepts: (labels: Labels) => boolean;
  continue: boolean;
  told: readonly Told[];
  children: readonly Node[];
}

const root: Inherited = { events: 2 ** eventKinds.length - 1, wait: 0, interval: 60_000, repeat: null, to: [] };

function compileLevel(routes: readonly Route[], above: Inherited, prefix: string): Node[] {
  return routes.map((route, index) => {
    const path = `${prefix}routes[${index}]`;
    const own: Inherited = {
      events: route.events ? toBits(route.events) : above.events,
      wait: route.wait ?? above.wait,
      interval: route.interval ?? above.interval,
      repeat: route.repeat ?? above.repeat,
      to: route.to.length > 0 ? route.to : above.to,
    };
    return {
      path,
      match: route.match,
      accepts: compileMatchers(route.match),
      continue: route.continue ?? false,
      told: own.to.map((to) => toldOf(to, own, route)),
      children: compileLevel(route.routes ?? [], own, `${path}.`),
    };
  });
}

/** All of them are tried. */
function compileChannel({ id, match, subscriptions }: Channel): Node {
  return {
    path: `channels[${id}]`,
    match,
    accepts: compileMatchers(match),
    continue: true,
    told: subscriptions.map(({ name, ...to }) => ({
      ...toldOf(to, root, {}),
      channel: channelName(id, name),
    })),
    children: [],
  };
}

function toldOf(to: To, own: Inherited, route: Pick<Route, 'active' | 'mute'>): Told {
  const { active = route.active, mute = route.mute } = to;
  const times = { ...(active ? { active } : {}), ...(mute ? { mute } : {}) };
  return {
    target: to.target,
    address: typeof to.address === 'string' ? to.address : null,
    template: typeof to.address === 'object' ? to.address : null,
    events: to.events ? toBits(to.events) : own.events,
    wait: to.escalation ? 0 : (to.wait ?? own.wait),
    interval: to.interval ?? own.interval,
    repeat: to.repeat ?? own.repeat,
    escalation: to.escalation ?? null,
    times: active?.length || mute?.length ? [times] : [],
    ...(to.wording === undefined ? {} : { wording: to.wording }),
  };
}

/** Adds the nodes whose destinations are told; says whether any node of this level matched. */
function select(nodes: readonly Node[], labels: Labels, selected: Node[]): boolean {
  let matched = false;
  for (const node of nodes) {
    if (!node.accepts(labels)) continue;
    matched = true;
    if (!select(node.children, labels, selected)) selected.push(node);
    if (!node.continue) break;
  }
  return matched;
}

/** `select`, with a record of each step; for people, so it may be slower. */
function explainLevel(nodes: readonly Node[], labels: Labels, steps: RouteStep[]): boolean {
  let matched = false;
  for (const node of nodes) {
    const failed = firstFailed(node.match, labels);
    const step: RouteStep = { path: node.path, matched: failed === null, failed, selected: false, subscriptions: [] };
    steps.push(step);
    if (failed !== null) continue;
    matched = true;
    step.selected = !explainLevel(node.children, labels, steps);
    if (step.selected) step.subscriptions = join([node], labels);
    if (!node.continue) break;
  }
  return matched;
}

function firstFailed(matchers: readonly Matcher[], labels: Labels): RouteStep['failed'] {
  for (const matcher of matchers) {
    const value = labelValue(labels, matcher.name);
    if (!compileMatcher(matcher)(value)) return { matcher, value };
  }
  return null;
}

/** Selections whose subscriptions are remembered, at most. */
const mostRemembered = 1_000;

/** `join`, which remembers what it made of the same nodes: only an address that is made of labels differs. */
function joinerOf(): (nodes: readonly Node[], labels: Labels) => readonly Subscription[] {
  const known = new Map<string, readonly Subscription[]>();
  return (nodes, labels) => {
    if (nodes.some(({ told }) => told.some(({ template }) => template !== null))) return join(nodes, labels);
    const key = nodes.length === 1 ? (nodes[0] as Node).path : nodes.map(({ path }) => path).join('\n');
    let subscriptions = known.get(key);
    if (!subscriptions) {
      subscriptions = join(nodes, labels).map(frozen);
      if (known.size >= mostRemembered) known.clear();
      known.set(key, subscriptions);
    }
    return subscriptions;
  };
}

function frozen(subscription: Subscription): Subscription {
  Object.freeze(subscription.events);
  Object.freeze(subscription.times);
  return Object.freeze(subscription);
}

/** One subscription per target and address, and for each of a channel: every event that one of them wants, at the earliest that one of them allows. */
function join(nodes: readonly Node[], labels: Labels): Subscription[] {
  const joined: Told[] = [];
  for (const node of nodes) {
    for (const told of node.told) {
      const to = told.template ? addressOf(told.template, labels) : told.address;
      const same = joined.find(
        ({ target, address, channel }) => target === told.target && address === to && channel === told.channel,
      );
      if (same === undefined) joined.push({ ...told, address: to });
      else {
        same.events |= told.events;
        Object.assign(same, soonest(same, told));
        if (same.wording === undefined && told.wording !== undefined) same.wording = told.wording;
      }
    }
  }
  return joined.map(({ template: _, ...told }) => ({ ...told, events: fromBits(told.events) }));
}

/** The timings of two subscriptions that are one: whatever tells first and most often. */
export function soonest(one: Timings, other: Timings): Timings {
  return {
    wait: Math.min(one.wait, other.wait),
    interval: Math.min(one.interval, other.interval),
    repeat:
      one.repeat === null || other.repeat === null ? (one.repeat ?? other.repeat) : Math.min(one.repeat, other.repeat),
    escalation: firstEscalation(one.escalation, other.escalation),
    times: one.times.length === 0 || other.times.length === 0 ? [] : joinTimes(one.times, other.times),
  };
}

export type Timings = Pick<Subscription, 'wait' | 'interval' | 'repeat' | 'escalation' | 'times'>;

/** None at all is told at once. */
function firstEscalation(one: Escalation | null, other: Escalation | null): Escalation | null {
  if (one === null || other === null) return null;
  return one.after <= other.after ? one : other;
}

function joinTimes(one: readonly TellingTimes[], other: readonly TellingTimes[]): TellingTimes[] {
  const known = new Set(one.map((times) => JSON.stringify(times)));
  return [...one, ...other.filter((times) => !known.has(JSON.stringify(times)))];
}

function toBits(kinds: readonly EventKind[]): number {
  return kinds.reduce((bits, kind) => bits | (1 << eventKinds.indexOf(kind)), 0);
}

function fromBits(bits: number): EventKind[] {
  return eventKinds.filter((_, index) => (bits & (1 << index)) !== 0);
}
