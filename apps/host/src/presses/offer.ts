import type { Offer, PersonAction } from '@tocsin/core';
import type { Group } from '@tocsin/engine';
import type { Registry } from '../registry.ts';
import type { Handles } from './handles.ts';

/** What a target's messages offer about a group; nothing where they have nothing to press, or it is over. */
export type Offers = (target: string, group: Group) => Offer | undefined;

export function offersOf({ targets }: Pick<Registry, 'targets'>, handles: Handles): Offers {
  const offering = new Set(
    [...targets]
      .filter(([, { integration, settings }]) => integration.definition.actions?.offered(settings))
      .map(([id]) => id),
  );
  return (target, group) => {
    if (!offering.has(target) || group.status === 'resolved') return undefined;
    return {
      handle: handles.make({ group: group.id, incarnation: group.incarnation }, { press: target }),
      actions: possible(group),
    };
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
