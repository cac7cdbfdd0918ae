import {
  type Channel,
  compileRoutes,
  formatMatcher,
  type Labels,
  type Member,
  type Route,
  type RouteStep,
  routingLabels,
  subscriptionId,
} from '@tocsin/engine';
import type { LoadedConfig } from '../config/config.ts';

/** One route that was tried. */
export interface TriedRoute {
  /** `routes[0].routes[2]`, `channels[storage]` */
  path: string;
  /** Of the config file; null for a channel that the API made. */
  line: number | null;
  matchers: string[];
  matched: boolean;
  /** The first matcher that wasn't satisfied, and what the alert has in its place; empty for no such label. */
  failed: { matcher: string; label: string; value: string } | null;
  /** Whether this route's own destinations are told: it matched, and no route below it did. */
  selected: boolean;
  /** The subscriptions that come from it. */
  subscriptions: string[];
}

/** The way of alerts through the routes, which all of these take. */
export interface Way {
  /** Of the first, as routes see them. */
  labels: Labels;
  /** How many take it, and the fingerprints of up to three. */
  alerts: number;
  fingerprints: string[];
  routes: TriedRoute[];
}

/** What is tried for every alert, and where it stands. */
export interface Tried {
  routes: readonly Route[];
  channels: readonly Channel[];
  lineOf: (path: string) => number | null;
}

/** The line of the config file on which a route or a channel stands; null for a channel that the API made. */
export function lineIn({ channels, at }: Pick<LoadedConfig, 'channels' | 'at'>, path: string): number | null {
  const id = /^channels\[(.+)\]$/.exec(path)?.[1];
  if (id === undefined) return at(path).line;
  const index = channels.findIndex((channel) => channel.id === id);
  return index < 0 ? null : at(['channels', index]).line;
}

/** `routes[0] (line 12)` */
export function placeOf({ path, line }: Pick<TriedRoute, 'path' | 'line'>): string {
  return line === null ? `${path} (made by the API)` : `${path} (line ${line})`;
}

const mostNamed = 3;

/** The ways of these alerts, in their order; those that end alike are one. */
export function waysOf(group: { source: string; key: string }, members: readonly Member[], rules: Tried): Way[] {
  const ways = new Map<string, Way>();
  const explain = explainer(rules);
  for (const member of members) {
    const labels = routingLabels(group, member);
    const tried = explain(labels);
    const key = JSON.stringify(tried.map(({ path, matched, subscriptions }) => [path, matched, subscriptions]));
    const known = ways.get(key);
    if (!known) ways.set(key, { labels, alerts: 1, fingerprints: [member.fingerprint], routes: tried });
    else {
      known.alerts++;
      if (known.fingerprints.length < mostNamed) known.fingerprints.push(member.fingerprint);
    }
  }
  return [...ways.values()];
}

/** How routes see an alert with these labels: every route that is tried, in order. */
export function explainer({ routes, channels, lineOf }: Tried): (labels: Labels) => TriedRoute[] {
  const router = compileRoutes(routes, channels);
  const ofChannels = channels.map(({ id, match }) => [`channels[${id}]`, match.map(formatMatcher)] as const);
  const matchers = new Map([...matchersOf(routes, ''), ...ofChannels]);
  const view = ({ path, matched, failed, selected, subscriptions }: RouteStep): TriedRoute => ({
    path,
    line: lineOf(path),
    matchers: matchers.get(path) ?? [],
    matched,
    failed: failed && { matcher: formatMatcher(failed.matcher), label: failed.matcher.name, value: failed.value },
    selected,
    subscriptions: subscriptions.map(subscriptionId),
  });
  return (labels) => router.explain(labels).map(view);
}

function matchersOf(routes: readonly Route[], prefix: string): [path: string, matchers: string[]][] {
  return routes.flatMap((route, index) => {
    const path = `${prefix}routes[${index}]`;
    return [[path, route.match.map(formatMatcher)], ...matchersOf(route.routes ?? [], `${path}.`)];
  });
}
