import type { GroupStatus } from '@tocsin/core';
import type { GroupSummary, Page as StorePage } from '@tocsin/engine';
import { groupStatuses } from '../api/schemas.ts';
import type { HostContext } from '../context.ts';
import { basePath } from './address.ts';
import { type Html, html } from './html.ts';
import { ago, type Clock } from './moment.ts';
import { groupName, labelList, plural, table } from './parts.ts';
import { severityMark, statusMark } from './status.ts';

export interface ListQuery {
  status: GroupStatus | undefined;
  after: string | undefined;
}

export interface ListView {
  query: ListQuery;
  page: StorePage<GroupSummary>;
  /** Whoever looks may change which workspaces have the hub's apps, and there are some. */
  leadsToInstallations?: boolean;
  context: HostContext;
  clock: Clock;
}

/** Groups of one page of the list. */
export const listLength = 50;

/** What the query says, as far as it says something that there is. */
export function readListQuery(query: Record<string, unknown>): ListQuery {
  const { status, after } = query;
  return {
    status: groupStatuses.find((known) => known === status),
    after: typeof after === 'string' && /^\d{1,16}$/.test(after) ? after : undefined,
  };
}

/** The list of groups, newest first. */
export function groupList({ query, page, leadsToInstallations, context, clock }: ListView): Html {
  const base = basePath(context.url);
  return html`<h1>Alert groups</h1>
${filters(query, base)}
${page.items.length === 0 ? empty(query, context, base) : groups(page.items, query, base, clock)}
${pager(query, page.next, base)}
<p class="as-of"><a href="${base}/accounting">Accounting</a>: what is owed, and whether everything adds up.${leadsToInstallations && html` <a href="${base}/installations">Installations</a>: the workspaces that have the hub’s apps.`}</p>`;
}

function filters({ status }: ListQuery, base: string): Html {
  const choices = [undefined, ...groupStatuses];
  const items = choices.map((choice) => {
    const current = choice === status && html` aria-current="page"`;
    const name = choice === undefined ? 'All' : html`<span class="capital">${choice}</span>`;
    return html`<li><a href="${listAddress(base, { status: choice, after: undefined })}"${current}>${name}</a></li>`;
  });
  return html`<nav class="filters" aria-label="Filter by status"><ul>${items}</ul></nav>`;
}

function groups(items: readonly GroupSummary[], { status }: ListQuery, base: string, clock: Clock): Html {
  const caption = status === undefined ? 'Groups, newest first' : `Groups that are ${status}, newest first`;
  return table<GroupSummary>(
    caption,
    [
      { name: 'Status', cell: (group) => html`${statusMark(statusOf(group))} ${severityMark(group.severity)}` },
      { name: 'Group', isHeader: true, cell: (group) => nameOf(group, base) },
      { name: 'Source', cell: ({ source }) => html`<bdi>${source}</bdi>` },
      { name: 'Alerts', cell: firingOf },
      { name: 'Since', cell: ({ startedAt }) => ago(startedAt, clock) },
    ],
    items,
  );
}

/** A group of notices alone never fired: "resolved" would be wrong. */
export function statusOf({
  status,
  incarnation,
}: Pick<GroupSummary, 'status' | 'incarnation'>): GroupStatus | 'notice' {
  return incarnation === 0 ? 'notice' : status;
}

function nameOf(group: GroupSummary, base: string): Html {
  const { name, label } = groupName(group);
  return html`<a href="${base}/g/${group.id}"><bdi>${name}</bdi></a>
${labelList(group.labels, label === undefined ? [] : [label])}`;
}

function firingOf({ firing, members }: GroupSummary): string {
  if (members === 0) return 'none fired';
  if (firing === 0) return plural(members, 'alert');
  return firing === members ? `${firing} firing` : `${firing} of ${members} firing`;
}

function pager(query: ListQuery, next: string | null, base: string): Html | undefined {
  if (next === null && query.after === undefined) return undefined;
  const newest =
    query.after !== undefined && html`<a href="${listAddress(base, { ...query, after: undefined })}">Newest</a>`;
  const older = next !== null && html`<a href="${listAddress(base, { ...query, after: next })}">Older</a>`;
  return html`<nav class="pager" aria-label="Pages">${newest} ${older}</nav>`;
}

function listAddress(base: string, { status, after }: ListQuery): string {
  const query = new URLSearchParams({ ...(status ? { status } : {}), ...(after ? { after } : {}) }).toString();
  return `${base}/${query === '' ? '' : `?${query}`}`;
}

/** An empty list says why it is empty, and what to do next. */
function empty({ status, after }: ListQuery, { registry, url }: HostContext, base: string): Html {
  if (after !== undefined) {
    return html`<section class="empty"><h2>No more groups</h2><p>This is the end of the list.</p></section>`;
  }
  if (status !== undefined) {
    return html`<section class="empty"><h2>No group is ${status} now</h2>
<p><a href="${base}/">See all groups</a></p></section>`;
  }
  const sources = [...registry.sources];
  if (sources.length === 0) {
    return html`<section class="empty"><h2>Nothing is connected yet</h2>
<p>The config names no source, so no alert can arrive. Add one to <code>tocsin.yaml</code>, then restart the host:</p>
<pre><code>sources:
  - id: prod
    use: alertmanager
    key: "\${env:PROD_KEY}"</code></pre></section>`;
  }
  const items = sources.map(
    ([id, { integration }]) =>
      html`<li><b><bdi>${id}</bdi></b> (${integration.definition.title}): <code>${url}/in/${id}/<var>key</var></code></li>`,
  );
  return html`<section class="empty"><h2>No alert has arrived yet</h2>
<p>Each source has a page that says how to connect it, with a line to try it out. Open its address with the source’s key, the one that stands in <code>tocsin.yaml</code>, in place of <var>key</var>:</p>
<ul>${items}</ul></section>`;
}
