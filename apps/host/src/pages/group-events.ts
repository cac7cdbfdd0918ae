import type { EventKind, GroupEvent, GroupSummary, MemberSnapshot } from '@tocsin/engine';
import type { GroupQuery } from './group-page.ts';
import { type Html, html } from './html.ts';
import { type Clock, moment } from './moment.ts';
import { alertName } from './parts.ts';

export const eventNames: Record<EventKind, string> = {
  firing: 'Fired',
  acknowledged: 'Acknowledged',
  unacknowledged: 'Acknowledgement taken back',
  silenced: 'Silenced',
  unsilenced: 'Silence ended',
  resolved: 'Resolved',
  updated: 'Changed',
  notice: 'Notice',
};

/** Changed alerts that an entry names. */
const namedAlerts = 3;

/** The group's log as a list, the newest entry first. */
export function groupEvents(
  group: GroupSummary,
  events: readonly GroupEvent[],
  query: GroupQuery,
  address: string,
  clock: Clock,
): Html {
  const oldest = events.at(-1)?.number ?? 1;
  const newest = query.before !== undefined && html`<a href="${address}#events">Newest</a>`;
  const older = oldest > 1 && html`<a href="${address}?before=${oldest}#events">Older</a>`;
  return html`<section aria-labelledby="events">
<h2 id="events" tabindex="-1">What happened <span class="quiet">newest first</span></h2>
<ol class="timeline" role="list" reversed start="${events[0]?.number ?? 1}">
${events.map((event) => entry(event, group, clock))}</ol>
${(newest || older) && html`<nav class="pager" aria-label="Pages of the log">${newest} ${older}</nav>`}
</section>`;
}

function entry(event: GroupEvent, group: GroupSummary, clock: Clock): Html {
  const { kind, at, actor, comment, incarnation, worse, quiet, after } = event;
  const again = kind === 'firing' && incarnation > 1 && ' again';
  const notes = [worse && 'for the worse', quiet && 'nobody is told of this'].filter(Boolean).join(', ');
  return html`<li class="${kind}">
<p><b>${eventNames[kind]}${again}</b>${by(actor, group.source)}${notes && html` <span class="quiet">(${notes})</span>`}</p>
${comment && html`<blockquote><bdi>${comment}</bdi></blockquote>`}
${changedAlerts(event)}
<p class="quiet">${moment(at, clock)} · ${after.firing} of ${after.members} firing</p>
</li>
`;
}

function by(actor: string | null, source: string): Html | undefined {
  if (actor === null) return undefined;
  if (actor === 'tocsin') return html` by the hub itself`;
  if (actor === 'timeout') return html` for want of news`;
  return actor === source ? html` by the source` : html` by <bdi>${actor}</bdi>`;
}

function changedAlerts({ changed }: GroupEvent): Html | undefined {
  if (changed.length === 0) return undefined;
  const named = changed.slice(-namedAlerts).map((alert) => html`<li><bdi>${nameOf(alert)}</bdi> ${alert.status}</li>`);
  const more = changed.length - named.length;
  return html`<ul class="changed" role="list">${named}${more > 0 && html`<li>and ${more} more</li>`}</ul>`;
}

/** The alert's name and what sets it apart, in a few words. */
function nameOf({ labels, fingerprint }: MemberSnapshot): string {
  const named = alertName(labels);
  const own = ['instance', 'host', 'pod', 'device', 'job'].find((label) => Object.hasOwn(labels, label));
  const parts = [named?.name ?? fingerprint, own === undefined ? '' : labels[own]];
  return parts.filter(Boolean).join(' · ');
}
