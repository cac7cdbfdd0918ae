import type { LaneState } from '@tocsin/engine';
import { type Accounting, alertParts, countersOf, notificationParts, type Sum } from '../accounting/accounting.ts';
import { type Html, html } from './html.ts';
import { absolute, ago, type Clock } from './moment.ts';
import { plural, table } from './parts.ts';

const meanings: Record<string, string> = {
  grouped: 'went into a group',
  'ignored.duplicate': 'said what was known already',
  'ignored.stale': 'came after something newer',
  'ignored.orphan': 'ended what had never begun here',
  'ignored.overflow': 'more than is kept of its source',
  'ignored.closed-by-person': 'said again what a person had closed',
  rejected: 'could not be read',
  delivered: 'told',
  'delivered.digest': 'told in one message with others',
  pending: 'not told yet',
  superseded: 'told by a later message',
  'suppressed.resolved-within-wait': 'over before its wait was, so not told',
  'suppressed.resolved-while-held': 'over while it was held, so not told',
  'suppressed.not-needed': 'over, or taken care of, before the escalation',
  'dead.refused': 'refused by the target',
  'dead.expired': 'given up after three days of attempts',
  'dead.crashed': 'given up after five attempts without an outcome',
  cancelled: 'owed to a target that was removed',
};

/** Whether everything is accounted for, and what waits for the longest. */
export function accountingPage(accounting: Accounting, lanes: readonly LaneState[], base: string, clock: Clock): Html {
  const { counters, alerts, notifications, owed } = accounting;
  return html`<p class="back"><a href="${base}/">All groups</a></p>
<h1>Accounting</h1>
<section aria-labelledby="owed">
<h2 id="owed">What is owed</h2>
${
  owed.length === 0
    ? html`<p class="empty">Nothing: everybody was told what they asked for.</p>`
    : table(
        'Targets that are owed something, the longest first',
        [
          { name: 'Target', isHeader: true, cell: ({ target }) => html`<bdi>${target}</bdi>` },
          {
            name: 'State',
            cell: ({ target }) =>
              stateOf(
                lanes.find((lane) => lane.target === target),
                clock,
              ),
          },
          { name: 'Owed', cell: ({ deliveries }) => plural(deliveries, 'group') },
          { name: 'The oldest', cell: ({ oldest }) => linked(oldest, base, clock) },
          {
            name: 'Late',
            cell: ({ first }) =>
              first.since <= clock.now ? linked(first, base, clock) : 'nothing: it waits on purpose',
          },
        ],
        owed,
      )
}
</section>
${sum('alerts', 'What came in', 'Received', 'Alerts and rejected requests', alerts, alertParts, counters)}
${sum('notifications', 'What was to be told', 'Owed', 'Events times subscriptions', notifications, notificationParts, counters)}
<p class="as-of">As of ${absolute(clock.now, clock)}, since the database was made.</p>`;
}

function linked({ group, since }: { group: string; since: number }, base: string, clock: Clock): Html {
  return html`${ago(since, clock)}, <a href="${base}/g/${group}/why">group ${group}</a>`;
}

function stateOf(lane: LaneState | undefined, clock: Clock): Html {
  if (lane?.disabled) return html`switched off: <bdi>${lane.disabled.reason}</bdi>`;
  const until = lane?.pausedUntil ?? 0;
  return until > clock.now ? html`paused; it asked for nothing before ${absolute(until, clock)}` : html`open`;
}

function sum(
  id: string,
  heading: string,
  whole: string,
  what: string,
  { total, accounted, holds }: Sum,
  parts: readonly string[],
  counters: Record<string, number>,
): Html {
  const rows = parts.flatMap((part) => countersOf(counters, part)).filter(([, count]) => count > 0);
  const verdict = holds
    ? html`<b class="delivery good">It adds up</b>: ${total} = ${accounted}.`
    : html`<b class="delivery bad">It does not add up</b>: ${total} is not ${accounted}. That is a fault of Tocsin; please report it.`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
<p>${what}: ${total}. ${verdict}</p>
${
  rows.length > 0 &&
  table<[name: string, count: number]>(
    `${whole}, by what became of it`,
    [
      { name: 'Counter', isHeader: true, cell: ([name]) => html`<code>${name}</code>` },
      { name: 'Count', cell: ([, count]) => count },
      { name: 'Meaning', cell: ([name]) => meanings[name] ?? '' },
    ],
    rows,
  )
}
</section>`;
}
