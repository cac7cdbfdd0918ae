import type { Attempt, Delivery, GroupEvent, GroupSummary, Member, Store, Page as StorePage } from '@tocsin/engine';
import type { AccessToken, HostContext } from '../context.ts';
import { basePath } from './address.ts';
import { groupActions } from './group-actions.ts';
import { groupDeliveries } from './group-deliveries.ts';
import { groupEvents } from './group-events.ts';
import { statusOf } from './group-list.ts';
import { groupMembers } from './group-members.ts';
import { type Html, html } from './html.ts';
import { absolute, type Clock, moment, until } from './moment.ts';
import { groupName, labelList, sharedLabels } from './parts.ts';
import { type ActionResult, isBorneOut, resultBanner } from './result.ts';
import { severityMark, statusMark } from './status.ts';

/** Everything that one group's page shows. */
export interface GroupView {
  group: GroupSummary;
  members: StorePage<Member>;
  /** The newest first, and whether there are older ones. */
  events: GroupEvent[];
  deliveries: Delivery[];
  /** The newest first. */
  attempts: Attempt[];
}

export interface GroupQuery {
  /** The `next` of the members before. */
  members: string | undefined;
  /** Only events with a smaller number. */
  before: number | undefined;
  result: ActionResult | undefined;
}

/** Members and events of one page. */
const shownMembers = 50;
const shownEvents = 30;

export async function readGroup(
  store: Store,
  id: string,
  { members, before }: GroupQuery,
): Promise<GroupView | undefined> {
  const { query } = store;
  const group = await query.group(id);
  if (!group) return undefined;
  const end = Math.min(before ?? group.events + 1, group.events + 1);
  const start = Math.max(0, end - 1 - shownEvents);
  const [memberPage, eventPage, deliveries, attempts] = await Promise.all([
    query.members(id, { limit: shownMembers, after: members }),
    query.events(id, { limit: Math.max(1, end - 1 - start), after: String(start) }),
    query.deliveries({ group: id }, { limit: 100 }),
    query.attempts({ group: id }, { limit: 100 }),
  ]);
  return {
    group,
    members: memberPage,
    events: eventPage.items.toReversed(),
    deliveries: deliveries.items,
    attempts: attempts.items,
  };
}

/** The page of one group, and its title. */
export function groupPage(
  view: GroupView,
  query: GroupQuery,
  token: AccessToken,
  context: HostContext,
  clock: Clock,
): { title: string; main: Html } {
  const { group, members } = view;
  const base = basePath(context.url);
  const { name, label } = groupName(group);
  // What all alerts have in common stands on top, once; that is known where all of them are on this page.
  const isWhole = query.members === undefined && members.next === null;
  const shared = isWhole ? sharedLabels(members.items.map(({ labels }) => labels)) : {};
  const status = statusOf(group);
  const { result } = query;
  const banner = result && isBorneOut(result, view.events, token, clock.now) ? resultBanner(result) : undefined;
  const address = `${base}/g/${group.id}`;
  return {
    title: [banner?.short, `${name} (${status})`].filter(Boolean).join(' – '),
    main: html`${banner?.markup}
<p class="back"><a href="${base}/">All groups</a></p>
<div class="headline">${statusMark(status)} ${severityMark(group.severity)}</div>
<h1><bdi>${name}</bdi></h1>
${labelList(shared, label === undefined ? [] : [label])}
${facts(group, context, base, clock)}
<nav class="jump" aria-label="On this page"><a href="#members">Alerts</a> <a href="#deliveries">Who is told</a> <a href="#events">What happened</a></nav>
${groupActions(group, token, address, clock)}
${groupMembers(group, members, shared, query, address, clock)}
${groupDeliveries(view.deliveries, view.attempts, address, clock)}
${groupEvents(group, view.events, query, address, clock)}
<p class="as-of">As of ${absolute(clock.now, clock)}. <a href="${address}">Load it again</a> for the present state.</p>`,
  };
}

function facts(group: GroupSummary, { registry }: HostContext, base: string, clock: Clock): Html {
  const title = registry.sources.get(group.source)?.integration.definition.title;
  const { acknowledgedBy, acknowledgedAt, silencedBy, silencedUntil, resolvedAt, previous, incarnation } = group;
  const fact = (name: string, value: Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts">
${fact('Since', moment(group.startedAt, clock))}
${resolvedAt !== null && incarnation > 0 && fact('Resolved', moment(resolvedAt, clock))}
${acknowledgedBy !== null && fact('Acknowledged', html`by <bdi>${acknowledgedBy}</bdi>${acknowledgedAt !== null && html`, ${moment(acknowledgedAt, clock)}`}`)}
${silencedUntil !== null && fact('Silenced', html`${until(silencedUntil, clock)}${silencedBy !== null && html`, by <bdi>${silencedBy}</bdi>`}`)}
${incarnation > 1 && fact('Opened', html`${incarnation} times`)}
${fact('Source', html`<bdi>${group.source}</bdi>${title !== undefined && html` <span class="quiet">(${title})</span>`}`)}
${fact('Group', html`<code>${group.id}</code>`)}
${previous !== null && fact('Before this', html`<a href="${base}/g/${previous}">group ${previous}</a>, the last with the same key`)}
</dl>`;
}
