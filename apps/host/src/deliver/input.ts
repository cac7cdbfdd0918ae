import type { NotificationEvent, NotificationGroup } from '@tocsin/core';
import { type Delivery, type Due, type Group, type GroupEvent, isTold, type MemberSnapshot } from '@tocsin/engine';
import type { PackedAlert, PackedInput } from '../integrations/jobs.ts';
import type { Ways } from '../presses/offer.ts';

/** What a notification is made of. */
type Told = Pick<Due, 'group' | 'event' | 'since' | 'members'> &
  Partial<Pick<Due, 'isReminder' | 'isReplay'>> & {
    delivery: Pick<Delivery, 'mode' | 'subscription' | 'address' | 'toldAt' | 'ref' | 'events' | 'posts'>;
  };

/** A claimed delivery as what its notification is about, with what people can act by. */
export function packInput(due: Told, url: string, ways: Ways = {}): PackedInput {
  const { delivery, group, event, since, members, isReminder, isReplay } = due;
  // Each change is told as it was; only the newest state is told as it is.
  const state = delivery.mode === 'every' ? event.after : group;
  return {
    id: `${group.id}-${delivery.subscription}-${event.number}${suffixOf(due)}`,
    group: {
      id: group.id,
      source: group.source,
      key: group.key,
      status: state.status,
      severity: state.severity,
      startedAt: group.startedAt,
      ...(group.resolvedAt !== null && state.status === 'resolved' ? { resolvedAt: group.resolvedAt } : {}),
      firing: state.firing,
      members: state.members,
      incarnation: event.incarnation,
      ...(state === group ? holderOf(group) : {}),
      url: `${url}/g/${group.id}`,
    },
    event: packEvent(event, group),
    since: since.map((one) => packEvent(one, group)),
    alerts: members.map(packAlert),
    ...(isReminder ? { reminder: true } : {}),
    ...(isReplay ? { replayed: true } : {}),
    ...(isQuiet(due) ? { quiet: true } : {}),
    ...ways,
    ...(delivery.address === null ? {} : { address: delivery.address }),
    ...(delivery.ref === null ? {} : { ref: delivery.ref }),
  };
}

function holderOf({
  acknowledgedBy,
  acknowledgedAt,
}: Group): Pick<NotificationGroup, 'acknowledgedBy' | 'acknowledgedAt'> {
  if (acknowledgedBy === null) return {};
  return { acknowledgedBy, ...(acknowledgedAt === null ? {} : { acknowledgedAt }) };
}

/** Nobody asked for any of it: a message that is there changes. */
function isQuiet({ delivery, since, isReplay }: Told): boolean {
  return since.length > 0 && !isReplay && !since.some(({ kind }) => isTold(delivery, kind));
}

/** The same on every attempt, and another for each reminder and each time that an event is told again. */
function suffixOf({ delivery, isReminder, isReplay }: Told): string {
  if (isReplay) return '-again';
  return isReminder && delivery.toldAt !== null ? `-${delivery.toldAt.toString(36)}` : '';
}

function packEvent({ number, kind, at, actor, comment, worse }: GroupEvent, group: Group): NotificationEvent {
  return {
    number,
    kind,
    at,
    ...(actor === null ? {} : { actor }),
    ...(comment === null ? {} : { comment }),
    ...(worse ? { worse } : {}),
    ...(kind === 'silenced' && group.silencedUntil !== null ? { until: group.silencedUntil } : {}),
  };
}

function packAlert({ resolvedAt, ...alert }: MemberSnapshot): PackedAlert {
  return { ...alert, ...(resolvedAt === null ? {} : { resolvedAt }) };
}
