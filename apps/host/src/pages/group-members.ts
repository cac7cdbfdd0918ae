import type { Labels } from '@tocsin/core';
import type { GroupSummary, Member, Page as StorePage } from '@tocsin/engine';
import type { GroupQuery } from './group-page.ts';
import { type Html, html } from './html.ts';
import { ago, type Clock } from './moment.ts';
import { alertName, labelList, plural, readableKey, table } from './parts.ts';
import { severityMark, statusMark } from './status.ts';

/** Characters of what the source sent that a page shows. */
const shownData = 4000;

/** The group's alerts with the labels that they don't all share. */
export function groupMembers(
  group: GroupSummary,
  { items, next }: StorePage<Member>,
  shared: Labels,
  query: GroupQuery,
  address: string,
  clock: Clock,
): Html {
  const { firing, members } = group;
  const all = plural(members, 'alert');
  const count = firing === 0 ? all : firing === members ? `${all} firing` : `${firing} of ${all} firing`;
  const first = query.members !== undefined && html`<a href="${address}">First alerts</a>`;
  const more = next !== null && html`<a href="${address}?members=${next}#members">More alerts</a>`;
  return html`<section aria-labelledby="members">
<h2 id="members" tabindex="-1">Alerts <span class="quiet">${count}</span></h2>
${
  items.length === 0
    ? html`<p class="quiet">There are no more.</p>`
    : table<Member>(
        'Alerts of this group, in the order in which they joined',
        [
          { name: 'Status', cell: ({ status, severity }) => html`${statusMark(status)} ${severityMark(severity)}` },
          { name: 'Alert', isHeader: true, cell: (member) => describe(member, shared) },
          { name: 'Since', cell: (member) => sinceOf(member, clock) },
        ],
        items,
      )
}
${(first || more) && html`<nav class="pager" aria-label="Pages of alerts">${first} ${more}</nav>`}
</section>`;
}

function describe({ labels, fingerprint, data }: Member, shared: Labels): Html {
  const named = alertName(labels);
  return html`<bdi>${named?.name ?? readableKey(fingerprint)}</bdi>
${labelList(labels, [...Object.keys(shared), ...(named ? [named.label] : [])])}
<details><summary>What the source sent</summary><pre tabindex="0"><code>${readable(data)}</code></pre></details>`;
}

function sinceOf({ startedAt, firingSince, resolvedAt, status }: Member, clock: Clock): Html {
  const since = ago(startedAt ?? firingSince, clock);
  return status === 'resolved' && resolvedAt !== null ? html`${since},<br>resolved ${ago(resolvedAt, clock)}` : since;
}

function readable(json: string): string {
  const text = json.length > shownData * 2 ? json : indented(json);
  if (text.length <= shownData) return text;
  return `${text.slice(0, shownData).toWellFormed()}…\n(${json.length} characters; the API gives more)`;
}

/** A masked secret may have left something that is no JSON any more. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
