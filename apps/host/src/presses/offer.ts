import type { Offer, PersonAction } from '@tocsin/core';
import type { Group } from '@tocsin/engine';
import type { Registry } from '../registry.ts';
import type { Handles } from './handles.ts';

/** By what people can act on a group from within a message. */
export interface Ways {
  /** Where messages have something to press. */
  offer?: Offer;
  /** A page that acknowledges, for messages that have nothing to press. */
  acknowledgeUrl?: string;
}

export type Offers = (target: string, group: Group) => Ways;

/** Milliseconds: whoever gets hold of a message later finds a link that does nothing. */
const linkLifetime = 7 * 24 * 60 * 60_000;

/** `url`: the hub's, without a slash at the end. */
export function offersOf({ targets }: Pick<Registry, 'targets'>, handles: Handles, url: string): Offers {
  const offering = new Set<string>();
  const linking = new Set<string>();
  for (const [id, { config, integration, settings }] of targets) {
    if (integration.definition.actions?.offered(settings)) offering.add(id);
    else if (config.links) linking.add(id);
  }
  return (target, group) => {
    if (group.status === 'resolved') return {};
    const held = { group: group.id, incarnation: group.incarnation };
    if (offering.has(target))
      return { offer: { handle: handles.make(held, { press: target }), actions: possible(group) } };
    if (!linking.has(target) || group.acknowledgedBy !== null) return {};
    return { acknowledgeUrl: `${url}/a/${handles.make(held, { link: 'acknowledge' }, linkLifetime)}` };
  };
}

/** Who has it may be joined by others. */
function possible({ acknowledgedBy, silencedUntil }: Group): PersonAction[] {
  return [
    'acknowledge',
    ...(acknowledgedBy === null ? [] : (['unacknowledge'] as const)),
    'resolve',
    'silence',
    ...(silencedUntil === null ? [] : (['unsilence'] as const)),
  ];
}
