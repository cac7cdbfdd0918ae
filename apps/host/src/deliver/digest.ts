import { compareSeverity } from '@tocsin/core';
import type { Due } from '@tocsin/engine';
import type { PackedInput, TitleJob } from '../integrations/jobs.ts';
import { packInput } from './input.ts';

/** Groups that are named; the others are counted. */
const mostNamed = 15;

/** One of the groups that one message tells of. */
export type Told = Due['others'][number];

/** All that it tells of: what fires before what is over, the worst first. */
export function toldIn(due: Due): Told[] {
  const rank = ({ telling }: Told) => Number(telling === 'resolved');
  return [due, ...due.others].sort(
    (left, right) => rank(left) - rank(right) || compareSeverity(right.group.severity, left.group.severity),
  );
}

/** What has to be asked for the titles of those that are named. */
export function titleItems(told: readonly Told[], url: string): TitleJob['items'] {
  return told.slice(0, mostNamed).map((one) => ({
    source: one.group.source,
    wording: one.delivery.wording,
    input: packInput(one, url),
  }));
}

/** One message about many groups, in place of one for each. `titles` are those of the first of them. */
export function digestInput(due: Due, told: readonly Told[], titles: readonly string[], url: string): PackedInput {
  const fires = told.filter(({ telling }) => telling !== 'resolved').length;
  const over = told.length - fires;
  const status = fires > 0 ? 'firing' : 'resolved';
  const worst = told[0] ?? due;
  const startedAt = Math.min(...told.map(({ group }) => group.startedAt));
  const event = { number: 1, kind: status, at: due.event.at } as const;
  const groups = titles.map((title, index) => {
    const { group, telling } = told[index] as Told;
    const state = telling === 'resolved' ? 'Resolved' : `Firing, ${group.severity}`;
    return { title, state, source: group.source, url: `${url}/g/${group.id}` };
  });
  const counts = [fires > 0 ? `${fires} fire` : '', over > 0 ? `${over} are over` : ''].filter(Boolean).join(', ');
  const data = { title: `${told.length} groups of alerts: ${counts}`, groups, more: told.length - groups.length };
  return {
    // Of the one that stands first: an attempt at the same messages says the same.
    id: `digest-${due.delivery.group}-${due.delivery.subscription}-${due.event.number}-${due.delivery.fence}`,
    group: {
      id: 'digest',
      source: worst.group.source,
      key: 'digest',
      status,
      severity: worst.group.severity,
      startedAt,
      ...(status === 'resolved' ? { resolvedAt: due.event.at } : {}),
      firing: fires,
      members: told.length,
      incarnation: 1,
      url: `${url}/`,
    },
    event,
    since: [event],
    alerts: [
      {
        fingerprint: 'digest',
        status,
        severity: worst.group.severity,
        labels: {},
        startedAt,
        data: JSON.stringify(data),
      },
    ],
    digest: told.length,
    ...(due.delivery.address === null ? {} : { address: due.delivery.address }),
  };
}
